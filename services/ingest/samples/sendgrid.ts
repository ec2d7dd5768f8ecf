// SendGrid's events, as samples: a batch of one event.
import { browser, type Moment, type Sample } from './sample.ts';

export const sendgridSamples: readonly Sample[] = [
  {
    name: 'processed',
    about: 'an email to the client was taken to be sent',
    body: (moment) => batch(moment, { event: 'processed' }),
  },
  {
    name: 'delivered',
    about: 'it was delivered',
    body: (moment) => batch(moment, { event: 'delivered', response: '250 2.0.0 OK' }),
  },
  { name: 'open', about: 'the client opened it', body: (moment) => batch(moment, { event: 'open', ...seen(false) }) },
  {
    name: 'open-machine',
    about: "a mail program's privacy proxy opened it, not the client",
    body: (moment) => batch(moment, { event: 'open', ...seen(true) }),
  },
  {
    name: 'click',
    about: 'the client followed a link in it',
    body: (moment) =>
      batch(moment, {
        event: 'click',
        url: 'https://portal.example/review',
        ip: browser.ip,
        useragent: browser.userAgent,
      }),
  },
  {
    name: 'bounce',
    about: 'it came back for good',
    body: (moment) =>
      batch(moment, { event: 'bounce', type: 'bounce', status: '5.1.1', reason: '550 5.1.1 no such user' }),
  },
  { name: 'spamreport', about: 'the client called it spam', body: (moment) => batch(moment, { event: 'spamreport' }) },
  {
    name: 'deferred',
    about: 'it will be tried again: no signal',
    ignored: true,
    body: (moment) => batch(moment, { event: 'deferred', response: '451 try again later', attempt: '1' }),
  },
];

function batch(moment: Moment, more: Readonly<Record<string, unknown>>) {
  return [
    {
      email: moment.person.email,
      timestamp: Math.floor(moment.now / 1000),
      'smtp-id': `<${moment.serial}@firm.example>`,
      category: ['review-reminder'],
      sg_event_id: Buffer.from(moment.serial).toString('base64url'),
      sg_message_id: `${moment.serial.slice(0, 22)}.recvd-5d4b8f9c6-abcde-1-65A1B2C3-1.0`,
      client_id: moment.person.id,
      ...more,
    },
  ];
}

function seen(machine: boolean) {
  return {
    ip: browser.ip,
    useragent: machine ? 'Mozilla/5.0' : browser.userAgent,
    sg_machine_open: machine,
    sg_content_type: 'html',
  };
}
