import { postmark } from '../../../services/ingest/providers/postmark.ts';
import { postmarkSamples } from '../../../services/ingest/samples/postmark.ts';
import { bodyOf, eventOf, having, map } from './mapping.ts';

const delivery = bodyOf(postmarkSamples, 'Delivery');
const bounce = bodyOf(postmarkSamples, 'Bounce');

test('given a delivery, then the email was delivered to the recipient', () => {
  const { draft, subject } = eventOf(map(postmark, delivery));
  expect(draft).toEqual({
    topic: 'email',
    event: {
      eventId: expect.stringMatching(/^[0-9a-f]{32}$/),
      occurredAt: '2026-03-01T09:30:00.250Z',
      messageId: '01234567-89ab-4def-a123-456789abcdef',
      status: 'delivered',
      address: 'client-1@example.org',
      category: 'review-reminder',
      machineOpen: null,
    },
  });
  expect(subject).toEqual({
    userId: null,
    email: 'client-1@example.org',
    fields: { client_id: 'client-1', tag: 'review-reminder', server_id: '23' },
  });
});

test('given seven digits and an offset, as .NET writes them, then the time is read', () => {
  const body = having(delivery, 'DeliveredAt', '2026-03-01T04:30:10.2735393-05:00');
  expect(eventOf(map(postmark, body)).draft.event.occurredAt).toBe('2026-03-01T09:30:10.273Z');
});

test.each([
  ['Open', 'opened'],
  ['Click', 'clicked'],
  ['Bounce', 'bounced'],
  ['SpamComplaint', 'complained'],
])('given %s, then the email was %s', (name, status) => {
  expect(eventOf(map(postmark, bodyOf(postmarkSamples, name))).draft.event).toMatchObject({
    status,
    address: 'client-1@example.org',
  });
});

test('given an open by a privacy proxy, then it is told apart', () => {
  const by = (name: string) => eventOf(map(postmark, bodyOf(postmarkSamples, name))).draft.event;
  expect(by('Open-machine')).toMatchObject({ machineOpen: true });
  expect(by('Open')).toMatchObject({ machineOpen: null });
});

test.each(['AutoResponder', 'Transient', 'Subscribe'])(
  'given a bounce of type %s, then it did not come back',
  (type) => {
    expect(map(postmark, having(bounce, 'Type', type))[0]?.kind).toBe('ignored');
  },
);

test.each(['SubscriptionChange', 'Inbound'])('%s is ignored', (type) => {
  expect(map(postmark, { ...delivery, RecordType: type })[0]?.kind).toBe('ignored');
});

test('given an email to the firm, which Postmark sends without a type, then it is ignored', () => {
  expect(map(postmark, { MessageStream: 'inbound', From: 'client-1@example.org' })[0]?.kind).toBe('ignored');
});

test('given two opens of one email, then they are two events; given one open twice, one', () => {
  const open = bodyOf(postmarkSamples, 'Open');
  const later = having(open, 'ReceivedAt', '2026-03-01T09:30:00.9000001Z');
  const ids = [open, open, later].map((body) => eventOf(map(postmark, body)).draft.event.eventId);
  expect(ids[0]).toBe(ids[1]);
  expect(ids[0]).not.toBe(ids[2]);
});

test('given a category in the metadata, then it goes before the tag', () => {
  const body = having(delivery, 'Metadata/category', 'portal-invite');
  expect(eventOf(map(postmark, body)).draft.event).toMatchObject({ category: 'portal-invite' });
});

test('given no MessageID, then it is unusable, by the field', () => {
  expect(map(postmark, having(delivery, 'MessageID', undefined))).toEqual([
    { kind: 'unusable', detail: 'MessageID: missing: the email' },
  ]);
});
