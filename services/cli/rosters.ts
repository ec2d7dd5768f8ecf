// Starts the thread of the rosters.
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Rosters } from '../query/roster/rosters.ts';
import { openRosterThread } from '../query/roster/thread.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';

/** Topics and the table must be there. */
export function startRosters(parts: {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
}): Rosters {
  const { config, logger, metrics } = parts;
  // As it stands, or compiled: the thread's program has the ending of this one.
  const program = new URL(`./roster-thread${path.extname(import.meta.url)}`, import.meta.url);
  return openRosterThread({
    start: () => new Worker(program, { workerData: config, name: 'rosters' }),
    logger,
    onBytes: (bytes) => metrics.set('signalfold_roster_bytes', {}, bytes),
  });
}
