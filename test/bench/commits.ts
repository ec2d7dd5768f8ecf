// Tells how many messages a group has committed, by watching its reader: asking the log would cost what is measured.
import type { EventLog } from '../../services/log/port.ts';

/** The same log; `onCommit` hears the sum of all committed offsets after each commit. Topics must begin at offset 0. */
export function watchCommits(log: EventLog, onCommit: (messages: number) => void): EventLog {
  return {
    ...log,
    join: async (group, topics) => {
      const reader = await log.join(group, topics);
      const offsets = new Map<string, number>();
      return {
        ...reader,
        commit: async (next) => {
          await reader.commit(next);
          for (const { topic, partition, offset } of next) offsets.set(`${topic}/${partition}`, offset);
          let total = 0;
          for (const offset of offsets.values()) total += offset;
          onCommit(total);
        },
      };
    },
  };
}
