// Messages that nobody can use, as they come straight into Kafka: cut, garbled, oversized, from the future, of unknown kinds,
// and made to break whoever reads them. And what must become of each.
import type { DeadLetterReason } from '../../../services/core/reasons.ts';
import type { EventTopic } from '../../../services/core/topics.ts';

export type BadMessage = {
  readonly topic: EventTopic;
  readonly key: string | null;
  readonly value: Buffer | null;
  /** Null: ignored on purpose. */
  readonly reason: DeadLetterReason | null;
};

const dayMs = 24 * 60 * 60_000;
const oversizedBytes = 300 * 1024;
const depth = 20_000;

/** The `number`-th one: each kind in turn, and no two alike but for null values. */
export function badMessage(number: number, now: number): BadMessage {
  const id = `bad-${number}`;
  const login = {
    ...{ eventId: id, firmId: 'harbour', clientId: 'nobody', sessionId: id, outcome: 'success' },
    occurredAt: new Date(now).toISOString(),
  };
  const bad = (topic: EventTopic, reason: DeadLetterReason | null, value: Buffer | string | object): BadMessage => {
    const isPlain = typeof value === 'string' || Buffer.isBuffer(value);
    return { topic, key: null, reason, value: Buffer.from(isPlain ? value : JSON.stringify(value)) };
  };
  const kinds: readonly (() => BadMessage)[] = [
    () => bad('login', 'not_json', `{"eventId":"${id}","firmId":`),
    () => bad('email', 'not_json', Buffer.concat([Buffer.from(`{"eventId":"${id}`), Buffer.from([0xff, 0xfe, 0x7d])])),
    () => bad('message', 'wrong_shape', { eventId: id }),
    () => bad('login', 'wrong_shape', [login]),
    () => bad('impersonation', 'wrong_shape', `"${id}"`),
    () => bad('login', 'wrong_shape', { ...login, clientId: 'no/body' }),
    () => bad('login', 'wrong_shape', { ...login, occurredAt: 'yesterday' }),
    () => bad('email', 'wrong_shape', { ...login, messageId: id, status: 'teleported' }),
    () => bad('portal-access', 'unknown_version', { ...login, schemaVersion: 9 }),
    () => bad('login', 'in_future', { ...login, occurredAt: new Date(now + dayMs).toISOString() }),
    () => bad('login', 'too_large', { ...login, userAgent: 'x'.repeat(oversizedBytes) }),
    () => bad('message', 'wrong_shape', `{"eventId":"${id}","__proto__":{"firmId":"harbour"},"constructor":null}`),
    () => bad('login', 'wrong_shape', `{"eventId":"${id}","firmId":${'['.repeat(depth)}${']'.repeat(depth)}}`),
    () => bad('client', 'wrong_shape', { ...login, version: Number.MAX_SAFE_INTEGER + 10, type: id, status: 'active' }),
    () => bad('login', 'unknown_schema', Buffer.concat([Buffer.from([0, 0, 0, 0, 42]), Buffer.from(id)])),
    () => bad('email', 'unknown_schema', Buffer.concat([Buffer.from([0xc3, 0x01]), Buffer.from(`fingerprint ${id}`)])),
    () => ({ topic: 'client', key: id, value: null, reason: 'bad_key' }),
    () => ({ topic: 'impersonation', key: id, value: null, reason: null }),
  ];
  const kind = kinds[number % kinds.length];
  if (kind === undefined) throw new RangeError('there are no bad messages');
  return kind();
}

/** By which it is known again in the log. */
export function markOf(topic: string, key: Buffer | null, value: Buffer | null): string {
  return `${topic} ${key?.toString('base64') ?? '-'} ${value?.toString('base64') ?? '-'}`;
}
