import { twilio } from '../../../services/ingest/providers/twilio.ts';
import { twilioSamples } from '../../../services/ingest/samples/twilio.ts';
import { arrivedAt, bodyOf, eventOf, having, map } from './mapping.ts';

const arrival = new Date(arrivedAt).toISOString();
const form = (name: string) => bodyOf(twilioSamples, name);
const messageOf = (body: unknown) => eventOf(map(twilio, body)).draft.event;

describe('a status callback', () => {
  test('given sent, then a message went to the client’s number, when it arrived here', () => {
    const { draft, subject, warnings } = eventOf(map(twilio, form('message.sent')));
    expect(draft).toEqual({
      topic: 'message',
      event: {
        eventId: expect.stringMatching(/^[0-9a-f]{32}$/),
        occurredAt: arrival,
        messageId: form('message.sent')['MessageSid'],
        direction: 'outbound',
        channel: 'sms',
      },
    });
    expect(subject).toEqual({
      userId: '+15005550006',
      email: null,
      fields: {
        accountSid: 'AC00000000000000000000000000000001',
        from: '+15005550001',
        to: '+15005550006',
        phone: '+15005550006',
      },
    });
    expect(warnings).toEqual([expect.stringContaining('time of arrival')]);
  });

  test('given delivered, then it is another event of the same message', () => {
    const [sent, delivered] = [messageOf(form('message.sent')), messageOf(form('message.delivered'))];
    expect(delivered).toMatchObject({ messageId: (sent as { messageId: string }).messageId, direction: 'outbound' });
    expect(delivered.eventId).not.toBe(sent.eventId);
  });

  test('given the carrier’s minute, then it is read in the zone of the source', () => {
    const body = { ...form('message.delivered'), RawDlrDoneDate: '2603010428' };
    const { draft } = eventOf(map(twilio, body, { zone: 'America/New_York' }));
    expect(draft.event.occurredAt).toBe('2026-03-01T09:28:00.000Z');
  });

  test.each(['accepted', 'scheduled', 'queued', 'sending', 'failed', 'undelivered', 'canceled', 'read', 'other'])(
    'given %s, then it is ignored',
    (status) => {
      expect(map(twilio, { ...form('message.sent'), MessageStatus: status })[0]?.kind).toBe('ignored');
    },
  );

  test.each([
    ['whatsapp:+15005550006', 'SM1', 'whatsapp'],
    ['messenger:1234', 'SM1', 'messenger'],
    ['+15005550006', 'MM1', 'mms'],
  ])('given To %s, then the channel is told', (To, MessageSid, channel) => {
    const { draft, subject } = eventOf(map(twilio, { ...form('message.sent'), To, MessageSid }));
    expect(draft.event).toMatchObject({ channel });
    expect(subject.userId).not.toContain(':');
  });
});

test('given a message that came in, then the client wrote it', () => {
  const { draft, subject } = eventOf(map(twilio, form('message.received')));
  expect(draft.event).toMatchObject({ direction: 'inbound', channel: 'sms', occurredAt: arrival });
  expect(subject.userId).toBe('+15005550006');
});

describe('a conversation’s webhook', () => {
  const added = {
    EventType: 'onMessageAdded',
    ConversationSid: 'CH1',
    MessageSid: 'IM1',
    ParticipantSid: 'MB1',
    Author: 'client-1',
    Source: 'SDK',
    Body: 'Thank you.',
    DateCreated: '2026-03-01T09:29:59.000Z',
  };

  test('given a number as the author, then the client wrote, at that time', () => {
    const { draft, subject, warnings } = eventOf(
      map(twilio, { ...added, Author: 'whatsapp:+15005550006', Source: 'whatsapp' }),
    );
    expect(draft.event).toMatchObject({
      messageId: 'IM1',
      direction: 'inbound',
      channel: 'whatsapp',
      occurredAt: '2026-03-01T09:29:59.000Z',
    });
    expect(subject).toMatchObject({ userId: '+15005550006', fields: { conversationSid: 'CH1' } });
    expect(warnings).toEqual([]);
  });

  test.each([
    ['the API', { Source: 'API', Author: 'colleague-1' }],
    ['the system', { Author: 'system' }],
    ['a sender that says so', { Attributes: '{"direction":"outbound"}' }],
  ])('given %s, then the firm wrote, to whom the attributes say', (_what, changes) => {
    const Attributes = JSON.stringify({
      client_id: 'client-1',
      ...JSON.parse(String({ Attributes: '{}', ...changes }.Attributes)),
    });
    const { draft, subject } = eventOf(map(twilio, { ...added, ...changes, Attributes }));
    expect(draft.event).toMatchObject({ direction: 'outbound' });
    expect(subject).toMatchObject({ userId: null, fields: { client_id: 'client-1' } });
  });

  test('given a participant who may be either, then it is the client, with a warning', () => {
    const { draft, subject, warnings } = eventOf(map(twilio, added));
    expect(draft.event).toMatchObject({ direction: 'inbound', channel: 'chat' });
    expect(subject.userId).toBe('client-1');
    expect(warnings).toEqual([expect.stringContaining('may be the client or the firm')]);
  });

  test.each(['onMessageAdd', 'onMessageUpdated', 'onParticipantAdded'])('given %s, then it is ignored', (EventType) => {
    expect(map(twilio, { ...added, EventType })[0]?.kind).toBe('ignored');
  });
});

describe('an event stream', () => {
  const [added = {}] = Object.values(form('com.twilio.conversations.message.added')) as Record<string, unknown>[];

  test('given a batch, then it is as many events', () => {
    expect(
      map(twilio, [added, { ...added, type: 'com.twilio.conversations.message.removed' }]).map(({ kind }) => kind),
    ).toEqual(['event', 'ignored']);
  });

  test('given a message added, then its id is the event’s, its time the message’s', () => {
    const body = having(added, 'data/DateCreated', '2026-03-01T09:29:00.123456789Z');
    expect(messageOf(body)).toMatchObject({ eventId: added['id'], occurredAt: '2026-03-01T09:29:00.123Z' });
  });

  test('given no source and no participant, then the system wrote', () => {
    const body = having(having(added, 'data/Source', undefined), 'data/ParticipantSid', null);
    expect(messageOf(body)).toMatchObject({ direction: 'outbound' });
  });

  test('given a date where the content type belongs, and no time, then a warning says so', () => {
    const odd = having(having(added, 'datacontenttype', '2025-10-08T07:17:02.363Z'), 'time', undefined);
    const { warnings } = eventOf(map(twilio, having(odd, 'data/Author', '+15005550006')));
    expect(warnings).toEqual([expect.stringMatching(/^datacontenttype: /)]);
  });

  test('given no time at all, then that of the arrival stands, with a warning', () => {
    const { draft, warnings } = eventOf(
      map(twilio, having(having(added, 'data/DateCreated', undefined), 'time', undefined)),
    );
    expect(draft.event.occurredAt).toBe(arrival);
    expect(warnings).toContainEqual(expect.stringMatching(/^data.DateCreated: is missing/));
  });

  const data = {
    messageSid: 'SM1',
    timestamp: '2026-03-01T09:29:59.5Z',
    from: '+15005550001',
    to: '+15005550006',
    tags: { client_id: 'client-1' },
  };
  const told = (name: string) => ({ specversion: '1.0', id: 'EZ1', type: `com.twilio.messaging.${name}`, data });

  test.each(['message.sent', 'message.delivered'])('given %s, then a message went to the client', (name) => {
    const { draft, subject } = eventOf(map(twilio, told(name)));
    expect(draft.event).toMatchObject({
      messageId: 'SM1',
      direction: 'outbound',
      occurredAt: '2026-03-01T09:29:59.500Z',
    });
    expect(subject).toMatchObject({ userId: '+15005550006', fields: { client_id: 'client-1' } });
  });

  test('given inbound-message.received, then the client wrote', () => {
    const { draft, subject } = eventOf(map(twilio, told('inbound-message.received')));
    expect(draft.event).toMatchObject({ direction: 'inbound' });
    expect(subject.userId).toBe('+15005550001');
  });

  test.each(['message.queued', 'message.failed', 'message.read', 'message.undelivered'])(
    'given %s, then it is ignored',
    (name) => {
      expect(map(twilio, told(name))[0]?.kind).toBe('ignored');
    },
  );
});

test.each([
  [{}, 'MessageSid: missing: the message'],
  [{ MessageSid: 'SM1' }, 'MessageStatus: missing'],
  [{ EventType: 'onMessageAdded' }, 'MessageSid: missing: the message'],
  [{ specversion: '1.0', type: 'com.twilio.messaging.message.sent' }, 'data.messageSid: missing: the message'],
])('given %#, then it is unusable, by the field', (body, detail) => {
  expect(map(twilio, body)).toEqual([{ kind: 'unusable', detail }]);
});
