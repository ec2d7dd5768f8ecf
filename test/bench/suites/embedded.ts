// Replays from the embedded log into durable views on LMDB, as the profile without servers does, beside reading alone.
import { mkdirSync, rmSync } from 'node:fs';
import type { Ground } from '../ground.ts';
import { perCpuSecond, runRounds, spreadOf } from '../measure.ts';
import type { ReadLogArgs } from '../measured/read-log.ts';
import type { BenchOptions } from '../options.ts';
import type { LogPlace } from '../places.ts';
import type { Ratio, Section } from '../report.ts';
import { wordsOf, workloadNamed } from '../workloads.ts';
import { costColumns, costFigures, projectSubject, readSubject } from './subjects.ts';

const ours = 'embedded log → views on LMDB';
const readers = {
  'log drain': 'nothing',
  'log drain + JSON.parse': 'parsing',
  'log drain + gathering': 'gathering',
} as const satisfies Record<string, ReadLogArgs['doing']>;

export async function replayFromEmbedded(
  ground: Ground,
  options: BenchOptions,
  say: (text: string) => void,
): Promise<Section> {
  const workload = workloadNamed('uniform', options.events);
  const log: LogPlace = { kind: 'embedded', dir: ground.folder('log') };
  mkdirSync(log.dir, { recursive: true });
  await ground.fill(log, workload);
  const subjects = Object.entries(readers).map(([name, doing]) => {
    return { name, run: readSubject(ground, log, workload.events, doing) };
  });
  const project = { name: ours, run: projectSubject(ground, options, log, workload.events, 'uniform') };
  const runs = await runRounds([...subjects, project], options.repeats, say);
  rmSync(log.dir, { recursive: true, force: true });

  const speedOf = (name: string) => spreadOf((runs.get(name) ?? []).map(perCpuSecond)).median;
  const ratios: Record<string, Ratio> = {};
  for (const name of Object.keys(readers)) {
    const value = speedOf(ours) / speedOf(name);
    ratios[`embedded, uniform: our events per CPU-second against ${name}`] = { value, better: 'higher' };
  }
  return {
    tables: [
      {
        title: 'Embedded log → durable views on LMDB: uniform',
        note: `${wordsOf(workload)}; 400 days. From joining the group to the last commit.`,
        columns: costColumns,
        rows: [...runs].map(([name, found]) => ({ name, figures: costFigures(found) })),
      },
    ],
    ratios,
    figures: {},
  };
}
