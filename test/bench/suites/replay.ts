// A replay into durable views on LMDB, from Kafka and from the embedded log, beside what reading alone costs.
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Ground } from '../ground.ts';
import { type Figures, perCpuSecond, perSecond, runRounds, type Subject, spreadOf, startChild } from '../measure.ts';
import type { DrainArgs } from '../measured/drain.ts';
import type { ProjectArgs } from '../measured/project.ts';
import type { ReadLogArgs } from '../measured/read-log.ts';
import type { BenchOptions } from '../options.ts';
import type { KafkaPlace, LogPlace } from '../places.ts';
import { nothing, type Ratio, type Section, type Table } from '../report.ts';

export type Replay = Section & { readonly perSecond: number };

type Say = (text: string) => void;

export async function replayFromKafka(ground: Ground, options: BenchOptions, say: Say): Promise<Replay | null> {
  const log = await ground.filledKafka(options.workload);
  if (log === null) return null;
  const drain = (doing: DrainArgs['doing']) => drainSubject(ground, options, log, doing);
  const subjects = [
    { name: 'kafkajs drain', run: drain('nothing') },
    { name: 'kafkajs drain + JSON.parse', run: drain('parsing') },
    { name: 'kafkajs drain + JSON.parse + zod', run: drain('validating') },
    { name: 'our reader + decode', run: readSubject(ground, options, log, 'decoding') },
    { name: 'Kafka → views on LMDB', run: projectSubject(ground, options, log) },
  ];
  const runs = await runRounds(subjects, options.repeats, say);
  return summary('Kafka → durable views on LMDB', 'kafka', options, runs, {
    ours: 'Kafka → views on LMDB',
    peers: {
      drain: 'kafkajs drain',
      'drain + JSON.parse': 'kafkajs drain + JSON.parse',
      'drain + zod': 'kafkajs drain + JSON.parse + zod',
    },
  });
}

export async function replayFromEmbedded(ground: Ground, options: BenchOptions, say: Say): Promise<Replay> {
  const log: LogPlace = { kind: 'embedded', dir: ground.folder('log') };
  mkdirSync(log.dir, { recursive: true });
  await ground.fill(log, options.workload);
  const read = (doing: ReadLogArgs['doing']) => readSubject(ground, options, log, doing);
  const subjects = [
    { name: 'log drain', run: read('nothing') },
    { name: 'log drain + JSON.parse', run: read('parsing') },
    { name: 'log drain + decode', run: read('decoding') },
    { name: 'embedded log → views on LMDB', run: projectSubject(ground, options, log) },
  ];
  const runs = await runRounds(subjects, options.repeats, say);
  rmSync(log.dir, { recursive: true, force: true });
  return summary('Embedded log → durable views on LMDB', 'embedded', options, runs, {
    ours: 'embedded log → views on LMDB',
    peers: {
      drain: 'log drain',
      'drain + JSON.parse': 'log drain + JSON.parse',
      'drain + decode': 'log drain + decode',
    },
  });
}

function drainSubject(ground: Ground, { workload }: BenchOptions, log: KafkaPlace, doing: DrainArgs['doing']) {
  return () => {
    const args: DrainArgs = { log, group: ground.name('drain'), messages: workload.events, doing };
    return startChild('measured/drain.ts', args).done;
  };
}

function readSubject(ground: Ground, { workload }: BenchOptions, log: LogPlace, doing: ReadLogArgs['doing']) {
  return () => {
    const args: ReadLogArgs = { log, group: ground.name('read'), messages: workload.events, doing };
    return startChild('measured/read-log.ts', args).done;
  };
}

function projectSubject(ground: Ground, { workload, profiles }: BenchOptions, log: LogPlace): Subject['run'] {
  return async (round) => {
    const dir = ground.folder('views');
    const args: ProjectArgs = {
      log,
      store: { kind: 'embedded', dir },
      group: ground.name('project'),
      messages: workload.events,
      telling: false,
    };
    const profile = profiles === null ? null : path.join(profiles, `${log.kind}-${round}.cpuprofile`);
    const figures = await startChild('measured/project.ts', args, profile).done;
    rmSync(dir, { recursive: true, force: true });
    return figures;
  };
}

type Roles = { readonly ours: string; readonly peers: Readonly<Record<string, string>> };

function summary(
  title: string,
  kind: string,
  { workload }: BenchOptions,
  runs: ReadonlyMap<string, readonly Figures[]>,
  { ours, peers }: Roles,
): Replay {
  const medianOf = (name: string, figure: (figures: Figures) => number) =>
    spreadOf((runs.get(name) ?? []).map(figure)).median;
  const table: Table = {
    title,
    note:
      `${workload.events.toLocaleString('en')} events over ${workload.clients.toLocaleString('en')} clients, ` +
      `${workload.zipf === 0 ? 'uniform' : `zipf ${workload.zipf}`}, 400 days; from joining the group to the last commit.`,
    columns: ['events per CPU-second', 'events per second', 'CPU µs per event', 'peak MB'],
    rows: [...runs].map(([name, figures]) => ({
      name,
      figures: [
        spreadOf(figures.map(perCpuSecond)),
        spreadOf(figures.map(perSecond)),
        spreadOf(figures.map(({ cpuMs, items }) => (cpuMs * 1000) / items)),
        spreadOf(figures.map(({ peakMb }) => peakMb)),
      ],
    })),
  };
  const ratios: Record<string, Ratio> = {};
  for (const [name, peer] of Object.entries(peers)) {
    const value = medianOf(ours, perCpuSecond) / medianOf(peer, perCpuSecond);
    ratios[`${kind} replay: events per CPU-second against ${name}`] = { value, better: 'higher' };
  }
  return { ...nothing, tables: [table], ratios, perSecond: medianOf(ours, perSecond) };
}
