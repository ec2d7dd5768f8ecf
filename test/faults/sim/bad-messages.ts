// Messages that no producer should send, and what must become of each.
import type { DeadLetterReason } from '../../../services/core/reasons.ts';
import type { EventTopic } from '../../../services/core/topics.ts';

export type BadMessage = {
  readonly topic: EventTopic;
  readonly value: Uint8Array | null;
  /** Null: ignored on purpose. */
  readonly reason: DeadLetterReason | null;
};

const future = { eventId: 'e', firmId: 'firm', clientId: 'nobody', occurredAt: '2999-01-01T00:00:00Z', sessionId: 's' };

export const badMessages: readonly BadMessage[] = [
  { topic: 'login', value: Buffer.from('{"eventId":'), reason: 'not_json' },
  { topic: 'email', value: Buffer.from([0x7b, 0xff, 0x7d]), reason: 'not_json' },
  { topic: 'message', value: Buffer.from('{"eventId":"e"}'), reason: 'wrong_shape' },
  { topic: 'portal-access', value: Buffer.from('{"schemaVersion":9}'), reason: 'unknown_version' },
  { topic: 'login', value: Buffer.from(JSON.stringify({ ...future, outcome: 'success' })), reason: 'in_future' },
  { topic: 'client', value: null, reason: 'bad_key' },
  { topic: 'impersonation', value: null, reason: null },
];
