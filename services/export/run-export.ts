// One export: the rows of a cut, formatted, hashed and written as they come, in constant memory.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { format } from 'fast-csv';
import type { Cut } from '../core/export-job.ts';
import type { FirmId } from '../core/ids.ts';
import type { FileWriter } from './atomic-file.ts';
import { type Choice, rowsOf, type Sources, type Tally, takeCut } from './cut.ts';
import { portalEngagementColumns } from './portal-engagement.ts';

/** Rows are gathered up to this size before they are hashed and written. */
const blockBytesMax = 64 * 1024;

/** So that spreadsheets read the file as UTF-8. The formatter would leave it out of a file without rows. */
const byteOrderMark = Buffer.from('\ufeff');

export type ExportOutcome = {
  readonly cut: Cut;
  readonly rows: number;
  /** Clients looked at. */
  readonly clients: number;
  /** Of the whole file, as hex. */
  readonly sha256: string;
  readonly bytes: number;
};

export type ExportTask = Choice & {
  readonly firmId: FirmId;
  /** Counts while it runs. */
  readonly tally?: Tally;
  /** Aborting it rejects with the signal's reason; the file is discarded. */
  readonly signal?: AbortSignal | undefined;
};

/**
 * Writes the Portal Engagement Export of a firm and finishes the file; whatever fails, the file is discarded. CRLF ends
 * each line, as RFC 4180 has it.
 */
export async function runExport(sources: Sources, task: ExportTask, file: FileWriter): Promise<ExportOutcome> {
  const tally = task.tally ?? { clients: 0, rows: 0 };
  try {
    const cut = await takeCut(sources);
    const hash = createHash('sha256');
    let bytes = 0;
    const put = async (block: Buffer) => {
      hash.update(block);
      bytes += block.length;
      await file.write(block);
    };
    await pipeline(
      Readable.from(rowsOf(sources.store, task.firmId, task, cut.at, tally)),
      format({
        headers: [...portalEngagementColumns],
        alwaysWriteHeaders: true,
        rowDelimiter: '\r\n',
        includeEndRowDelimiter: true,
      }),
      async (formatted: AsyncIterable<Buffer>) => {
        for await (const block of blocksOf(formatted)) await put(block);
      },
      task.signal === undefined ? {} : { signal: task.signal },
    );
    await file.finish();
    return { cut, rows: tally.rows, clients: tally.clients, sha256: hash.digest('hex'), bytes };
  } catch (error) {
    await file.discard();
    throw task.signal?.aborted === true ? task.signal.reason : error;
  }
}

async function* blocksOf(formatted: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [byteOrderMark];
  let length = byteOrderMark.length;
  for await (const piece of formatted) {
    pieces.push(piece);
    length += piece.length;
    if (length < blockBytesMax) continue;
    yield Buffer.concat(pieces, length);
    [pieces, length] = [[], 0];
  }
  if (length > 0) yield Buffer.concat(pieces, length);
}
