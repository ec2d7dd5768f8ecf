import {
  cloudevents,
  cloudeventsHandshake,
  mappedCloudEvents,
} from '../../../services/ingest/providers/cloudevents.ts';
import { eventOf, map } from './mapping.ts';

const login = { sessionId: 's-1', outcome: 'success', userAgent: 'a browser' };
const attributes = {
  ...{ specversion: '1.0', id: 'e-1', source: '/portal', type: 'signalfold.login', subject: 'client-1' },
  time: '2026-03-01T09:30:00.5+01:00',
};
const structured = (more: Readonly<Record<string, unknown>> = {}) => ({ ...attributes, data: login, ...more });
const headersOf = (mark: string, more: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(Object.entries({ ...attributes, ...more }).map(([name, value]) => [`${mark}${name}`, value]));
const expected = {
  topic: 'login',
  event: { ...login, interactive: true, eventId: expect.any(String), occurredAt: '2026-03-01T08:30:00.500Z' },
};

test.each([
  ['structured', structured(), {}],
  ['structured with data as text', structured({ data: JSON.stringify(login) }), {}],
  ['structured with packed data', structured({ data: undefined, data_base64: btoa(JSON.stringify(login)) }), {}],
  ['structured with a content type that is none', structured({ datacontenttype: '2020-01-01' }), {}],
  ['binary over HTTP', login, headersOf('ce-')],
  ['binary over Kafka', login, headersOf('ce_')],
])('given an event that is %s, then it is the same', (_, body, headers) => {
  const { draft, subject } = eventOf(map(cloudevents, body, { headers }));
  expect(draft).toEqual(expected);
  expect(subject).toMatchObject({ userId: 'client-1', fields: { sessionId: 's-1', source: '/portal' } });
});

test('given an id, then the event’s is made of it and its source', () => {
  const idOf = (more: Readonly<Record<string, unknown>>) =>
    eventOf(map(cloudevents, structured(more))).draft.event.eventId;
  expect(idOf({})).toBe(idOf({ data: { ...login, outcome: 'failure' } }));
  expect(new Set([idOf({}), idOf({ id: 'e-2' }), idOf({ source: '/other' })]).size).toBe(3);
});

test('given percent signs in a header, then they read as the character they stand for', () => {
  const { subject } = eventOf(map(cloudevents, login, { headers: headersOf('ce-', { subject: 'caf%C3%A9 100%25' }) }));
  expect(subject.userId).toBe('café 100%');
});

test('given no time, then that of its arrival counts, with a warning', () => {
  const { warnings } = eventOf(map(cloudevents, structured({ time: undefined })));
  expect(warnings).toEqual([expect.stringMatching(/^time: is missing/)]);
});

describe('given types that are mapped', () => {
  const provider = mappedCloudEvents.parse({
    'com.acme.login': 'login',
    'com.acme.mail.sent': {
      topic: 'email',
      fields: { messageId: 'data.mail.id', status: '=sent', address: 'data.to', occurredAt: 'data.at' },
      userId: 'partitionkey',
      email: 'data.to',
    },
  });

  test('when the data has our own fields, then a topic is enough', () => {
    expect(eventOf(map(provider, structured({ type: 'com.acme.login' }))).draft).toEqual(expected);
  });

  test('when its fields have other names, then they are found where the map says', () => {
    const data = { mail: { id: 42 }, to: 'ann@example.org', at: 1772356200 };
    const { draft, subject } = eventOf(
      map(provider, structured({ type: 'com.acme.mail.sent', partitionkey: 'p', data })),
    );
    expect(draft).toMatchObject({ topic: 'email', event: { status: 'sent', address: 'ann@example.org' } });
    expect(draft.event).toMatchObject({ messageId: '42', occurredAt: '2026-03-01T09:10:00.000Z' });
    expect(subject).toMatchObject({ userId: 'p', email: 'ann@example.org' });
  });

  test('when a type is not mapped, then it is ignored', () => {
    expect(map(provider, structured({ type: 'com.acme.other' }))[0]?.kind).toBe('ignored');
  });

  test('when a field is missing, then it is unusable and names it', () => {
    expect(map(provider, structured({ type: 'com.acme.mail.sent', data: {} }))).toEqual([
      { kind: 'unusable', detail: expect.stringContaining('messageId: is missing') },
    ]);
  });
});

test.each([
  ['no specversion', structured({ specversion: undefined }), /^specversion: /],
  ['another version', structured({ specversion: '0.3' }), /^specversion: /],
  ['no id', structured({ id: undefined }), /^id: /],
  ['no source', structured({ source: '' }), /^source: /],
  ['no type', structured({ type: null }), /^type: /],
  ['no event', 7, /^body: /],
  ['data that is none of ours', structured({ data: 'text' }), /^data: .*sessionId/],
])('given %s, then it is unusable, and says by what', (_, body, detail) => {
  const [mapped] = map(cloudevents, body);
  expect(mapped?.kind === 'unusable' && mapped.detail).toMatch(detail);
});

test('given a sender that asks whether it may send, then it may', async () => {
  const ask = (headers: Readonly<Record<string, string>>) =>
    cloudeventsHandshake({ method: 'OPTIONS', headers, query: {}, body: null }, { fetch });
  expect(await ask({ 'webhook-request-origin': 'bus.example' })).toMatchObject({
    ...{ status: 200, headers: { 'webhook-allowed-origin': 'bus.example' } },
  });
  expect(await ask({})).toBeNull();
});
