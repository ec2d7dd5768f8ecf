// Dead letters of what providers sent: the item's own bytes, or what waited in vain, and which source it came from. Equal
// items give equal letters under equal keys, so a provider that sends again adds none.
import { createHash } from 'node:crypto';
import { deadLetterOf } from '../core/dead-letter.ts';
import type { Refusal } from '../core/decode.ts';
import type { FirmId } from '../core/ids.ts';
import type { DeadLetterReason } from '../core/reasons.ts';
import { encodeJson } from '../log/codec.ts';
import type { OutgoingMessage, Position } from '../log/port.ts';
import type { WaitingEntry } from './identity/waiting.ts';

export type Letter = {
  readonly source: string;
  readonly reason: DeadLetterReason;
  readonly message: OutgoingMessage;
};

/** Where an item stands, or stands for, and the headers that its mapper reads. */
export type ItemPlace = Position & {
  readonly appendedAt: number;
  readonly key: string | null;
  /** Which of several items at one position, from 0. */
  readonly part: number;
  readonly headers: Readonly<Record<string, string>>;
};

/** Headers that tell of events; others may hold what signs in. */
const keptHeaders = /^(ce[-_].+|content-type|svix-id|webhook-id|i-twilio-idempotency-token)$/;

/** The place of what came over HTTP, where nothing has a position: its bytes stand for it. */
export function placeOfBytes(
  source: string,
  bytes: Uint8Array,
  arrivedAt: number,
  headers: Readonly<Record<string, string>>,
): ItemPlace {
  const incarnation = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  return {
    topic: `sources/${source}`,
    incarnation,
    partition: 0,
    offset: 0,
    appendedAt: arrivedAt,
    key: null,
    part: 0,
    headers,
  };
}

export function itemLetter(
  source: string,
  place: ItemPlace,
  bytes: Uint8Array,
  step: 'map' | 'identity',
  refusal: Omit<Refusal, 'kind'>,
): Letter {
  const headers = Object.fromEntries(Object.entries(place.headers).filter(([name]) => keptHeaders.test(name)));
  const letter = deadLetterOf({ ...place, headers, value: bytes }, step, refusal);
  const key = place.part === 0 ? letter.key : `${letter.key}.${place.part}`;
  return { source, reason: refusal.reason, message: { ...letter, key, headers: { ...letter.headers, source } } };
}

/** Of an entry that waited, as JSON beside its firm. */
export function waitingLetter(
  firmId: FirmId,
  entry: WaitingEntry,
  refusal: Pick<Refusal, 'reason' | 'detail'> & Partial<Pick<Refusal, 'client'>>,
): Letter {
  const { source, since } = entry;
  const value = encodeJson({ firmId, ...entry });
  const name = encodeJson([firmId, source, entry.topic, entry.event['eventId'] ?? null]);
  const place = { ...placeOfBytes(source, name, since, {}), topic: `waiting/${source}`, value };
  const letter = deadLetterOf(place, 'identity', { client: null, ...refusal });
  return { source, reason: refusal.reason, message: { ...letter, headers: { ...letter.headers, source } } };
}
