import { clerk } from '../../../services/ingest/providers/clerk.ts';
import { clerkSamples } from '../../../services/ingest/samples/clerk.ts';
import { bodyOf, eventOf, having, map } from './mapping.ts';

const created = bodyOf(clerkSamples, 'session.created');
const impersonated = bodyOf(clerkSamples, 'session.created-impersonated');
const email = bodyOf(clerkSamples, 'email.created');
const headers = { 'svix-id': 'msg_1' };

describe('a session', () => {
  test('given it was created, then it is a login, named by the delivery', () => {
    const { draft, subject } = eventOf(map(clerk, created, { headers }));
    expect(draft).toMatchObject({
      topic: 'login',
      event: {
        eventId: 'msg_1',
        occurredAt: '2026-03-01T09:30:00.250Z',
        sessionId: 'sess_0123456789abcdef0123456789a',
        outcome: 'success',
        ip: '203.0.113.7',
        impersonatedBy: null,
      },
    });
    expect(subject).toEqual({
      userId: 'client-1',
      email: null,
      fields: { instance_id: 'ins_29wBMCtzATuFJut8jO2VNTVekS4' },
    });
  });

  test('given an actor, then the login is impersonated by it', () => {
    expect(eventOf(map(clerk, impersonated)).draft.event).toMatchObject({ impersonatedBy: { id: 'colleague-1' } });
  });

  test.each([{}, { sub: '' }, 'somebody'])(
    'given an actor %j without a readable id, then it is impersonated all the same',
    (actor) => {
      const mapped = eventOf(map(clerk, having(created, 'data/actor', actor)));
      expect(mapped.draft.event).toMatchObject({ impersonatedBy: { id: null } });
    },
  );

  test.each(['session.ended', 'session.removed', 'session.revoked'])('%s is ignored', (type) => {
    expect(map(clerk, { ...created, type })[0]?.kind).toBe('ignored');
  });

  test.each(['session.ended', 'session.removed', 'session.revoked'])(
    '%s with an actor ends an impersonation',
    (type) => {
      expect(eventOf(map(clerk, { ...impersonated, type })).draft).toMatchObject({
        topic: 'impersonation',
        event: { phase: 'ended', sessionId: 'sess_0123456789abcdef0123456789a', impersonator: { id: 'colleague-1' } },
      });
    },
  );

  test('given it is pending, then nobody has signed in yet', () => {
    expect(map(clerk, { ...created, type: 'session.pending' })[0]?.kind).toBe('ignored');
  });

  test('given no delivery id, as on Kafka, then its fields name it, the same each time', () => {
    const ids = [created, created, { ...created, timestamp: 1 }].map(
      (body) => eventOf(map(clerk, body)).draft.event.eventId,
    );
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
  });

  test.each(['id', 'user_id'])('given no data.%s, then it is unusable, by the field', (field) => {
    expect(map(clerk, having(created, `data/${field}`, undefined))).toEqual([
      { kind: 'unusable', detail: expect.stringContaining(`data.${field}`) },
    ]);
  });
});

describe('an email', () => {
  test('given an invitation, then it is an email sent, of the category for invitations', () => {
    const { draft, subject } = eventOf(map(clerk, email));
    expect(draft).toMatchObject({
      topic: 'email',
      event: { messageId: 'ema_0123456789abcdef0123456789a', status: 'sent', category: 'portal-invite' },
    });
    expect(subject).toMatchObject({ userId: 'client-1', email: 'client-1@example.org' });
  });

  test('given a slug of the app’s own, then that is its category', () => {
    expect(eventOf(map(clerk, having(email, 'data/slug', 'newsletter'))).draft.event).toMatchObject({
      category: 'newsletter',
    });
  });

  test.each(['verification_code', 'magic_link_sign_in', 'reset_password_code', 'new_device_sign_in'])(
    'given %s, then it is part of signing in, no signal',
    (slug) => {
      expect(map(clerk, having(email, 'data/slug', slug))[0]?.kind).toBe('ignored');
    },
  );

  test('given the app delivers it itself, then its own provider tells of it', () => {
    expect(map(clerk, having(email, 'data/delivered_by_clerk', false))[0]?.kind).toBe('ignored');
  });

  test('given a timestamp in seconds, as one of Clerk’s pages has it, then it is read as that', () => {
    expect(eventOf(map(clerk, { ...email, timestamp: 1_772_357_400 })).draft.event.occurredAt).toBe(
      '2026-03-01T09:30:00.000Z',
    );
  });
});

describe('a text message', () => {
  const sms = bodyOf(clerkSamples, 'sms.created');

  test('given a code to sign in with, then it is no signal', () => {
    expect(map(clerk, sms)[0]?.kind).toBe('ignored');
  });

  test('given anything else, then it is a message sent', () => {
    expect(eventOf(map(clerk, having(sms, 'data/slug', 'appointment'))).draft).toMatchObject({
      topic: 'message',
      event: { direction: 'outbound', channel: 'sms' },
    });
  });
});

test.each(['user.created', 'organization.updated'])('%s is ignored', (type) => {
  expect(map(clerk, { ...created, type })[0]?.kind).toBe('ignored');
});
