// What the projector of this very process counts: how fresh the last minute's views were, what was late, lost, dropped.
import { formatInstant } from '../../core/time.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Metrics, MetricValue } from '../../runtime/metrics.ts';
import type { Pipeline } from '../wire/pipeline.ts';

const keptMs = 60_000;
const intervalMs = 5_000;

type Fold = NonNullable<Pipeline['fold']>;
/** Observations up to each bound, by bound in seconds; the last one, all, under Infinity. */
type Buckets = ReadonlyMap<number, number>;

export type FoldFigures = { take(): Promise<Fold>; close(): Promise<void> };

/** Remembers a minute of the histogram, whose counts only grow, to tell what the last minute's were. */
export function openFoldFigures({ metrics, clock }: { readonly metrics: Metrics; readonly clock: Clock }): FoldFigures {
  const startedAt = formatInstant(clock.now());
  const closing = new AbortController();
  const kept: { readonly at: number; readonly buckets: Buckets }[] = [];
  const goOn = async () => {
    while (!closing.signal.aborted) {
      kept.push({ at: clock.now(), buckets: await readBuckets(metrics) });
      while (clock.now() - (kept[1]?.at ?? clock.now()) > keptMs) kept.shift();
      await clock.sleep(intervalMs, closing.signal);
    }
  };
  const done = goOn();
  const total = async (name: Parameters<Metrics['read']>[0]) =>
    (await metrics.read(name)).reduce((sum, { value }) => sum + value, 0);
  return {
    take: async () => ({
      startedAt,
      freshness: freshnessOf(kept[0]?.buckets ?? new Map(), await readBuckets(metrics)),
      lateEvents: await total('signalfold_late_events_total'),
      lostMessages: await total('signalfold_lost_messages_total'),
      droppedMessages: await total('signalfold_dropped_total'),
      repeatedEvents: await total('signalfold_events_repeated_total'),
    }),
    close: async () => {
      closing.abort();
      await done;
    },
  };
}

async function readBuckets(metrics: Metrics): Promise<Buckets> {
  const values = await metrics.read('signalfold_freshness_seconds');
  return new Map(values.flatMap((one) => boundOf(one)));
}

function boundOf({ labels, value }: MetricValue): (readonly [number, number])[] {
  const bound = labels['le'];
  if (bound === undefined) return [];
  return [[bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound), value]];
}

/** Null when nothing was observed between the two. */
export function freshnessOf(before: Buckets, now: Buckets): Fold['freshness'] {
  const grown = [...now]
    .map(([bound, value]) => [bound, value - (before.get(bound) ?? 0)] as const)
    .sort(([one], [other]) => one - other);
  const events = grown.at(-1)?.[1] ?? 0;
  if (events === 0) return null;
  const quantile = (share: number) => {
    const bound = grown.find(([, value]) => value >= share * events)?.[0];
    return bound === undefined || bound === Number.POSITIVE_INFINITY ? null : bound;
  };
  return { events, p50Seconds: quantile(0.5), p99Seconds: quantile(0.99) };
}
