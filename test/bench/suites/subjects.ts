// What several suites measure: our projector over a filled log, and reading alone; and the columns that tell of a run's cost.
import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Ground } from '../ground.ts';
import { type Figures, perCpuSecond, perSecond, type Spread, type Subject, spreadOf, startChild } from '../measure.ts';
import type { ProjectArgs } from '../measured/project.ts';
import type { ReadLogArgs } from '../measured/read-log.ts';
import type { BenchOptions } from '../options.ts';
import type { LogPlace } from '../places.ts';

/** CPU first: it is the steadiest on a noisy machine. */
export const costColumns: readonly string[] = [
  'events per CPU-second',
  'CPU µs per event',
  'events per second',
  'peak MB',
];

export function costFigures(runs: readonly Figures[]): readonly Spread[] {
  return [
    spreadOf(runs.map(perCpuSecond)),
    spreadOf(runs.map(({ cpuMs, items }) => (cpuMs * 1000) / items)),
    spreadOf(runs.map(perSecond)),
    spreadOf(runs.map(({ peakMb }) => peakMb)),
  ];
}

/** Folds what the log holds into views on LMDB, in a new group and a new folder each time. */
export function projectSubject(
  ground: Ground,
  { profiles }: BenchOptions,
  log: LogPlace,
  messages: number,
  label: string,
): Subject['run'] {
  return async (round) => {
    const dir = ground.folder('views');
    const group = ground.name('project');
    const args: ProjectArgs = { log, store: { kind: 'embedded', dir }, group, messages, telling: false };
    const profile = profiles === null ? null : path.join(profiles, `${log.kind}-${label}-${round}.cpuprofile`);
    const figures = await startChild('measured/project.ts', args, profile).done;
    rmSync(dir, { recursive: true, force: true });
    return figures;
  };
}

export function readSubject(
  ground: Ground,
  log: LogPlace,
  messages: number,
  doing: ReadLogArgs['doing'],
): Subject['run'] {
  return () => {
    const args: ReadLogArgs = { log, group: ground.name('read'), messages, doing };
    return startChild('measured/read-log.ts', args).done;
  };
}
