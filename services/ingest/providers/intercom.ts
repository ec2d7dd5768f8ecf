// Intercom: what people write in conversations. What a contact wrote is inbound, what a teammate wrote outbound.
import { readWhen } from './instant.ts';
import { at, flatFields, listAt, textAt } from './look.ts';
import { addressOf, event, hashId, idOf, ignored, unusable } from './made.ts';
import type { Handshake } from './offer.ts';
import type { Arrival, Mapped, Provider, Subject } from './provider.ts';

export const intercom: Provider = {
  name: 'intercom',
  title: 'Intercom',
  documentation: 'https://developers.intercom.com/docs/references/webhooks/webhook-models',
  map: mapNotification,
};

/** Intercom asks with a HEAD whether somebody is at the address, before it saves it; that one it does not sign. */
export const intercomHandshake: Handshake = async ({ method }) =>
  method === 'HEAD' ? { status: 200, headers: {}, body: '' } : null;

type Said = {
  readonly direction: 'inbound' | 'outbound';
  /** The message that begins a conversation stands apart from the parts that follow. */
  readonly begins: boolean;
};

const topics: ReadonlyMap<string, Said> = new Map([
  ['conversation.user.created', { direction: 'inbound', begins: true }],
  ['conversation.user.replied', { direction: 'inbound', begins: false }],
  ['conversation.admin.single.created', { direction: 'outbound', begins: true }],
  ['conversation.admin.replied', { direction: 'outbound', begins: false }],
  ['conversation.admin.closed', { direction: 'outbound', begins: false }],
]);

function mapNotification(arrival: Arrival): readonly Mapped[] {
  const { body } = arrival;
  const topic = textAt(body, 'topic');
  if (topic === null) return [unusable('topic', 'missing')];
  const said = topics.get(topic);
  if (said === undefined) return [ignored(why(topic))];
  const conversation = at(body, 'data', 'item');
  const part = said.begins
    ? openingOf(conversation)
    : listAt(conversation, 'conversation_parts', 'conversation_parts').at(-1);
  if (topic === 'conversation.admin.closed' && textAt(part, 'body') === null) {
    return [ignored(`${topic}: closed without a word to the contact`)];
  }
  if (textAt(part, 'part_type') === 'note') return [ignored(`${topic}: a note, which the contact does not see`)];
  const conversationId = textAt(conversation, 'id');
  const messageId = textAt(part, 'id');
  if (messageId === null && conversationId === null) return [unusable('data.item.id', 'missing: the conversation')];
  if (messageId === null && !said.begins) {
    return [unusable('data.item.conversation_parts', 'empty: what was written')];
  }
  const time = at(part, 'created_at') ?? (said.begins ? at(conversation, 'created_at') : undefined);
  const when = readWhen('created_at', time ?? at(body, 'created_at'), arrival);
  if (when.kind === 'unusable') return [when];

  const subjects = said.direction === 'inbound' ? [authorOf(conversation, part, body)] : contactsOf(conversation, body);
  if (subjects.length === 0) return [unusable('data.item.contacts', 'empty: whom it is about')];
  // Ids of messages and of parts come from two counters, so they are told apart.
  const message =
    messageId === null ? `conversation-${conversationId}` : said.begins ? `source-${messageId}` : messageId;
  const id = textAt(body, 'id');
  const eventId = id === null ? hashId('intercom', topic, conversationId, message) : idOf(id);
  return subjects.map((subject) =>
    event(
      {
        topic: 'message',
        event: {
          eventId: subjects.length === 1 ? eventId : hashId(eventId, subject.userId, subject.email),
          occurredAt: when.occurredAt,
          messageId: idOf(message),
          direction: said.direction,
          channel: channelOf(conversation),
        },
      },
      subject,
      `${topic}: ${said.direction === 'inbound' ? 'the contact wrote' : 'a teammate wrote to the contact'}`,
      when.warnings,
    ),
  );
}

function why(topic: string): string {
  if (topic === 'ping') return 'ping: Intercom asks whether somebody is here';
  if (topic === 'conversation.admin.noted') return `${topic}: a note, which the contact does not see`;
  if (topic === 'conversation.operator.replied') return `${topic}: a bot answered, nobody of the firm`;
  return `${topic}: of no concern for engagement`;
}

/** The first message, in newer and in older versions of the API. */
function openingOf(conversation: unknown): unknown {
  return at(conversation, 'source') ?? at(conversation, 'conversation_message');
}

function channelOf(conversation: unknown): string {
  const type = textAt(conversation, 'source', 'type') ?? 'conversation';
  return type === 'conversation' || type === 'in_app' ? 'chat' : type;
}

/** Newer versions of the API list a conversation's contacts, older ones name its one user. */
function contactsOf(conversation: unknown, body: unknown): readonly Subject[] {
  const contacts = listAt(conversation, 'contacts', 'contacts');
  const user = at(conversation, 'user');
  const all = contacts.length > 0 ? contacts : user === undefined || user === null ? [] : [user];
  const opening = at(openingOf(conversation), 'author');
  return all
    .map((contact) => subjectOf(contact, textAt(opening, 'id') === textAt(contact, 'id') ? opening : contact, body))
    .filter((subject) => subject.userId !== null || subject.email !== null);
}

/** The contact who wrote; the author of a part knows the email address, the list of contacts the id in the app. */
function authorOf(conversation: unknown, part: unknown, body: unknown): Subject {
  const author = at(part, 'author');
  const contacts = listAt(conversation, 'contacts', 'contacts');
  const known =
    contacts.find((contact) => textAt(contact, 'id') === textAt(author, 'id')) ??
    (contacts.length === 1 ? contacts[0] : undefined) ??
    at(conversation, 'user') ??
    author;
  return subjectOf(known, author, body);
}

/** The id that the app itself gave comes first: it is what the firm knows its client by. */
function subjectOf(contact: unknown, author: unknown, body: unknown): Subject {
  const own = textAt(contact, 'external_id') ?? textAt(contact, 'user_id');
  const id = textAt(contact, 'id');
  return {
    userId: own ?? id,
    email: addressOf(at(contact, 'email')) ?? addressOf(at(author, 'email')),
    fields: flatFields({ external_id: own, contact_id: id, app_id: textAt(body, 'app_id') }),
  };
}
