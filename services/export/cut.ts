// A cut: one instant, and how far the views had come by then; and the rows of a firm at it.
import { clientViews, deriveClient, readClient } from '../core/derive/client.ts';
import { frameOf } from '../core/derive/frame.ts';
import type { Cut } from '../core/export-job.ts';
import { type ClientFilter, isInBook, matcherOf } from '../core/filter.ts';
import type { FirmId } from '../core/ids.ts';
import { readSettings } from '../core/settings.ts';
import { foldedTopics } from '../core/topics.ts';
import { readLag } from '../log/lag.ts';
import type { EventLog } from '../log/port.ts';
import type { Clock } from '../runtime/clock.ts';
import { OperatingError } from '../runtime/errors.ts';
import type { ViewStore } from '../store/port.ts';
import { portalEngagementRow } from './portal-engagement.ts';

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

export type Tally = { clients: number; rows: number };

/** Which clients: those of one adviser's book (null: of everybody's) that match. */
export type Choice = { readonly book: string | null; readonly filter: ClientFilter };

/**
 * The rows of every matching client in ascending order of client id, all derived at `at` (epoch ms) under the settings as
 * they are when it begins. Counts into `tally` as it goes. Throws firm_unknown.
 */
export async function* rowsOf(
  store: ViewStore,
  firmId: FirmId,
  { book, filter }: Choice,
  at: number,
  tally: Tally,
): AsyncGenerator<string[]> {
  const firm = await store.loadFirm(firmId);
  if (firm === null) throw firmUnknown(firmId);
  const frame = frameOf(readSettings(firm.settings), at);
  const matches = matcherOf(filter);
  for await (const clients of store.readFirm(firmId, clientViews)) {
    for (const { views } of clients) {
      tally.clients += 1;
      const facts = deriveClient(readClient(views), frame);
      if (facts === null || facts.profile === null || !isInBook(facts, book) || !matches(facts)) continue;
      tally.rows += 1;
      yield portalEngagementRow({ ...facts, profile: facts.profile }, frame);
    }
  }
}

export function firmUnknown(firmId: FirmId): OperatingError {
  return new OperatingError(
    'firm_unknown',
    `Nothing of a firm "${firmId}" has arrived. Check the id; a firm is known once its first event is in the views.`,
  );
}
