// What we reach for, and whether this run reached it. A target that is missed never fails anything.
import type { Guarantee } from './peers/streams.ts';
import type { WorkloadName } from './workloads.ts';

/** Figures of a run that targets are made of; CPU is that of the measured process. */
export type FigureName =
  | `${WorkloadName}: ours, events per CPU-second`
  | `${WorkloadName}: ${Guarantee}, events per CPU-second`
  | 'naive, events per CPU-second'
  | 'dynamodb replay: write units per event'
  | 'dynamodb live: write units per event'
  | 'freshness p99 ms, Kafka'
  | 'freshness p99 ms, embedded'
  | 'peak memory, twice the events'
  | 'export against fast-csv, rows per CPU-second'
  | ListFigure
  | 'peak memory, all rows against a quarter of them';

/** Of the suite of lists; the first two by how many clients the firm has. */
type ListFigure =
  | `lists p99 ms, ${'100,000' | '1,000,000'} clients`
  | 'cards p99 ms, embedded'
  | 'longest block of the HTTP thread, ms'
  | 'roster: bytes a client beside its texts'
  | 'roster: clients loaded per second';

export type MeasuredFigures = { readonly [Name in FigureName]?: number };

export type Target = {
  readonly name: string;
  readonly wanted: string;
  readonly reached: number;
  readonly isReached: boolean;
};

type Wanted = {
  readonly name: string;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** One figure, or one against another. */
  readonly of: FigureName | readonly [figure: FigureName, against: FigureName];
};

/** What memory may grow by when nothing of it depends on the amount: noise of the collector. */
const flat = 1.15;

const wanted: readonly Wanted[] = [
  {
    name: 'Kafka → LMDB, uniform: events per CPU-second',
    atLeast: 100_000,
    of: 'uniform: ours, events per CPU-second',
  },
  against('uniform', 'exactly_once_v2', 4),
  against('uniform', 'at_least_once', 2.5),
  against('zipf-0.8', 'exactly_once_v2', 8),
  against('zipf-0.8', 'at_least_once', 5),
  {
    name: 'Kafka → LMDB, uniform: events per CPU-second against the naive consumer',
    atLeast: 100,
    of: ['uniform: ours, events per CPU-second', 'naive, events per CPU-second'],
  },
  { name: 'DynamoDB, replay: write units per event', atMost: 0.1, of: 'dynamodb replay: write units per event' },
  { name: 'DynamoDB, live: write units per event', atMost: 1.05, of: 'dynamodb live: write units per event' },
  { name: 'Kafka: freshness p99 ms at 70 % of the live maximum', atMost: 500, of: 'freshness p99 ms, Kafka' },
  { name: 'embedded: freshness p99 ms at 70 % of the live maximum', atMost: 500, of: 'freshness p99 ms, embedded' },
  {
    name: 'replay: peak memory, twice the events against once',
    atMost: flat,
    of: 'peak memory, twice the events',
  },
  {
    name: 'export: rows per CPU-second against fast-csv with ready rows',
    atLeast: 0.9,
    of: 'export against fast-csv, rows per CPU-second',
  },
  {
    name: 'export: peak memory, all rows against a quarter of them',
    atMost: flat,
    of: 'peak memory, all rows against a quarter of them',
  },
  { name: 'lists of 100,000 clients, 100 a second: p99 ms', atMost: 20, of: 'lists p99 ms, 100,000 clients' },
  { name: 'lists of 1,000,000 clients, 50 a second: p99 ms', atMost: 60, of: 'lists p99 ms, 1,000,000 clients' },
  { name: 'cards beside them: p99 ms', atMost: 5, of: 'cards p99 ms, embedded' },
  { name: 'longest block of the HTTP thread, ms', atMost: 50, of: 'longest block of the HTTP thread, ms' },
  { name: 'roster: bytes a client beside its texts', atMost: 250, of: 'roster: bytes a client beside its texts' },
  { name: 'roster: clients loaded per second', atLeast: 60_000, of: 'roster: clients loaded per second' },
];

function against(workload: WorkloadName, guarantee: Guarantee, atLeast: number): Wanted {
  return {
    name: `Kafka → LMDB, ${workload}: events per CPU-second against Kafka Streams ${guarantee}`,
    atLeast,
    of: [`${workload}: ours, events per CPU-second`, `${workload}: ${guarantee}, events per CPU-second`],
  };
}

/** Those whose figures this run has. */
export function targetsOf(figures: MeasuredFigures): Target[] {
  return wanted.flatMap(({ name, atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY, of }) => {
    const [figure, other] = typeof of === 'string' ? [figures[of], 1] : [figures[of[0]], figures[of[1]]];
    if (figure === undefined || other === undefined) return [];
    const reached = figure / other;
    const words = Number.isFinite(atMost) ? `≤ ${atMost}` : `≥ ${atLeast.toLocaleString('en')}`;
    return [{ name, wanted: words, reached, isReached: reached >= atLeast && reached <= atMost }];
  });
}
