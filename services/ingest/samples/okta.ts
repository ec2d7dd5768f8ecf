// Okta's deliveries, as samples: an event hook with one event in it.
import { browser, colleague, type Moment, rfc3339, type Sample, uuid } from './sample.ts';

export const oktaSamples: readonly Sample[] = [
  {
    name: 'user.session.start',
    about: 'the client signs in',
    body: (moment) => hook(moment, signIn(moment, 'SUCCESS')),
  },
  {
    name: 'user.session.start-failed',
    about: 'the client signs in with a wrong password',
    body: (moment) => hook(moment, signIn(moment, 'FAILURE')),
  },
  {
    name: 'user.session.impersonation.initiate',
    about: 'a colleague begins to act as the client',
    body: (moment) => hook(moment, impersonation(moment, 'initiate')),
  },
  {
    name: 'user.session.impersonation.end',
    about: 'the colleague stops acting as the client',
    body: (moment) => hook(moment, impersonation(moment, 'end')),
  },
  {
    name: 'user.authentication.sso',
    about: 'the client opens an app within a running session: no login',
    ignored: true,
    body: (moment) => hook(moment, { ...signIn(moment, 'SUCCESS'), eventType: 'user.authentication.sso' }),
  },
];

function hook(moment: Moment, event: Readonly<Record<string, unknown>>) {
  return {
    eventType: 'com.okta.event_hook',
    eventTypeVersion: '1.0',
    cloudEventsVersion: '0.1',
    source: 'https://portal.okta.example/api/v1/eventHooks/who1ff5gqg2m9iXkv5d7',
    eventId: uuid(moment, 1),
    eventTime: rfc3339(moment),
    contentType: 'application/json',
    data: { events: [event] },
  };
}

function signIn(moment: Moment, result: 'SUCCESS' | 'FAILURE') {
  return {
    ...common(moment),
    eventType: 'user.session.start',
    displayMessage: 'User login to Okta',
    actor: { id: moment.person.id, type: 'User', alternateId: moment.person.email, displayName: 'Client 1' },
    authenticationContext: {
      authenticationStep: 0,
      externalSessionId: result === 'SUCCESS' ? sessionOf(moment) : 'unknown',
    },
    outcome: { result, reason: result === 'SUCCESS' ? null : 'INVALID_CREDENTIALS' },
    target: [],
  };
}

function impersonation(moment: Moment, phase: 'initiate' | 'end') {
  return {
    ...common(moment),
    eventType: `user.session.impersonation.${phase}`,
    displayMessage: `Impersonation session ${phase === 'initiate' ? 'initiated' : 'ended'}`,
    actor: { id: colleague.id, type: 'User', alternateId: colleague.email, displayName: colleague.name },
    authenticationContext: { authenticationStep: 0, externalSessionId: sessionOf(moment) },
    outcome: { result: 'SUCCESS', reason: null },
    target: [{ id: moment.person.id, type: 'User', alternateId: moment.person.email, displayName: 'Client 1' }],
  };
}

function common(moment: Moment) {
  return {
    uuid: uuid(moment),
    published: rfc3339(moment),
    version: '0',
    severity: 'INFO',
    client: {
      device: 'Computer',
      zone: 'null',
      ipAddress: browser.ip,
      userAgent: { browser: 'CHROME', os: 'Mac OS X', rawUserAgent: browser.userAgent },
    },
    transaction: { id: moment.serial.slice(0, 27), type: 'WEB', detail: {} },
  };
}

function sessionOf(moment: Moment): string {
  return `idx${moment.serial.slice(0, 20)}`;
}
