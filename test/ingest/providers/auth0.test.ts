import { auth0 } from '../../../services/ingest/providers/auth0.ts';
import { auth0Samples } from '../../../services/ingest/samples/auth0.ts';
import { bodyOf, eventOf, having, map, moment } from './mapping.ts';

const signIn = bodyOf(auth0Samples, 's');
const [entry] = Object.values(signIn) as Record<string, unknown>[];
const login = entry ?? {};
const of = (path: string, value: unknown) => having(login, `data/${path}`, value);

test('given a login, then it is one of the session, by the user, from the user agent', () => {
  const { draft, subject, warnings } = eventOf(map(auth0, signIn));
  expect(draft).toEqual({
    topic: 'login',
    event: {
      eventId: expect.stringMatching(/^9\d{55}$/),
      occurredAt: '2026-03-01T09:30:00.250Z',
      sessionId: moment.serial,
      outcome: 'success',
      interactive: true,
      userAgent: expect.stringContaining('Macintosh'),
      ip: '203.0.113.7',
    },
  });
  expect(subject).toMatchObject({
    userId: 'client-1',
    email: 'client-1@example.org',
    fields: { application_name: 'Client portal', hostname: 'portal.auth0.example', strategy: 'auth0' },
  });
  expect(subject.fields).not.toHaveProperty('client_id');
  expect(warnings).toEqual([]);
});

describe('in whatever wrapping Auth0 sends it', () => {
  const { data } = login as { data: Record<string, unknown> };

  test.each([
    ['one entry', login],
    ['the entry without its wrapping', data],
    ['the entry as EventBridge wraps it', { 'detail-type': 'Auth0 log', detail: login }],
    ['a batch in an object', { logs: [login] }],
  ])('%s is the same event', (_what, body) => {
    expect(eventOf(map(auth0, body)).draft).toEqual(eventOf(map(auth0, signIn)).draft);
  });

  test('a batch is as many events, in its order', () => {
    const mapped = map(auth0, [login, of('type', 'slo'), of('type', 'fp')]);
    expect(mapped.map(({ kind }) => kind)).toEqual(['event', 'ignored', 'event']);
  });
});

test.each(['s', 'scoa', 'sens', 'sepft', 'sepotpft', 'seotpft', 'seoobft', 'sercft'])(
  'given %s, then somebody signed in',
  (type) => {
    expect(eventOf(map(auth0, of('type', type))).draft.event).toMatchObject({ outcome: 'success', interactive: true });
  },
);

test.each(['f', 'fp', 'fu', 'fc', 'fcoa', 'fens', 'fepft'])('given %s, then somebody failed to', (type) => {
  expect(eventOf(map(auth0, of('type', type))).draft.event).toMatchObject({ outcome: 'failure' });
});

test.each(['slo', 'ss', 'seacft', 'feacft', 'sertft', 'fsa', 'seccft', 'gd_auth_failed', 'limit_wc', 'sapi', 'X Y'])(
  'given %s, then it is ignored',
  (type) => {
    expect(map(auth0, of('type', type))[0]?.kind).toBe('ignored');
  },
);

describe('a sign-on that asked nobody for anything', () => {
  test.each([
    ['ssa', of('type', 'ssa')],
    ['s without any prompt', of('details/prompts', [])],
  ])('%s is a login that is not interactive', (_what, body) => {
    expect(eventOf(map(auth0, body)).draft.event).toMatchObject({ outcome: 'success', interactive: false });
  });

  test('but where it is not told whether anybody was asked, somebody was', () => {
    expect(eventOf(map(auth0, of('details/prompts', undefined))).draft.event).toMatchObject({ interactive: true });
  });
});

describe('a token exchange', () => {
  const exchange = (details: object, type = 'secte') => having(of('type', type), 'data/details', details);

  test('with an actor is a session in which the actor acts as the user', () => {
    const { draft, why } = eventOf(map(auth0, exchange({ session_id: 's-9', actor: { sub: 'auth0|colleague-1' } })));
    expect(draft.event).toMatchObject({ sessionId: 's-9', impersonatedBy: { id: 'auth0|colleague-1' } });
    expect(why).toContain('details.actor');
  });

  test('with a chain of actors is by the outermost, who acts now', () => {
    const chain = { sub: 'agent-2', act: { sub: 'service-1', act: { sub: 'auth0|colleague-1' } } };
    const { draft } = eventOf(map(auth0, exchange({ actor: chain }, 'success_on_behalf_of_token_exchange')));
    expect(draft.event).toMatchObject({ impersonatedBy: { id: 'agent-2' } });
  });

  test('with an actor that names nobody is impersonated all the same', () => {
    expect(eventOf(map(auth0, exchange({ actor: {} }))).draft.event).toMatchObject({ impersonatedBy: { id: null } });
  });

  test('without an actor is nobody signing in', () => {
    const { event } = eventOf(map(auth0, exchange({}))).draft;
    expect(event).toMatchObject({ interactive: false });
    expect(event).not.toHaveProperty('impersonatedBy');
  });
});

test('given no user id, as when the user is not known, then nobody is named', () => {
  const body = having(of('user_id', ''), 'data/user_name', 'not an address');
  expect(eventOf(map(auth0, body)).subject).toMatchObject({ userId: null, email: null });
});

test('given no session, as a failure has none, then each entry is one of its own', () => {
  const without = of('details', {});
  const other = having(having(without, 'log_id', '9'.repeat(56)), 'data/log_id', '9'.repeat(56));
  const [first, again, another] = [without, without, other].map((body) => eventOf(map(auth0, body)).draft.event);
  expect(first).toEqual(again);
  expect(first).not.toMatchObject({ sessionId: (another as { sessionId: string }).sessionId });
});

test('given an impossible IP and no user agent, then both are left out, one with a warning', () => {
  const { draft, warnings } = eventOf(map(auth0, having(of('ip', '300.1.2.3'), 'data/user_agent', 'unknown')));
  expect(draft.event).toMatchObject({ ip: null, userAgent: null });
  expect(warnings).toEqual(['data.ip: is no IP address, left out']);
});

test.each([
  [{}, 'data.type: missing'],
  [[], 'data.type: missing'],
  [of('date', 'yesterday'), 'data.date: is no time in a form known here'],
])('given %#, then it is unusable, by the field', (body, detail) => {
  expect(map(auth0, body)).toEqual([{ kind: 'unusable', detail }]);
});
