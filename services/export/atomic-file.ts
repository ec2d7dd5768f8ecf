// Files that appear whole or not at all: written under another name beside their own, made durable, then renamed.
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { codeOf, OperatingError } from '../runtime/errors.ts';

export interface FileWriter {
  /** Resolves when the bytes are taken; call it again only then. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when the whole file is durable and stands under its name, in place of what stood there before. */
  finish(): Promise<void>;
  /** Leaves nothing behind. After finish it changes nothing. */
  discard(): Promise<void>;
}

/**
 * `partPath` lies in the folder of `filePath`, which is created when it is missing; what stands there is overwritten.
 * `mode`: permissions, less the umask. Throws file_unwritable when it cannot be written.
 */
export async function createAtomicFile(filePath: string, partPath: string, mode = 0o666): Promise<FileWriter> {
  const folder = path.dirname(filePath);
  const file = await toldAs(filePath, async () => {
    await mkdir(folder, { recursive: true });
    return open(partPath, 'w', mode);
  });
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    await file.close();
  };
  let isFinished = false;
  return {
    write: (bytes) => toldAs(filePath, () => writeAll(file, bytes)),
    finish: () =>
      toldAs(filePath, async () => {
        await file.sync();
        await close();
        await rename(partPath, filePath);
        isFinished = true;
        await syncFolder(folder);
      }),
    discard: async () => {
      await close();
      if (!isFinished) await rm(partPath, { force: true });
    },
  };
}

/** Writes text whole or not at all. */
export async function writeAtomically(filePath: string, partPath: string, content: string): Promise<void> {
  const file = await createAtomicFile(filePath, partPath);
  try {
    await file.write(Buffer.from(content));
    await file.finish();
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/** A device, a pipe or a terminal: there is nothing to rename, so bytes go straight in. */
export async function openSpecialFile(filePath: string): Promise<FileWriter | null> {
  const found = await stat(filePath).catch(() => null);
  if (found === null || found.isFile() || found.isDirectory()) return null;
  const file = await toldAs(filePath, () => open(filePath, 'w'));
  return {
    write: (bytes) => toldAs(filePath, () => writeAll(file, bytes)),
    finish: () => file.close(),
    discard: () => file.close().catch(() => undefined),
  };
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let start = 0; start < bytes.length; ) start += (await file.write(bytes, start)).bytesWritten;
}

/** Makes the rename durable. Some systems cannot open a folder; there the rename alone has to do. */
async function syncFolder(folder: string): Promise<void> {
  const opened = await open(folder, 'r').catch(() => null);
  if (opened === null) return;
  try {
    await opened.sync();
  } catch (error) {
    if (!['EINVAL', 'EPERM', 'ENOTSUP'].includes(codeOf(error) ?? '')) throw error;
  } finally {
    await opened.close();
  }
}

async function toldAs<Result>(filePath: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    const message = `The file ${filePath} cannot be written (${codeOf(cause) ?? 'unknown reason'}). Check the folder, its permissions and its free space.`;
    throw new OperatingError('file_unwritable', message, { cause });
  }
}
