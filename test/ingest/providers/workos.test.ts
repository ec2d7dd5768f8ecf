import { workos } from '../../../services/ingest/providers/workos.ts';
import { workosSamples } from '../../../services/ingest/samples/workos.ts';
import { bodyOf, eventOf, having, map } from './mapping.ts';

const created = bodyOf(workosSamples, 'session.created');
const impersonated = bodyOf(workosSamples, 'session.created-impersonated');
const failed = bodyOf(workosSamples, 'authentication.password_failed');

test('given a session was created, then it is a login', () => {
  const { draft, subject } = eventOf(map(workos, having(created, 'data/organization_id', 'org_1')));
  expect(draft).toMatchObject({
    topic: 'login',
    event: {
      eventId: 'event_010123456789ABCDEF01234567',
      occurredAt: '2026-03-01T09:30:00.250Z',
      sessionId: 'session_010123456789ABCDEF01234567',
      outcome: 'success',
      ip: '203.0.113.7',
      impersonatedBy: null,
    },
  });
  expect(subject).toEqual({ userId: 'client-1', email: null, fields: { organization_id: 'org_1' } });
});

test('given an impersonator, then the login is impersonated, by the email address that WorkOS tells', () => {
  expect(eventOf(map(workos, impersonated)).draft.event).toMatchObject({
    impersonatedBy: { name: 'colleague-1@firm.example' },
  });
});

test('given the method impersonation alone, then it is impersonated by somebody', () => {
  const body = having(impersonated, 'data/impersonator', null);
  expect(eventOf(map(workos, body)).draft.event).toMatchObject({ impersonatedBy: { name: null } });
});

test('given a step that succeeded, then it is no login: the session is', () => {
  expect(map(workos, bodyOf(workosSamples, 'authentication.password_succeeded'))).toEqual([
    { kind: 'ignored', why: expect.stringContaining('session.created is the login') },
  ]);
});

test('given a step that failed, then it is a failed login', () => {
  const { draft, subject } = eventOf(map(workos, failed));
  expect(draft.event).toMatchObject({ outcome: 'failure' });
  expect(subject).toMatchObject({ userId: 'client-1', email: 'client-1@example.org' });
});

test('given a failed step of nobody known, then it is ignored', () => {
  const body = having(having(failed, 'data/user_id', null), 'data/email', null);
  expect(map(workos, body)[0]?.kind).toBe('ignored');
});

test('given an impersonated session ends, then it is marked once more', () => {
  expect(eventOf(map(workos, { ...impersonated, event: 'session.revoked' })).draft).toMatchObject({
    topic: 'impersonation',
    event: { phase: 'ended', sessionId: 'session_010123456789ABCDEF01234567' },
  });
});

test.each(['session.revoked', 'user.created', 'authentication.radar_risk_detected', 'dsync.user.created'])(
  '%s is ignored',
  (event) => {
    expect(map(workos, { ...created, event })[0]?.kind).toBe('ignored');
  },
);

test.each(['id', 'user_id'])('given a session without %s, then it is unusable, by the field', (field) => {
  expect(map(workos, having(created, `data/${field}`, null))).toEqual([
    { kind: 'unusable', detail: expect.stringContaining(`data.${field}`) },
  ]);
});
