import { ses, sesHandshake } from '../../../services/ingest/providers/ses.ts';
import { sesSamples } from '../../../services/ingest/samples/ses.ts';
import { bodyOf, eventOf, having, map } from './mapping.ts';

const envelopeOf = (name: string) => bodyOf(sesSamples, name);
const rawOf = (name: string): Record<string, unknown> => JSON.parse(String(envelopeOf(name)['Message']));
const emailOf = (body: unknown) => eventOf(map(ses, body)).draft.event;

test('given a send, then an email was sent to the recipient, by its tags', () => {
  const { draft, subject } = eventOf(map(ses, envelopeOf('Send')));
  expect(draft).toEqual({
    topic: 'email',
    event: {
      eventId: expect.stringMatching(/^[0-9a-f]{32}$/),
      occurredAt: '2026-03-01T09:30:00.250Z',
      messageId: expect.stringMatching(/-000000$/),
      status: 'sent',
      address: 'client-1@example.org',
      category: 'review-reminder',
      machineOpen: null,
    },
  });
  expect(subject).toEqual({
    userId: null,
    email: 'client-1@example.org',
    fields: {
      'ses:configuration-set': 'portal',
      'ses:from-domain': 'firm.example',
      client_id: 'client-1',
      category: 'review-reminder',
    },
  });
});

test.each([
  ['Delivery', 'delivered'],
  ['Open', 'opened'],
  ['Click', 'clicked'],
  ['Bounce', 'bounced'],
  ['Complaint', 'complained'],
])('given %s, then the email was %s', (name, status) => {
  expect(emailOf(envelopeOf(name))).toMatchObject({ status, address: 'client-1@example.org' });
});

test.each(sesSamples.map(({ name }) => name))('given %s raw, then it is the same event', (name) => {
  expect(map(ses, rawOf(name))).toEqual(map(ses, envelopeOf(name)));
});

test('given a feedback notification, then it says the same under its other name', () => {
  const { eventType, ...rest } = rawOf('Bounce');
  expect(map(ses, { ...rest, notificationType: eventType })).toEqual(map(ses, rawOf('Bounce')));
});

test('given a delivery long after the send, then the time is the delivery’s', () => {
  const body = having(rawOf('Delivery'), 'delivery/timestamp', '2026-03-01T09:29:10.000Z');
  expect(emailOf(body).occurredAt).toBe('2026-03-01T09:29:10.000Z');
});

describe('several recipients', () => {
  const both = ['client-1@example.org', 'Client Two <client-2@example.org>', 'client-1@example.org'];
  const to = (name: string) => having(rawOf(name), 'mail/destination', both);

  test('of one send are an event each, of one email', () => {
    const mapped = map(ses, to('Send')).map((one) => (one.kind === 'event' ? one : null));
    expect(mapped.map((one) => one?.subject.email)).toEqual(['client-1@example.org', 'client-2@example.org']);
    expect(new Set(mapped.map((one) => one?.draft.event.eventId)).size).toBe(2);
    const messageIds = mapped.map((one) => (one?.draft.topic === 'email' ? one.draft.event.messageId : null));
    expect(new Set(messageIds).size).toBe(1);
  });

  test('of whom one bounced: it is that one', () => {
    expect(emailOf(to('Bounce'))).toMatchObject({ status: 'bounced', address: 'client-1@example.org' });
  });

  test('of whom one opened: whose email it is only the tags say', () => {
    const { draft, subject } = eventOf(map(ses, to('Open')));
    expect(draft.event).toMatchObject({ status: 'opened', address: null });
    expect(subject).toMatchObject({ email: null, fields: { client_id: 'client-1' } });
  });

  test('of whom one opened, and no tag of the sender: nobody is named', () => {
    const body = having(to('Open'), 'mail/tags', { 'ses:from-domain': ['firm.example'] });
    expect(map(ses, body)[0]?.kind).toBe('ignored');
  });
});

test('given an open by a privacy proxy, then it is told apart', () => {
  expect(emailOf(having(rawOf('Open'), 'open/userAgent', 'Mozilla/5.0'))).toMatchObject({ machineOpen: true });
});

test('given two links followed at one instant, then they are two events', () => {
  const other = having(rawOf('Click'), 'click/link', 'https://portal.example/other');
  expect(emailOf(rawOf('Click')).eventId).not.toBe(emailOf(other).eventId);
});

test.each(['DeliveryDelay', 'Reject', 'Rendering Failure', 'RenderingFailure', 'Subscription', 'Received', 'Other'])(
  'given %s, then it is ignored',
  (type) => {
    expect(map(ses, having(rawOf('Send'), 'eventType', type))[0]?.kind).toBe('ignored');
  },
);

test.each([
  [
    'the sentence by which SES tries the topic',
    having(envelopeOf('Send'), 'Message', 'Successfully validated SNS topic.'),
  ],
  ['a subscription to confirm', having(envelopeOf('Send'), 'Type', 'SubscriptionConfirmation')],
  ['a subscription that ended', having(envelopeOf('Send'), 'Type', 'UnsubscribeConfirmation')],
])('given %s, then it is ignored', (_what, body) => {
  expect(map(ses, body)[0]?.kind).toBe('ignored');
});

test.each([
  [{}, 'eventType: missing'],
  [having(envelopeOf('Send'), 'Message', undefined), 'Message: must be text'],
  [having(rawOf('Send'), 'mail/messageId', undefined), 'mail.messageId: missing: the email'],
  [having(rawOf('Send'), 'mail/timestamp', 'x'), 'mail.timestamp: is no time in a form known here'],
])('given %#, then it is unusable, by the field', (body, detail) => {
  expect(map(ses, body)).toEqual([{ kind: 'unusable', detail }]);
});

describe('the handshake', () => {
  const topic = 'arn:aws:sns:eu-west-2:000000000000:mail';
  const url = `https://sns.eu-west-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${topic}&Token=t-1`;
  const confirmation = {
    ...having(envelopeOf('Send'), 'Type', 'SubscriptionConfirmation'),
    TopicArn: topic,
    Token: 't-1',
    SubscribeURL: url,
    SignatureVersion: '2',
    Signature: 'AAAA',
    SigningCertURL: 'https://sns.eu-west-2.amazonaws.com/SimpleNotificationService-0a1b2c.pem',
  };
  const asked = (body: unknown) => ({ method: 'POST', headers: {}, query: {}, body }) as const;
  const sns = (status: number) => ({ fetch: async () => new Response('', { status }) });

  test('given a subscription, then it is confirmed', async () => {
    expect(await sesHandshake(asked(confirmation), sns(200))).toMatchObject({ status: 200 });
  });

  test('given that SNS does not take it, then it is asked for again', async () => {
    await expect(sesHandshake(asked(confirmation), sns(500))).rejects.toThrow('Amazon SNS');
  });

  test('given an event, then there is nothing to confirm', async () => {
    expect(await sesHandshake(asked(envelopeOf('Send')), sns(200))).toBeNull();
  });
});
