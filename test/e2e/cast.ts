// Clients with histories: the generated ones of the model, given a name of their own, moved to end lately, with a profile
// and portal access, and written as producers would write them.
import fc from 'fast-check';
import { decodeValue } from '../../services/core/decode.ts';
import { ClientId, type ClientKey, FirmId, messageKey } from '../../services/core/ids.ts';
import type { Settings } from '../../services/core/settings.ts';
import type { CanonicalEvent, EventTopic } from '../../services/core/topics.ts';
import { arrange, arrivals, merged, shuffled } from '../model/arrivals.ts';
import { instantOf } from '../model/events.ts';
import { type History, histories } from '../model/histories.ts';
import { dayMs, hourMs, minuteMs, randomFrom } from '../model/timeline.ts';

/** One message as a producer writes it. */
export type Sent = { readonly topic: EventTopic; readonly key: string; readonly text: string };

export type Member = {
  readonly client: ClientKey;
  /** Each event once, for the oracle. */
  readonly events: readonly CanonicalEvent[];
  /** What is sent and in which order: out of order and repeated within what a view promises to remember. */
  readonly arrival: readonly Sent[];
  readonly settings: readonly Settings[];
  readonly probes: readonly number[];
};

export type CastOptions = {
  readonly seed: number;
  readonly clients: number;
  readonly firmId: string;
  /** Whom to take; all by default. */
  readonly accepts?: (history: History) => boolean;
};

/** Repeats itself for the same seed and `now`. */
export function castOf({ seed, clients, firmId, accepts = () => true }: CastOptions, now: number): readonly Member[] {
  const random = randomFrom(seed);
  // An erasure in the middle of a history wants a new profile after it; the walks erase by themselves.
  const isWhole = (history: History) => history.events.every(({ topic }) => topic !== 'client');
  const plans = fc.sample(
    fc.record({ history: histories().filter((history) => isWhole(history) && accepts(history)), arrival: arrivals() }),
    { seed, numRuns: clients },
  );
  return plans.map(({ history, arrival }, index) => {
    const client = { firmId: FirmId.parse(firmId), clientId: ClientId.parse(`c${seed}-${index}`) };
    const newest = history.events.reduce((latest, event) => Math.max(latest, instantOf(event)), 0);
    const newestWanted = now - hourMs - Math.floor(random() * 60) * dayMs;
    // Whole days, so that quarter hours stay quarter hours.
    const shiftMs = newest === 0 ? 0 : Math.floor((newestWanted - newest) / dayMs) * dayMs;
    const pen = penOf(client, now, random);
    const oldest = history.events.reduce((earliest, event) => Math.min(earliest, instantOf(event)), newest) + shiftMs;
    const from = newest === 0 ? now - 300 * dayMs : oldest - dayMs;
    const details = [...profiles(random, from, now), ...accessChanges(random, from, now)].map((draft) =>
      pen.write(draft, 0),
    );
    const told = new Map(history.events.map((event) => [event, pen.write(event, shiftMs)]));
    const signals = arrange(history, arrival).flatMap((event) => told.get(event)?.sent ?? []);
    const repeated = details.filter(() => random() < 0.3);
    return {
      client,
      events: [...told.values(), ...details].map(({ event }) => event),
      arrival: merged([signals, shuffled([...details, ...repeated], random).map(({ sent }) => sent)], random),
      settings: history.settings.map((settings) => ({
        ...settings,
        goLiveAt: settings.goLiveAt === null ? null : Math.max(0, settings.goLiveAt + shiftMs),
      })),
      probes: history.probes.map((instant) => instant + shiftMs),
    };
  });
}

/** Any event in which only what matters stands; ids and names of the client are the pen's. */
type Draft = { readonly topic: EventTopic; readonly event: Readonly<Record<string, unknown>> };

function penOf(client: ClientKey, now: number, random: () => number) {
  let written = 0;
  const instant = (at: unknown, shiftMs: number): unknown => {
    if (typeof at !== 'number') return at;
    const zulu = new Date(at + shiftMs).toISOString();
    if (random() < 0.7) return zulu;
    return new Date(at + shiftMs + 5.5 * hourMs).toISOString().replace('Z', '000+05:30');
  };
  return {
    write: ({ topic, event }: Draft, shiftMs: number): { event: CanonicalEvent; sent: Sent } => {
      written += 1;
      const fields: Record<string, unknown> = { ...event, ...client };
      if (topic !== 'client') fields['eventId'] = `${client.clientId}-${written}`;
      for (const name of ['occurredAt', 'createdAt', 'updatedAt', 'at']) {
        if (name in fields) fields[name] = instant(fields[name], shiftMs);
      }
      const decoded = decodeValue(topic, JSON.parse(JSON.stringify(fields)), now);
      if (decoded.kind !== 'event') throw new Error(`a ${topic} that nobody can read: ${decoded.detail}`);
      const agent = agents[String(fields['userAgent'])];
      const text = JSON.stringify(agent === undefined ? fields : { ...fields, userAgent: agent });
      return { event: decoded.event, sent: { topic, key: messageKey(client), text } };
    },
  };
}

/** What browsers of the model's five devices say. */
const agents: Readonly<Record<string, string>> = {
  'agent 1':
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15',
  'agent 2':
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
  'agent 3':
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  'agent 4':
    'Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  'agent 5': 'curl/8.5.0',
};

function pick<Item>(random: () => number, items: readonly [Item, ...Item[]]): Item {
  return items[Math.floor(random() * items.length)] ?? items[0];
}

function profiles(random: () => number, from: number, now: number): Draft[] {
  const count = 1 + Math.floor(random() * 3);
  return Array.from({ length: count }, (_, index) => ({
    topic: 'client',
    event: {
      version: index + 1,
      firstName: pick(random, ['Ann', 'Łucja', '山田', null]),
      lastName: `Version ${index + 1}`,
      type: pick(random, ['individual', 'couple', 'trust']),
      status: random() < 0.12 ? 'inactive' : 'active',
      adviser: pick(random, [{ id: 'adviser-1', name: 'One' }, { id: 'adviser-2', name: 'Two' }, null]),
      emails: random() < 0.1 ? [] : [` Main@Example.org`, 'other@example.org'].slice(0, 1 + Math.floor(random() * 2)),
      createdAt: from,
      updatedAt: from + Math.floor(((now - from) * index) / count),
    },
  }));
}

const changes = ['granted', 'invited', 'accepted', 'set-up', 'changed', 'revoked'] as const;

/** Most clients have access; the rest of the changes come as they like. Some invitations bounce. */
function accessChanges(random: () => number, from: number, now: number): Draft[] {
  if (random() < 0.1) return [];
  const some = <Value>(value: Value): Value | null | undefined => pick(random, [value, undefined, undefined, null]);
  const at = () => from + Math.floor(random() * (now - from - minuteMs));
  const grant: Draft = { topic: 'portal-access', event: { occurredAt: from, email: 'a@b.org', change: 'granted' } };
  const more = Array.from({ length: Math.floor(random() * 6) }, (): Draft => {
    const address = pick(random, [' A@B.org', 'a@b.org', 'second@b.org']);
    if (random() < 0.15) {
      const messageId = `bounced-${random()}`;
      return {
        topic: 'email',
        event: { occurredAt: at(), messageId, status: 'bounced', category: 'portal-invite', address },
      };
    }
    return {
      topic: 'portal-access',
      event: {
        occurredAt: at(),
        email: address,
        change: pick(random, changes),
        expiresOn: some(new Date(now + (random() - 0.3) * 200 * dayMs).toISOString().slice(0, 10)),
        permissions: some({ write: some(true), delete: some(false) }),
        features: some({ welcome: some(true), goals: some(true), tasks: some(false) }),
        twoFactor: some(true),
      },
    };
  });
  return [grant, ...more];
}
