// A cut: one instant, and how far the views had come by then; and the lines of a firm at it.
import { clientViews } from '../core/derive/client.ts';
import { frameAsOf } from '../core/derive/frame.ts';
import { ListedReader } from '../core/derive/listed.ts';
import type { Cut } from '../core/export-job.ts';
import { type FileFilter, isInBook, matcherOf } from '../core/filter.ts';
import type { FirmId } from '../core/ids.ts';
import { readSettings } from '../core/settings.ts';
import { foldedTopics } from '../core/topics.ts';
import { readLag } from '../log/lag.ts';
import type { EventLog } from '../log/port.ts';
import type { Clock } from '../runtime/clock.ts';
import { OperatingError } from '../runtime/errors.ts';
import type { ViewStore } from '../store/port.ts';
import { CsvLines } from './csv.ts';
import { openErasures } from './open-erasures.ts';
import { writeClient, writeHeader } from './portal-engagement.ts';

export type Sources = {
  readonly store: ViewStore;
  readonly log: EventLog;
  readonly clock: Clock;
  /** The projector's consumer group, whose commits say what the views hold. */
  readonly group: string;
};

/**
 * Taken before the first view is read. Views are durable before their positions are committed, so whatever stands before
 * `positions` is in what is read next. The lag is read first, so it is never told too small for the positions.
 */
export async function takeCut({ log, clock, group }: Omit<Sources, 'store'>): Promise<Cut> {
  const at = clock.now();
  const lag = await readLag(log, group, foldedTopics);
  const positions: Cut['positions'] = [];
  for (const { topic, incarnation, partitions } of await log.describe(foldedTopics)) {
    const committed = await log.committed(group, topic);
    for (const { partition, earliest } of partitions) {
      positions.push({ topic, incarnation, partition, offset: committed.get(partition) ?? earliest });
    }
  }
  return { at, positions, lag: { total: lag.total, topics: { ...lag.topics } } };
}

/** `partial`: rows with counts that reach past what is remembered. */
export type Tally = { clients: number; rows: number; partial: number };

export type CutTask = {
  readonly firmId: FirmId;
  /** Only this adviser's clients; null: everybody's. */
  readonly book: string | null;
  readonly filter: FileFilter;
  /** The local day at whose end, YYYY-MM-DD; null: at the cut. */
  readonly asOf: string | null;
  readonly signal?: AbortSignal | undefined;
};

/** Lines are gathered up to this size before they are hashed and written. */
const blockBytesMax = 64 * 1024;
/** The line that fills a block may reach so far behind it before there has to be more memory. */
const lineBytesUsual = 4 * 1024;

/**
 * Writes a line for every matching client in ascending order of client id, all derived at `at` (epoch ms) under the
 * settings as they are when it begins, and hands on a block whenever one is full. Counts into `tally` as it goes. Clients whose
 * erasure is under way are left out. Throws
 * firm_unknown, and the reason of `signal` once it is aborted.
 */
export async function writeCut(
  store: ViewStore,
  { firmId, book, filter, asOf, signal }: CutTask,
  at: number,
  tally: Tally,
  put: (block: Buffer) => Promise<void>,
): Promise<void> {
  const firm = await store.loadFirm(firmId);
  if (firm === null) throw firmUnknown(firmId);
  const frame = frameAsOf(readSettings(firm.settings), asOf, at);
  const isToBeErased = await openErasures(store, firmId);
  const reader = new ListedReader(frame);
  const matches = matcherOf(filter);
  const lines = new CsvLines(blockBytesMax + lineBytesUsual);
  lines.byteOrderMark();
  writeHeader(lines);
  for await (const clients of store.readFirm(firmId, clientViews)) {
    signal?.throwIfAborted();
    for (const stored of clients) {
      tally.clients += 1;
      if (isToBeErased(stored)) continue;
      const client = reader.read(stored.views);
      if (client === null || !isInBook(client, book) || !matches(client)) continue;
      tally.rows += 1;
      if (client.signals.pastMemory) tally.partial += 1;
      writeClient(lines, client, frame);
      if (lines.length >= blockBytesMax) await put(lines.take());
    }
  }
  await put(lines.take());
}

export function firmUnknown(firmId: FirmId): OperatingError {
  return new OperatingError(
    'firm_unknown',
    `Nothing of a firm "${firmId}" has arrived. Check the id; a firm is known once its first event is in the views.`,
  );
}
