// One projector per data folder: a lock that the operating system gives back when its owner dies, however it dies.
// Node has no flock, but its SQLite locks a file for us on Linux, macOS and Windows alike; nothing is stored in it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { OperatingError } from '../runtime/errors.ts';

const sqliteBusy = 5;

// A database that nobody refers to any more is collected, and its lock with it; so every lock held is referred to here.
const held = new Set<DatabaseSync>();

export type ProjectorLock = { release(): void };

/** Takes the folder for this process; throws `data_folder_locked` while another process (or this one) has it. */
export function lockForProjector(dir: string): ProjectorLock {
  mkdirSync(dir, { recursive: true });
  const ownerFile = path.join(dir, 'projector.pid');
  const database = new DatabaseSync(path.join(dir, 'projector.lock'), { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    if (!isBusy(cause)) throw cause;
    const message = `process ${ownerOf(ownerFile)} projects into ${path.resolve(dir)}; stop it, or choose another folder with SIGNALFOLD_DATA_DIR`;
    throw new OperatingError('data_folder_locked', message, { cause });
  }
  // Only for the message above: the lock itself lives in the operating system.
  writeFileSync(ownerFile, String(process.pid));
  held.add(database);
  return {
    release: () => {
      if (held.delete(database)) database.close();
    },
  };
}

function isBusy(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === sqliteBusy;
}

function ownerOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '(unknown)';
  }
}
