// Puts unusable messages away durably, each with its reason and where it came from.
import { deadLetterOf } from '../core/dead-letter.ts';
import { deadLetterTopic } from '../core/topics.ts';
import { readText } from '../log/codec.ts';
import type { OutgoingMessage } from '../log/port.ts';
import { untilDone } from '../runtime/retry.ts';
import type { Refused } from './batch.ts';
import type { Room } from './room.ts';

/** Appended at a time, so that the copies of large originals do not pile up. */
const appendBytesMax = 512 * 1024;

/** Resolves when all are durable. A repeated one is told by its key, which is its position. */
export async function putAway(room: Room, refused: readonly Refused[]): Promise<void> {
  let letters: OutgoingMessage[] = [];
  let bytes = 0;
  for (const [index, { message, refusal }] of refused.entries()) {
    const key = message.key === null ? null : readText(message.key);
    const letter = deadLetterOf({ ...message, key }, 'decode', refusal);
    letters.push(letter);
    bytes += letter.value.length;
    if (bytes < appendBytesMax && index < refused.length - 1) continue;
    const full = letters;
    await untilDone(room, 'put dead letters away', () => room.log.append(deadLetterTopic, full));
    letters = [];
    bytes = 0;
  }
  for (const { message, refusal } of refused) {
    room.metrics.count('signalfold_dead_letters_total', { topic: message.topic, reason: refusal.reason });
  }
}
