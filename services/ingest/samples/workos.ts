// WorkOS' deliveries, as samples.
import { browser, colleague, type Moment, rfc3339, type Sample } from './sample.ts';

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
    body: (moment) => envelope(moment, 'authentication.password_succeeded', attempt(moment, 'succeeded', null)),
  },
  {
    name: 'authentication.password_failed',
    about: 'the client signs in with a wrong password',
    body: (moment) =>
      envelope(
        moment,
        'authentication.password_failed',
        attempt(moment, 'failed', { code: 'invalid_credentials', message: 'Invalid credentials.' }),
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
    user_id: moment.person.id,
    organization_id: null,
    ip_address: browser.ip,
    user_agent: browser.userAgent,
    status: 'active',
    created_at: rfc3339(moment),
    updated_at: rfc3339(moment),
  };
}

function attempt(moment: Moment, status: string, error: Readonly<Record<string, string>> | null) {
  return {
    type: 'password',
    status,
    user_id: moment.person.id,
    email: moment.person.email,
    ip_address: browser.ip,
    user_agent: browser.userAgent,
    ...(error === null ? {} : { error }),
  };
}

function ulid(kind: string, moment: Moment): string {
  return `${kind}_01${moment.serial.slice(0, 24).toUpperCase()}`;
}
