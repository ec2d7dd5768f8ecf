// What the parts of the worker share: where jobs, views and files are, who works, and how long a job may stay in hand.
import path from 'node:path';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Sources } from './cut.ts';
import { type FileStore, openFolderStore } from './file-store.ts';

/** A job that brought down so many workers is given up. */
export const attemptsMax = 3;

/** Since it was asked for, a job waits so long for a log or a store that is away; then it fails. */
export const patienceMsMax = 60 * 60_000;

/** A worker that has not renewed for so long counts as dead. */
export const leaseMs = 30_000;

export type Room = Sources & {
  readonly files: FileStore;
  readonly logger: Logger;
  /** Names this worker in leases. */
  readonly worker: string;
  readonly signal: AbortSignal;
};

/** The folder `exports` in the data folder. */
export function openExportFiles(config: Pick<Config, 'dataDir'>): FileStore {
  return openFolderStore({ dir: path.join(config.dataDir, 'exports') });
}
