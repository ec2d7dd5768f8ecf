// Takes the items of a source: maps them, finds whose they are, and answers when all of it is durable, as events in the
// log, in the waiting place, or as dead letters. Whatever fails in between is to be taken again; what repeats counts once.

import { sizeRefusal } from '../core/decode.ts';
import type { ClientKey } from '../core/ids.ts';
import type { DeadLetterReason } from '../core/reasons.ts';
import type { EventLog } from '../log/port.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { type AnyDraft, canonicalMessage } from './canonical-message.ts';
import { deliver, type OutgoingEvent } from './deliver.ts';
import type { Identity } from './identity/identity.ts';
import { type Asked, failureOfNobody, isFailure, ownerOf } from './identity/rules.ts';
import type { WaitingEntry } from './identity/waiting.ts';
import type { Item } from './items.ts';
import { type ItemPlace, itemLetter, type Letter } from './provider-letter.ts';
import type { Mapped } from './providers/provider.ts';
import { elsewhereBy, type Source } from './sources/source.ts';
import type { Wrong } from './verify/verification.ts';

export type PlacedItem = Item & { readonly place: ItemPlace };

export type Outcome = 'accepted' | 'ignored' | 'waiting' | 'unusable';
/** Of the events in the items; an event of several clients is one. */
export type Counts = Readonly<Record<Outcome, number>>;

/** What became of one event: for whoever watches. */
export type EventVerdict = {
  readonly source: string;
  readonly outcome: Outcome;
  /** Whose it was found to be. */
  readonly clients: readonly ClientKey[];
  readonly topic: string | null;
  /** A sentence for people, without personal data. */
  readonly why: string;
  readonly warnings: readonly string[];
};

/** What became of a delivery whose events were not looked at. */
export type DeliveryVerdict =
  | { readonly source: string; readonly outcome: 'refused'; readonly wrong: Wrong; readonly why: string }
  | { readonly source: string; readonly outcome: 'repeated' };

export type IntakeParts = {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly identity: Identity;
  /** Told of every event once it is durable, and of deliveries that were only answered. */
  readonly tell?: ((verdict: EventVerdict | DeliveryVerdict) => void) | undefined;
};

/** What is to become of one event, before anything is written. */
type Decided = {
  readonly verdict: EventVerdict;
  readonly events: readonly OutgoingEvent[];
  readonly refusal: Refusal | null;
  readonly waits: { readonly asked: Asked; readonly entry: WaitingEntry } | null;
  /** After the event is durable: whom the user was found to be. */
  readonly lesson: { readonly client: ClientKey; readonly userId: string } | null;
};

type Refusal = {
  readonly step: 'map' | 'identity';
  readonly reason: DeadLetterReason;
  readonly detail: string;
  /** Whose it was found to be: erasing the client has to find the letter. */
  readonly client?: ClientKey | null;
};

/** Items looked up at one time. */
const itemsAtOnce = 32;

/** Rejects, mostly with a retryable OperatingError, when anything may not be durable. */
export async function takeItems(parts: IntakeParts, source: Source, items: readonly PlacedItem[]): Promise<Counts> {
  const counts = { accepted: 0, ignored: 0, waiting: 0, unusable: 0 };
  for (let start = 0; start < items.length; start += itemsAtOnce) {
    const some = items.slice(start, start + itemsAtOnce);
    for (const verdict of await takeSome(parts, source, some)) {
      counts[verdict.outcome] += 1;
      parts.tell?.(verdict);
    }
  }
  for (const [outcome, count] of Object.entries(counts)) {
    if (count > 0) parts.metrics.count('signalfold_source_events_total', { source: source.name, outcome }, count);
  }
  return counts;
}

async function takeSome(
  parts: IntakeParts,
  source: Source,
  items: readonly PlacedItem[],
): Promise<readonly EventVerdict[]> {
  const decided = await Promise.all(items.map((item) => decideItem(parts, source, item)));
  const refusals = decided.map((of) => of.map(({ refusal }) => refusal).filter((refusal) => refusal !== null));
  const verdicts: EventVerdict[] = [];
  for (const [index, of] of decided.entries()) {
    for (const { verdict, waits } of of) {
      if (waits === null || (await parts.identity.letWait(waits.asked.firmId, waits.entry)) === 'waits') {
        verdicts.push(verdict);
        continue;
      }
      const detail = 'no client is known for it, and as many events wait as may';
      refusals[index]?.push({ step: 'identity', reason: 'waiting_full', detail });
      verdicts.push({ ...verdict, outcome: 'unusable', why: detail });
    }
  }
  const letters = items.flatMap((item, index) => letterOf(source, item, refusals[index] ?? []));
  const all = decided.flat();
  await deliver(
    parts,
    all.flatMap(({ events }) => events),
    letters,
  );
  for (const { lesson } of all) {
    if (lesson === null) continue;
    const { client, userId } = lesson;
    await parts.identity.learn(source.name, client.firmId, userId, client.clientId);
  }
  return verdicts;
}

/** One letter an item, because it is redriven as one: it names each event that cannot be used. */
function letterOf(source: Source, item: PlacedItem, refusals: readonly Refusal[]): Letter[] {
  const [first] = refusals;
  if (first === undefined) return [];
  const detail = refusals.map((refusal) => refusal.detail).join('; ');
  const client = refusals.find(({ client: found }) => found)?.client ?? null;
  return [itemLetter(source.name, item.place, item.bytes, first.step, { reason: first.reason, detail, client })];
}

async function decideItem(parts: IntakeParts, source: Source, item: PlacedItem): Promise<readonly Decided[]> {
  const tooLarge = sizeRefusal(item.bytes.length);
  if (tooLarge !== null) return [refused(source, { step: 'map', ...tooLarge })];
  if (item.parsed === null) {
    return [refused(source, { step: 'map', reason: 'not_json', detail: 'value: must be JSON in UTF-8' })];
  }
  const { headers, appendedAt: arrivedAt } = item.place;
  const mapped = source.provider.map({ body: item.parsed.value, headers, arrivedAt, zone: source.zone });
  return Promise.all(mapped.map((one) => decide(parts, source, one)));
}

async function decide(parts: IntakeParts, source: Source, mapped: Mapped): Promise<Decided> {
  if (mapped.kind === 'ignored') return ignored(source, mapped.why);
  if (mapped.kind === 'unusable') return refused(source, { step: 'map', reason: 'cannot_map', detail: mapped.detail });
  const { draft, subject, warnings } = mapped;
  const elsewhere = elsewhereBy(source, subject.fields);
  if (elsewhere !== null) return ignored(source, `${elsewhere}: is not what the source is narrowed to`);
  const about = { source: source.name, topic: draft.topic, why: mapped.why, warnings };
  const owner = ownerOf(source.rules, subject);
  if (owner.kind === 'client')
    return accepted(parts, about, draft, [{ firmId: owner.firmId, clientId: owner.clientId }]);
  const failure = isFailure(draft);
  if (owner.kind === 'nobody') {
    if (failure) return ignored(source, failureOfNobody);
    return refused(source, { step: 'identity', reason: 'no_subject', detail: owner.detail });
  }

  const { firmId, address, userId } = owner;
  const found = await parts.identity.whose(source.name, draft.topic, owner);
  if (found.kind === 'ambiguous') {
    if (failure) return ignored(source, failureOfNobody);
    return refused(source, { step: 'identity', reason: 'client_ambiguous', detail: found.detail });
  }
  if (found.kind === 'clients') {
    const clients = found.clientIds.map((clientId) => ({ firmId, clientId }));
    const [client] = clients;
    const decided = accepted(parts, about, draft, clients);
    // What was typed in vain says nothing of whose the user is.
    if (!found.learned || failure || client === undefined || userId === null) return decided;
    return { ...decided, lesson: { client, userId } };
  }
  if (failure) return ignored(source, failureOfNobody);
  // It waits from now on, however long it stood in a topic before: a backlog is not to have waited in vain.
  const entry = { source: source.name, ...draft, userId, address, since: parts.clock.now() };
  return { ...nothing({ ...about, outcome: 'waiting', clients: [] }), waits: { asked: owner, entry } };
}

function accepted(
  { clock }: IntakeParts,
  about: Omit<EventVerdict, 'outcome' | 'clients'>,
  draft: AnyDraft,
  clients: readonly ClientKey[],
): Decided {
  const events: OutgoingEvent[] = [];
  for (const { firmId, clientId } of clients) {
    const made = canonicalMessage(draft, about.source, { firmId, clientId }, clock.now());
    if (made.kind === 'dead-letter') {
      const { reason, detail } = made;
      return broken(about, { step: 'map', reason, detail, client: { firmId, clientId } });
    }
    events.push(made);
  }
  return { ...nothing({ ...about, outcome: 'accepted', clients }), events };
}

function nothing(verdict: EventVerdict): Decided {
  return { verdict, events: [], refusal: null, waits: null, lesson: null };
}

function ignored({ name: source }: Source, why: string): Decided {
  return nothing({ source, outcome: 'ignored', clients: [], topic: null, why, warnings: [] });
}

function refused({ name: source }: Source, refusal: Refusal): Decided {
  return broken({ source, topic: null, why: '', warnings: [] }, refusal);
}

function broken(about: Omit<EventVerdict, 'outcome' | 'clients'>, refusal: Refusal): Decided {
  const why = `${refusal.reason}: ${refusal.detail}`;
  return { ...nothing({ ...about, outcome: 'unusable', clients: [], why }), refusal };
}
