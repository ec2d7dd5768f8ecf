// Mailgun's deliveries, as samples; their signature stands in the body and is put there by the signer.
import { browser, type Moment, type Sample } from './sample.ts';

export const mailgunSamples: readonly Sample[] = [
  {
    name: 'accepted',
    about: 'an email to the client was taken to be sent',
    body: (moment) => envelope(moment, 'accepted', {}),
  },
  {
    name: 'delivered',
    about: 'it was delivered',
    body: (moment) =>
      envelope(moment, 'delivered', {
        'delivery-status': { code: 250, message: 'OK', 'attempt-no': 1, 'mx-host': 'mx.example.org', tls: true },
      }),
  },
  { name: 'opened', about: 'the client opened it', body: (moment) => envelope(moment, 'opened', seenBy({})) },
  {
    name: 'opened-machine',
    about: "a mail program's privacy proxy opened it, not the client",
    body: (moment) => envelope(moment, 'opened', seenBy({ 'user-agent': 'Mozilla/5.0', bot: 'apple' })),
  },
  {
    name: 'clicked',
    about: 'the client followed a link in it',
    body: (moment) => envelope(moment, 'clicked', { ...seenBy({}), url: 'https://portal.example/review' }),
  },
  {
    name: 'failed',
    about: 'it came back for good',
    body: (moment) => envelope(moment, 'failed', { severity: 'permanent', reason: 'bounce' }),
  },
  {
    name: 'failed-temporary',
    about: 'it will be tried again: no signal',
    ignored: true,
    body: (moment) => envelope(moment, 'failed', { severity: 'temporary', reason: 'generic' }),
  },
  { name: 'complained', about: 'the client called it spam', body: (moment) => envelope(moment, 'complained', {}) },
];

function envelope(moment: Moment, event: string, more: Readonly<Record<string, unknown>>) {
  return {
    'event-data': {
      id: moment.serial.slice(0, 22),
      event,
      timestamp: moment.now / 1000,
      'log-level': 'info',
      recipient: moment.person.email,
      'recipient-domain': 'example.org',
      tags: ['review-reminder'],
      'user-variables': { client_id: moment.person.id },
      flags: { 'is-routed': false, 'is-authenticated': true, 'is-system-test': false, 'is-test-mode': false },
      message: {
        headers: {
          to: moment.person.email,
          from: 'hello@firm.example',
          subject: 'Your review is due',
          'message-id': `${moment.serial}@firm.example`,
        },
        attachments: [],
        size: 809,
      },
      ...more,
    },
  };
}

function seenBy(client: Readonly<Record<string, unknown>>) {
  return {
    ip: browser.ip,
    geolocation: { country: 'GB', region: 'ENG', city: 'London' },
    'client-info': {
      'client-name': 'Chrome',
      'client-type': 'browser',
      'client-os': 'macOS',
      'device-type': 'desktop',
      'user-agent': browser.userAgent,
      ...client,
    },
  };
}
