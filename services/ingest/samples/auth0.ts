// Auth0's log streams, as samples: a batch of one log.
import { browser, type Moment, rfc3339, type Sample } from './sample.ts';

export const auth0Samples: readonly Sample[] = [
  {
    name: 's',
    about: 'the client signs in',
    body: (moment) => batch(moment, { type: 's', details: signedIn(moment) }),
  },
  {
    name: 's-silent',
    about: 'the portal signs on silently within a running session, which does not count',
    body: (moment) =>
      batch(moment, { type: 's', connection: '', connection_id: '', details: { ...signedIn(moment), prompts: [] } }),
  },
  {
    name: 'fp',
    about: 'the client signs in with a wrong password',
    body: (moment) =>
      batch(moment, {
        type: 'fp',
        description: 'Wrong email or password.',
        details: { error: { message: 'Wrong email or password.' } },
      }),
  },
  {
    name: 'seccft',
    about: 'a machine gets a token: no login',
    ignored: true,
    body: (moment) => batch(moment, { type: 'seccft', user_id: '', user_name: '' }),
  },
];

function batch(moment: Moment, log: Readonly<Record<string, unknown>>) {
  const id = logId(moment);
  return [
    {
      log_id: id,
      data: {
        date: rfc3339(moment),
        connection: 'Username-Password-Authentication',
        connection_id: 'con_1a5wCUmAs6VOU17n',
        client_id: 'aI61p8I8aFjmYRliLWgvM9ev97kCCNDB',
        client_name: 'Client portal',
        ip: browser.ip,
        user_agent: browser.userAgent,
        hostname: 'portal.auth0.example',
        user_id: moment.person.id,
        user_name: moment.person.email,
        strategy: 'auth0',
        strategy_type: 'database',
        log_id: id,
        ...log,
      },
    },
  ];
}

function signedIn(moment: Moment) {
  return {
    prompts: [
      { name: 'prompt-authenticate', completedAt: moment.now - 300, connection: 'Username-Password-Authentication' },
      { name: 'login', flow: 'universal-login', initiatedAt: moment.now - 9000, completedAt: moment.now - 200 },
    ],
    initiatedAt: moment.now - 9000,
    completedAt: moment.now,
    elapsedTime: 9000,
    session_id: moment.serial,
  };
}

/** 56 digits, the first of them the time. */
function logId(moment: Moment): string {
  const digits = BigInt(`0x${moment.serial}`).toString().padStart(39, '0');
  return `900${rfc3339(moment).replace(/\D/g, '').slice(0, 14)}${digits}`;
}
