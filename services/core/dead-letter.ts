// The shape of a dead letter: the original bytes, and headers that say why, where from and whom it is about.
import { z } from 'zod';
import { eventBytesMax, type Refusal } from './decode.ts';
import { type ClientKey, messageKey, parseMessageKey } from './ids.ts';
import { deadLetterReasons, isDeadLetterReason } from './reasons.ts';
import { clampInstant, formatInstant, Instant } from './time.ts';

/** Of a value above `eventBytesMax` only this much is kept. */
export const truncatedBytesMax = 64 * 1024;
/** Twice the longest good key; a longer one names nobody. */
export const keptKeyCharactersMax = 1024;
export const detailCharactersMax = 1024;
/** Names and values of the original's headers together; what does not fit is left out. */
export const keptHeadersCharactersMax = 16 * 1024;

/** On a message sent again: the position of the dead letter it was. */
export const redrivenHeader = 'signalfold-redriven-from';
/** Put in front of the names of the original's headers. */
const originalPrefix = 'header.';
/** Put in front of a position: the key under which stands that it was redriven. */
const markPrefix = 'redriven:';
/** Ours, and those that may hold what somebody signs in with. */
const leftOut = /^(signalfold-.*|(proxy-)?authorization|(set-)?cookie)$/i;

/** Where the message became unusable. */
export const deadLetterSteps = ['decode', 'fold', 'map', 'identity'] as const;
export type DeadLetterStep = (typeof deadLetterSteps)[number];

/** A message as the log delivered it, its key read as UTF-8 (null when it has none or it is not UTF-8). */
export type Unusable = {
  readonly topic: string;
  readonly incarnation: string;
  readonly partition: number;
  readonly offset: number;
  readonly appendedAt: number;
  readonly key: string | null;
  readonly value: Uint8Array | null;
  readonly headers?: Readonly<Record<string, string>>;
};

/** As the log takes it. The value is never null: under a key, a null value removes what the key held. */
export type DeadLetter = {
  readonly key: string;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
};

const wholeNumber = z.string().regex(/^\d{1,16}$/, 'must be a whole number');

/** What the headers say; all are text, as Kafka's are. */
export const DeadLetterHeaders = z
  .object({
    reason: z
      .string()
      .refine(isDeadLetterReason)
      .meta({ enum: Object.keys(deadLetterReasons) }),
    step: z.enum(deadLetterSteps).describe('Where the message became unusable.'),
    topic: z.string().describe('Where it stood: topic, its incarnation, partition, offset.'),
    incarnation: z.string(),
    partition: wholeNumber,
    offset: wholeNumber,
    time: Instant.describe('When the log appended the original.'),
    detail: z.string().describe('Which field is wrong and what it must be; never what it is.'),
    kept: z
      .enum(['whole', 'start', 'none'])
      .describe('How much of the value is kept: all, its first 64 KiB, or none because it was null.'),
    size: wholeNumber.describe('Size of the original value in bytes.'),
    key: z.string().optional().describe("The original's key, when it had one that is text; cut when very long."),
    source: z.string().optional().describe('The source it came from, when a provider sent it.'),
    client: z.string().optional().describe('firmId/clientId, as far as it can be told whom the message is about.'),
    redrivenFrom: z
      .string()
      .optional()
      .describe('The dead letter that this message was before it was sent again, by its key.'),
  })
  .meta({
    title: 'dead-letter',
    description:
      'Headers of a message that could not be used; its value is the original. Headers of the original stand beside them, ' +
      'each with "header." in front of its name.',
  });

/** Read back more widely than it is written: whoever writes reasons of a later release still has letters. */
const ReadHeaders = DeadLetterHeaders.extend({
  reason: z.string().min(1),
  step: z.string().min(1),
});

/** A dead letter read back. */
export type DeadLetterRecord = {
  /** One of ours, or of a later release. */
  readonly reason: string;
  readonly step: string;
  readonly detail: string;
  readonly topic: string;
  readonly incarnation: string;
  readonly partition: number;
  readonly offset: number;
  /** When the log appended the original, epoch ms. */
  readonly appendedAt: number;
  /** Cut when very long. */
  readonly key: string | null;
  /** The source it came from; null when a producer wrote it into the log itself. */
  readonly source: string | null;
  readonly client: ClientKey | null;
  /** The original bytes, or their start; null when the original value was null. */
  readonly value: Uint8Array | null;
  readonly truncated: boolean;
  readonly sizeBytes: number;
  /** The original's own. */
  readonly headers: Readonly<Record<string, string>>;
  /** The position of the dead letter that this one was before it was sent again. */
  readonly redrivenFrom: string | null;
};

/** Equal messages give equal dead letters, whenever and however often they are put away. */
export function deadLetterOf(message: Unusable, step: DeadLetterStep, refusal: Omit<Refusal, 'kind'>): DeadLetter {
  const sizeBytes = message.value?.length ?? 0;
  const truncated = sizeBytes > eventBytesMax;
  const whole = message.value ?? new Uint8Array(0);
  return {
    key: positionText(message),
    // A copy, because a part of the whole would keep all of it in memory.
    value: truncated ? whole.slice(0, truncatedBytesMax) : whole,
    headers: {
      reason: refusal.reason,
      step,
      topic: message.topic,
      incarnation: message.incarnation,
      partition: String(message.partition),
      offset: String(message.offset),
      time: formatInstant(clampInstant(message.appendedAt)),
      detail: refusal.detail.slice(0, detailCharactersMax),
      kept: message.value === null ? 'none' : truncated ? 'start' : 'whole',
      size: String(sizeBytes),
      ...(message.key === null ? {} : { key: message.key.slice(0, keptKeyCharactersMax) }),
      ...(refusal.client === null ? {} : { client: messageKey(refusal.client) }),
      ...redrivenFrom(message.headers),
      ...keptHeaders(message.headers),
    },
  };
}

function redrivenFrom(headers: Unusable['headers']): { readonly redrivenFrom?: string } {
  const from = headers?.[redrivenHeader];
  return from === undefined ? {} : { redrivenFrom: from.slice(0, keptKeyCharactersMax) };
}

/** Sent again they may matter: what is in the message can depend on them. */
function keptHeaders(headers: Unusable['headers']): Record<string, string> {
  const kept: Record<string, string> = {};
  let room = keptHeadersCharactersMax;
  for (const [name, value] of Object.entries(headers ?? {})) {
    room -= name.length + value.length;
    if (room < 0) break;
    if (!leftOut.test(name)) kept[originalPrefix + name] = value;
  }
  return kept;
}

/** The key of a dead letter, `topic@incarnation/partition/offset`: a replay repeats it. */
function positionText(at: Pick<Unusable, 'topic' | 'incarnation' | 'partition' | 'offset'>): string {
  return `${at.topic}@${at.incarnation}/${at.partition}/${at.offset}`;
}

/** Null when it is no dead letter: its copy was erased (a null value), or somebody else wrote it. */
export function readDeadLetter(
  value: Uint8Array | null,
  headers: Readonly<Record<string, string>>,
): DeadLetterRecord | null {
  const parsed = ReadHeaders.safeParse(headers);
  if (value === null || !parsed.success) return null;
  const { kept, key, client, partition, offset, size, time, redrivenFrom, source, ...said } = parsed.data;
  return {
    ...said,
    headers: originalHeaders(headers),
    redrivenFrom: redrivenFrom ?? null,
    partition: Number(partition),
    offset: Number(offset),
    appendedAt: time,
    key: key ?? null,
    source: source ?? null,
    client: client === undefined ? null : parseMessageKey(client),
    value: kept === 'none' ? null : value,
    truncated: kept === 'start',
    sizeBytes: Number(size),
  };
}

function originalHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith(originalPrefix) ? [[name.slice(originalPrefix.length), value]] : [],
    ),
  );
}

/** That a dead letter was sent again: when (epoch ms), and by whom. */
export type RedriveMark = { readonly at: number; readonly by: string };

/** The key of the mark of a dead letter. A mark outlives a replay, which writes the letter anew and the mark not. */
export function redriveMarkKey(position: string): string {
  return markPrefix + position;
}

/** As the log takes it, on the topic of dead letters. It holds nothing of the letter. */
export function redriveMarkOf(position: string, { at, by }: RedriveMark): DeadLetter {
  const headers = { redrivenAt: formatInstant(clampInstant(at)), redrivenBy: by };
  return { key: redriveMarkKey(position), value: new Uint8Array(0), headers };
}

const MarkHeaders = z.object({ redrivenAt: Instant, redrivenBy: z.string() });

/** The position that a key is the mark of; null when it is no mark's. */
export function markedPosition(key: string): string | null {
  return key.startsWith(markPrefix) ? key.slice(markPrefix.length) : null;
}

/** Null when it is no mark. */
export function readRedriveMark(headers: Readonly<Record<string, string>>): RedriveMark | null {
  const parsed = MarkHeaders.safeParse(headers);
  return parsed.success ? { at: parsed.data.redrivenAt, by: parsed.data.redrivenBy } : null;
}
