// One export straight into a file or to standard output, for the command line.
import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { instantAsOf } from '../core/derive/frame.ts';
import { ExportFilter } from '../core/export-job.ts';
import type { FileFilter } from '../core/filter.ts';
import { readSettings } from '../core/settings.ts';
import { OperatingError } from '../runtime/errors.ts';
import { createAtomicFile, type FileWriter, openSpecialFile } from './atomic-file.ts';
import { firmUnknown, type Sources } from './cut.ts';
import { type ExportOutcome, type ExportTask, runExport } from './run-export.ts';

/** Filters as the command line gives them, values parted by commas. Throws usage, naming every mistake. */
export function parseExportFilter(given: Readonly<Record<string, string | undefined>>): FileFilter {
  const present = Object.entries(given).filter(([, value]) => value !== undefined);
  const parsed = ExportFilter.safeParse(Object.fromEntries(present));
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map((issue) => `--${String(issue.path[0] ?? 'filter')}: ${issue.message}`);
  throw new OperatingError('usage', mistakes.join('; '));
}

/**
 * Writes the Portal Engagement Export of a firm to `outPath`, which appears whole or not at all; `-` is standard output,
 * and a device or pipe is written as it comes. Throws firm_unknown, usage for a day to come, file_unwritable, and what log and store throw.
 */
export async function exportFirm(
  parts: Sources & Pick<ExportTask, 'firmId' | 'filter' | 'signal'> & { readonly asOf?: string | null },
  outPath: string,
  stdout: Writable = process.stdout,
): Promise<ExportOutcome> {
  const firm = await parts.store.loadFirm(parts.firmId);
  if (firm === null) throw firmUnknown(parts.firmId);
  const { asOf = null } = parts;
  if (asOf !== null && instantAsOf(asOf, readSettings(firm.settings), parts.clock.now()) === null) {
    throw new OperatingError('usage', `--as-of: ${asOf} is still to come.`);
  }
  const task = { ...parts, book: null, asOf };
  return runExport(parts, task, outPath === '-' ? toStream(stdout, parts.signal) : await openFile(outPath));
}

async function openFile(outPath: string): Promise<FileWriter> {
  const special = await openSpecialFile(outPath);
  if (special !== null) return special;
  const filePath = path.resolve(outPath);
  if ((await stat(filePath).catch(() => null))?.isDirectory() === true) {
    throw new OperatingError('file_unwritable', `${filePath} is a folder. Name a file in it.`);
  }
  const partName = `.${path.basename(filePath).slice(0, 200)}.${randomUUID()}.part`;
  return createAtomicFile(filePath, path.join(path.dirname(filePath), partName));
}

/** Waits until the stream has taken each block, so a slow reader slows the export down; an abort ends the wait. */
function toStream(stream: Writable, signal: AbortSignal | undefined): FileWriter {
  let fault: Error | null = null;
  const noteFault = (error: Error) => {
    fault = error;
  };
  stream.on('error', noteFault);
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        const stop = () => reject(signal?.reason);
        signal?.addEventListener('abort', stop, { once: true });
        stream.write(bytes, (error) => {
          signal?.removeEventListener('abort', stop);
          if (error === null || error === undefined) return resolve();
          const message = 'Standard output was closed before the whole file was written.';
          reject(new OperatingError('file_unwritable', message, { cause: fault ?? error }));
        });
      }),
    finish: async () => {
      stream.off('error', noteFault);
    },
    // What has been written cannot be taken back.
    discard: async () => undefined,
  };
}
