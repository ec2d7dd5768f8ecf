// What is done to the processes, by the seed: one deed after the other, at random moments. The first ones are of every kind,
// so that a short trial has them all.
import type { Command } from './crew.ts';

export type Deed =
  | { readonly kind: 'kill' | 'restart'; readonly name: string }
  | { readonly kind: 'pause'; readonly name: string; readonly ms: number }
  /** The chance of a fault for each request to DynamoDB from here on. */
  | { readonly kind: 'weather'; readonly chance: number }
  /** The group forgets its members, the living too: all have to join again. */
  | { readonly kind: 'forget' }
  | { readonly kind: 'broker pause'; readonly ms: number }
  | { readonly kind: 'broker kill' };

export type Step = { readonly deed: Deed /** Until the next one. */; readonly restMs: number };

/** Never killed, so that its memory lives through everything; it is stopped now and then. */
export const survivor = 'query-a';

export const hands: readonly (readonly [name: string, command: Command])[] = [
  ['ingest-a', 'ingest'],
  ['ingest-b', 'ingest'],
  ['project-a', 'project'],
  ['project-b', 'project'],
  [survivor, 'query'],
  ['query-b', 'query'],
  ['export-a', 'export'],
  ['export-b', 'export'],
];

/** Past the session of a member of a group, which is 10 s. */
const zombieMs = 11_500;
/** Past the session, a lease of an export (30 s) and whatever else waits. */
const longZombieMs = 60_000;
const restMsMax = 2_500;
const chances = [0, 0.03, 0.1, 0.25] as const;

/** Without end. `isLong`: with stops of a minute, and deeds to the broker, which must be the trial's own. */
export function* deedsOf(random: () => number, isLong: boolean): Generator<Step> {
  const rest = () => Math.floor(random() * restMsMax);
  const one = <Item>(items: readonly [Item, ...Item[]]): Item => items[Math.floor(random() * items.length)] ?? items[0];
  const projector = () => one(['project-a', 'project-b']);
  const mortals = hands.map(([name]) => name).filter((name) => name !== survivor);
  const first: readonly Deed[] = [
    { kind: 'weather', chance: 0.1 },
    { kind: 'kill', name: 'ingest-a' },
    { kind: 'kill', name: 'project-a' },
    { kind: 'pause', name: 'project-b', ms: zombieMs },
    { kind: 'kill', name: 'query-b' },
    { kind: 'kill', name: 'export-a' },
    { kind: 'pause', name: 'ingest-b', ms: 4_000 },
    { kind: 'restart', name: 'export-b' },
    { kind: 'pause', name: survivor, ms: 5_000 },
    { kind: 'forget' },
    { kind: 'restart', name: 'ingest-a' },
  ];
  for (const deed of first) yield { deed, restMs: rest() };
  for (;;) {
    const chance = random();
    const name = one(['project-a', ...mortals]);
    let deed: Deed;
    // Projectors kill themselves besides, at points of their work.
    if (chance < 0.1) deed = { kind: 'kill', name: projector() };
    else if (chance < 0.5) deed = { kind: 'kill', name };
    else if (chance < 0.6) deed = { kind: 'restart', name };
    else if (chance < 0.7) deed = { kind: 'weather', chance: one(chances) };
    else if (chance < 0.8) deed = { kind: 'forget' };
    else if (chance < 0.9) deed = { kind: 'pause', name: one([projector(), name, survivor]), ms: zombieMs };
    else if (!isLong) deed = { kind: 'kill', name: projector() };
    else if (chance < 0.95) deed = { kind: 'pause', name, ms: longZombieMs };
    else if (chance < 0.985) deed = { kind: 'broker pause', ms: Math.floor(1_000 + random() * 20_000) };
    else deed = { kind: 'broker kill' };
    yield { deed, restMs: rest() };
  }
}
