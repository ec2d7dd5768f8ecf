// Our projector at a steady rate: how long from the append of an event until its view is durable.
import pino from 'pino';
import { runProjector } from '../../../services/projector/main.ts';
import { systemClock } from '../../../services/runtime/clock.ts';
import { loadConfig } from '../../../services/runtime/config.ts';
import { createMetrics, type Metrics } from '../../../services/runtime/metrics.ts';
import { watchCommits } from '../commits.ts';
import { type Feed, feed } from '../feed.ts';
import { quantile } from '../measure.ts';
import { type LogPlace, openLogAt, openStoreAt, type StorePlace } from '../places.ts';
import { readArgs, startWatch, tell } from './child.ts';

export type FreshnessArgs = {
  readonly log: LogPlace;
  readonly store: StorePlace;
  readonly group: string;
  readonly feed: Feed;
  /** Append from here, as the one process of the embedded profile does; else somebody else appends. */
  readonly feeding: boolean;
};

/** What is measured before is compiling. */
const warmUpShare = 0.2;

const args = readArgs<FreshnessArgs>();
const log = await openLogAt(args.log);
const store = openStoreAt(args.store);
const samples: number[] = [];
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
while (projector.readiness === null || (await projector.readiness.check()).detail === 'starting') {
  await systemClock.sleep(50);
}
process.stdout.write(`${JSON.stringify({ ready: true })}\n`);

const total = args.feed.rate * args.feed.seconds;
const watch = startWatch();
const feeding = args.feeding ? feed(log, args.feed) : null;
while (committed < total) await systemClock.sleep(10);
await feeding;
const warm = samples.slice(Math.floor(samples.length * warmUpShare)).sort((one, other) => one - other);
const figures = watch(total, {
  p50Ms: quantile(warm, 0.5),
  p99Ms: quantile(warm, 0.99),
  maxMs: warm.at(-1) ?? Number.NaN,
  samples: warm.length,
});
await projector.stop();
await log.close();
await store.close();
tell(figures);
