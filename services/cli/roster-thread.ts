// The thread of the rosters, a program of its own: opens a log and a store for itself, and answers what it is asked.
import { parentPort, workerData } from 'node:worker_threads';
import { openRosters } from '../query/roster/rosters.ts';
import type { ThreadMessage } from '../query/roster/thread.ts';
import { serveThread } from '../query/roster/thread-side.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Config } from '../runtime/config.ts';
import { createLogger } from '../runtime/logger.ts';
import { openAdapters } from './adapters.ts';

if (parentPort === null) throw new Error('this is started as a thread by serve.ts');
const port = parentPort;
const config: Config = workerData;
const logger = createLogger(config.logLevel);
const clock = systemClock;
const adapters = await openAdapters({ config, clock, logger }, false);
const metrics = {
  // Of all metrics rosters set this one only.
  set: (_name: string, _labels: object, bytes: number) => {
    const message: ThreadMessage = { kind: 'bytes', bytes };
    port.postMessage(message);
  },
};
const rosters = openRosters({ ...adapters, clock, logger, metrics }, { bytesMax: config.rosterBytesMax });
await serveThread(port, rosters, logger);
await rosters.close();
await adapters.close();
port.close();
