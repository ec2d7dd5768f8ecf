// WorkOS: AuthKit's sessions are the logins; its authentication events are steps on the way to one.
import { readWhen } from './instant.ts';
import { at, flatFields, textAt } from './look.ts';
import { addressOf, event, hashId, idOf, ignored, ipOf, unusable } from './made.ts';
import type { Arrival, Mapped, Provider, Subject } from './provider.ts';

export const workos: Provider = {
  name: 'workos',
  title: 'WorkOS',
  documentation: 'https://workos.com/docs/events',
  map: (arrival) => [mapOne(arrival)],
};

function mapOne(arrival: Arrival): Mapped {
  const { body } = arrival;
  const type = textAt(body, 'event');
  if (type === null) return unusable('event', 'missing: the type');
  if (type === 'session.created') return sessionCreated(arrival);
  if (type === 'session.revoked') return sessionRevoked(arrival);
  if (type.startsWith('authentication.') && type.endsWith('_failed')) return failed(type, arrival);
  if (type.startsWith('authentication.') && type.endsWith('_succeeded')) {
    return ignored(`${type}: one step of a sign-in, which a second factor may follow; session.created is the login`);
  }
  return ignored(`${type}: of no concern for engagement`);
}

function sessionCreated(arrival: Arrival): Mapped {
  const { body } = arrival;
  const session = at(body, 'data');
  const id = textAt(session, 'id');
  if (id === null) return unusable('data.id', 'missing: the session');
  if (textAt(session, 'user_id') === null) return unusable('data.user_id', 'missing: whom it is about');
  const when = readWhen('created_at', at(session, 'created_at') ?? at(body, 'created_at'), arrival);
  if (when.kind === 'unusable') return when;
  const warnings = [...when.warnings];
  const impersonator = impersonatorOf(session);
  return event(
    {
      topic: 'login',
      event: {
        eventId: eventIdOf(body, when.occurredAt),
        occurredAt: when.occurredAt,
        sessionId: idOf(id),
        outcome: 'success',
        userAgent: textAt(session, 'user_agent'),
        ip: ipOf('data.ip_address', at(session, 'ip_address'), warnings),
        impersonatedBy: impersonator,
      },
    },
    subjectOf(session),
    impersonator === null
      ? 'session.created without an impersonator: the user signed in'
      : 'session.created with data.impersonator: a colleague acts as the user',
    warnings,
  );
}

/** The end of an impersonated session marks it once more, should its beginning have been missed. */
function sessionRevoked(arrival: Arrival): Mapped {
  const { body } = arrival;
  const session = at(body, 'data');
  const impersonator = impersonatorOf(session);
  if (impersonator === null) return ignored('session.revoked: the end of a session is no signal');
  const id = textAt(session, 'id');
  if (id === null) return unusable('data.id', 'missing: the session');
  if (textAt(session, 'user_id') === null) return unusable('data.user_id', 'missing: whom it is about');
  const when = readWhen('created_at', at(body, 'created_at') ?? at(session, 'updated_at'), arrival);
  if (when.kind === 'unusable') return when;
  const eventId = eventIdOf(body, when.occurredAt);
  return event(
    {
      topic: 'impersonation',
      event: { eventId, occurredAt: when.occurredAt, sessionId: idOf(id), phase: 'ended', impersonator },
    },
    subjectOf(session),
    'session.revoked with data.impersonator: a colleague acted as the user',
    when.warnings,
  );
}

function failed(type: string, arrival: Arrival): Mapped {
  const { body } = arrival;
  const attempt = at(body, 'data');
  const subject = subjectOf(attempt);
  if (subject.userId === null && subject.email === null) return ignored(`${type}: it names nobody, so it is nobody's`);
  const when = readWhen('created_at', at(body, 'created_at'), arrival);
  if (when.kind === 'unusable') return when;
  const warnings = [...when.warnings];
  const eventId = eventIdOf(body, when.occurredAt);
  return event(
    {
      topic: 'login',
      event: {
        eventId,
        occurredAt: when.occurredAt,
        sessionId: hashId('workos', 'attempt', eventId),
        outcome: 'failure',
        userAgent: textAt(attempt, 'user_agent'),
        ip: ipOf('data.ip_address', at(attempt, 'ip_address'), warnings),
      },
    },
    subject,
    `${type}: somebody tried to sign in, in vain`,
    warnings,
  );
}

/** WorkOS names a colleague by email address. An impersonator of a shape we do not know still is one. */
function impersonatorOf(session: unknown): { readonly name: string | null } | null {
  const impersonator = at(session, 'impersonator');
  if (impersonator !== undefined && impersonator !== null) return { name: textAt(impersonator, 'email') };
  return textAt(session, 'auth_method') === 'impersonation' ? { name: null } : null;
}

function eventIdOf(body: unknown, occurredAt: string): string {
  const id = textAt(body, 'id');
  return id === null ? hashId('workos', textAt(body, 'event'), textAt(body, 'data', 'id'), occurredAt) : idOf(id);
}

function subjectOf(object: unknown): Subject {
  return {
    userId: textAt(object, 'user_id'),
    email: addressOf(at(object, 'email')),
    fields: flatFields({ organization_id: textAt(object, 'organization_id') }),
  };
}
