// Twilio: text messages and conversations, as forms (status callbacks, incoming messages, conversation webhooks) and as
// event streams (CloudEvents).
import { readWhen } from './instant.ts';
import { at, flatFields, isObject, textAt } from './look.ts';
import { event, hashId, idOf, ignored, unusable } from './made.ts';
import type { Arrival, Mapped, Provider } from './provider.ts';

export const twilio: Provider = {
  name: 'twilio',
  title: 'Twilio',
  documentation: 'https://www.twilio.com/docs/messaging/guides/track-outbound-message-status',
  map(arrival) {
    const { body } = arrival;
    const bodies: readonly unknown[] = Array.isArray(body) && body.length > 0 ? body : [body];
    return bodies.map((one) => mapOne(one, arrival));
  },
};

/** What is known of a message, wherever it was told. */
type Told = {
  readonly eventId: string;
  readonly messageId: string;
  readonly direction: 'outbound' | 'inbound';
  /** Where the time stands, and what does. */
  readonly time: { readonly field: string; readonly value: unknown; readonly form?: 'compact' };
  readonly channel: string;
  /** The client's own address in that channel; null when only fields tell whose it is. */
  readonly client: string | null;
  readonly fields: Readonly<Record<string, string>>;
  readonly why: string;
  readonly warnings: readonly string[];
};

function mapOne(body: unknown, arrival: Arrival): Mapped {
  if (at(body, 'specversion') !== undefined) return mapStream(body, arrival);
  if (textAt(body, 'EventType') !== null) return mapConversation(body, arrival);
  return mapMessage(body, arrival);
}

function made(told: Told, arrival: Arrival): Mapped {
  const { field, value, form } = told.time;
  const when = readWhen(field, value, { ...arrival, ...(form === undefined ? {} : { form }) });
  if (when.kind === 'unusable') return when;
  const { eventId, messageId, direction, channel, client, fields, why } = told;
  const draft = {
    topic: 'message',
    event: { eventId, occurredAt: when.occurredAt, messageId: idOf(messageId), direction, channel },
  } as const;
  return event(draft, { userId: client, email: null, fields }, why, [...told.warnings, ...when.warnings]);
}

/**
 * Statuses that say the message went out. Being read is not one: that may be weeks later, when the message itself is no
 * longer remembered singly, and would count as another.
 */
const wentOut: ReadonlySet<string> = new Set(['sent', 'delivered']);

/** A status callback, or an incoming message: both are forms of one shape. */
function mapMessage(body: unknown, arrival: Arrival): Mapped {
  const messageId = textAt(body, 'MessageSid') ?? textAt(body, 'SmsSid') ?? textAt(body, 'SmsMessageSid');
  if (messageId === null) return unusable('MessageSid', 'missing: the message');
  const status = textAt(body, 'MessageStatus') ?? textAt(body, 'SmsStatus');
  if (status === null) return unusable('MessageStatus', 'missing');
  const inbound = status === 'received';
  if (!inbound && !wentOut.has(status)) return ignored('MessageStatus: it does not say that the message went out');
  const party = partyOf(textAt(body, inbound ? 'From' : 'To'), messageId);
  const receipt = status === 'delivered' ? textAt(body, 'RawDlrDoneDate') : null;
  return made(
    {
      eventId: hashId('twilio', messageId, status),
      messageId,
      direction: inbound ? 'inbound' : 'outbound',
      // The carrier's minute, in a zone that only the source's owner knows; the other callbacks carry no time at all.
      time: { field: 'RawDlrDoneDate', value: receipt, form: 'compact' },
      channel: party.channel,
      client: party.address,
      fields: fieldsOf(body, party.address, ['AccountSid', 'MessagingServiceSid', 'From', 'To', 'WaId', 'ProfileName']),
      why: inbound ? 'SmsStatus received: the client wrote' : `MessageStatus ${status}: a message went to the client`,
      warnings: [],
    },
    arrival,
  );
}

const authorPhone = /^(?:[a-z]+:)?\+?\d{5,15}$/i;

type Author = { readonly direction: 'outbound' | 'inbound'; readonly by: string; readonly warnings: readonly string[] };

/**
 * Who wrote in a conversation. What the sender put in the message's attributes decides; else the source and the author:
 * somebody with a number is the client, the system and the API are the firm. An author of a chat may be either, and is
 * taken for the client, because what the client writes makes nobody look more engaged than they are.
 */
function authorOf(told: unknown, attributes: unknown): Author {
  const said = textAt(attributes, 'direction');
  if (said === 'outbound' || said === 'inbound') return { direction: said, by: 'Attributes.direction', warnings: [] };
  const author = textAt(told, 'Author') ?? 'system';
  const source = textAt(told, 'Source')?.toUpperCase() ?? null;
  if (authorPhone.test(author)) return { direction: 'inbound', by: 'Author is a number', warnings: [] };
  if (source === 'API') return { direction: 'outbound', by: 'Source is the API', warnings: [] };
  if (source !== null && source !== 'SDK') return { direction: 'inbound', by: 'Source is a channel', warnings: [] };
  if (author === 'system' || (source === null && textAt(told, 'ParticipantSid') === null)) {
    return { direction: 'outbound', by: 'Author is the system', warnings: [] };
  }
  const warning = 'Author: may be the client or the firm; taken for the client, unless Attributes hold a direction';
  return { direction: 'inbound', by: 'Author is a participant', warnings: [warning] };
}

/** A conversation webhook after the fact; those before it ask whether it may happen. */
function mapConversation(body: unknown, arrival: Arrival): Mapped {
  if (textAt(body, 'EventType') !== 'onMessageAdded') return ignored('EventType: no message was added');
  const messageId = textAt(body, 'MessageSid');
  if (messageId === null) return unusable('MessageSid', 'missing: the message');
  return made({ ...conversed(body, messageId, []), eventId: hashId('twilio', messageId, 'added') }, arrival);
}

function conversed(told: unknown, messageId: string, warnings: readonly string[]): Omit<Told, 'eventId'> {
  const attributes = attributesOf(at(told, 'Attributes'));
  const { direction, by, warnings: doubts } = authorOf(told, attributes);
  const author = textAt(told, 'Author');
  const party = partyOf(author, messageId);
  const client = direction === 'inbound' ? party.address : null;
  const names = [
    'AccountSid',
    'ConversationSid',
    'ChatServiceSid',
    'MessagingServiceSid',
    'ParticipantSid',
    'Author',
    'Source',
  ];
  return {
    messageId,
    direction,
    time: { field: 'DateCreated', value: at(told, 'DateCreated') },
    channel: author !== null && authorPhone.test(author) ? party.channel : 'chat',
    client,
    fields: { ...fieldsOf(told, client, names), ...flatFields(attributes) },
    why: `a message was added; ${by}: ${direction}`,
    warnings: [...warnings, ...doubts],
  };
}

/** Attributes are JSON in text, or the object itself. */
function attributesOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

const streamPrefix = 'com.twilio.';

/** A CloudEvent. Twilio's own examples put a time where the content type belongs, and leave the time out. */
function mapStream(body: unknown, arrival: Arrival): Mapped {
  const type = textAt(body, 'type') ?? '';
  const told = at(body, 'data');
  const id = textAt(body, 'id');
  const contentType = textAt(body, 'datacontenttype');
  const odd = contentType !== null && !contentType.toLowerCase().startsWith('application/json');
  const warnings = odd ? ['datacontenttype: is no content type that Twilio sends; read as JSON'] : [];
  const name = type.startsWith(streamPrefix) ? type.slice(streamPrefix.length) : '';

  if (name === 'conversations.message.added') {
    const messageId = textAt(told, 'MessageSid');
    if (messageId === null) return unusable('data.MessageSid', 'missing: the message');
    const conversation = conversed(told, messageId, warnings);
    const time = { field: 'data.DateCreated', value: at(told, 'DateCreated') ?? at(body, 'time') };
    return made(
      { ...conversation, time, eventId: id === null ? hashId('twilio', messageId, 'added') : idOf(id) },
      arrival,
    );
  }

  const inbound = name === 'messaging.inbound-message.received';
  const status = /^messaging\.message\.([a-z]+)$/.exec(name)?.[1] ?? '';
  if (!inbound && !wentOut.has(status)) return ignored('type: it does not say that a message went out or came in');
  const messageId = textAt(told, 'messageSid');
  if (messageId === null) return unusable('data.messageSid', 'missing: the message');
  const party = partyOf(textAt(told, inbound ? 'from' : 'to'), messageId);
  return made(
    {
      eventId: id === null ? hashId('twilio', messageId, name) : idOf(id),
      messageId,
      direction: inbound ? 'inbound' : 'outbound',
      time: { field: 'data.timestamp', value: at(told, 'timestamp') ?? at(body, 'time') },
      channel: party.channel,
      client: party.address,
      fields: {
        ...fieldsOf(told, party.address, ['accountSid', 'messagingServiceSid', 'from', 'to']),
        ...flatFields(at(told, 'tags')),
      },
      why: inbound ? `type ${type}: the client wrote` : `type ${type}: a message went to the client`,
      warnings,
    },
    arrival,
  );
}

type Party = { readonly channel: string; readonly address: string | null };

/** "whatsapp:+44…" is a channel and an address in it; a bare number is a text message's, of MMS when its id says so. */
function partyOf(text: string | null, messageId: string): Party {
  const [, prefix, address] = /^([a-z]+):(.+)$/i.exec(text ?? '') ?? [];
  if (prefix !== undefined && address !== undefined) return { channel: prefix.toLowerCase(), address };
  return { channel: messageId.startsWith('MM') ? 'mms' : 'sms', address: text };
}

/** Under the names that people know from Twilio's own pages, first letter small. */
function fieldsOf(told: unknown, phone: string | null, names: readonly string[]): Readonly<Record<string, string>> {
  const picked = isObject(told) ? names.map((name) => [name.charAt(0).toLowerCase() + name.slice(1), told[name]]) : [];
  return flatFields({ ...Object.fromEntries(picked), phone });
}
