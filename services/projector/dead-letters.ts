// Puts unusable messages away durably, each with its reason and where it came from.
import { eventBytesMax } from '../core/decode.ts';
import { messageKey } from '../core/ids.ts';
import { formatInstant } from '../core/time.ts';
import { deadLetterTopic } from '../core/topics.ts';
import type { OutgoingMessage } from '../log/port.ts';
import type { Refused } from './batch.ts';
import { untilDone } from './retry.ts';
import type { Room } from './room.ts';

/** Of originals above 256 KiB only so much is kept. */
export const keptOfLargeBytesMax = 64 * 1024;
const appendBytesMax = 512 * 1024;

/** Resolves when all are durable. A repeated one is told by its key, which is its position. */
export async function putAway(room: Room, refused: readonly Refused[]): Promise<void> {
  let messages: OutgoingMessage[] = [];
  let bytes = 0;
  const append = async () => {
    const full = messages;
    messages = [];
    bytes = 0;
    await untilDone(room, 'put dead letters away', () => room.log.append(deadLetterTopic, full));
  };
  for (const one of refused) {
    const message = deadLetterOf(one, room.clock.now());
    messages.push(message);
    bytes += message.value?.length ?? 0;
    if (bytes >= appendBytesMax) await append();
  }
  if (messages.length > 0) await append();
  for (const { message, refusal } of refused) {
    room.metrics.count('signalfold_dead_letters_total', { topic: message.topic, reason: refusal.reason });
  }
}

/** As the log takes it: the original bytes, and in headers why, where it came from and whom it is about. */
export function deadLetterOf({ message, refusal }: Refused, now: number): OutgoingMessage {
  const { topic, incarnation, partition, offset, value, appendedAt } = message;
  const large = value !== null && value.length > eventBytesMax;
  return {
    key: `${topic}/${incarnation}/${partition}/${offset}`,
    // A copy, because the cut would otherwise keep the whole in memory.
    value: large ? value.slice(0, keptOfLargeBytesMax) : (value ?? new Uint8Array(0)),
    headers: {
      reason: refusal.reason,
      detail: refusal.detail,
      step: 'decode',
      topic,
      incarnation,
      partition: String(partition),
      offset: String(offset),
      appendedAt: formatInstant(appendedAt),
      at: formatInstant(now),
      ...(large ? { originalBytes: String(value.length) } : {}),
      ...(value === null ? { originalValue: 'null' } : {}),
      ...(refusal.client === null ? {} : { client: messageKey(refusal.client) }),
    },
  };
}
