// Where the files of export jobs are kept: a small port, and the adapter for a folder of this machine.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { FirmId } from '../core/ids.ts';
import { codeOf } from '../runtime/errors.ts';
import { createAtomicFile, type FileWriter } from './atomic-file.ts';

/** The file of one job. */
export type FileName = { readonly firmId: FirmId; readonly jobId: string };

/** Names of files as the store lists them: opaque, equal for equal jobs and attempts. */
export type StoredName = string;

export interface FileStore {
  /**
   * Opens the job's file for writing; readers see it once it is finished. What earlier attempts left unfinished goes, so
   * that a worker whose job was taken over cannot finish its own any more.
   */
  create(name: FileName, attempt: number): Promise<FileWriter>;
  /** Null when there is none. The stream must be read or destroyed. */
  read(name: FileName): Promise<{ readonly bytes: number; readonly stream: Readable } | null>;
  /** Removes the finished file and whatever is unfinished of it. */
  remove(name: FileName): Promise<void>;
  /** Finished and unfinished files. */
  list(): Promise<readonly StoredName[]>;
  finishedName(name: FileName): StoredName;
  unfinishedName(name: FileName, attempt: number): StoredName;
  removeStored(name: StoredName): Promise<void>;
}

/** Files hold personal data: for their owner alone. */
const fileMode = 0o600;

const partEnding = '.part';

/** Keeps `<firm's hash>/<job id>.csv`: a firm id may hold what no file name may. Job ids are ours, and safe. */
export function openFolderStore({ dir }: { readonly dir: string }): FileStore {
  const folderOf = (firmId: FirmId) => createHash('sha256').update(firmId).digest('hex').slice(0, 32);
  const finishedName = ({ firmId, jobId }: FileName) => path.join(folderOf(firmId), `${jobId}.csv`);
  const unfinishedName = (name: FileName, attempt: number) => `${finishedName(name)}.${attempt}${partEnding}`;
  const removeUnfinished = async (name: FileName) => {
    const begin = `${path.basename(finishedName(name))}.`;
    for (const file of await namesIn(path.join(dir, folderOf(name.firmId)))) {
      if (file.startsWith(begin) && file.endsWith(partEnding))
        await rm(path.join(dir, folderOf(name.firmId), file), { force: true });
    }
  };
  return {
    create: async (name, attempt) => {
      await removeUnfinished(name);
      return createAtomicFile(
        path.join(dir, finishedName(name)),
        path.join(dir, unfinishedName(name, attempt)),
        fileMode,
      );
    },
    read: async (name) => {
      const filePath = path.join(dir, finishedName(name));
      try {
        // Open before it is measured, so that length and bytes are of one file.
        const file = await open(filePath, 'r');
        const { size } = await file.stat();
        return { bytes: size, stream: createReadStream(filePath, { fd: file }) };
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return null;
        throw error;
      }
    },
    remove: async (name) => {
      await rm(path.join(dir, finishedName(name)), { force: true });
      await removeUnfinished(name);
    },
    list: async () => {
      const found: string[] = [];
      for (const folder of await namesIn(dir)) {
        for (const file of await namesIn(path.join(dir, folder))) found.push(path.join(folder, file));
      }
      return found;
    },
    finishedName,
    unfinishedName,
    removeStored: (name) => rm(path.join(dir, name), { force: true }),
  };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
