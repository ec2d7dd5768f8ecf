import { okta, oktaHandshake } from '../../../services/ingest/providers/okta.ts';
import { oktaSamples } from '../../../services/ingest/samples/okta.ts';
import { bodyOf, eventOf, having, map } from './mapping.ts';

const signIn = bodyOf(oktaSamples, 'user.session.start');
const failed = bodyOf(oktaSamples, 'user.session.start-failed');
const initiate = bodyOf(oktaSamples, 'user.session.impersonation.initiate');
const first = 'data/events/0/';

describe('a sign-in', () => {
  test('given outcome SUCCESS, then it is a login of the actor in the session named', () => {
    const { draft, subject, warnings } = eventOf(map(okta, signIn));
    expect(draft).toEqual({
      topic: 'login',
      event: {
        eventId: '01234567-89ab-4def-a123-456789abcdef',
        occurredAt: '2026-03-01T09:30:00.250Z',
        sessionId: 'idx0123456789abcdef0123',
        outcome: 'success',
        userAgent: expect.stringContaining('Mac OS X 10_15_7'),
        ip: '203.0.113.7',
      },
    });
    expect(subject).toEqual({
      userId: 'client-1',
      email: 'client-1@example.org',
      fields: { login: 'client-1@example.org', org: 'portal.okta.example' },
    });
    expect(warnings).toEqual([]);
  });

  test('given outcome FAILURE and a session "unknown", then it is a failed login of its own', () => {
    const { draft, warnings } = eventOf(map(okta, failed));
    expect(draft.event).toMatchObject({ outcome: 'failure', sessionId: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(warnings).toEqual([]);
  });

  test.each(['CHALLENGE', 'SKIPPED', 'UNKNOWN'])('given outcome %s, then nothing has come of it yet', (result) => {
    expect(map(okta, having(signIn, `${first}outcome/result`, result))).toEqual([
      { kind: 'ignored', why: expect.stringContaining('neither a success nor a failure') },
    ]);
  });

  test('given a success without a session, then it is a session of its own, and that is warned of', () => {
    const body = having(signIn, `${first}authenticationContext`, { externalSessionId: null });
    expect(eventOf(map(okta, body)).warnings).toEqual([expect.stringContaining('externalSessionId')]);
  });

  test('given a time as a forwarder rewrote it, without zone and with nine digits, then it is read', () => {
    const body = having(signIn, `${first}published`, '2026-03-01 09:17:37.621000000');
    expect(eventOf(map(okta, body)).draft.event.occurredAt).toBe('2026-03-01T09:17:37.621Z');
  });

  test('given an impossible IP, then the login stands without it, with a warning', () => {
    const mapped = eventOf(map(okta, having(signIn, `${first}client/ipAddress`, '999.1.2.3')));
    expect(mapped.draft.event).toMatchObject({ ip: null });
    expect(mapped.warnings).toEqual(['client.ipAddress: is no IP address, left out']);
  });
});

describe('an impersonation', () => {
  test('given initiate, then the target of type User is impersonated by the actor', () => {
    const { draft, subject } = eventOf(map(okta, initiate));
    expect(draft).toMatchObject({
      topic: 'impersonation',
      event: { phase: 'started', impersonator: { id: 'colleague-1', name: 'Colleague 1' } },
    });
    expect(subject).toMatchObject({ userId: 'client-1', email: 'client-1@example.org' });
  });

  test('given other targets before the user, then the user is found among them', () => {
    const [user] = JSON.parse(JSON.stringify(initiate)).data.events[0].target;
    const body = having(initiate, `${first}target`, [{ id: '0oa1', type: 'AppInstance' }, user]);
    expect(eventOf(map(okta, body)).subject.userId).toBe('client-1');
  });

  test('given end, then it has ended', () => {
    const mapped = eventOf(map(okta, bodyOf(oktaSamples, 'user.session.impersonation.end')));
    expect(mapped.draft.event).toMatchObject({ phase: 'ended' });
  });

  test('given no target of type User, then it is unusable, by the field', () => {
    expect(map(okta, having(initiate, `${first}target`, null))).toEqual([
      { kind: 'unusable', detail: expect.stringContaining('target[type=User].id') },
    ]);
  });
});

describe('what does not count', () => {
  test.each([
    'user.session.impersonation.grant',
    'user.session.impersonation.extend',
    'user.session.impersonation.revoke',
    'user.authentication.sso',
    'user.session.end',
    'user.lifecycle.create',
  ])('%s is ignored, with a why', (type) => {
    expect(map(okta, having(signIn, `${first}eventType`, type))).toEqual([
      { kind: 'ignored', why: expect.stringContaining(type) },
    ]);
  });
});

describe('a delivery', () => {
  test('given several events, then each is mapped, in order', () => {
    const body = structuredClone(signIn) as { data: { events: unknown[] } };
    body.data.events.push({ eventType: 'user.session.end' });
    expect(map(okta, body).map((one) => one.kind)).toEqual(['event', 'ignored']);
  });

  test('given an entry of the System Log alone, then it is mapped the same', () => {
    const [entry] = JSON.parse(JSON.stringify(signIn)).data.events;
    expect(eventOf(map(okta, entry)).draft).toEqual(eventOf(map(okta, signIn)).draft);
  });

  test.each(['eventId', 'eventID'])('given events without uuid, then the delivery’s %s and place name them', (name) => {
    const { eventId: _, ...rest } = signIn;
    const bare = having({ ...rest, [name]: 'delivery-1' }, `${first}uuid`, undefined);
    const other = { ...bare, [name]: 'delivery-2' };
    const ids = [bare, bare, other].map((body) => eventOf(map(okta, body)).draft.event.eventId);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
  });
});

describe('the handshake', () => {
  const parts = { fetch };
  const asked = { query: {}, body: null, headers: { 'x-okta-verification-challenge': 'a"b' } };

  test('given a challenge, then it is sent back as JSON', async () => {
    expect(await oktaHandshake({ ...asked, method: 'GET' }, parts)).toEqual({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: '{"verification":"a\\"b"}',
    });
  });

  test('given events, or no challenge, then this is no handshake', async () => {
    expect(await oktaHandshake({ ...asked, method: 'POST' }, parts)).toBeNull();
    expect(await oktaHandshake({ ...asked, method: 'GET', headers: {} }, parts)).toBeNull();
  });
});
