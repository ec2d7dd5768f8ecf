import { intercom, intercomHandshake } from '../../../services/ingest/providers/intercom.ts';
import { intercomSamples } from '../../../services/ingest/samples/intercom.ts';
import { bodyOf, eventOf, having, map } from './mapping.ts';

const answer = bodyOf(intercomSamples, 'conversation.admin.replied');
const begun = bodyOf(intercomSamples, 'conversation.user.created');
const item = 'data/item/';

test('given a teammate replied, then it is an outbound message to the contact, by the app’s own id', () => {
  const { draft, subject } = eventOf(map(intercom, answer));
  expect(draft).toEqual({
    topic: 'message',
    event: {
      eventId: 'notif_01234567-89ab-4def-a123-456789abcdef',
      occurredAt: '2026-03-01T09:30:00.000Z',
      messageId: expect.stringMatching(/^\d+$/),
      direction: 'outbound',
      channel: 'chat',
    },
  });
  expect(subject).toEqual({
    userId: 'client-1',
    email: 'client-1@example.org',
    fields: { external_id: 'client-1', contact_id: '6657adca6abd0167d9419def', app_id: 'a1b2c3d4' },
  });
});

test.each([
  ['conversation.user.created', 'inbound'],
  ['conversation.user.replied', 'inbound'],
  ['conversation.admin.single.created', 'outbound'],
])('given %s, then it is %s, about the contact', (name, direction) => {
  const { draft, subject } = eventOf(map(intercom, bodyOf(intercomSamples, name)));
  expect(draft.event).toMatchObject({ direction });
  expect(subject.userId).toBe('client-1');
});

test('given an older version of the API, with one user and the message apart, then it is mapped the same', () => {
  const { source: _, contacts: __, ...rest } = JSON.parse(JSON.stringify(begun)).data.item;
  const user = { type: 'user', id: '530370b477ad7120001d', user_id: 'client-1', email: 'client-1@example.org' };
  const old = {
    ...rest,
    user,
    conversation_message: { type: 'conversation_message', id: '537e564f316c33104c010020', author: user },
  };
  const { draft, subject } = eventOf(map(intercom, having(begun, 'data/item', old)));
  expect(draft.event).toMatchObject({ direction: 'inbound', messageId: 'source-537e564f316c33104c010020' });
  expect(subject).toMatchObject({ userId: 'client-1', email: 'client-1@example.org' });
});

test('given a contact without an id of the app’s, then Intercom’s is taken', () => {
  const body = having(answer, `${item}contacts/contacts/0/external_id`, null);
  expect(eventOf(map(intercom, body)).subject.userId).toBe('6657adca6abd0167d9419def');
});

test('given two contacts, then each got the message', () => {
  const contacts = [
    { id: 'a', external_id: 'client-1' },
    { id: 'b', external_id: 'client-2' },
  ];
  const mapped = map(intercom, having(answer, `${item}contacts`, { contacts }));
  expect(mapped).toMatchObject([{ subject: { userId: 'client-1' } }, { subject: { userId: 'client-2' } }]);
  expect(new Set(mapped.map((one) => one.kind === 'event' && one.draft.event.eventId)).size).toBe(2);
});

test.each(['email', 'sms', 'whatsapp'])('given a conversation by %s, then that is the channel', (type) => {
  expect(eventOf(map(intercom, having(answer, `${item}source/type`, type))).draft.event).toMatchObject({
    channel: type,
  });
});

test.each([
  'conversation.admin.noted',
  'conversation.admin.assigned',
  'conversation.admin.opened',
  'conversation.operator.replied',
  'contact.created',
  'ping',
])('%s is ignored', (topic) => {
  expect(map(intercom, { ...answer, topic })[0]?.kind).toBe('ignored');
});

test('given a conversation is closed, then it counts only with a word to the contact', () => {
  const closed = { ...answer, topic: 'conversation.admin.closed' };
  const silent = having(closed, `${item}conversation_parts/conversation_parts/0/body`, null);
  expect(eventOf(map(intercom, closed)).draft.event).toMatchObject({ direction: 'outbound' });
  expect(map(intercom, silent)[0]?.kind).toBe('ignored');
});

test('given a reply without parts, then it is unusable, by the field', () => {
  expect(map(intercom, having(answer, `${item}conversation_parts`, {}))).toEqual([
    { kind: 'unusable', detail: expect.stringContaining('data.item.conversation_parts') },
  ]);
});

test('given a HEAD, as Intercom sends before it saves an address, then somebody is there', async () => {
  const asked = { query: {}, body: null, headers: {} };
  expect(await intercomHandshake({ ...asked, method: 'HEAD' }, { fetch })).toMatchObject({ status: 200 });
  expect(await intercomHandshake({ ...asked, method: 'POST' }, { fetch })).toBeNull();
});
