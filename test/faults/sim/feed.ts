// What producers send in a simulation, and send again when the log has lost it.
import { decodeValue } from '../../../services/core/decode.ts';
import type { CanonicalEvent } from '../../../services/core/topics.ts';
import type { LogMessage, OutgoingMessage } from '../../../services/log/port.ts';
import type { Member, Sent } from '../../e2e/cast.ts';
import { Actor } from './actor.ts';
import { badMessages } from './bad-messages.ts';
import type { Broker } from './broker.ts';
import type { World } from './world.ts';

/** `isCertain` false: the log lost the message, perhaps before anybody had read it. */
export type AwaitedLetter = { readonly reason: string; readonly isCertain: boolean };

/** Before a producer sends again what was not acknowledged. */
const againMs = 200;

export type Feed = {
  /** Every message a producer sent for the first time. */
  sentCount(): number;
  isOver(): boolean;
  /** The key of each dead letter there must be, with its reason. */
  readonly deadLetters: ReadonlyMap<string, AwaitedLetter>;
  /** Clients that a producer erased, after everything that occurred, and that did not come back. */
  readonly erased: ReadonlySet<string>;
  /** With everything that was sent about them. */
  readonly members: readonly Member[];
  /** Whoever sends. */
  readonly producer: Actor;
  readonly badCount: number;
  /** The topic is made anew; producers send again what nobody had read, and some of the rest. */
  recreate(topic: string): void;
  /** Retention deletes messages that nobody has read yet; producers send them again when that is told. */
  overtake(topic: string): void;
  /** What retention took, once more. */
  sendLostAgain(): void;
};

type Options = { readonly group: string; readonly bad: boolean; readonly erase: boolean; readonly withinMs: number };

export function openFeed(world: World, broker: Broker, cast: readonly Member[], options: Options): Feed {
  const members: Member[] = [];
  const producer = new Actor(world, 'producer');
  const deadLetters = new Map<string, AwaitedLetter>();
  const erased = new Set<string>();
  const lost: LogMessage[] = [];
  let sent = 0;
  let waiting = 0;
  let badCount = 0;

  const send = (topic: string, message: OutgoingMessage) => broker.append(topic, message);
  /** Until it is acknowledged: where an answer is lost, the message stands in the log again. */
  const sendUntilTaken = async (topic: string, message: OutgoingMessage, reason: string | null) => {
    sent += 1;
    waiting += 1;
    const take = () => expect(send(topic, message), reason);
    while (!(await producer.call('log', [take], () => true).catch(() => false))) await producer.clock.sleep(againMs);
    waiting -= 1;
  };
  const later = (inMs: number, run: () => void) => {
    waiting += 1;
    world.schedule(inMs, () => {
      waiting -= 1;
      run();
    });
  };

  // Some producers key by client, some do not key at all.
  const keyed = world.happens(0.7);
  for (const member of cast) {
    const messages: Sent[] = [...member.arrival];
    const ending = options.erase && world.happens(0.2) ? endingOf(member, world) : null;
    if (ending !== null && !ending.isBack) erased.add(member.client.clientId);
    for (const one of ending?.sent ?? []) messages.splice(world.below(messages.length + 1), 0, one);
    members.push({ ...member, events: [...member.events, ...(ending?.events ?? [])] });
    // Some come in one go, as a replay does, some one by one.
    const spanMs = world.happens(0.4) ? 200 : options.withinMs;
    const from = world.chance() * options.withinMs * 0.5;
    messages.forEach(({ topic, key, text }, index) => {
      later(from + ((index + world.chance()) / messages.length) * spanMs * 0.5, () => {
        void sendUntilTaken(topic, { key: keyed ? key : null, value: Buffer.from(text) }, null);
      });
    });
  }
  if (options.bad && world.happens(0.5)) {
    for (const { topic, value, reason } of badMessages) {
      if (world.happens(0.5)) continue;
      badCount += 1;
      later(world.chance() * options.withinMs, () => void sendUntilTaken(topic, { key: null, value }, reason));
    }
  }
  /** A refused message sent again is a dead letter again, under its new position. */
  const expect = (message: LogMessage, reason: string | null) => {
    if (reason !== null) deadLetters.set(positionOf(message), { reason, isCertain: true });
  };
  const sendAgain = (message: LogMessage) => {
    const awaited = deadLetters.get(positionOf(message));
    const key = message.key === null ? null : Buffer.from(message.key).toString();
    const copy = send(message.topic, { key, value: message.value });
    if (awaited !== undefined) expect(copy, awaited.reason);
  };
  /** Nobody can say any more whether it was read in time. */
  const forgive = (message: LogMessage) => {
    const awaited = deadLetters.get(positionOf(message));
    if (awaited !== undefined) deadLetters.set(positionOf(message), { ...awaited, isCertain: false });
  };

  return {
    sentCount: () => sent,
    isOver: () => waiting === 0 && lost.length === 0,
    deadLetters,
    erased,
    members,
    producer,
    badCount,
    recreate: (name) => {
      const all = broker.all(name);
      const committed = broker.committed(options.group, name);
      broker.create(name, broker.topic(name).partitions.length);
      for (const message of all) {
        const isRead = message.offset < (committed.get(message.partition) ?? 0);
        if (isRead && world.happens(0.5)) continue;
        sendAgain(message);
        if (!isRead) forgive(message);
      }
    },
    overtake: (name) => {
      const committed = broker.committed(options.group, name);
      broker.topic(name).partitions.forEach(({ earliest, messages }, partition) => {
        const next = Math.max(earliest, committed.get(partition) ?? 0);
        const ahead = earliest + messages.length - next;
        for (const message of broker.truncate(name, partition, next + world.below(ahead + 1))) {
          if (message.offset < next) continue;
          lost.push(message);
        }
      });
      // Where all was read nothing is lost, and nobody will be told.
      if (lost.length > 0) later(20_000, () => sendLost());
    },
    sendLostAgain: () => sendLost(),
  };

  function sendLost(): void {
    for (const message of lost.splice(0)) {
      sendAgain(message);
      forgive(message);
    }
  }
}

export function positionOf({ topic, incarnation, partition, offset }: Omit<LogMessage, 'value'>): string {
  return `${topic}@${incarnation}/${partition}/${offset}`;
}

/** The erasure of a client by a producer; half of those who are erased come back, with a new profile and a login. */
function endingOf({ client }: Member, world: World) {
  const at = (ms: number) => new Date(world.now + ms).toISOString();
  // By version, or by the instant alone.
  const version = world.happens(0.5) ? 10_000 : 0;
  const erasure = { ...client, version, erased: true, at: at(0) };
  const profile = {
    ...{ ...client, version: 20_000, firstName: 'Ann', lastName: 'Anew', type: 'individual', status: 'active' },
    ...{ adviser: null, emails: [], createdAt: at(1), updatedAt: at(1) },
  };
  const login = {
    ...{ ...client, eventId: `${client.clientId}-back`, sessionId: 'back' },
    ...{ occurredAt: at(2_000), outcome: 'success' },
  };
  const isBack = world.happens(0.5);
  const all = [
    { topic: 'client', value: erasure },
    ...(isBack ? [{ topic: 'client', value: profile } as const, { topic: 'login', value: login } as const] : []),
  ] as const;
  const events = all.map(({ topic, value }): CanonicalEvent => {
    const decoded = decodeValue(topic, value, world.now);
    if (decoded.kind !== 'event') throw new Error(`a ${topic} that nobody can read: ${decoded.detail}`);
    return decoded.event;
  });
  const key = `${client.firmId}/${client.clientId}`;
  return { isBack, events, sent: all.map(({ topic, value }): Sent => ({ topic, key, text: JSON.stringify(value) })) };
}
