// Serves lists and cards of the large firm over HTTP, and the same lists the naive way. Tells its CPU time and the longest
// block of the thread that answers HTTP, each since it was asked last.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import pino from 'pino';
import { openAdapters } from '../../../services/cli/adapters.ts';
import { startRosters } from '../../../services/cli/rosters.ts';
import { registerCard } from '../../../services/query/card.ts';
import { registerList } from '../../../services/query/list.ts';
import { openRosters } from '../../../services/query/roster/rosters.ts';
import { openSnapshots } from '../../../services/query/snapshots.ts';
import { openAuditLog } from '../../../services/runtime/audit.ts';
import { systemClock as clock } from '../../../services/runtime/clock.ts';
import { loadConfig } from '../../../services/runtime/config.ts';
import { createHttpServer, listen } from '../../../services/runtime/http.ts';
import { createMetrics } from '../../../services/runtime/metrics.ts';
import { registerNaiveList } from '../peers/naive-list.ts';
import { readArgs } from './child.ts';

export type ListsServerArgs = {
  /** Holds a log and a store. */
  readonly dir: string;
  /** False: rosters on the thread that answers HTTP, for comparison. */
  readonly threaded: boolean;
};

/** What GET /figures answers, since it was asked before. */
export type ServerFigures = {
  /** Of the whole process, and of the thread that answers HTTP. */
  readonly cpuMs: number;
  readonly httpCpuMs: number;
  readonly blockedMsMost: number;
  readonly rosterBytes: number;
};

const delayResolutionMs = 1;

const { dir, threaded } = readArgs<ListsServerArgs>();
const config = loadConfig({ SIGNALFOLD_DATA_DIR: dir, SIGNALFOLD_PORT: '0', SIGNALFOLD_LOG_LEVEL: 'warn' });
const logger = pino({ level: 'warn' }, pino.destination(2));
const metrics = createMetrics();
const { log, store } = await openAdapters({ config, clock, logger }, true);
let rosterBytes = 0;
const listening = {
  ...metrics,
  set: (_name: string, _labels: object, bytes: number) => {
    rosterBytes = bytes;
  },
};
const rosters = threaded
  ? startRosters({ config, logger, metrics: listening })
  : openRosters({ log, store, clock, logger, metrics: listening }, { bytesMax: config.rosterBytesMax });
const audit = openAuditLog({ auditLog: '/dev/null', dataDir: '' }, { clock, logger });
const server = await createHttpServer({ config, logger, audit, metrics, readiness: [], clock });
registerList(server, { store, clock, rosters, snapshots: openSnapshots({ store, clock }) });
registerCard(server, { store, clock });
registerNaiveList(server, { store, clock });

const delays = monitorEventLoopDelay({ resolution: delayResolutionMs });
delays.enable();
let cpu = process.cpuUsage();
let httpCpu = process.threadCpuUsage();
server.get('/figures', { config: { open: true } }, async (): Promise<ServerFigures> => {
  const used = process.cpuUsage(cpu);
  const httpUsed = process.threadCpuUsage(httpCpu);
  const figures = {
    cpuMs: (used.user + used.system) / 1000,
    httpCpuMs: (httpUsed.user + httpUsed.system) / 1000,
    blockedMsMost: Math.max(0, delays.max / 1e6 - delayResolutionMs),
    rosterBytes,
  };
  cpu = process.cpuUsage();
  httpCpu = process.threadCpuUsage();
  delays.reset();
  return figures;
});
const url = await listen(server, config);
process.stdout.write(`${JSON.stringify({ url })}\n`);
process.once('SIGTERM', () => process.stdout.write('{}\n', () => process.exit(0)));
