// Load that does not end until it is told to: waves of clients, their events interleaved, appended through the log port.
import type { EventTopic } from '../../services/core/topics.ts';
import type { EventLog, OutgoingMessage } from '../../services/log/port.ts';
import { castOf, type Member, type Sent } from '../e2e/cast.ts';
import { randomFrom } from '../model/timeline.ts';

const waveClients = 80;
/** Messages appended at a time; with the pause about 700 a second. */
const burstMessagesMax = 40;
const burstPauseMs = 55;
/** What a client sends at one go. */
const runMessagesMax = 4;

export type Load = {
  /** Everybody of whom something has been sent. */
  readonly members: readonly Member[];
  sentCount(): number;
  /** Sends what is left of the wave in hand and, while there are fewer than `clientsMin` clients, further ones. */
  finish(clientsMin: number): Promise<void>;
};

/** Starts at once. A failed append ends it: `finish` rejects then. */
export function startLoad(log: EventLog, seed: number, firms: readonly string[], now: number): Load {
  const members: Member[] = [];
  const random = randomFrom(seed);
  let clientsMin: number | null = null;
  let sentCount = 0;

  const run = async () => {
    for (let wave = 0; clientsMin === null || members.length < clientsMin; wave += 1) {
      const firmId = firms[wave % firms.length] ?? 'firm';
      const cast = castOf({ seed: seed + wave, clients: waveClients, firmId }, now);
      members.push(...cast);
      for (const burst of burstsOf(cast, random)) {
        const byTopic = new Map<EventTopic, OutgoingMessage[]>();
        for (const { topic, key, text } of burst) {
          byTopic.set(topic, [...(byTopic.get(topic) ?? []), { key, value: Buffer.from(text) }]);
        }
        await Promise.all([...byTopic].map(([topic, messages]) => log.append(topic, messages)));
        sentCount += burst.length;
        if (clientsMin === null) await new Promise((resolve) => setTimeout(resolve, burstPauseMs));
      }
    }
  };
  const running = run();
  running.catch(() => undefined);
  return {
    members,
    sentCount: () => sentCount,
    finish: (wanted) => {
      clientsMin = wanted;
      return running;
    },
  };
}

/** Clients take turns by chance; each keeps the order of its own messages. */
export function* burstsOf(cast: readonly Member[], random: () => number): Generator<readonly Sent[]> {
  const queues = cast.map(({ arrival }) => ({ arrival, next: 0 }));
  let burst: Sent[] = [];
  while (queues.length > 0) {
    const index = Math.floor(random() * queues.length);
    const queue = queues[index];
    if (queue === undefined) break;
    const end = queue.next + 1 + Math.floor(random() * runMessagesMax);
    burst.push(...queue.arrival.slice(queue.next, end));
    queue.next = end;
    if (end >= queue.arrival.length) queues.splice(index, 1);
    if (burst.length < burstMessagesMax) continue;
    yield burst;
    burst = [];
  }
  if (burst.length > 0) yield burst;
}
