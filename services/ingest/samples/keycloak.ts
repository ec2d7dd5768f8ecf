// Keycloak's events, as samples, in the form that its common listeners send.
import { browser, colleague, type Moment, type Sample, uuid } from './sample.ts';

export const keycloakSamples: readonly Sample[] = [
  { name: 'LOGIN', about: 'the client signs in', body: (moment) => signIn(moment, 'LOGIN') },
  {
    name: 'LOGIN_ERROR',
    about: 'the client signs in with a wrong password',
    body: (moment) => ({
      ...signIn(moment, 'LOGIN_ERROR'),
      sessionId: null,
      error: 'invalid_user_credentials',
    }),
  },
  {
    name: 'IMPERSONATE',
    about: 'a colleague begins to act as the client',
    body: (moment) => ({
      ...common(moment, 'IMPERSONATE'),
      clientId: null,
      details: { impersonator_realm: 'master', impersonator: colleague.id },
    }),
  },
  {
    name: 'REFRESH_TOKEN',
    about: "the portal refreshes the client's tokens: no login",
    ignored: true,
    body: (moment) => ({
      ...common(moment, 'REFRESH_TOKEN'),
      details: { token_id: uuid(moment, 2), grant_type: 'refresh_token', refresh_token_type: 'Refresh' },
    }),
  },
];

function signIn(moment: Moment, type: string) {
  return {
    ...common(moment, type),
    details: {
      auth_method: 'openid-connect',
      auth_type: 'code',
      redirect_uri: 'https://portal.example/',
      consent: 'no_consent_required',
      code_id: uuid(moment, 1),
      username: moment.person.email,
    },
  };
}

function common(moment: Moment, type: string) {
  return {
    id: uuid(moment),
    time: moment.now,
    type,
    realmId: 'portal',
    realmName: 'portal',
    clientId: 'client-portal',
    userId: moment.person.id,
    sessionId: uuid(moment, 1),
    ipAddress: browser.ip,
    error: null,
  };
}
