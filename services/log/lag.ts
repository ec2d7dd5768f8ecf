// How far a group is behind: messages in the log that it has not committed yet.
import type { EventLog } from './port.ts';

export type Lag = {
  readonly total: number;
  /** By topic; topics that do not exist are left out. */
  readonly topics: Readonly<Record<string, number>>;
};

/**
 * Counts offsets from the group's commit (or the earliest message, when there is none or retention overtook it) to the
 * end of what can be read. The ends are read before the commits, so a total of 0 says that everything appended before the
 * call, and not kept back by an open transaction, is committed.
 */
export async function readLag(log: EventLog, group: string, topics: readonly string[]): Promise<Lag> {
  const counts: Record<string, number> = {};
  for (const { topic, partitions } of await log.describe(topics)) {
    const committed = await log.committed(group, topic);
    counts[topic] = partitions.reduce((sum, { partition, earliest, end }) => {
      const next = Math.max(committed.get(partition) ?? earliest, earliest);
      return sum + Math.max(end - next, 0);
    }, 0);
  }
  return { total: Object.values(counts).reduce((sum, count) => sum + count, 0), topics: counts };
}
