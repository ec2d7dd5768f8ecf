// The sweep: files that no job answers for go, jobs that have been kept long enough, and notes of erasures that are done.

import type { StoredName } from './file-store.ts';
import { deleteJob, exportKeptMs, listJobs, type StoredJob } from './jobs.ts';
import { sweepErasures } from './open-erasures.ts';
import type { Room } from './room.ts';

/**
 * Deletes the files of erased jobs, what dead workers left, and what is past its time. Files are listed before the jobs:
 * a file that is there has its job there already, so a job that begins meanwhile loses nothing.
 */
export async function sweep({
  store,
  files,
  clock,
  logger,
}: Pick<Room, 'store' | 'files' | 'clock' | 'logger'>): Promise<void> {
  const present = await files.list();
  const jobs = await listJobs(store);
  const now = clock.now();
  const wanted = new Set<StoredName>();
  for (const stored of jobs) {
    const { job, firmId } = stored;
    const name = { firmId, jobId: job.id };
    if (job.finishedAt !== null && job.finishedAt + exportKeptMs < now) await deleteJob(store, stored);
    else if (hasFile(stored)) wanted.add(files.finishedName(name));
    if (job.status === 'running') wanted.add(files.unfinishedName(name, job.attempts));
  }
  for (const name of present) {
    if (wanted.has(name)) continue;
    await files.removeStored(name);
    logger.info({ file: name }, 'removed the file of an export that was erased, is past its time, or did not end');
  }
  await sweepErasures(store);
}

/** A running job's file stands under its name just before the job is saved as done. */
function hasFile({ job }: StoredJob): boolean {
  return job.status === 'done' || job.status === 'running';
}
