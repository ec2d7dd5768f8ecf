// A full or failing disk under a data folder, as an error that says so: what lmdb tells of it nobody would understand.
import { statfsSync } from 'node:fs';
import { types } from 'node:util';
import { OperatingError } from './errors.ts';

const mib = 1024 * 1024;
/** EIO (of a write cut short by a full disk too), EFBIG, ENOSPC, EROFS, EDQUOT. */
const diskFaults: ReadonlySet<unknown> = new Set([5, 27, 28, 30, 122]);

/**
 * Resolves as `write` does, a transaction of an lmdb that lies in `folder`. Rejects with data_folder_unwritable (retryable)
 * when the disk did not take it: then nothing of it is saved.
 */
export async function untilOnDisk<Result>(folder: string, write: () => PromiseLike<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    const fault = await diskFaultOf(error);
    if (fault === null) throw error;
    const message = `The disk under ${folder} does not take what is written (${fault.message}; ${freeMib(folder)} MiB are free). Make room there; it is tried again.`;
    throw new OperatingError('data_folder_unwritable', message, { retryable: true, cause: fault });
  }
}

/** Null when it is none of the disk's. */
async function diskFaultOf(error: unknown): Promise<Error | null> {
  if (!types.isNativeError(error)) return null;
  // lmdb rejects with an error that promises the reason; a reason that nobody asks for would end the process.
  const reason = 'commitError' in error ? await Promise.resolve(error.commitError).catch((why: unknown) => why) : error;
  return types.isNativeError(reason) && 'code' in reason && diskFaults.has(reason.code) ? reason : null;
}

function freeMib(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return Math.floor((bavail * bsize) / mib);
}
