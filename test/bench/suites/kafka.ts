// Replays from Kafka into durable views on LMDB: ours over every workload, beside Kafka Streams folding the same topics, and
// beside what reading alone costs.
import { rmSync } from 'node:fs';
import type { Ground } from '../ground.ts';
import { type Figures, perCpuSecond, runRounds, type Subject, spreadOf, startChild } from '../measure.ts';
import type { DrainArgs } from '../measured/drain.ts';
import type { BenchOptions } from '../options.ts';
import { buildStreams, type Guarantee, guarantees, type StreamsPeer } from '../peers/streams.ts';
import type { KafkaPlace } from '../places.ts';
import { joined, nothing, type Ratio, type Section } from '../report.ts';
import type { FigureName } from '../targets.ts';
import type { Workload } from '../workload.ts';
import { type WorkloadName, wordsOf, workloadNamed } from '../workloads.ts';
import { costColumns, costFigures, projectSubject, readSubject } from './subjects.ts';

type Say = (text: string) => void;

/** The workload that the ceilings are drained from: what a drain costs does not depend on whose events they are. */
const drainedWorkload = 'uniform';
const ours = 'Kafka → views on LMDB';
const drains = {
  'kafkajs drain': 'nothing',
  'kafkajs drain + JSON.parse': 'parsing',
  'kafkajs drain + JSON.parse + zod': 'validating',
} as const satisfies Record<string, DrainArgs['doing']>;

export async function replayFromKafka(ground: Ground, options: BenchOptions, say: Say): Promise<Section | null> {
  if ((await ground.kafka()) === null) return null;
  const isPeer = options.workloads.some((name) => options.peerWorkloads.includes(name));
  const peer = isPeer ? await buildStreams(say) : null;
  const sections: Section[] = [];
  for (const name of options.workloads) sections.push(await replay(ground, options, name, peer, say));
  return joined(sections);
}

async function replay(
  ground: Ground,
  options: BenchOptions,
  name: WorkloadName,
  peer: StreamsPeer | null,
  say: Say,
): Promise<Section> {
  const workload = workloadNamed(name, options.events);
  say(` ${name}`);
  const log = await ground.filledKafka(workload);
  if (log === null) return nothing;
  const subjects: Subject[] = [{ name: ours, run: projectSubject(ground, options, log, workload.events, name) }];
  if (name === drainedWorkload) {
    for (const [drain, doing] of Object.entries(drains)) {
      subjects.push({ name: drain, run: drainSubject(ground, workload, log, doing) });
    }
    subjects.push({ name: 'our reader + gathering', run: readSubject(ground, log, workload.events, 'gathering') });
  }
  if (peer !== null && options.peerWorkloads.includes(name)) {
    for (const guarantee of guarantees) {
      subjects.push({ name: streamsName(guarantee), run: streamsSubject(ground, peer, workload, log, guarantee) });
    }
  }
  const isAlone = subjects.length === 1;
  const runs = await runRounds(subjects, isAlone ? options.repeatsAlone : options.repeats, say);
  return sectionOf(name, workload, runs);
}

function streamsName(guarantee: Guarantee): string {
  return `Kafka Streams, ${guarantee}`;
}

function drainSubject(ground: Ground, { events }: Workload, log: KafkaPlace, doing: DrainArgs['doing']) {
  return () => {
    const args: DrainArgs = { log, group: ground.name('drain'), messages: events, doing };
    return startChild('measured/drain.ts', args).done;
  };
}

function streamsSubject(
  ground: Ground,
  peer: StreamsPeer,
  { events }: Workload,
  log: KafkaPlace,
  guarantee: Guarantee,
): Subject['run'] {
  return async () => {
    const stateDir = ground.folder('streams');
    const application = ground.name('streams');
    const figures = await peer.run({ log, application, guarantee, stateDir, messages: events });
    rmSync(stateDir, { recursive: true, force: true });
    return figures;
  };
}

function sectionOf(name: WorkloadName, workload: Workload, runs: ReadonlyMap<string, readonly Figures[]>): Section {
  const spread = (subject: string, figure: (figures: Figures) => number) =>
    spreadOf((runs.get(subject) ?? []).map(figure));
  const speed = spread(ours, perCpuSecond).median;
  const ratios: Record<string, Ratio> = {};
  const compare = (with_: string, value: number) => {
    ratios[`${name}: our events per CPU-second against ${with_}`] = { value: speed / value, better: 'higher' };
  };
  const figures: { [Name in FigureName]?: number } = {};
  figures[`${name}: ours, events per CPU-second` as const] = speed;
  for (const drain of Object.keys(drains)) if (runs.has(drain)) compare(drain, spread(drain, perCpuSecond).median);
  for (const guarantee of guarantees) {
    const subject = streamsName(guarantee);
    if (!runs.has(subject)) continue;
    const theirs = spread(subject, perCpuSecond).median;
    compare(subject, theirs);
    compare(`${subject}, its warm half`, spread(subject, warmPerCpuSecond).median);
    figures[`${name}: ${guarantee}, events per CPU-second` as const] = theirs;
  }
  return {
    tables: [
      {
        title: `Kafka → durable views on LMDB: ${name}`,
        note: `${wordsOf(workload)}; 400 days. From joining the group to the last commit.`,
        columns: [...costColumns, 'warm half, events per CPU-second'],
        rows: [...runs].map(([subject, found]) => ({
          name: subject,
          figures: [
            ...costFigures(found),
            found.some(({ extra }) => extra?.['warmPerCpuSecond'] !== undefined)
              ? spread(subject, warmPerCpuSecond)
              : '',
          ],
        })),
      },
    ],
    ratios,
    figures,
  };
}

function warmPerCpuSecond({ extra }: Figures): number {
  return extra?.['warmPerCpuSecond'] ?? Number.NaN;
}
