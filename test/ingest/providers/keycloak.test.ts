import { keycloak } from '../../../services/ingest/providers/keycloak.ts';
import { eventOf, map, moment } from './mapping.ts';

const at = moment.now;
const occurredAt = '2026-03-01T09:30:00.250Z';

/** As the Kafka listener writes it; the admin REST API leaves out what is null. */
function sent(type: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    ...{ id: `id-${type}`, time: at, type, realmId: 'r-1', realmName: 'clients', clientId: 'portal', userId: 'u-1' },
    ...{
      sessionId: 's-1',
      ipAddress: '203.0.113.7',
      error: null,
      details: { username: 'ann@example.org', code_id: 's-1' },
    },
    ...more,
  };
}

/** As Phase Two's webhook writes it. */
function phaseTwo(type: string) {
  return {
    ...{ uid: `id-${type}`, time: at, realmId: 'clients', type: `access.${type}`, details: { code_id: 's-1' } },
    authDetails: {
      ...{ realmId: 'clients', clientId: 'portal', userId: 'u-1', ipAddress: '203.0.113.7' },
      ...{ username: 'ann@example.org', sessionId: 's-1' },
    },
  };
}

const only = (body: unknown) => map(keycloak, body)[0];

test.each([
  ['the Kafka listener', sent('LOGIN')],
  ['Phase Two', phaseTwo('LOGIN')],
])('given a LOGIN as %s sends it, then it is a login of the session', (_, body) => {
  const { draft, subject } = eventOf(map(keycloak, body));
  expect(draft).toEqual({
    topic: 'login',
    event: { eventId: 'id-LOGIN', occurredAt, sessionId: 's-1', outcome: 'success', ip: '203.0.113.7' },
  });
  expect(subject).toMatchObject({ userId: 'u-1', email: 'ann@example.org', fields: { clientId: 'portal' } });
});

test('given a LOGIN_ERROR, then it is a failure, of the session that was being made', () => {
  const { draft } = eventOf(map(keycloak, sent('LOGIN_ERROR', { sessionId: null, error: 'invalid_user_credentials' })));
  expect(draft).toMatchObject({ topic: 'login', event: { outcome: 'failure', sessionId: 's-1' } });
});

test('given a LOGIN_ERROR of nobody known, then it is ignored', () => {
  expect(only(sent('LOGIN_ERROR', { userId: null, error: 'user_not_found' }))?.kind).toBe('ignored');
});

test('given an IMPERSONATE, then it marks its session, by a name and no id', () => {
  const details = { impersonator_realm: 'master', impersonator: 'admin' };
  const { draft } = eventOf(map(keycloak, sent('IMPERSONATE', { clientId: null, details })));
  expect(draft).toEqual({
    topic: 'impersonation',
    event: {
      eventId: 'id-IMPERSONATE',
      occurredAt,
      sessionId: 's-1',
      phase: 'started',
      impersonator: { name: 'admin' },
    },
  });
});

test('given an IMPERSONATE by nobody named, then it still marks its session, and warns', () => {
  const { draft, warnings } = eventOf(map(keycloak, sent('IMPERSONATE', { details: {} })));
  expect(draft).toMatchObject({ event: { impersonator: {} } });
  expect(warnings).toEqual([expect.stringMatching(/^details\.impersonator: /)]);
});

test('given a REGISTER, then the portal login is set up, and nobody logged in', () => {
  const body = sent('REGISTER', { details: { email: 'ann@example.org', register_method: 'form' } });
  expect(eventOf(map(keycloak, body)).draft).toEqual({
    topic: 'portal-access',
    event: { eventId: 'id-REGISTER', occurredAt, email: 'ann@example.org', change: 'set-up' },
  });
});

test.each([
  'LOGOUT',
  'REFRESH_TOKEN',
  'CODE_TO_TOKEN',
  'CLIENT_LOGIN',
  'UPDATE_PASSWORD',
  'TOKEN_EXCHANGE',
  'constructor',
])('given a %s, then it is ignored', (type) => {
  expect(only(sent(type))?.kind).toBe('ignored');
});

test('given what an administrator changed, then it is ignored', () => {
  expect(only({ id: 'x', time: at, operationType: 'UPDATE', resourceType: 'USER' })?.kind).toBe('ignored');
});

test.each([
  ['a LOGIN of nobody', sent('LOGIN', { userId: null }), /^userId: /],
  ['a LOGIN without a session', sent('LOGIN', { sessionId: null, details: {} }), /^sessionId: /],
  ['an IMPERSONATE without a session', sent('IMPERSONATE', { sessionId: null, details: {} }), /^sessionId: /],
  ['no type', { id: 'x', time: at }, /^type: /],
  ['a time that is none', sent('LOGIN', { time: 'soon' }), /^time: /],
  ['no object', [1], /^body: /],
])('given %s, then it is unusable, and says by what', (_, body, detail) => {
  const mapped = only(body);
  expect(mapped?.kind === 'unusable' && mapped.detail).toMatch(detail);
});

test('given no id, then what tells events apart stands for it', () => {
  const ids = [
    sent('LOGIN', { id: null }),
    sent('LOGIN', { id: null }),
    sent('LOGIN', { id: null, sessionId: 's-2' }),
  ].map((body) => eventOf(map(keycloak, body)).draft.event.eventId);
  expect([ids[0] === ids[1], ids[0] === ids[2]]).toEqual([true, false]);
});

test('given a user name that is no address, then there is none', () => {
  expect(eventOf(map(keycloak, sent('LOGIN', { details: { username: 'ann' } }))).subject.email).toBeNull();
});
