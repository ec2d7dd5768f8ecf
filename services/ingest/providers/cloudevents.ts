// CloudEvents 1.0: what each type means is configured; types named signalfold.<topic> carry our own events as they are.
import { z } from 'zod';
import { decodeValue } from '../../core/decode.ts';
import { formatInstant } from '../../core/time.ts';
import type { CanonicalEvent } from '../../core/topics.ts';
import { type CloudEvent, readCloudEvent } from './cloud-event.ts';
import { readWhen } from './instant.ts';
import { at, flatFields, isObject, textAt, textOf } from './look.ts';
import { addressOf, event, hashId, idOf, ignored, unusable } from './made.ts';
import type { Handshake } from './offer.ts';
import { type Arrival, type Draft, draftTopics, type Mapped, type Provider } from './provider.ts';

const Topic = z.enum(draftTopics, `must be a topic: ${draftTopics.join(', ')}`);
const Path = z.string('must be a path such as data.mail.id, subject or time, or =text for the text itself').min(1);

/** What events of one type become. Paths start at an attribute's name or at `data`; `=text` is the text itself. */
const Meaning = z.strictObject({
  topic: Topic,
  /** Our fields by where they stand; the others are taken from `data` by their own names. */
  fields: z.record(z.string(), Path).default({}),
  /** Whom it is about; `subject` unless told. */
  userId: Path.default('subject'),
  email: Path.default('data.email'),
});
type Meaning = z.infer<typeof Meaning>;

const Meanings = z.record(
  z.string(),
  z.union([Topic.transform((topic) => Meaning.parse({ topic })), Meaning], 'must be a topic, or { topic, fields }'),
);
type Meanings = Readonly<Record<string, Meaning>>;

/** Types that need no configuration: `signalfold.login` and so on. */
const ownTypes: Meanings = Object.fromEntries(
  draftTopics.map((topic) => [`signalfold.${topic}`, Meaning.parse({ topic })]),
);

/** Reads `map` of a source: `{ com.acme.login: login, com.acme.mail: { topic: email, fields: { messageId: data.id } } }`. */
export const mappedCloudEvents: z.ZodType<Provider> = Meanings.transform((meanings) => providerOf(meanings));

export const cloudevents: Provider = providerOf({});

function providerOf(meanings: Meanings): Provider {
  const known = new Map(Object.entries({ ...ownTypes, ...meanings }));
  return {
    name: 'cloudevents',
    title: 'CloudEvents',
    documentation: 'https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md',
    map: (arrival) => [mapped(arrival, known)],
  };
}

function mapped(arrival: Arrival, meanings: ReadonlyMap<string, Meaning>): Mapped {
  const read = readCloudEvent(arrival.body, arrival.headers);
  if ('fault' in read) return { kind: 'unusable', detail: read.fault };
  const meaning = meanings.get(read.type);
  if (meaning === undefined) return ignored('type: has no meaning in the map of the source');
  const given = givenFields(read, meaning);
  const when = readWhen('time', given['occurredAt'] ?? read.attributes['time'], arrival);
  if (when.kind === 'unusable') return when;
  const made = { ...given, eventId: hashId(read.source, read.id), occurredAt: when.occurredAt };
  // Held to the schema as it will be once it is known whose it is.
  const decoded = decodeValue(meaning.topic, { ...made, firmId: 'firm', clientId: 'client' }, arrival.arrivedAt);
  if (decoded.kind !== 'event') return unusable('data', decoded.detail);
  const draft = draftOf(decoded.event);
  if (draft === null) return unusable('type', 'has no topic that a provider may write');
  const subject = {
    userId: textOf(valueAt(read, meaning.userId)),
    email: addressOf(valueAt(read, meaning.email)) ?? addressOf(at(read.data, 'address')),
    fields: { ...read.attributes, ...flatFields(read.data) },
  };
  return event(draft, subject, `its type is mapped to ${meaning.topic}`, when.warnings);
}

/** What `data` says by our own names, and over it what is mapped. Whose it is and its id do not come from there. */
function givenFields(read: CloudEvent, { fields }: Meaning): Readonly<Record<string, unknown>> {
  const own = isObject(read.data) ? read.data : {};
  const found = Object.entries(fields).map(([name, path]) => [name, fitted(name, valueAt(read, path))] as const);
  return { ...own, ...Object.fromEntries(found.filter(([, value]) => value !== undefined)) };
}

/** Ids of others are numbers too, or hold what ours must not. Of ours nothing but a time is a number. */
function fitted(name: string, value: unknown): unknown {
  const text = typeof value === 'number' && name !== 'occurredAt' ? String(value) : value;
  return typeof text === 'string' && text !== '' && (name === 'sessionId' || name === 'messageId') ? idOf(text) : text;
}

function valueAt({ attributes, data }: CloudEvent, path: string): unknown {
  if (path.startsWith('=')) return path.slice(1);
  const [first = '', ...rest] = path.split('.');
  if (first === 'data') return at(data, ...rest);
  return rest.length === 0 ? (textAt(attributes, first) ?? undefined) : undefined;
}

/** As a producer writes it: without whose it is, and the time as text. */
function draftOf(canonical: CanonicalEvent): Draft | null {
  switch (canonical.topic) {
    case 'client':
      return null;
    case 'login':
      return { topic: canonical.topic, event: written(canonical.event) };
    case 'impersonation':
      return { topic: canonical.topic, event: written(canonical.event) };
    case 'email':
      return { topic: canonical.topic, event: written(canonical.event) };
    case 'message':
      return { topic: canonical.topic, event: written(canonical.event) };
    case 'portal-access':
      return { topic: canonical.topic, event: written(canonical.event) };
    case 'portal-activity':
      return { topic: canonical.topic, event: written(canonical.event) };
    case 'support-request':
      return { topic: canonical.topic, event: written(canonical.event) };
  }
}

function written<Event extends { readonly firmId: unknown; readonly clientId: unknown; readonly occurredAt: number }>(
  whole: Event,
) {
  const { firmId: _, clientId: __, occurredAt, ...rest } = whole;
  return { ...rest, occurredAt: formatInstant(occurredAt) };
}

/**
 * What a sender asks before it sends (HTTP 1.1 Web Hooks for Event Delivery): whether its origin may. It may; what it sends
 * is verified all the same.
 */
export const cloudeventsHandshake: Handshake = async ({ method, headers }) => {
  const origin = headers['webhook-request-origin'];
  if (method !== 'OPTIONS' || origin === undefined) return null;
  const rate = headers['webhook-request-rate'] === undefined ? {} : { 'webhook-allowed-rate': '*' };
  return { status: 200, headers: { 'webhook-allowed-origin': origin, ...rate }, body: '' };
};
