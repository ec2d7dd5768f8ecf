// Makes the message for the log out of a draft and whose it is, held to the schema that its topic's readers go by.
import { createHash } from 'node:crypto';
import { decodeValue, type Refusal, sizeRefusal } from '../core/decode.ts';
import { type ClientKey, EventId, messageKey } from '../core/ids.ts';
import { encodeJson } from '../log/codec.ts';
import type { OutgoingMessage } from '../log/port.ts';
import type { DraftTopic } from './providers/provider.ts';

export type AnyDraft = { readonly topic: DraftTopic; readonly event: Readonly<Record<string, unknown>> };

export type MadeMessage =
  | { readonly kind: 'message'; readonly topic: DraftTopic; readonly message: OutgoingMessage }
  | Pick<Refusal, 'kind' | 'reason' | 'detail'>;

/** `now` (epoch ms) stands for the time at which the log is about to append. */
export function canonicalMessage(draft: AnyDraft, source: string, client: ClientKey, now: number): MadeMessage {
  const { topic } = draft;
  const event = { ...draft.event, ...client, eventId: eventIdOf(source, draft.event['eventId']) };
  const decoded = decodeValue(topic, event, now);
  if (decoded.kind !== 'event') return decoded;
  const value = encodeJson(event);
  return sizeRefusal(value.length) ?? { kind: 'message', topic, message: { key: messageKey(client), value } };
}

/**
 * The provider's own id with its source in front, or a hash of both where that is too long: the same whenever the event
 * is sent again, and no other provider's.
 */
function eventIdOf(source: string, id: unknown): string {
  const whole = EventId.safeParse(`${source}:${String(id)}`);
  if (whole.success) return whole.data;
  return `${source}:${createHash('sha256').update(String(id)).digest('hex').slice(0, 32)}`;
}
