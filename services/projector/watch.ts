// Watches from beside the loop how far our partitions are behind, and whether we get on: for metrics and readiness.
import type { EventLog, LogReader } from '../log/port.ts';
import type { Room } from './room.ts';

export const lagIntervalMs = 5_000;
/** With lag and nothing saved or committed for so long, we are not ready. */
export const stalledMsMax = 60_000;

export type Progress = {
  /** Epoch ms: when something was last saved or committed, or there was nothing to do. */
  at: number;
  /** Messages of our partitions that are not in the views yet; null until first counted. */
  lag: number | null;
};

/** Runs until the signal aborts; never rejects: a log that cannot be reached is the loop's business. */
export async function watchLag(
  room: Room,
  reader: LogReader,
  topics: readonly string[],
  progress: Progress,
): Promise<void> {
  const { clock, logger, metrics, signal } = room;
  while (!signal.aborted) {
    try {
      const lags = await lagByTopic(room.log, room.config.group, reader, topics);
      progress.lag = 0;
      for (const [topic, lag] of lags) {
        metrics.set('signalfold_lag_messages', { topic }, lag);
        progress.lag += lag;
      }
      if (progress.lag === 0) progress.at = clock.now();
    } catch (error) {
      logger.debug({ err: error }, 'Could not count the lag.');
    }
    await clock.sleep(lagIntervalMs, signal);
  }
}

/** Ends are read before commits, so that 0 means everything appended before the call is in the views. */
async function lagByTopic(log: EventLog, group: string, reader: LogReader, topics: readonly string[]) {
  const ours = new Set(reader.assigned().map(({ topic, partition }) => `${topic}/${partition}`));
  const lags = new Map<string, number>();
  for (const { topic, partitions } of await log.describe(topics)) {
    const commits = await log.committed(group, topic);
    let lag = 0;
    for (const { partition, earliest, end } of partitions) {
      if (!ours.has(`${topic}/${partition}`)) continue;
      lag += Math.max(0, end - Math.max(earliest, commits.get(partition) ?? 0));
    }
    lags.set(topic, lag);
  }
  return lags;
}
