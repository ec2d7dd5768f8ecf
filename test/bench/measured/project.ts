// Our projector as a measured process: joins its group, folds what the topics hold, and ends once all of it is committed.
import { setImmediate as nextTurn } from 'node:timers/promises';
import pino from 'pino';
import { runProjector } from '../../../services/projector/main.ts';
import { systemClock } from '../../../services/runtime/clock.ts';
import { loadConfig } from '../../../services/runtime/config.ts';
import { createMetrics } from '../../../services/runtime/metrics.ts';
import { watchCommits } from '../commits.ts';
import { type LogPlace, openLogAt, openStoreAt, type StorePlace } from '../places.ts';
import { readArgs, startWatch, tell } from './child.ts';

export type ProjectArgs = {
  readonly log: LogPlace;
  readonly store: StorePlace;
  readonly group: string;
  /** How many messages to wait for. */
  readonly messages: number;
  /** Print how many are committed after each commit, for whoever appends in rounds. */
  readonly telling: boolean;
};

const args = readArgs<ProjectArgs>();
const log = await openLogAt(args.log);
const store = openStoreAt(args.store);
let committed = 0;
const watched = watchCommits(log, (total) => {
  if (args.telling && total !== committed) process.stdout.write(`${JSON.stringify({ committed: total })}\n`);
  committed = total;
});
// The limits that a newcomer gets: nothing here is tuned for the bench.
const config = { ...loadConfig({}), group: args.group };
const logger = pino({ level: 'warn' }, pino.destination(2));

const watch = startWatch();
const projector = runProjector({
  config,
  log: watched,
  store,
  clock: systemClock,
  logger,
  metrics: createMetrics(),
});
let failed = false;
projector.done.catch((error: unknown) => {
  logger.error(error);
  failed = true;
});
while (committed < args.messages && !failed) await systemClock.sleep(2);
const figures = watch(committed);
await projector.stop();
await log.close();
await store.close();
await nextTurn();
if (failed) process.exit(1);
tell(figures);
