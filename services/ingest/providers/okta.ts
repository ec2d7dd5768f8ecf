// Okta: event hooks, and single entries of the System Log as other pipes forward them.
import { readWhen } from './instant.ts';
import { at, listAt, textAt } from './look.ts';
import { addressOf, event, hashId, idOf, ignored, ipOf, unusable } from './made.ts';
import type { Handshake } from './offer.ts';
import type { Arrival, Mapped, Provider, Subject } from './provider.ts';

export const okta: Provider = {
  name: 'okta',
  title: 'Okta',
  documentation: 'https://developer.okta.com/docs/concepts/event-hooks/',
  map: (arrival) => {
    const { body } = arrival;
    const entries = listAt(body, 'data', 'events');
    if (entries.length > 0) return entries.map((entry, index) => mapEntry(entry, arrival, index));
    if (textAt(body, 'eventType') === 'com.okta.event_hook') return [ignored('an event hook without events')];
    return [mapEntry(body, arrival, 0)];
  },
};

/**
 * Answers the one-time check that Okta makes of a new hook: a GET with a challenge, to be sent back. It carries the secret as
 * every delivery does, so a wrong one is found when the hook is made.
 */
export const oktaHandshake: Handshake = async ({ method, headers }) => {
  const challenge = headers['x-okta-verification-challenge'];
  if (method !== 'GET' || challenge === undefined || challenge === '') return null;
  const body = JSON.stringify({ verification: challenge });
  return { status: 200, headers: { 'content-type': 'application/json' }, body };
};

function mapEntry(entry: unknown, arrival: Arrival, index: number): Mapped {
  const type = textAt(entry, 'eventType');
  switch (type) {
    case null:
      return unusable('eventType', 'missing');
    case 'user.session.start':
      return login(entry, arrival, index);
    case 'user.session.impersonation.initiate':
      return impersonation(entry, arrival, index, 'started');
    case 'user.session.impersonation.end':
      return impersonation(entry, arrival, index, 'ended');
    case 'user.session.impersonation.grant':
    case 'user.session.impersonation.extend':
    case 'user.session.impersonation.revoke':
      return ignored(`${type}: leave to act as somebody is no session yet`);
    case 'user.authentication.sso':
      return ignored(`${type}: opening an app within a running session is no new login`);
    case 'user.session.end':
      return ignored(`${type}: the end of a session is no signal`);
    default:
      return ignored(`${type}: of no concern for engagement`);
  }
}

function login(entry: unknown, arrival: Arrival, index: number): Mapped {
  const result = textAt(entry, 'outcome', 'result');
  if (result === null) return unusable('outcome.result', 'missing');
  const outcome = outcomes.get(result);
  if (outcome === undefined) return ignored('user.session.start: outcome.result is neither a success nor a failure');
  const when = readWhen('published', at(entry, 'published'), arrival);
  if (when.kind === 'unusable') return when;
  const warnings = [...when.warnings];
  const eventId = eventIdOf(entry, arrival, index);
  return event(
    {
      topic: 'login',
      event: {
        eventId,
        occurredAt: when.occurredAt,
        sessionId: sessionOf(entry, eventId, outcome === 'success' ? warnings : []),
        outcome,
        userAgent: textAt(entry, 'client', 'userAgent', 'rawUserAgent'),
        ip: ipOf('client.ipAddress', at(entry, 'client', 'ipAddress'), warnings),
      },
    },
    subjectOf(at(entry, 'actor'), arrival),
    `user.session.start with outcome.result ${result}: the actor signed in${outcome === 'success' ? '' : ', in vain'}`,
    warnings,
  );
}

const outcomes: ReadonlyMap<string, 'success' | 'failure'> = new Map([
  ['SUCCESS', 'success'],
  ['ALLOW', 'success'],
  ['FAILURE', 'failure'],
  ['DENY', 'failure'],
]);

function impersonation(entry: unknown, arrival: Arrival, index: number, phase: 'started' | 'ended'): Mapped {
  const type = textAt(entry, 'eventType');
  const result = textAt(entry, 'outcome', 'result');
  if (result !== null && outcomes.get(result) === 'failure')
    return ignored(`${type}: it failed, nobody acts as the user`);
  const impersonated = listAt(entry, 'target').find((target) => textAt(target, 'type') === 'User');
  if (knownAt(impersonated, 'id') === null) return unusable('target[type=User].id', 'missing: whom it is about');
  const when = readWhen('published', at(entry, 'published'), arrival);
  if (when.kind === 'unusable') return when;
  const warnings = [...when.warnings];
  const eventId = eventIdOf(entry, arrival, index);
  return event(
    {
      topic: 'impersonation',
      event: {
        eventId,
        occurredAt: when.occurredAt,
        sessionId: sessionOf(entry, eventId, warnings),
        phase,
        impersonator: {
          id: knownAt(entry, 'actor', 'id'),
          name: knownAt(entry, 'actor', 'displayName') ?? knownAt(entry, 'actor', 'alternateId'),
        },
      },
    },
    subjectOf(impersonated, arrival),
    `${type}: the actor ${phase === 'started' ? 'acts' : 'no longer acts'} as the target of type User`,
    warnings,
  );
}

/** The event's own id, the same when the hook is sent again. */
function eventIdOf(entry: unknown, arrival: Arrival, index: number): string {
  const uuid = textAt(entry, 'uuid');
  if (uuid !== null) return idOf(uuid);
  // Okta's pages write the id of a delivery in both ways.
  const delivery = textAt(arrival.body, 'eventId') ?? textAt(arrival.body, 'eventID');
  return hashId('okta', delivery, index, textAt(entry, 'eventType'), textAt(entry, 'published'));
}

function sessionOf(entry: unknown, eventId: string, warnings: string[]): string {
  const session =
    knownAt(entry, 'authenticationContext', 'externalSessionId') ??
    knownAt(entry, 'authenticationContext', 'rootSessionId');
  if (session !== null) return idOf(session);
  warnings.push('authenticationContext.externalSessionId: missing, so this stands as a session of its own');
  return hashId('okta', 'session', eventId);
}

/** Okta writes "unknown" where it knows nothing. */
function knownAt(value: unknown, ...path: readonly string[]): string | null {
  const text = textAt(value, ...path);
  return text === 'unknown' ? null : text;
}

function subjectOf(user: unknown, arrival: Arrival): Subject {
  const login = knownAt(user, 'alternateId');
  const org = orgOf(textAt(arrival.body, 'source'));
  return {
    userId: knownAt(user, 'id'),
    email: addressOf(login),
    fields: { ...(login === null ? {} : { login }), ...(org === null ? {} : { org }) },
  };
}

/** The host of the Okta organisation, out of the address of the hook. */
function orgOf(source: string | null): string | null {
  return source === null || !URL.canParse(source) ? null : new URL(source).host;
}
