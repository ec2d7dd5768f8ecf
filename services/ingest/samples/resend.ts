// Resend's deliveries, as samples.
import { browser, type Moment, rfc3339, type Sample, uuid } from './sample.ts';

export const resendSamples: readonly Sample[] = [
  {
    name: 'email.sent',
    about: 'an email to the client was sent',
    body: (moment) => envelope(moment, 'email.sent', {}),
  },
  { name: 'email.delivered', about: 'it was delivered', body: (moment) => envelope(moment, 'email.delivered', {}) },
  { name: 'email.opened', about: 'the client opened it', body: (moment) => envelope(moment, 'email.opened', {}) },
  {
    name: 'email.clicked',
    about: 'the client followed a link in it',
    body: (moment) =>
      envelope(moment, 'email.clicked', {
        click: {
          ipAddress: browser.ip,
          link: 'https://portal.example/review',
          timestamp: rfc3339(moment),
          userAgent: browser.userAgent,
        },
      }),
  },
  {
    name: 'email.bounced',
    about: 'it came back',
    body: (moment) =>
      envelope(moment, 'email.bounced', {
        bounce: { message: 'The mailbox does not exist.', type: 'Permanent', subType: 'General' },
      }),
  },
  {
    name: 'email.complained',
    about: 'the client called it spam',
    body: (moment) => envelope(moment, 'email.complained', {}),
  },
  {
    name: 'email.delivery_delayed',
    about: 'it will be tried again: no signal',
    ignored: true,
    body: (moment) => envelope(moment, 'email.delivery_delayed', {}),
  },
];

function envelope(moment: Moment, type: string, more: Readonly<Record<string, unknown>>) {
  return {
    type,
    created_at: rfc3339(moment),
    data: {
      created_at: rfc3339(moment),
      email_id: uuid(moment),
      from: 'Firm <hello@firm.example>',
      to: [moment.person.email],
      subject: 'Your review is due',
      tags: { client_id: moment.person.id, category: 'review-reminder' },
      ...more,
    },
  };
}
