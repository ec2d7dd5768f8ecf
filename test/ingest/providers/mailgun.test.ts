import { mailgun } from '../../../services/ingest/providers/mailgun.ts';
import { mailgunSamples } from '../../../services/ingest/samples/mailgun.ts';
import { bodyOf, eventOf, having, map } from './mapping.ts';

const delivered = bodyOf(mailgunSamples, 'delivered');

test('given it was delivered, then the email was, with the sender’s variables', () => {
  const { draft, subject } = eventOf(map(mailgun, delivered));
  expect(draft).toMatchObject({
    topic: 'email',
    event: {
      occurredAt: '2026-03-01T09:30:00.250Z',
      messageId: '0123456789abcdef0123456789abcdef@firm.example',
      status: 'delivered',
      address: 'client-1@example.org',
      category: 'review-reminder',
    },
  });
  expect(subject).toEqual({
    userId: null,
    email: 'client-1@example.org',
    fields: { client_id: 'client-1', tag: 'review-reminder' },
  });
});

test.each([
  ['accepted', 'sent'],
  ['opened', 'opened'],
  ['clicked', 'clicked'],
  ['failed', 'bounced'],
  ['complained', 'complained'],
])('given %s, then the email was %s', (name, status) => {
  expect(eventOf(map(mailgun, bodyOf(mailgunSamples, name))).draft.event).toMatchObject({ status });
});

test.each([
  [{ bot: 'apple' }, true],
  [{ bot: 'gmail' }, true],
  [{ bot: '', 'user-agent': 'Mozilla/5.0 (Windows NT 10.0)' }, null],
  [{ 'client-type': 'robot' }, true],
  [{ 'user-agent': 'Mozilla/5.0' }, true],
  [{}, null],
])('given an open by client %j, then machineOpen is %j', (client, machineOpen) => {
  const body = having(bodyOf(mailgunSamples, 'opened'), 'event-data/client-info', client);
  expect(eventOf(map(mailgun, body)).draft.event).toMatchObject({ machineOpen });
});

test.each([
  ['a failure that is tried again', 'severity', 'temporary'],
  ['test mode', 'flags', { 'is-test-mode': true }],
  ['a routed email to the firm', 'flags', { 'is-routed': true }],
  ['an unsubscription', 'event', 'unsubscribed'],
  ['a refusal by Mailgun', 'event', 'rejected'],
])('%s is ignored', (_, member, value) => {
  const body = having(bodyOf(mailgunSamples, 'failed'), `event-data/${member}`, value);
  expect(map(mailgun, body)[0]?.kind).toBe('ignored');
});

test('given brackets around the message id, then it is the same email', () => {
  const body = having(
    delivered,
    'event-data/message/headers/message-id',
    '<0123456789abcdef0123456789abcdef@firm.example>',
  );
  expect(eventOf(map(mailgun, body)).draft.event).toMatchObject({
    messageId: '0123456789abcdef0123456789abcdef@firm.example',
  });
});

test('given the same event id on another day, where Mailgun may use it again, then it is another event', () => {
  const other = having(delivered, 'event-data/timestamp', Date.UTC(2026, 1, 1) / 1000);
  const ids = [delivered, delivered, other].map((body) => eventOf(map(mailgun, body)).draft.event.eventId);
  expect(ids[0]).toBe(ids[1]);
  expect(ids[0]).not.toBe(ids[2]);
});

test('given the event without its envelope, as on Kafka, then it is mapped the same', () => {
  expect(map(mailgun, delivered['event-data'])).toEqual(map(mailgun, delivered));
});

test('given no message id, then it is unusable, by the field', () => {
  expect(map(mailgun, having(delivered, 'event-data/message', {}))).toEqual([
    { kind: 'unusable', detail: expect.stringContaining('message-id') },
  ]);
});
