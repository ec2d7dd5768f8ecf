// How the figures grow: the same events over ever more clients, a firm of ever more clients, and twice the events.
import { rmSync } from 'node:fs';
import type { Ground } from '../ground.ts';
import { type Figures, perCpuSecond, runRounds, type Subject, spreadOf } from '../measure.ts';
import type { BenchOptions } from '../options.ts';
import type { LogPlace, StorePlace } from '../places.ts';
import { type Figure, nothing, type Row, type Section } from '../report.ts';
import type { Workload } from '../workload.ts';
import { wordsOf, workloadNamed } from '../workloads.ts';
import { cardSubject, exportSubject, fillFirm } from './files.ts';
import { freshnessOf, measureLive } from './freshness.ts';
import { costColumns, costFigures, projectSubject } from './subjects.ts';

type Say = (text: string) => void;

export async function growth(ground: Ground, options: BenchOptions, say: Say): Promise<Section | null> {
  if ((await ground.kafka()) === null) return null;
  const inEvents = await growthInEvents(ground, options, say);
  const inClients = await growthInClients(ground, options, say);
  return {
    tables: [...inEvents.tables, ...inClients.tables],
    ratios: { ...inEvents.ratios, ...inClients.ratios },
    figures: { ...inEvents.figures, ...inClients.figures },
  };
}

async function growthInEvents(ground: Ground, options: BenchOptions, say: Say): Promise<Section> {
  const subjects: Subject[] = [];
  const names: string[] = [];
  for (const events of [options.growthEvents, options.growthEvents * 2]) {
    const workload = workloadNamed('uniform', events);
    const log = await ground.filledKafka(workload);
    if (log === null) return nothing;
    const name = wordsOf(workload);
    names.push(name);
    subjects.push({ name, run: projectSubject(ground, options, log, events, `${events}-events`) });
  }
  const runs = await runRounds(subjects, options.repeatsAlone, say);
  const peakOf = (name = '') => spreadOf((runs.get(name) ?? []).map(({ peakMb }) => peakMb)).median;
  const ratio = peakOf(names[1]) / peakOf(names[0]);
  return {
    tables: [
      {
        title: 'Growth in events: Kafka → durable views on LMDB',
        note: 'Memory must not grow with the events.',
        columns: costColumns,
        rows: [...runs].map(([name, found]) => ({ name, figures: costFigures(found) })),
      },
    ],
    ratios: { 'growth: peak memory of a replay, twice the events against all': { value: ratio, better: 'lower' } },
    figures: { 'peak memory, twice the events': ratio },
  };
}

async function growthInClients(ground: Ground, options: BenchOptions, say: Say): Promise<Section> {
  const rows: Row[] = [];
  const speeds: number[] = [];
  for (const clients of options.growthClients) {
    const name = `${clients.toLocaleString('en')} clients`;
    say(` ${name}`);
    const workload = { ...workloadNamed('uniform', options.events), clients };
    const replay = await runReplay(ground, options, workload, say);
    speeds.push(spreadOf(replay.map(perCpuSecond)).median);
    const live = options.growthLive ? await runLive(ground, options, workload, say) : [];
    const firm = await runFirm(ground, options, clients, say);
    const spread = (runs: readonly Figures[], figure: (figures: Figures) => number) => spreadOf(runs.map(figure));
    rows.push({
      name,
      figures: [
        spread(replay, perCpuSecond),
        spread(replay, ({ peakMb }) => peakMb),
        ...live,
        spread(firm.cards, ({ extra }) => extra?.['p50Ms'] ?? Number.NaN),
        spread(firm.cards, ({ extra }) => extra?.['p99Ms'] ?? Number.NaN),
        spread(firm.exports, perCpuSecond),
        spread(firm.exports, ({ peakMb }) => peakMb),
      ],
    });
  }
  const value = (speeds.at(-1) ?? Number.NaN) / (speeds[0] ?? Number.NaN);
  return {
    tables: [
      {
        title: 'Growth in clients',
        note: `${options.events.toLocaleString('en')} events each time, so fewer a client; cards and exports from a firm of so many clients.`,
        columns: [
          'replay, events per CPU-second',
          'replay, peak MB',
          ...(options.growthLive ? ['live maximum, events/s', 'freshness p99 ms at 70 %'] : []),
          'card p50 ms',
          'card p99 ms',
          'export, rows per CPU-second',
          'export, peak MB',
        ],
        rows,
      },
    ],
    ratios: {
      'growth: events per CPU-second of a replay, most clients against fewest': { value, better: 'higher' },
    },
    figures: {},
  };
}

async function runReplay(ground: Ground, options: BenchOptions, workload: Workload, say: Say) {
  const log = await ground.filledKafka(workload);
  if (log === null) return [];
  const run = projectSubject(ground, options, log, workload.events, `${workload.clients}-clients`);
  return (await runRounds([{ name: 'replay', run }], options.repeatsAlone, say)).get('replay') ?? [];
}

/** The live maximum, and freshness below it. */
async function runLive(ground: Ground, options: BenchOptions, workload: Workload, say: Say): Promise<Figure[]> {
  const brokers = (await ground.kafka()) ?? [];
  const log: LogPlace = { kind: 'kafka', brokers, topicPrefix: `${ground.name('growth')}.` };
  const live = await measureLive(ground, options, log, workload, say);
  return [Math.round(live.maximum), freshnessOf(live, 'p99Ms')];
}

async function runFirm(ground: Ground, options: BenchOptions, clients: number, say: Say) {
  const store: StorePlace = { kind: 'embedded', dir: ground.folder('firm') };
  const firmId = 'firm';
  await fillFirm(store, firmId, clients);
  const subjects = [
    { name: 'cards', run: cardSubject(store, firmId, clients) },
    { name: 'export', run: exportSubject(ground, store, firmId, clients) },
  ];
  const runs = await runRounds(subjects, options.repeatsAlone, say);
  rmSync(store.dir, { recursive: true, force: true });
  return { cards: runs.get('cards') ?? [], exports: runs.get('export') ?? [] };
}
