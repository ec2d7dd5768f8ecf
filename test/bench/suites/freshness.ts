// From log append to durable view. The highest rate that is sustained live is found first, by steps, in the same process and
// on the same views; freshness is then measured at a share of it.
import { rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Ground } from '../ground.ts';
import { type Child, type Figures, type Spread, spreadOf, startChild } from '../measure.ts';
import type { FeedArgs } from '../measured/feed.ts';
import type { FreshnessArgs, FreshnessOrder } from '../measured/freshness.ts';
import type { BenchOptions } from '../options.ts';
import type { LogPlace } from '../places.ts';
import type { Row, Section } from '../report.ts';
import type { FigureName } from '../targets.ts';
import type { Workload } from '../workload.ts';
import { wordsOf, workloadNamed } from '../workloads.ts';

const shareOfMaximum = 0.7;
const firstRate = 2_000;
const rateFactor = 1.5;
/** Between a rate that is sustained and one that is not. */
const closeFactor = 1.15;
const stepsMax = 14;
const stepSeconds = 4;
const warmUpSeconds = 5;
/** A rate is sustained while what is appended but not committed stays below what comes in this time. */
const lagSecondsMax = 1;
const lookMs = 100;

type Say = (text: string) => void;
type Sustained = { readonly rate: number; readonly maximum: number; readonly figures: Figures };
export type Live = {
  /** The highest rate that is sustained, events a second. */
  readonly maximum: number;
  readonly atMaximum: Figures;
  /** What freshness was measured at. */
  readonly rate: number;
  /** One for each window. */
  readonly windows: readonly Figures[];
};

export async function freshness(ground: Ground, options: BenchOptions, say: Say): Promise<Section> {
  const workload = workloadNamed('uniform', options.events);
  const places: { readonly name: 'embedded' | 'Kafka'; readonly log: LogPlace }[] = [
    { name: 'embedded', log: { kind: 'embedded', dir: ground.folder('log') } },
  ];
  const brokers = await ground.kafka();
  if (brokers !== null) {
    places.push({ name: 'Kafka', log: { kind: 'kafka', brokers, topicPrefix: `${ground.name('fresh')}.` } });
  }
  const rows: Row[] = [];
  const figures: { [Name in FigureName]?: number } = {};
  for (const { name, log } of places) {
    const live = await measureLive(ground, options, log, workload, say);
    const p99 = freshnessOf(live, 'p99Ms');
    rows.push({
      name,
      figures: [
        Math.round(live.maximum),
        (live.atMaximum.cpuMs * 1000) / live.atMaximum.items,
        live.rate,
        freshnessOf(live, 'p50Ms'),
        p99,
        freshnessOf(live, 'maxMs'),
        spreadOf(live.windows.map(({ cpuMs, wallMs }) => cpuMs / wallMs)),
      ],
    });
    figures[`freshness p99 ms, ${name}` as const] = p99.median;
  }
  return {
    tables: [
      {
        title: 'Freshness: log append → durable view',
        note:
          `${wordsOf(workload)} first. The live maximum: steps of ${stepSeconds} s, up from ${firstRate.toLocaleString('en')} ` +
          `events a second, then halving; the highest rate at the end of which less than ${lagSecondsMax} s of events ` +
          `waited. Then ${options.repeats} × ${options.freshnessSeconds} s at ${shareOfMaximum * 100} % of it, unless a rate was given. ` +
          'On LMDB. Embedded: one process appends and projects.',
        columns: [
          'live maximum, events/s',
          'CPU µs per event there',
          'at events/s',
          'p50 ms',
          'p99 ms',
          'most ms',
          'cores used',
        ],
        rows,
      },
    ],
    ratios: {},
    figures,
  };
}

export function freshnessOf({ windows }: Live, figure: 'p50Ms' | 'p99Ms' | 'maxMs'): Spread {
  return spreadOf(windows.map(({ extra }) => extra?.[figure] ?? Number.NaN));
}

/** Fills the log with the workload, folds it, finds the live maximum, and measures below it. */
export async function measureLive(
  ground: Ground,
  options: BenchOptions,
  log: LogPlace,
  workload: Workload,
  say: Say,
): Promise<Live> {
  const dir = ground.folder('views');
  if (log.kind === 'embedded') await ground.createTopics(log);
  await ground.fill(log, workload);
  const args: FreshnessArgs = {
    log,
    store: { kind: 'embedded', dir },
    group: ground.name('fresh'),
    feed: log.kind === 'embedded' ? workload : null,
  };
  const projector = startChild('measured/freshness.ts', args);
  const feedArgs: FeedArgs = { log, workload };
  const feeder = log.kind === 'embedded' ? projector : startChild('measured/feed.ts', feedArgs);
  const stage = openStage(projector, feeder, workload.events);
  try {
    await stage.until(() => stage.lag() === 0);
    const { maximum, figures: atMaximum } = await findMaximum(stage, say);
    await stage.until(() => stage.lag() === 0);
    const rate = options.freshnessRate ?? Math.floor(maximum * shareOfMaximum);
    stage.setRate(rate);
    await stage.pass(warmUpSeconds);
    await stage.report();
    const windows: Figures[] = [];
    for (let window = 0; window < options.repeats; window += 1) {
      await stage.pass(options.freshnessSeconds);
      windows.push(await stage.report());
    }
    const live: Live = { maximum, atMaximum, rate, windows };
    const [p50, p99] = [freshnessOf(live, 'p50Ms').median, freshnessOf(live, 'p99Ms').median];
    say(`  ${Math.round(maximum)}/s at most; at ${rate}/s p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`);
    return live;
  } finally {
    for (const child of [feeder, projector]) child.stop();
    await Promise.allSettled([feeder.done, projector.done]);
    rmSync(dir, { recursive: true, force: true });
    if (log.kind === 'embedded') rmSync(log.dir, { recursive: true, force: true });
  }
}

/** Up, or down, by a factor until one rate is sustained and the next is not; then between the two, until they are close. */
async function findMaximum(stage: Stage, say: Say): Promise<Sustained> {
  let best: Sustained | null = null;
  let refused: number | null = null;
  let rate = firstRate;
  for (let step = 0; step < stepsMax; step += 1) {
    await stage.report();
    stage.setRate(rate);
    await stage.pass(stepSeconds);
    const figures = await stage.report();
    const lag = stage.lag();
    say(`  ${Math.round(rate)}/s: ${lag} wait, p99 ${figures.extra?.['p99Ms']?.toFixed(0)} ms`);
    if (lag < rate * lagSecondsMax) {
      // What came is told rather than what was ordered: a feeder may be at its own limit.
      best = { rate, maximum: figures.items / (figures.wallMs / 1000), figures };
    } else {
      refused = rate;
      stage.setRate(0);
      await stage.until(() => stage.lag() === 0);
    }
    if (best === null) rate /= rateFactor;
    else if (refused === null) rate *= rateFactor;
    else if (refused / best.rate < closeFactor) break;
    else rate = Math.sqrt(best.rate * refused);
  }
  stage.setRate(0);
  if (best === null) throw new Error(`not even ${Math.round(rate)} events a second are sustained`);
  return best;
}

type Stage = {
  setRate(rate: number): void;
  /** Messages in the log that are not committed. */
  lag(): number;
  report(): Promise<Figures>;
  until(isTrue: () => boolean): Promise<void>;
  pass(seconds: number): Promise<void>;
};

function openStage(projector: Child, feeder: Child, history: number): Stage {
  let committed = 0;
  let appended = 0;
  let onFigures: (figures: Figures) => void = () => undefined;
  const listen = (line: string) => {
    const told: { committed?: number; appended?: number; figures?: Figures } = JSON.parse(line);
    committed = told.committed ?? committed;
    appended = told.appended ?? appended;
    if (told.figures !== undefined) onFigures(told.figures);
  };
  projector.onLine(listen);
  if (feeder !== projector) feeder.onLine(listen);
  // Neither ends before it is stopped; a failure is heard wherever the suite waits.
  const failed = Promise.race([projector.done, feeder.done]).then(() => {
    throw new Error('a measured process ended early');
  });
  failed.catch(() => undefined);
  const order = (child: Child, what: FreshnessOrder) => child.order(what);
  return {
    setRate: (rate) => order(feeder, { rate }),
    lag: () => history + appended - committed,
    report: () => {
      const told = new Promise<Figures>((resolve) => {
        onFigures = resolve;
      });
      order(projector, { report: true });
      return Promise.race([told, failed]);
    },
    until: async (isTrue) => {
      while (!isTrue()) await Promise.race([wait(lookMs), failed]);
    },
    pass: async (seconds) => {
      await Promise.race([wait(seconds * 1000), failed]);
    },
  };
}
