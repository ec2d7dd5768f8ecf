// Orders in which the events of a history arrive: as they happened, shuffled, topic by topic, late, repeated.
import fc from 'fast-check';
import type { CanonicalEvent } from '../../services/core/topics.ts';
import type { History } from './histories.ts';
import { randomFrom } from './timeline.ts';

export type Arrival = {
  readonly order: 'as it happened' | 'backwards' | 'shuffled' | 'topic by topic' | 'topics race';
  /** Percent of the events that come more than once. */
  readonly repeated: number;
  readonly seed: number;
};

export function arrivals(): fc.Arbitrary<Arrival> {
  return fc.record({
    order: fc.constantFrom('as it happened', 'shuffled', 'backwards', 'topic by topic', 'topics race'),
    repeated: fc.constantFrom(0, 10, 50, 100),
    seed: fc.nat({ max: 999_999 }),
  });
}

/** An event of a bounded history arrives behind at most so many later ones of the history. */
const displacementMax = { logins: 10, mails: 3 };

/** The history's events as they arrive, within what the view promises to remember. */
export function arrange(history: History, arrival: Arrival): readonly CanonicalEvent[] {
  const random = randomFrom(arrival.seed);
  return history.bounded ? displaced(history.events, arrival, random) : anyOrder(history.events, arrival, random);
}

function anyOrder(
  events: readonly CanonicalEvent[],
  arrival: Arrival,
  random: () => number,
): readonly CanonicalEvent[] {
  const ordered = inOrder(events, arrival.order, random);
  if (arrival.repeated === 0) return ordered;
  const copies = events.filter(() => random() * 100 < arrival.repeated);
  // A repeat comes anywhere: at once, among the rest, or as everything once more from the beginning.
  if (random() < 0.3) return [...ordered, ...inOrder(copies, arrival.order, random)];
  if (random() < 0.3) return ordered.flatMap((event) => (random() * 100 < arrival.repeated ? [event, event] : [event]));
  return merged([ordered, shuffled(copies, random)], random);
}

function inOrder(
  events: readonly CanonicalEvent[],
  order: Arrival['order'],
  random: () => number,
): readonly CanonicalEvent[] {
  if (order === 'as it happened') return events;
  if (order === 'backwards') return [...events].reverse();
  if (order === 'shuffled') return shuffled(events, random);
  const topics = shuffled(byTopic(events), random);
  return order === 'topic by topic' ? topics.flat() : merged(topics, random);
}

/**
 * Everything comes nearly as it happened, topics lag a little, repeats follow soon. Impersonations alone may all come
 * first: a projector that is behind reads them before anything else.
 */
function displaced(
  events: readonly CanonicalEvent[],
  arrival: Arrival,
  random: () => number,
): readonly CanonicalEvent[] {
  const exact = arrival.order === 'as it happened';
  const lag = exact ? { logins: 0, mails: 0 } : displacementMax;
  const keyed: { readonly event: CanonicalEvent; readonly key: number }[] = [];
  for (const [rank, event] of events.entries()) {
    const isMail = event.topic === 'email' || event.topic === 'message';
    const first = arrival.order === 'topic by topic' && event.topic === 'impersonation';
    const late = (): number => (event.topic === 'client' ? 0 : random() * (isMail ? lag.mails : lag.logins));
    keyed.push({ event, key: first ? rank - events.length : rank + late() });
    if (random() * 100 < arrival.repeated) keyed.push({ event, key: rank + (exact ? 0.5 : late()) });
  }
  return keyed.sort((one, other) => one.key - other.key).map(({ event }) => event);
}

function byTopic(events: readonly CanonicalEvent[]): readonly (readonly CanonicalEvent[])[] {
  return [...new Set(events.map(({ topic }) => topic))].map((name) => events.filter(({ topic }) => topic === name));
}

export function shuffled<Item>(items: readonly Item[], random: () => number): readonly Item[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((one, other) => one.key - other.key)
    .map(({ item }) => item);
}

/** Takes from the lists in turn by chance, each list in its own order. */
export function merged<Item>(lists: readonly (readonly Item[])[], random: () => number): readonly Item[] {
  const keyed = lists.flatMap((list) => {
    const keys = list.map(() => random()).sort((one, other) => one - other);
    return list.map((item, index) => ({ item, key: keys[index] ?? 1 }));
  });
  return keyed.sort((one, other) => one.key - other.key).map(({ item }) => item);
}
