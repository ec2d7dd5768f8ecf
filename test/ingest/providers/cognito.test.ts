import { cognito } from '../../../services/ingest/providers/cognito.ts';
import { cognitoSamples } from '../../../services/ingest/samples/cognito.ts';
import { arrivedAt, bodyOf, eventOf, having, map } from './mapping.ts';

const forwarded = bodyOf(cognitoSamples, 'PostAuthentication_Authentication');
const trail = bodyOf(cognitoSamples, 'InitiateAuth');

describe('the trigger', () => {
  test('given what the documented Lambda sends, then it is a login with its id and time', () => {
    const { draft, subject, warnings } = eventOf(map(cognito, forwarded));
    expect(draft).toMatchObject({
      topic: 'login',
      event: {
        eventId: '01234567-89ab-4def-a123-456789abcdef',
        occurredAt: '2026-03-01T09:30:00.250Z',
        outcome: 'success',
      },
    });
    expect(subject).toEqual({
      userId: 'client-1',
      email: 'client-1@example.org',
      fields: {
        sub: 'client-1',
        email: 'client-1@example.org',
        email_verified: 'true',
        userName: 'client-1',
        userPoolId: 'eu-west-2_Signal123',
        clientId: '3n4b5urk1ft4fl3mg5e62d9ado',
      },
    });
    expect(warnings).toEqual([]);
  });

  test('given the bare trigger, then the arrival’s time stands, flagged', () => {
    const { draft, warnings } = eventOf(map(cognito, forwarded['event']));
    expect(draft.event.occurredAt).toBe('2026-03-01T09:30:01.750Z');
    expect(warnings).toEqual([expect.stringMatching(/^time: /), expect.stringMatching(/^requestId: /)]);
  });

  test('given the bare trigger again a few seconds later, as Cognito repeats it, then it is the same login', () => {
    const again = eventOf(map(cognito, forwarded['event'], { arrivedAt: arrivedAt + 6000 }));
    const later = eventOf(map(cognito, forwarded['event'], { arrivedAt: arrivedAt + 60_000 }));
    const once = eventOf(map(cognito, forwarded['event']));
    expect(again.draft.event).toMatchObject({ eventId: once.draft.event.eventId });
    expect(later.draft.event.eventId).not.toBe(once.draft.event.eventId);
  });

  test('given agent and IP in the client metadata, then they are the login’s', () => {
    const body = having(forwarded, 'event/request/clientMetadata', {
      userAgent: 'Mozilla/5.0 (iPhone)',
      ip: '2001:db8::7',
    });
    expect(eventOf(map(cognito, body)).draft.event).toMatchObject({
      userAgent: 'Mozilla/5.0 (iPhone)',
      ip: '2001:db8::7',
    });
  });

  test('given an id in the client metadata, which anybody can send, then it names nobody', () => {
    const body = having(forwarded, 'event/request/clientMetadata', { client_id: 'client-2', sub: 'client-2' });
    expect(eventOf(map(cognito, body)).subject).toEqual(eventOf(map(cognito, forwarded)).subject);
  });

  test.each(['TokenGeneration_RefreshTokens', 'PreAuthentication_Authentication', 'PostConfirmation_ConfirmSignUp'])(
    '%s is ignored',
    (source) => {
      expect(map(cognito, having(forwarded, 'event/triggerSource', source))[0]?.kind).toBe('ignored');
    },
  );

  test('given neither sub nor user name, then it is unusable, by the field', () => {
    const body = having(having(forwarded, 'event/request/userAttributes', {}), 'event/userName', '');
    expect(map(cognito, body)).toEqual([{ kind: 'unusable', detail: expect.stringContaining('userName') }]);
  });
});

describe('CloudTrail', () => {
  const inFile = { Records: [trail['detail']] };

  test.each([
    ['EventBridge’s envelope', trail],
    ['the record alone', trail['detail']],
    ['a file of records', inFile],
  ])('given %s, then a sign-in with a password is a login of the sub', (_, body) => {
    const { draft, subject } = eventOf(map(cognito, body));
    expect(draft.event).toMatchObject({
      eventId: '01234567-89ab-4def-a123-456789abcdef',
      occurredAt: '2026-03-01T09:30:00.000Z',
      outcome: 'success',
      ip: '203.0.113.7',
    });
    expect(subject.userId).toBe('client-1');
  });

  test('given an errorCode, then it failed', () => {
    const mapped = eventOf(map(cognito, bodyOf(cognitoSamples, 'InitiateAuth-failed')));
    expect(mapped.draft.event).toMatchObject({ outcome: 'failure' });
  });

  test.each([
    ['refreshed tokens', { requestParameters: { authFlow: 'REFRESH_TOKEN_AUTH' } }],
    ['a challenge that is still open', { responseElements: { challengeName: 'SMS_MFA' } }],
    ['a flow that always asks on', { requestParameters: { authFlow: 'USER_SRP_AUTH' }, responseElements: null }],
    ['the sign-in page', { eventName: 'Login_GET' }],
    ['a code traded for tokens', { eventName: 'Token_POST' }],
    [
      'a hosted page that shows its form again',
      { eventName: 'Login_POST', additionalEventData: { responseParameters: { status: 200 } } },
    ],
    [
      'a hosted sign-in, which names nobody',
      { eventName: 'Login_POST', additionalEventData: { responseParameters: { status: 302 } } },
    ],
    ['another service', { eventSource: 'cognito-identity.amazonaws.com' }],
  ])('%s is ignored', (_, differences) => {
    const record = { ...(trail['detail'] as object), ...differences };
    expect(map(cognito, record)[0]?.kind).toBe('ignored');
  });

  test('given an answered challenge that ended with tokens, then it is a login', () => {
    const record = { ...(trail['detail'] as object), eventName: 'RespondToAuthChallenge', requestParameters: {} };
    expect(eventOf(map(cognito, record)).draft.event).toMatchObject({ outcome: 'success' });
  });

  test('given a call by the app’s own server, then its agent and address are not the client’s', () => {
    const record = { ...(trail['detail'] as object), eventName: 'AdminInitiateAuth' };
    expect(eventOf(map(cognito, record)).draft.event).toMatchObject({ userAgent: null, ip: null });
  });

  test('given a success without a sub, then it is unusable, by the field', () => {
    const record = { ...(trail['detail'] as object), additionalEventData: {} };
    expect(map(cognito, record)).toEqual([
      { kind: 'unusable', detail: expect.stringContaining('additionalEventData.sub') },
    ]);
  });
});
