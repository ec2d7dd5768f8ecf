// From log append to durable view at a stated rate, for the embedded profile (one process does all) and for Kafka.
import { rmSync } from 'node:fs';
import type { Ground } from '../ground.ts';
import { type Figures, startChild } from '../measure.ts';
import type { FeedArgs } from '../measured/feed.ts';
import type { FreshnessArgs } from '../measured/freshness.ts';
import type { BenchOptions } from '../options.ts';
import type { LogPlace } from '../places.ts';
import type { Section } from '../report.ts';

const rateUnmeasured = 5_000;
const shareOfMaximum = 0.7;

/** `maxima`: what the replays of this run reached, events a second; null where they did not run. */
export async function freshness(
  ground: Ground,
  options: BenchOptions,
  maxima: { readonly embedded: number | null; readonly kafka: number | null },
  say: (text: string) => void,
): Promise<Section> {
  const rateOf = (maximum: number | null) =>
    options.freshnessRate ?? (maximum === null ? rateUnmeasured : Math.floor(maximum * shareOfMaximum));
  const rows: { name: string; figures: (number | string)[] }[] = [];
  const add = (name: string, rate: number, { cpuMs, wallMs, extra }: Figures) => {
    const seconds = options.freshnessSeconds;
    rows.push({
      name,
      figures: [
        rate,
        extra?.['p50Ms'] ?? 0,
        extra?.['p99Ms'] ?? 0,
        extra?.['maxMs'] ?? 0,
        cpuMs / wallMs,
        wallMs / 1000 - seconds,
      ],
    });
    say(`  ${name}: p50 ${extra?.['p50Ms']?.toFixed(0)} ms, p99 ${extra?.['p99Ms']?.toFixed(0)} ms`);
  };

  const embedded: LogPlace = { kind: 'embedded', dir: ground.folder('log') };
  add('embedded', rateOf(maxima.embedded), await run(ground, options, embedded, rateOf(maxima.embedded)));
  const brokers = await ground.kafka();
  if (brokers !== null) {
    const kafka: LogPlace = { kind: 'kafka', brokers, topicPrefix: `${ground.name('fresh')}.` };
    add('Kafka, LMDB', rateOf(maxima.kafka), await run(ground, options, kafka, rateOf(maxima.kafka)));
  }
  return {
    tables: [
      {
        title: 'Freshness: log append → durable view',
        note:
          `For ${options.freshnessSeconds} s at a steady rate, which is ${shareOfMaximum * 100} % of the replay's unless it was given. ` +
          'Embedded: one process appends and projects. Behind: how long after the last append all was committed.',
        columns: ['events per second', 'p50 ms', 'p99 ms', 'most ms', 'cores used', 'behind s'],
        rows,
      },
    ],
    ratios: {},
  };
}

async function run(ground: Ground, options: BenchOptions, log: LogPlace, rate: number): Promise<Figures> {
  const dir = ground.folder('views');
  await ground.createTopics(log);
  const feed = { workload: options.workload, rate, seconds: options.freshnessSeconds };
  const args: FreshnessArgs = {
    log,
    store: { kind: 'embedded', dir },
    group: ground.name('fresh'),
    feed,
    feeding: log.kind === 'embedded',
  };
  const child = startChild('measured/freshness.ts', args);
  if (log.kind === 'kafka') {
    await new Promise<void>((resolve, reject) => {
      child.onLine(() => resolve());
      child.done.catch(reject);
    });
    const feedArgs: FeedArgs = { log, feed };
    await startChild('measured/feed.ts', feedArgs).done;
  }
  const figures = await child.done;
  rmSync(dir, { recursive: true, force: true });
  if (log.kind === 'embedded') rmSync(log.dir, { recursive: true, force: true });
  return figures;
}
