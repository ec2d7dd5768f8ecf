import { resend } from '../../../services/ingest/providers/resend.ts';
import { resendSamples } from '../../../services/ingest/samples/resend.ts';
import { bodyOf, eventOf, having, map } from './mapping.ts';

const sent = bodyOf(resendSamples, 'email.sent');
const headers = { 'svix-id': 'msg_1' };

test('given it was sent, then the email was, named by the delivery', () => {
  const { draft, subject } = eventOf(map(resend, sent, { headers }));
  expect(draft).toMatchObject({
    topic: 'email',
    event: {
      eventId: 'msg_1',
      occurredAt: '2026-03-01T09:30:00.250Z',
      messageId: '01234567-89ab-4def-a123-456789abcdef',
      status: 'sent',
      address: 'client-1@example.org',
      category: 'review-reminder',
    },
  });
  expect(subject).toEqual({
    userId: null,
    email: 'client-1@example.org',
    fields: { client_id: 'client-1', category: 'review-reminder' },
  });
});

test.each([
  ['email.delivered', 'delivered'],
  ['email.opened', 'opened'],
  ['email.clicked', 'clicked'],
  ['email.bounced', 'bounced'],
  ['email.complained', 'complained'],
])('given %s, then the email was %s', (name, status) => {
  expect(eventOf(map(resend, bodyOf(resendSamples, name))).draft.event).toMatchObject({ status });
});

test('given an open of an old email, then it is told when it was opened, not when it was made', () => {
  const body = having(bodyOf(resendSamples, 'email.opened'), 'data/created_at', '2025-01-01T00:00:00.000Z');
  expect(eventOf(map(resend, body)).draft.event.occurredAt).toBe('2026-03-01T09:30:00.250Z');
});

test('given several recipients, then each gets an event of its own, whose email is the same', () => {
  const body = having(sent, 'data/to', ['One <one@example.org>', 'two@example.org', 'ONE@example.org']);
  const mapped = map(resend, body, { headers });
  expect(mapped).toMatchObject([
    { draft: { event: { messageId: '01234567-89ab-4def-a123-456789abcdef' } }, subject: { email: 'ONE@example.org' } },
    { draft: { event: { messageId: '01234567-89ab-4def-a123-456789abcdef' } }, subject: { email: 'two@example.org' } },
  ]);
  expect(new Set(mapped.map((one) => one.kind === 'event' && one.draft.event.eventId)).size).toBe(2);
});

test('given tags as a list of names and values, then they are the same fields', () => {
  const body = having(sent, 'data/tags', [{ name: 'client_id', value: 'client-1' }]);
  expect(eventOf(map(resend, body)).subject.fields).toEqual({ client_id: 'client-1' });
});

test.each(['email.delivery_delayed', 'email.failed', 'email.scheduled', 'email.received', 'contact.created'])(
  '%s is ignored',
  (type) => {
    expect(map(resend, { ...sent, type })[0]?.kind).toBe('ignored');
  },
);

test('given no email id, then it is unusable, by the field', () => {
  expect(map(resend, having(sent, 'data/email_id', null))).toEqual([
    { kind: 'unusable', detail: expect.stringContaining('data.email_id') },
  ]);
});
