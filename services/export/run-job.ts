// One claimed job from its claim to its end: the lease is renewed while it runs, and its end is saved on condition.
import type { ExportJob } from '../core/export-job.ts';
import { errorCodes, OperatingError } from '../runtime/errors.ts';
import type { Tally } from './cut.ts';
import { loadJob, type StoredJob, saveJob } from './jobs.ts';
import { leaseMs, patienceMsMax, type Room } from './room.ts';
import { type ExportOutcome, runExport } from './run-export.ts';

/** How soon progress shows, and how soon an erasure stops a running job. */
const renewMs = 1_000;
/** Only a finished job has a progress of 1. */
const progressRunningMax = 0.99;

/** The job is not ours any more: erased, or taken over. */
class LostJob extends Error {}

/** `later`: the job is back in the queue, and should not be claimed again at once. */
export async function runJob(room: Room, claimed: StoredJob, expected: number | null): Promise<'ended' | 'later'> {
  const { firmId } = claimed;
  const { id, book, filter, asOf, attempts } = claimed.job;
  const name = { firmId, jobId: id };
  const tally: Tally = { clients: 0, rows: 0, partial: 0 };
  const lost = new AbortController();
  const renewal = startRenewing(room, claimed, tally, expected, lost);
  try {
    const file = await room.files.create(name, attempts);
    const signal = AbortSignal.any([room.signal, lost.signal]);
    const outcome = await runExport(room, { firmId, book, filter, asOf, tally, signal }, file);
    const held = await renewal.stop();
    if ((await saveJob(room.store, held, doneJob(held.job, outcome, room.clock.now()))) === null) throw new LostJob();
    room.logger.info({ firmId, job: id, rows: outcome.rows, lag: outcome.cut.lag.total }, 'export done');
    return 'ended';
  } catch (error) {
    const renewed = await renewal.stop();
    // A save that was given up may still arrive, and must not make the job done once its file is gone: this one is in its way.
    const held = await saveJob(room.store, renewed, renewed.job);
    // Somebody else has saved it, or our own last save succeeded although its answer was lost.
    if (held === null) return await leave(room, claimed, await loadJob(room.store, firmId, id));
    await room.files.remove(name);
    return await giveBack(room, held, error);
  }
}

function doneJob(job: ExportJob, { cut, rows, partialRows, clients, sha256 }: ExportOutcome, now: number): ExportJob {
  return { ...job, status: 'done', cut, rows, partialRows, clients, sha256, progress: 1, finishedAt: now, lease: null };
}

/** Whoever took it over looks after its file; of an erased job nothing may stay. */
async function leave(room: Room, { firmId, job }: StoredJob, current: StoredJob | null): Promise<'ended'> {
  const status = current?.job.status ?? 'deleted';
  if (status === 'deleted' || status === 'erased') await room.files.remove({ firmId, jobId: job.id });
  room.logger.warn({ firmId, job: job.id, status }, 'an export went on without this worker');
  return 'ended';
}

async function giveBack(room: Room, held: StoredJob, error: unknown): Promise<'ended' | 'later'> {
  const { job, firmId } = held;
  const waiting = { ...job, status: 'queued', rows: 0, clients: 0, progress: 0, lease: null } as const;
  if (room.signal.aborted) {
    // Being stopped is no fault of the job.
    await saveJob(room.store, held, { ...waiting, attempts: job.attempts - 1 });
    return 'later';
  }
  const now = room.clock.now();
  room.logger.error({ err: error, firmId, job: job.id, attempts: job.attempts }, 'export failed');
  if (error instanceof OperatingError && error.retryable && now - job.createdAt < patienceMsMax) {
    // Nor is a log or a store that is away for the moment.
    await saveJob(room.store, held, { ...waiting, attempts: job.attempts - 1 });
    return 'later';
  }
  await saveJob(room.store, held, { ...job, status: 'failed', error: reasonOf(error), finishedAt: now, lease: null });
  return 'ended';
}

/** Shown to callers, so without the paths and addresses that messages hold. */
function reasonOf(error: unknown): string {
  const reason = error instanceof OperatingError ? errorCodes[error.code] : 'Something failed.';
  return `${reason} The log of the service says more.`;
}

/** `stop` answers the job as it was saved last; after it nothing is saved from here. */
function startRenewing(
  room: Room,
  claimed: StoredJob,
  tally: Readonly<Tally>,
  expected: number | null,
  lost: AbortController,
): { stop(): Promise<StoredJob> } {
  const stopping = new AbortController();
  let held = claimed;
  const renew = async () => {
    const { rows, clients } = tally;
    const progress = expected === null || expected === 0 ? 0 : Math.min(clients / expected, progressRunningMax);
    const lease = { worker: room.worker, until: room.clock.now() + leaseMs };
    const renewed = await saveJob(room.store, held, { ...held.job, rows, clients, progress, lease });
    if (renewed === null) return lost.abort(new LostJob());
    held = renewed;
  };
  const renewing = (async () => {
    for (;;) {
      await room.clock.sleep(renewMs, stopping.signal);
      if (stopping.signal.aborted || lost.signal.aborted) return;
      try {
        await renew();
      } catch (err) {
        // The lease lasts for many tries; the end of the job is saved on condition all the same.
        room.logger.warn({ err, job: claimed.job.id }, 'the lease of an export could not be renewed');
      }
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await renewing;
      return held;
    },
  };
}
