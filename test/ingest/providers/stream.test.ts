import { stream } from '../../../services/ingest/providers/stream.ts';
import { streamSamples } from '../../../services/ingest/samples/stream.ts';
import { bodyOf, eventOf, having, map } from './mapping.ts';

const outbound = bodyOf(streamSamples, 'message.new');
const inbound = bodyOf(streamSamples, 'message.new-inbound');

test('given an author with a role of the firm, then the message is outbound, to the member who is not of the firm', () => {
  const { draft, subject } = eventOf(map(stream, outbound));
  expect(draft).toMatchObject({
    topic: 'message',
    event: {
      occurredAt: '2026-03-01T09:30:00.250Z',
      messageId: '01234567-89ab-4def-a123-456789abcdef',
      direction: 'outbound',
      channel: 'chat',
    },
  });
  expect(subject.userId).toBe('client-1');
});

test('given an author with the role user, then it is inbound, from the author', () => {
  const { draft, subject } = eventOf(map(stream, inbound));
  expect(draft.event).toMatchObject({ direction: 'inbound' });
  expect(subject.userId).toBe('client-1');
});

test('given all have the role user, then a moderator of the channel is the firm', () => {
  const body = having(having(inbound, 'message/user/id', 'colleague-1'), 'members/0/channel_role', 'channel_moderator');
  const { draft, subject } = eventOf(map(stream, body));
  expect(draft.event).toMatchObject({ direction: 'outbound' });
  expect(subject.userId).toBe('client-1');
});

test('given the app says the direction on the message, then that counts', () => {
  const body = having(having(inbound, 'message/user/id', 'colleague-1'), 'message/direction', 'outbound');
  expect(eventOf(map(stream, having(body, 'members', [{ user_id: 'client-1' }]))).draft.event).toMatchObject({
    direction: 'outbound',
  });
});

test('given a couple in the channel, then each of them got the message', () => {
  const partner = { user_id: 'client-2', user: { id: 'client-2', role: 'user' } };
  const members = [...(outbound['members'] as unknown[]), partner];
  const mapped = map(stream, having(outbound, 'members', members));
  expect(mapped).toMatchObject([{ subject: { userId: 'client-1' } }, { subject: { userId: 'client-2' } }]);
  expect(new Set(mapped.map((one) => one.kind === 'event' && one.draft.event.eventId)).size).toBe(2);
});

test('given fields of the app’s own on channel and user, then they are the subject’s, and Stream’s are not', () => {
  const body = having(having(outbound, 'members/1/user/client_id', 'client-1'), 'channel', {
    id: 'c',
    member_count: 2,
    firm: 'firm-1',
  });
  expect(eventOf(map(stream, body)).subject.fields).toEqual({ client_id: 'client-1', firm: 'firm-1' });
});

test('given no members but a channel that names the client, then that is enough', () => {
  const body = having(having(outbound, 'members', []), 'channel', { client_id: 'client-1' });
  expect(eventOf(map(stream, body)).subject).toEqual({ userId: null, email: null, fields: { client_id: 'client-1' } });
});

test.each([
  ['another type', 'type', 'message.read'],
  ['what the system wrote', 'message/type', 'system'],
  ['what was deleted', 'message/type', 'deleted'],
  ['what nobody sees', 'message/shadowed', true],
])('%s is ignored', (_, path, value) => {
  expect(map(stream, having(inbound, path, value))[0]?.kind).toBe('ignored');
});

test('given an outbound message to nobody, then it is unusable, by the field', () => {
  expect(map(stream, having(outbound, 'members', []))).toEqual([
    { kind: 'unusable', detail: expect.stringContaining('members') },
  ]);
});
