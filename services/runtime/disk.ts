// Commits to a data folder that fail, as errors that say what to do: what lmdb tells of them nobody would understand.
import { statfsSync } from 'node:fs';
import { types } from 'node:util';
import { OperatingError } from './errors.ts';

const mib = 1024 * 1024;
/** EIO (of a write cut short by a full disk too), EFBIG, ENOSPC, EROFS, EDQUOT. */
const diskFaults: ReadonlySet<unknown> = new Set([5, 27, 28, 30, 122]);
/** MDB_CORRUPTED, MDB_PANIC: only opening it anew may help. */
const endings: ReadonlySet<unknown> = new Set([-30_796, -30_795]);
/** lmdb 3.5 fails about one large commit in some thousands for no reason (MDB_BAD_TXN), and takes it the next time. */
const attemptsMax = 3;

/**
 * Resolves as `write` does, a transaction of an lmdb that lies in `folder`; it may run more than once. Rejects with
 * data_folder_unwritable (retryable) when it could not be committed: then nothing of it is saved.
 */
export async function untilCommitted<Result>(folder: string, write: () => PromiseLike<Result>): Promise<Result> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await write();
    } catch (error) {
      const reason = await commitErrorOf(error);
      if (reason === null || endings.has(reason.code)) throw error;
      const isDisk = diskFaults.has(reason.code);
      if (isDisk || attempts === attemptsMax) throw unwritable(folder, reason, isDisk);
    }
  }
}

type CommitError = Error & { readonly code: unknown };

/** Null when it is no commit that failed. */
async function commitErrorOf(error: unknown): Promise<CommitError | null> {
  if (!types.isNativeError(error)) return null;
  if (!('commitError' in error)) return hasCode(error) && diskFaults.has(error.code) ? error : null;
  // lmdb's error promises the reason; a reason that nobody asks for would end the process.
  const reason = await Promise.resolve(error.commitError).catch((why: unknown) => why);
  return types.isNativeError(reason) && hasCode(reason) ? reason : null;
}

function hasCode(error: Error): error is CommitError {
  return 'code' in error;
}

function unwritable(folder: string, cause: CommitError, isDisk: boolean): OperatingError {
  const { bavail, bsize } = statfsSync(folder);
  const free = `${Math.floor((bavail * bsize) / mib)} MiB are free`;
  const message = isDisk
    ? `The disk under ${folder} does not take what is written (${cause.message}; ${free}). Make room there; it is tried again.`
    : `What was written to ${folder} was not committed (${cause.message}; ${free}). It is tried again; if it lasts, start anew.`;
  return new OperatingError('data_folder_unwritable', message, { retryable: true, cause });
}
