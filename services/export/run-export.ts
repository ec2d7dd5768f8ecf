// One export: the rows of a cut, formatted, hashed and written as they come, in constant memory.
import { createHash } from 'node:crypto';
import type { Cut } from '../core/export-job.ts';
import type { FileWriter } from './atomic-file.ts';
import { type CutTask, type Sources, type Tally, takeCut, writeCut } from './cut.ts';

export type ExportOutcome = {
  readonly cut: Cut;
  readonly rows: number;
  readonly partialRows: number;
  /** Clients looked at. */
  readonly clients: number;
  /** Of the whole file, as hex. */
  readonly sha256: string;
  readonly bytes: number;
};

/** Aborting its signal rejects with the signal's reason; the file is discarded. */
export type ExportTask = CutTask & {
  /** Counts while it runs. */
  readonly tally?: Tally;
};

/**
 * Writes the Portal Engagement Export of a firm and finishes the file; whatever fails, the file is discarded. CRLF ends
 * each line, as RFC 4180 has it.
 */
export async function runExport(sources: Sources, task: ExportTask, file: FileWriter): Promise<ExportOutcome> {
  const tally = task.tally ?? { clients: 0, rows: 0, partial: 0 };
  try {
    const cut = await takeCut(sources);
    const hash = createHash('sha256');
    let bytes = 0;
    const put = async (block: Buffer) => {
      hash.update(block);
      bytes += block.length;
      await file.write(block);
    };
    await writeCut(sources.store, task, cut.at, tally, put);
    task.signal?.throwIfAborted();
    await file.finish();
    return {
      cut,
      rows: tally.rows,
      partialRows: tally.partial,
      clients: tally.clients,
      sha256: hash.digest('hex'),
      bytes,
    };
  } catch (error) {
    await file.discard();
    throw task.signal?.aborted === true ? task.signal.reason : error;
  }
}
