// Amazon Cognito: the post-authentication trigger, forwarded by a small Lambda, and CloudTrail's events, also by EventBridge.
import { readWhen } from './instant.ts';
import { at, flatFields, listAt, textAt } from './look.ts';
import { addressOf, event, hashId, idOf, ignored, ipOf, unusable } from './made.ts';
import type { Arrival, Mapped, Provider, Subject } from './provider.ts';

export const cognito: Provider = {
  name: 'cognito',
  title: 'Amazon Cognito',
  documentation: 'https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-authentication.html',
  map: (arrival) => {
    const { body } = arrival;
    const records = listAt(body, 'Records');
    return records.length > 0 ? records.map((record) => mapOne(record, arrival)) : [mapOne(body, arrival)];
  },
};

function mapOne(body: unknown, arrival: Arrival): Mapped {
  if (textAt(body, 'triggerSource') !== null) return mapTrigger(body, { id: null, time: undefined }, arrival);
  // The forwarding Lambda wraps what it got, because Cognito gives it neither id nor time.
  if (textAt(body, 'event', 'triggerSource') !== null) {
    return mapTrigger(at(body, 'event'), { id: textAt(body, 'requestId'), time: at(body, 'time') }, arrival);
  }
  const record = at(body, 'detail') ?? body;
  if (textAt(record, 'eventName') !== null) return mapTrail(record, arrival);
  return unusable('triggerSource', 'missing, and no eventName either: neither a trigger nor an event of CloudTrail');
}

function mapTrigger(
  trigger: unknown,
  given: { readonly id: string | null; readonly time: unknown },
  arrival: Arrival,
): Mapped {
  const source = textAt(trigger, 'triggerSource');
  if (source !== 'PostAuthentication_Authentication') return ignored(`${source}: no sign-in that has succeeded`);
  const when = readWhen('time', given.time, arrival);
  if (when.kind === 'unusable') return when;
  const warnings = [...when.warnings];
  const pool = textAt(trigger, 'userPoolId');
  const app = textAt(trigger, 'callerContext', 'clientId');
  const userName = textAt(trigger, 'userName');
  const attributes = at(trigger, 'request', 'userAttributes');
  // The client's own app writes it, so it may say what the device is, and never who somebody is.
  const metadata = at(trigger, 'request', 'clientMetadata');
  const sub = textAt(attributes, 'sub') ?? userName;
  if (sub === null) return unusable('userName', 'missing, and no request.userAttributes.sub either');
  // Without an id, one sign-in of a person to an app a minute: Cognito repeats a trigger that was slow to answer.
  const minute = Math.floor(arrival.arrivedAt / 60_000);
  const eventId = given.id === null ? hashId('cognito', pool, app, sub, minute) : idOf(given.id);
  if (given.id === null) warnings.push('requestId: missing, so sign-ins within one minute count as one');
  return event(
    {
      topic: 'login',
      event: {
        eventId,
        occurredAt: when.occurredAt,
        sessionId: hashId('cognito', 'session', eventId),
        outcome: 'success',
        userAgent: textAt(metadata, 'userAgent'),
        ip: ipOf('request.clientMetadata.ip', at(metadata, 'ip'), warnings),
      },
    },
    {
      userId: sub,
      email: addressOf(at(attributes, 'email')),
      fields: {
        ...flatFields(attributes),
        ...flatFields({ userName, userPoolId: pool, clientId: app }),
      },
    },
    'PostAuthentication_Authentication: Cognito calls it once a sign-in has succeeded; it names no session, so each is one',
    warnings,
  );
}

function mapTrail(record: unknown, arrival: Arrival): Mapped {
  const name = textAt(record, 'eventName') ?? '';
  if (textAt(record, 'eventSource') !== 'cognito-idp.amazonaws.com')
    return ignored(`${name}: not of a Cognito user pool`);
  const request = at(record, 'requestParameters');
  const answer = at(record, 'responseElements');
  const flow = textAt(request, 'authFlow') ?? '';
  const error = textAt(record, 'errorCode');
  const hosted = hostedSignIns.has(name);
  if (!hosted && !apiSignIns.has(name)) return ignored(`${name}: no sign-in`);
  if (flow.startsWith('REFRESH_TOKEN')) return ignored(`${name} with ${flow}: refreshed tokens are no login`);
  const status = textAt(record, 'additionalEventData', 'responseParameters', 'status');
  if (hosted && error === null && status !== '302') return ignored(`${name}: it did not lead on, so nobody signed in`);
  if (error === null && textAt(answer, 'challengeName') !== null)
    return ignored(`${name}: a step, a challenge is still open`);
  if (error === null && challenging.has(flow) && at(answer, 'authenticationResult') === undefined) {
    return ignored(`${name} with ${flow}: a step, Cognito always asks on`);
  }
  const subject = trailSubject(record);
  if (subject.userId === null && hosted) return ignored(`${name}: CloudTrail does not name the user of a hosted page`);
  if (subject.userId === null && error !== null) return ignored(`${name}: it failed, and names no user`);
  if (subject.userId === null) return unusable('additionalEventData.sub', 'missing: whom it is about');
  const when = readWhen('eventTime', at(record, 'eventTime'), arrival);
  if (when.kind === 'unusable') return when;
  const warnings = [...when.warnings];
  const id = textAt(record, 'eventID');
  const byServer = name.startsWith('Admin');
  const eventId = id === null ? hashId('cognito', name, subject.userId, when.occurredAt) : idOf(id);
  return event(
    {
      topic: 'login',
      event: {
        eventId,
        occurredAt: when.occurredAt,
        sessionId: hashId('cognito', 'session', eventId),
        outcome: error === null ? 'success' : 'failure',
        // An administrator's call comes from a server, whose address and agent are not the client's.
        userAgent: byServer ? null : textAt(record, 'userAgent'),
        ip: byServer ? null : ipOf('sourceIPAddress', at(record, 'sourceIPAddress'), warnings),
      },
    },
    subject,
    `${name}: ${error === null ? 'a sign-in that ended with tokens' : 'a sign-in that failed, by errorCode'}; it names no session, so each is one`,
    warnings,
  );
}

const apiSignIns: ReadonlySet<string> = new Set([
  'InitiateAuth',
  'AdminInitiateAuth',
  'RespondToAuthChallenge',
  'AdminRespondToAuthChallenge',
]);
const hostedSignIns: ReadonlySet<string> = new Set(['Login_POST', 'SAML2Response_POST', 'OAuth2Response_GET']);
/** Flows whose first answer is always a challenge. */
const challenging: ReadonlySet<string> = new Set(['USER_SRP_AUTH', 'CUSTOM_AUTH', 'USER_AUTH']);

function trailSubject(record: unknown): Subject {
  const more = at(record, 'additionalEventData');
  const request = at(record, 'requestParameters');
  return {
    userId: textAt(more, 'sub') ?? textAt(record, 'userIdentity', 'sub') ?? null,
    email: null,
    fields: flatFields({
      userPoolId: textAt(request, 'userPoolId') ?? textAt(more, 'userPoolId'),
      clientId: textAt(request, 'clientId'),
    }),
  };
}
