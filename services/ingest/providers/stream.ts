// Stream Chat: new messages. Who wrote it decides the direction; to whom, the members of the channel.
import { readWhen } from './instant.ts';
import { at, flagAt, flatFields, listAt, textAt } from './look.ts';
import { addressOf, event, hashId, idOf, ignored, unusable } from './made.ts';
import type { Arrival, Mapped, Provider, Subject } from './provider.ts';

export const stream: Provider = {
  name: 'stream',
  title: 'Stream',
  documentation: 'https://getstream.io/chat/docs/node/webhooks_overview/',
  map: mapDelivery,
};

/** Roles that Stream gives to the people an app is for. Any other, also one of the app's own, is the firm's. */
const clientRoles: ReadonlySet<string> = new Set(['user', 'guest', 'anonymous']);

function mapDelivery(arrival: Arrival): readonly Mapped[] {
  const { body } = arrival;
  const type = textAt(body, 'type');
  if (type === null) return [unusable('type', 'missing')];
  if (type !== 'message.new') return [ignored(`${type}: of no concern for engagement`)];
  const message = at(body, 'message');
  const kind = textAt(message, 'type') ?? 'regular';
  if (kind !== 'regular' && kind !== 'reply') return [ignored(`message.new of message.type ${kind}: nobody wrote it`)];
  if (flagAt(message, 'shadowed') === true) return [ignored('message.new with message.shadowed: nobody sees it')];
  const messageId = textAt(message, 'id');
  if (messageId === null) return [unusable('message.id', 'missing: the message')];
  const author = at(message, 'user') ?? at(body, 'user');
  const authorId = textAt(author, 'id');
  if (authorId === null) return [unusable('message.user.id', 'missing: who wrote it')];
  const when = readWhen('message.created_at', at(message, 'created_at') ?? at(body, 'created_at'), arrival);
  if (when.kind === 'unusable') return [when];

  const { direction, why } = directionOf(body, message, author, authorId);
  const about = direction === 'inbound' ? [subjectOf(author, body)] : recipientsOf(body, authorId);
  if (about.length === 0) return [unusable('members', 'nobody but the author and the firm: whom the message is to')];
  const eventId = hashId('stream', type, messageId);
  return about.map((subject) =>
    event(
      {
        topic: 'message',
        event: {
          eventId: about.length === 1 ? eventId : hashId(eventId, subject.userId),
          occurredAt: when.occurredAt,
          messageId: idOf(messageId),
          direction,
          channel: 'chat',
        },
      },
      subject,
      `message.new, ${direction}: ${why}`,
      when.warnings,
    ),
  );
}

type Direction = { readonly direction: 'inbound' | 'outbound'; readonly why: string };

/** The app's own word comes first, then the author's role in the app, then in the channel. */
function directionOf(body: unknown, message: unknown, author: unknown, authorId: string): Direction {
  const told = textAt(message, 'direction');
  if (told === 'inbound' || told === 'outbound') return { direction: told, why: 'message.direction says so' };
  const role = textAt(author, 'role') ?? 'user';
  if (!clientRoles.has(role)) return { direction: 'outbound', why: `its author has the role ${role}` };
  const member = listAt(body, 'members').find((one) => memberId(one) === authorId);
  if (textAt(member, 'channel_role') === 'channel_moderator') {
    return { direction: 'outbound', why: 'its author moderates the channel' };
  }
  return { direction: 'inbound', why: `its author has the role ${role}` };
}

/** The members on the client's side; where the channel itself names the client, that is enough. */
function recipientsOf(body: unknown, authorId: string): readonly Subject[] {
  const members = listAt(body, 'members').filter(
    (one) =>
      memberId(one) !== null &&
      memberId(one) !== authorId &&
      clientRoles.has(textAt(one, 'user', 'role') ?? 'user') &&
      textAt(one, 'channel_role') !== 'channel_moderator',
  );
  if (members.length > 0)
    return members.map((one) => subjectOf({ id: memberId(one), ...flatFields(at(one, 'user')) }, body));
  const fields = channelFields(body);
  return Object.keys(fields).length > 0 ? [{ userId: null, email: null, fields }] : [];
}

function memberId(member: unknown): string | null {
  return textAt(member, 'user_id') ?? textAt(member, 'user', 'id');
}

function subjectOf(user: unknown, body: unknown): Subject {
  const own = flatFields(user);
  const fields = Object.fromEntries(Object.entries(own).filter(([name]) => !ownFields.has(name)));
  const team = listAt(user, 'teams').length === 1 ? textAt({ team: listAt(user, 'teams')[0] }, 'team') : null;
  return {
    userId: textAt(user, 'id'),
    email: addressOf(at(user, 'email')),
    fields: { ...channelFields(body), ...fields, ...flatFields({ team: team ?? textAt(body, 'team') }) },
  };
}

/** What Stream itself says of every user and channel; the rest was put there by the app. */
const ownFields: ReadonlySet<string> = new Set([
  'id',
  'cid',
  'type',
  'role',
  'name',
  'image',
  'language',
  'banned',
  'online',
  'invisible',
  'created_at',
  'updated_at',
  'last_active',
  'last_message_at',
  'deactivated_at',
  'member_count',
  'frozen',
  'disabled',
  'hidden',
  'unread_count',
  'unread_channels',
  'unread_threads',
  'total_unread_count',
  'channel_unread_count',
  'channel_last_read_at',
]);

function channelFields(body: unknown): Readonly<Record<string, string>> {
  const custom = { ...flatFields(at(body, 'channel')), ...flatFields(at(body, 'channel_custom')) };
  return Object.fromEntries(Object.entries(custom).filter(([name]) => !ownFields.has(name)));
}
