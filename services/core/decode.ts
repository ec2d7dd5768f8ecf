// Decode: what the log delivered becomes an event, a drop or a dead letter with a reason. Never throws.
import type { z } from 'zod';
import { schemaVersionNewest } from './events/parts.ts';
import { ClientId, type ClientKey, FirmId, parseMessageKey } from './ids.ts';
import type { DeadLetterReason, DropReason } from './reasons.ts';
import { readBy, unsure } from './schema-reader.ts';
import { clampInstant } from './time.ts';
import {
  type CanonicalEvent,
  type CanonicalEventOf,
  type EventOf,
  type EventTopic,
  eventSchemas,
  occurrenceOf,
} from './topics.ts';

/** A value of exactly this size is still read. */
export const eventBytesMax = 256 * 1024;

/** How far an event may run ahead of its own append time: clocks differ. Exactly this much is still fine. */
export const aheadMsMax = 5 * 60_000;

/** A message's value once its bytes were read as UTF-8, which core cannot do. */
export type DeliveredValue = { readonly text: string } | 'not_utf8' | null;

export type Delivered = {
  /** Null when the message has a null value. May be anything when it is too large: then it is not looked at. */
  readonly value: DeliveredValue;
  /** Size of the value as the log holds it, uncompressed; 0 for null. */
  readonly sizeBytes: number;
  readonly key: string | null;
  /** Epoch ms. */
  readonly appendedAt: number;
};

export type Refusal = {
  readonly kind: 'dead-letter';
  readonly reason: DeadLetterReason;
  /** Which field is wrong and what it must be; never repeats what it is, because that may be personal. */
  readonly detail: string;
  /** Whom the message is about, as far as that can be told; erasing the client has to find it. */
  readonly client: ClientKey | null;
};

export type Decoded =
  | { readonly kind: 'event'; readonly event: CanonicalEvent }
  | { readonly kind: 'drop'; readonly reason: DropReason }
  | Refusal;

/** Decodes one message of a topic. */
export function decode(topic: EventTopic, delivered: Delivered): Decoded {
  const { value } = delivered;
  if (delivered.sizeBytes > eventBytesMax) return refuse('too_large', tooLargeDetail, clientOfKey(delivered.key));
  if (value === null) return topic === 'client' ? erasureOf(delivered) : { kind: 'drop', reason: 'tombstone' };
  if (value === 'not_utf8') return refuse('not_json', 'value: must be UTF-8', clientOfKey(delivered.key));

  let parsed: unknown;
  try {
    parsed = JSON.parse(value.text);
  } catch {
    return refuse('not_json', notJsonDetail(value.text), clientOfKey(delivered.key));
  }
  const decoded = decodeValue(topic, parsed, delivered.appendedAt);
  if (decoded.kind === 'event' || decoded.client !== null) return decoded;
  return { ...decoded, client: clientOfKey(delivered.key) };
}

/**
 * Decodes a value that is parsed JSON already. `appendedAt` (epoch ms) is when the log appended it, or now when it is
 * about to. Says nothing of size: see `sizeRefusal`.
 */
export function decodeValue(
  topic: EventTopic,
  value: unknown,
  appendedAt: number,
): { readonly kind: 'event'; readonly event: CanonicalEvent } | Refusal {
  // Asked first, because a message of another version may have any shape.
  const version = versionOf(value);
  if (version !== undefined && version !== null && version !== schemaVersionNewest) {
    return refuse('unknown_version', `schemaVersion: must be ${schemaVersionNewest} or absent`, clientOf(value));
  }
  const shaped = shape(topic, value);
  if ('issues' in shaped) return refuse('wrong_shape', describe(shaped.issues, value), clientOf(value));

  const occurrence = occurrenceOf(shaped);
  if (occurrence.at - appendedAt > aheadMsMax) {
    const detail = `${occurrence.field}: must be at most 5 minutes after the time at which the log appended the message`;
    return refuse('in_future', detail, clientOf(value));
  }
  return { kind: 'event', event: shaped };
}

/** The refusal of a value of that many bytes; null when it is small enough. */
export function sizeRefusal(sizeBytes: number, value?: unknown): Refusal | null {
  return sizeBytes > eventBytesMax ? refuse('too_large', tooLargeDetail, clientOf(value)) : null;
}

const tooLargeDetail = `value: must be at most ${eventBytesMax / 1024} KiB`;

function notJsonDetail(text: string): string {
  return text.trim() === '' ? 'value: must be JSON, is empty' : 'value: must be JSON';
}

/** A producer's null value under a client's key erases that client, as of the moment the log took it. */
function erasureOf(delivered: Delivered): Decoded {
  const client = clientOfKey(delivered.key);
  if (client === null) return refuse('bad_key', 'key: must be firmId/clientId when the value is null', null);
  const event = { ...client, version: 0, erased: true, at: clampInstant(delivered.appendedAt) } as const;
  return { kind: 'event', event: { topic: 'client', event } };
}

function refuse(reason: DeadLetterReason, detail: string, client: ClientKey | null): Refusal {
  return { kind: 'dead-letter', reason, detail, client };
}

function clientOfKey(key: string | null): ClientKey | null {
  return key === null ? null : parseMessageKey(key);
}

function clientOf(value: unknown): ClientKey | null {
  const firmId = FirmId.safeParse(fieldOf(value, 'firmId'));
  const clientId = ClientId.safeParse(fieldOf(value, 'clientId'));
  return firmId.success && clientId.success ? { firmId: firmId.data, clientId: clientId.data } : null;
}

type Issues = readonly z.core.$ZodIssue[];

const shapes: { readonly [Topic in EventTopic]: z.ZodType<EventOf[Topic]> } = eventSchemas;

function shape(topic: EventTopic, value: unknown): CanonicalEvent | { readonly issues: Issues } {
  const schema = shapes[topic];
  const read = readBy(schema, value);
  if (read !== unsure) return canonical(topic, read);
  const parsed = schema.safeParse(value);
  return parsed.success ? canonical(topic, parsed.data) : { issues: parsed.error.issues };
}

function canonical<Topic extends EventTopic>(topic: Topic, event: EventOf[Topic]): CanonicalEventOf<Topic> {
  return { topic, event };
}

// Runs for every message, unlike fieldOf: a property descriptor each would cost more than the rest of the look.
function versionOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'schemaVersion' in value ? value.schemaVersion : undefined;
}

/** A field that the value itself has; undefined when it has none or cannot have any. */
function fieldOf(value: unknown, name: PropertyKey): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}

const describedIssuesMax = 5;

/** As "emails.0: must be a string; status: is missing". */
function describe(issues: Issues, value: unknown): string {
  const described = issues.slice(0, describedIssuesMax).map((issue) => {
    const missing = issue.path.length > 0 && issue.path.reduce(fieldOf, value) === undefined;
    return `${issue.path.join('.') || 'value'}: ${missing ? 'is missing, ' : ''}${demandOf(issue)}`;
  });
  const more = issues.length - described.length;
  return described.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

// Every number of ours is a whole one, though zod calls a missing one just a number.
const demands: Readonly<Record<string, string>> = {
  string: 'must be a string',
  int: 'must be a whole number',
  number: 'must be a whole number',
  boolean: 'must be true or false',
  array: 'must be an array',
  object: 'must be an object',
};

// Zod's own messages may quote the value in places, so ours are made of what was asked for alone.
function demandOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return demands[issue.expected] ?? `must be ${issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.map((allowed) => JSON.stringify(allowed)).join(' or ')}`;
    case 'invalid_union':
      return 'must be true, false or absent';
    case 'too_small':
      return `must be at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string' ? issue.message : `must be at most ${issue.maximum}`;
    case 'invalid_format':
    case 'custom':
      return issue.message;
    default:
      return 'must follow the schema';
  }
}
