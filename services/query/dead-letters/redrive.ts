// Sends dead letters again, each on its topic, under its key, with its very bytes. The log then holds the event once more,
// and every fold counts an event once, so a redrive that is repeated, or ends half-way, does no harm.
import {
  type DeadLetterRecord,
  keptKeyCharactersMax,
  readDeadLetter,
  redriveMarkOf,
  redrivenHeader,
} from '../../core/dead-letter.ts';
import { messageKey } from '../../core/ids.ts';
import { deadLetterTopic, isEventTopic } from '../../core/topics.ts';
import { readText } from '../../log/codec.ts';
import type { EventLog, OutgoingMessage } from '../../log/port.ts';
import type { Clock } from '../../runtime/clock.ts';
import { Problem } from '../../runtime/problem.ts';
import type { Letter } from './shelf.ts';
import { type SourceLetters, type Verdict, verdictOf } from './verdict.ts';

/** Appended at a time, so that copies of large ones do not pile up. */
const appendBytesMax = 512 * 1024;
const appendMessagesMax = 500;

export type RedriveOrder = {
  readonly dryRun: boolean;
  /** Also what would be refused or ignored again. */
  readonly force: boolean;
  /** Whoever asks; stands in the mark. */
  readonly by: string;
  readonly mayErase: boolean;
};

export type Redriven = {
  readonly letter: Letter;
  readonly verdict: Verdict;
  /** It was sent; in a dry run: it would be. */
  readonly sent: boolean;
};

type Parcel = { readonly position: string; readonly topic: string; readonly message: OutgoingMessage };

export type RedriveParts = {
  readonly log: EventLog;
  readonly clock: Clock;
  /** Null: letters of sources are not sent from here. */
  readonly atSource?: SourceLetters | null;
};

/** Answers in the order in which they stand in the log. One that was erased meanwhile is left out. */
export async function redrive(
  { log, clock, atSource = null }: RedriveParts,
  letters: readonly Letter[],
  order: RedriveOrder,
): Promise<readonly Redriven[]> {
  const wanted = new Map(letters.map((letter) => [letter.position, letter]));
  const answered: Redriven[] = [];
  let parcels: Parcel[] = [];
  let bytes = 0;
  let sentBefore = 0;
  const send = async () => {
    await sendAll(log, parcels, { at: clock.now(), by: order.by }, sentBefore);
    sentBefore += parcels.length;
    parcels = [];
    bytes = 0;
  };
  if (wanted.size === 0) return answered;
  for await (const { key, value, headers, partition, offset } of log.scan(deadLetterTopic)) {
    const position = key === null ? null : readText(key);
    const letter = position === null ? undefined : wanted.get(position);
    const record = letter === undefined ? null : readDeadLetter(value, headers);
    if (letter === undefined || record === null) continue;
    // Until the topic is compacted it holds earlier ones under the same key.
    if (letter.place.partition !== partition || letter.place.offset !== offset) continue;
    wanted.delete(letter.position);
    const verdict = verdictOf(record, clock.now(), atSource);
    const sent = isSent(letter, verdict, order);
    answered.push({ letter, verdict, sent });
    if (sent && !order.dryRun && record.source !== null) {
      await sendAtSource(log, atSource, record, { position: letter.position, at: clock.now(), by: order.by });
    } else if (sent && !order.dryRun) {
      const again = { ...record.headers, [redrivenHeader]: letter.position };
      const message = { key: keyOf(letter), value: record.value, headers: again };
      parcels.push({ position: letter.position, topic: letter.topic, message });
      bytes += record.value?.length ?? 0;
      if (bytes >= appendBytesMax || parcels.length >= appendMessagesMax) await send();
    }
    if (wanted.size === 0) break;
  }
  await send();
  return answered;
}

function isSent({ topic, source }: Letter, { becomes, erases }: Verdict, { force, mayErase }: RedriveOrder): boolean {
  if (erases && !mayErase) return false;
  // What a source took in has no topic to go back to, but its source.
  return becomes === 'event' || (force && becomes !== 'never' && source === null && isEventTopic(topic));
}

/** Of a key too long to be kept whole only the start is there, and that is another key. */
function keyOf({ key, client }: Letter): string | null {
  if (key === null || key.length < keptKeyCharactersMax) return key;
  return client === null ? null : messageKey(client);
}

/** What it became is durable before the mark is, as with events. */
async function sendAtSource(
  log: EventLog,
  atSource: SourceLetters | null,
  record: DeadLetterRecord,
  { position, ...mark }: { readonly position: string; readonly at: number; readonly by: string },
): Promise<void> {
  try {
    await atSource?.send(record, position);
    await log.append(deadLetterTopic, [redriveMarkOf(position, mark)]);
  } catch (cause) {
    const detail = 'Some were sent before it failed. Redrive again: what arrives twice counts once.';
    throw new Problem('unavailable', detail, { cause });
  }
}

/** Events before marks: what ends in between is sent again by whoever repeats it, and counts once. */
async function sendAll(
  log: EventLog,
  parcels: readonly Parcel[],
  mark: { readonly at: number; readonly by: string },
  sentBefore: number,
): Promise<void> {
  if (parcels.length === 0) return;
  const byTopic = new Map<string, OutgoingMessage[]>();
  for (const { topic, message } of parcels) {
    const outgoing = byTopic.get(topic);
    if (outgoing === undefined) byTopic.set(topic, [message]);
    else outgoing.push(message);
  }
  try {
    for (const [topic, messages] of byTopic) await log.append(topic, messages);
    await log.append(
      deadLetterTopic,
      parcels.map(({ position }) => redriveMarkOf(position, mark)),
    );
  } catch (cause) {
    const detail = `${sentBefore} were sent before the log failed. Redrive again: what arrives twice counts once.`;
    throw new Problem('unavailable', detail, { cause });
  }
}
