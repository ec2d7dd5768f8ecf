// Appends a workload at a steady rate: whatever is due by now goes in one append a topic, as busy producers do it.
import type { EventLog } from '../../services/log/port.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { type BenchTopic, benchTopics, messagesOf, type Workload } from './workload.ts';

export type Feed = {
  readonly workload: Workload;
  /** Events a second. */
  readonly rate: number;
  readonly seconds: number;
};

const tickMs = 10;

/** Resolves when `rate` × `seconds` messages are in the log. */
export async function feed(log: EventLog, { workload, rate, seconds }: Feed): Promise<void> {
  const total = rate * seconds;
  const messages = messagesOf({ ...workload, events: total });
  const startedAt = performance.now();
  let appended = 0;
  while (appended < total) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * rate));
    const lanes = new Map<BenchTopic, { key: string; value: Buffer }[]>(benchTopics.map((topic) => [topic, []]));
    for (; appended < due; appended += 1) {
      const next = messages.next();
      if (next.done === true) throw new Error(`the workload ends after ${appended} events`);
      lanes.get(next.value.topic)?.push({ key: next.value.key, value: Buffer.from(next.value.text) });
    }
    await Promise.all([...lanes].map(([topic, lane]) => (lane.length > 0 ? log.append(topic, lane) : undefined)));
    await systemClock.sleep(tickMs);
  }
}
