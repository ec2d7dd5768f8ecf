// WorkOS' deliveries, as samples.
import { colleague, type Moment, person, rfc3339, type Sample } from './sample.ts';

export const workosSamples: readonly Sample[] = [
  {
    name: 'session.created',
    about: 'the client signs in',
    body: (moment) => envelope(moment, 'session.created', { ...session(moment), auth_method: 'password' }),
  },
  {
    name: 'session.created-impersonated',
    about: 'a colleague begins to act as the client',
    body: (moment) =>
      envelope(moment, 'session.created', {
        ...session(moment),
        auth_method: 'impersonation',
        impersonator: { email: colleague.email, reason: 'Helping with an upload.' },
      }),
  },
  {
    name: 'authentication.password_succeeded',
    about: 'a step of a sign-in: no login yet',
    ignored: true,
    body: (moment) => envelope(moment, 'authentication.password_succeeded', attempt('succeeded', null)),
  },
  {
    name: 'authentication.password_failed',
    about: 'the client signs in with a wrong password',
    body: (moment) =>
      envelope(
        moment,
        'authentication.password_failed',
        attempt('failed', { code: 'invalid_credentials', message: 'Invalid credentials.' }),
      ),
  },
];

function envelope(moment: Moment, event: string, object: Readonly<Record<string, unknown>>) {
  return { object: 'event', id: ulid('event', moment), event, created_at: rfc3339(moment), context: {}, data: object };
}

function session(moment: Moment) {
  return {
    object: 'session',
    id: ulid('session', moment),
    user_id: person.id,
    organization_id: null,
    ip_address: person.ip,
    user_agent: person.userAgent,
    status: 'active',
    created_at: rfc3339(moment),
    updated_at: rfc3339(moment),
  };
}

function attempt(status: string, error: Readonly<Record<string, string>> | null) {
  return {
    type: 'password',
    status,
    user_id: person.id,
    email: person.email,
    ip_address: person.ip,
    user_agent: person.userAgent,
    ...(error === null ? {} : { error }),
  };
}

function ulid(kind: string, moment: Moment): string {
  return `${kind}_01${moment.serial.slice(0, 24).toUpperCase()}`;
}
