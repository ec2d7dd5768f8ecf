// Our projector, live: how long from the append of an event until its view is durable. Takes orders while it runs, so that
// one process goes through its history, finds its limit, and is measured below it.
import pino from 'pino';
import { runProjector } from '../../../services/projector/main.ts';
import { systemClock } from '../../../services/runtime/clock.ts';
import { loadConfig } from '../../../services/runtime/config.ts';
import { createMetrics, type Metrics } from '../../../services/runtime/metrics.ts';
import { watchCommits } from '../commits.ts';
import { startFeed } from '../feed.ts';
import { quantile } from '../measure.ts';
import { type LogPlace, openLogAt, openStoreAt, type StorePlace } from '../places.ts';
import type { Workload } from '../workload.ts';
import { fail, onOrder, readArgs, startWatch, tellProgress } from './child.ts';

export type FreshnessArgs = {
  readonly log: LogPlace;
  readonly store: StorePlace;
  readonly group: string;
  /** What to append from here, as the one process of the embedded profile does; null: somebody else appends. */
  readonly feed: Workload | null;
};

export type FreshnessOrder =
  | { readonly rate: number }
  /** Asks for the figures since the last such order; their items are the events committed meanwhile. */
  | { readonly report: true };

const args = readArgs<FreshnessArgs>();
const log = await openLogAt(args.log);
const store = openStoreAt(args.store);
let samples: number[] = [];
const metrics = recording(createMetrics());
let committed = 0;
const watched = watchCommits(log, (total) => {
  committed = total;
});

function recording(inner: Metrics): Metrics {
  const observe: Metrics['observe'] = (name, labels, value) => {
    if (name === 'signalfold_freshness_seconds') samples.push(value * 1000);
    inner.observe(name, labels, value);
  };
  return { ...inner, observe };
}

const logger = pino({ level: 'warn' }, pino.destination(2));
const config = { ...loadConfig({}), group: args.group };
const projector = runProjector({ config, log: watched, store, clock: systemClock, logger, metrics });
projector.done.catch(fail);

const feed = args.feed === null ? null : startFeed(log, args.feed, fail);
let watch = startWatch();
let committedBefore = 0;

function report() {
  const sorted = samples.sort((one, other) => one - other);
  const figures = watch(committed - committedBefore, {
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    maxMs: sorted.at(-1) ?? Number.NaN,
  });
  samples = [];
  committedBefore = committed;
  watch = startWatch();
  return figures;
}

onOrder<FreshnessOrder>((order) => {
  if ('rate' in order) feed?.setRate(order.rate);
  else process.stdout.write(`${JSON.stringify({ figures: report() })}\n`);
});
tellProgress(() => ({ committed, ...(feed === null ? {} : { appended: feed.appended() }) }));
