// Appends live events at a rate that can be changed on the way: whatever is due by now goes in one append a topic, as busy
// producers do it.
import type { EventLog } from '../../services/log/port.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { type BenchTopic, benchTopics, liveMessagesOf, type Workload } from './workload.ts';

export type Feed = {
  /** Events a second from here on; 0 pauses. */
  setRate(rate: number): void;
  /** How many are in the log. */
  appended(): number;
};

const tickMs = 10;
/** After a pause of this process no more than so much is caught up with at once. */
const dueMsMax = 250;

/** `onFailure` hears of the first append that fails; nothing is appended after it. */
export function startFeed(log: EventLog, workload: Workload, onFailure: (error: unknown) => void): Feed {
  const messages = liveMessagesOf(workload);
  let rate = 0;
  let appended = 0;
  const run = async () => {
    let due = 0;
    let countedAt = performance.now();
    for (;;) {
      await systemClock.sleep(tickMs);
      const now = performance.now();
      due += (rate * Math.min(dueMsMax, now - countedAt)) / 1000;
      countedAt = now;
      const lanes = new Map<BenchTopic, { key: string; value: Buffer }[]>(benchTopics.map((topic) => [topic, []]));
      const count = Math.floor(due);
      for (let event = 0; event < count; event += 1) {
        const { topic, key, text } = messages.next().value;
        lanes.get(topic)?.push({ key, value: Buffer.from(text) });
      }
      due -= count;
      await Promise.all([...lanes].map(([topic, lane]) => (lane.length > 0 ? log.append(topic, lane) : undefined)));
      appended += count;
    }
  };
  run().catch(onFailure);
  return {
    appended: () => appended,
    setRate: (wanted) => {
      rate = wanted;
    },
  };
}
