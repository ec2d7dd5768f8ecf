// What a dead letter would become, were it sent again now: judged by the same decode that refused it.
import type { DeadLetterRecord } from '../../core/dead-letter.ts';
import { decode } from '../../core/decode.ts';
import type { DeadLetterReason } from '../../core/reasons.ts';
import { isEventTopic } from '../../core/topics.ts';
import { readText } from '../../log/codec.ts';
import type { Outcome } from '../wire/dead-letters.ts';

export type Verdict = {
  readonly becomes: Outcome;
  /** The reason code of a refusal or a drop. */
  readonly reason: string | null;
  /** For people; repeats nothing of the value. */
  readonly detail: string;
  /** Sent again it erases a client, or may. */
  readonly erases: boolean;
};

/** Letters of what providers sent: the room that took them says what they would become, and sends them again. */
export type SourceLetters = {
  /** Null when the source is not known there. */
  judge(record: DeadLetterRecord): { readonly becomes: Outcome; readonly detail: string } | null;
  /** Resolves when what it became is durable. */
  send(record: DeadLetterRecord, position: string): Promise<void>;
};

/** Refusals of values in Avro, whose schemas are not read here. */
const avroReasons: ReadonlySet<string> = new Set([
  'unknown_schema',
  'schema_clash',
  'not_avro',
] satisfies DeadLetterReason[]);

/** `now` (epoch ms) stands for the time at which the log would append it. */
export function verdictOf(record: DeadLetterRecord, now: number, atSource: SourceLetters | null = null): Verdict {
  const { topic, value, key, sizeBytes } = record;
  const say = (becomes: Outcome, reason: string | null, detail: string, erases = false): Verdict => {
    return { becomes, reason, detail, erases };
  };
  if (record.truncated) {
    return say('never', record.reason, `Of its ${sizeBytes} bytes only the first ${value?.length ?? 0} are kept.`);
  }
  if (record.reason === 'unreadable') return say('never', record.reason, 'The log holds none of its content.');
  if (record.source !== null || !isEventTopic(topic)) {
    const judged = atSource?.judge(record) ?? null;
    if (judged !== null) return say(judged.becomes, judged.becomes === 'event' ? null : record.reason, judged.detail);
    return say('unknown', null, 'It came in by a source that is not configured here.');
  }
  if (avroReasons.has(record.reason)) {
    return say(
      'unknown',
      record.reason,
      'It is Avro: whether it can be read hangs on schemas that the projector asks for.',
      topic === 'client',
    );
  }
  const text = value === null ? null : readText(value);
  const decoded = decode(topic, {
    value: value === null ? null : text === null ? 'not_utf8' : { text },
    sizeBytes,
    key,
    appendedAt: now,
  });
  if (decoded.kind === 'drop') return say('dropped', decoded.reason, 'A null value means nothing on this topic.');
  if (decoded.kind === 'dead-letter') return say('dead_letter', decoded.reason, decoded.detail);
  const { event } = decoded;
  return say('event', null, 'It is usable.', event.topic === 'client' && event.event.erased === true);
}
