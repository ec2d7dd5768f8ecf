// The worker: takes queued jobs one after the other, runs them, and takes over those of workers that died.
import { randomUUID } from 'node:crypto';
import type { EventLog } from '../log/port.ts';
import { createWaker } from '../log/waker.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Config } from '../runtime/config.ts';
import type { ReadinessCheck } from '../runtime/health.ts';
import type { Logger } from '../runtime/logger.ts';
import type { ViewStore } from '../store/port.ts';
import type { FileStore } from './file-store.ts';
import { listJobs, type StoredJob, saveJob } from './jobs.ts';
import { attemptsMax, leaseMs, openExportFiles, type Room } from './room.ts';
import { runJob } from './run-job.ts';
import { sweep } from './sweep.ts';

/** How soon jobs that another process queued are seen; those of this process wake the worker. */
const pollMs = 1_000;
const sweepMs = 5_000;

export type ExportWorkerOptions = {
  readonly store: ViewStore;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: Pick<Config, 'group' | 'dataDir'>;
  /** Default: the folder `exports` in the data folder. */
  readonly files?: FileStore;
  /** Aborting it stops the worker, as `stop` does. */
  readonly signal?: AbortSignal;
};

export type ExportWorker = {
  /** Has it look for jobs at once. */
  wake(): void;
  /** Puts the job in hand back into the queue and ends. */
  stop(): Promise<void>;
  readonly readiness: ReadinessCheck;
  /** Resolves after a stop. */
  readonly done: Promise<void>;
};

/** Log and store stay the caller's to close, after `stop`. */
export function runExportWorker(options: ExportWorkerOptions): ExportWorker {
  const { store, log, clock, logger, config } = options;
  const stopping = new AbortController();
  const signal = options.signal === undefined ? stopping.signal : AbortSignal.any([options.signal, stopping.signal]);
  const files = options.files ?? openExportFiles(config);
  const room: Room = { store, log, clock, logger, group: config.group, files, worker: randomUUID(), signal };
  const waker = createWaker(clock, pollMs);
  let fault: string | null = null;

  const repeatedly = async (wait: () => Promise<void>, work: () => Promise<void>) => {
    while (!signal.aborted) {
      // The wait begins before the work, so that a wake in the middle of it is not lost.
      const waited = wait();
      try {
        await work();
        fault = null;
      } catch (err) {
        fault = 'the store or the folder of exports fails; the log says more';
        logger.warn({ err }, 'exports wait: jobs cannot be looked after at present');
      }
      await waited;
    }
  };
  const done = Promise.all([
    repeatedly(
      () => waker.waitForMore(signal),
      () => workOff(room),
    ),
    repeatedly(
      () => clock.sleep(sweepMs, signal),
      () => sweep(room),
    ),
  ]).then(() => undefined);

  return {
    done,
    wake: () => waker.wake(),
    stop: async () => {
      stopping.abort();
      await done;
    },
    readiness: { name: 'export', check: async () => ({ ok: fault === null, detail: fault ?? 'looks for jobs' }) },
  };
}

/** Runs jobs until none is left that can be claimed. */
async function workOff(room: Room): Promise<void> {
  while (!room.signal.aborted) {
    const jobs = await listJobs(room.store);
    const claimed = await claimOldest(room, jobs);
    if (claimed === null) return;
    const outcome = await runJob(room, claimed, expectedClients(claimed, jobs));
    if (outcome === 'later') return;
  }
}

async function claimOldest(room: Room, jobs: readonly StoredJob[]): Promise<StoredJob | null> {
  const now = room.clock.now();
  const claimable = jobs.filter(({ job }) => {
    if (job.status === 'queued') return true;
    return job.status === 'running' && (job.lease === null || job.lease.until < now);
  });
  claimable.sort((one, other) => one.job.createdAt - other.job.createdAt);
  for (const stored of claimable) {
    const { job } = stored;
    if (job.attempts >= attemptsMax) {
      const error = `Given up after ${job.attempts} attempts, each of which ended before the file was finished.`;
      await saveJob(room.store, stored, { ...job, status: 'failed', error, finishedAt: now, lease: null });
      continue;
    }
    const claimed = await saveJob(room.store, stored, {
      ...job,
      status: 'running',
      rows: 0,
      clients: 0,
      progress: 0,
      attempts: job.attempts + 1,
      lease: { worker: room.worker, until: now + leaseMs },
    });
    // Another worker may have been faster.
    if (claimed !== null) return claimed;
  }
  return null;
}

/** What the firm's newest finished export looked at; null when there is none to go by. */
function expectedClients(claimed: StoredJob, jobs: readonly StoredJob[]): number | null {
  let newest: StoredJob | null = null;
  for (const stored of jobs) {
    if (stored.firmId !== claimed.firmId || stored.job.status !== 'done') continue;
    if (newest === null || stored.job.createdAt > newest.job.createdAt) newest = stored;
  }
  return newest?.job.clients ?? null;
}
