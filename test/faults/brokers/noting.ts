// A log that notes what it was told is durable, and appends again whatever was refused, as those who post events do.
import type { EventLog, OutgoingMessage } from '../../../services/log/port.ts';
import { idHeader } from './senders.ts';

const resendMs = 200;

export type NotingLog = EventLog & {
  /** By topic, the ids that the header of each message names; they rise in the order of sending. */
  readonly acknowledged: ReadonlyMap<string, Set<string>>;
  refusals(): number;
  /** Appends nothing more; whoever tries is told so. */
  giveUp(): void;
};

export function notingLog(log: EventLog): NotingLog {
  const acknowledged = new Map<string, Set<string>>();
  let [sent, refusals] = [0, 0];
  let isGivenUp = false;
  return {
    ...log,
    acknowledged,
    refusals: () => refusals,
    giveUp: () => {
      isGivenUp = true;
    },
    append: async (topic: string, messages: readonly OutgoingMessage[]) => {
      const marked = messages.map((message) => {
        sent += 1;
        return { ...message, headers: { ...message.headers, [idHeader]: `${topic}-${sent}` } };
      });
      while (!(await isTaken(log, topic, marked))) {
        if (isGivenUp) throw new Error('the trial is over');
        refusals += 1;
        await new Promise((resolve) => setTimeout(resolve, resendMs));
      }
      const ids = acknowledged.get(topic) ?? new Set();
      acknowledged.set(topic, ids);
      for (const { headers } of marked) ids.add(headers[idHeader]);
    },
  };
}

async function isTaken(log: EventLog, topic: string, messages: readonly OutgoingMessage[]): Promise<boolean> {
  try {
    await log.append(topic, messages);
    return true;
  } catch {
    return false;
  }
}
