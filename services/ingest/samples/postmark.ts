// Postmark's deliveries, as samples.
import { browser, type Moment, rfc3339, type Sample, uuid } from './sample.ts';

export const postmarkSamples: readonly Sample[] = [
  {
    name: 'Delivery',
    about: 'an email to the client was delivered',
    body: (moment) => ({
      ...common(moment, 'Delivery'),
      Recipient: moment.person.email,
      DeliveredAt: sevenDigits(moment),
      Details: 'smtp;250 2.0.0 OK',
    }),
  },
  {
    name: 'Open',
    about: 'the client opened it',
    body: (moment) => open(moment, browser.userAgent),
  },
  {
    name: 'Open-machine',
    about: "a mail program's privacy proxy opened it, not the client",
    body: (moment) => open(moment, 'Mozilla/5.0'),
  },
  {
    name: 'Click',
    about: 'the client followed a link in it',
    body: (moment) => ({
      ...open(moment, browser.userAgent),
      RecordType: 'Click',
      ClickLocation: 'HTML',
      OriginalLink: 'https://portal.example/review',
    }),
  },
  {
    name: 'Bounce',
    about: 'it came back',
    body: (moment) => ({
      ...common(moment, 'Bounce'),
      ID: Number.parseInt(moment.serial.slice(0, 8), 16),
      Type: 'HardBounce',
      TypeCode: 1,
      Email: moment.person.email,
      BouncedAt: sevenDigits(moment),
      Description: 'The server was unable to deliver your message.',
      Inactive: true,
      CanActivate: true,
    }),
  },
  {
    name: 'SpamComplaint',
    about: 'the client called it spam',
    body: (moment) => ({
      ...common(moment, 'SpamComplaint'),
      ID: Number.parseInt(moment.serial.slice(0, 8), 16),
      Type: 'SpamComplaint',
      TypeCode: 100001,
      Email: moment.person.email,
      BouncedAt: sevenDigits(moment),
    }),
  },
  {
    name: 'SubscriptionChange',
    about: 'the client no longer wants such emails: no signal',
    ignored: true,
    body: (moment) => ({
      ...common(moment, 'SubscriptionChange'),
      Recipient: moment.person.email,
      ChangedAt: sevenDigits(moment),
      Origin: 'Recipient',
      SuppressSending: true,
      SuppressionReason: 'ManualSuppression',
    }),
  },
];

function common(moment: Moment, recordType: string) {
  return {
    RecordType: recordType,
    ServerID: 23,
    MessageStream: 'outbound',
    MessageID: uuid(moment),
    Tag: 'review-reminder',
    Metadata: { client_id: moment.person.id },
  };
}

function open(moment: Moment, userAgent: string) {
  return {
    ...common(moment, 'Open'),
    FirstOpen: true,
    Recipient: moment.person.email,
    ReceivedAt: sevenDigits(moment),
    Client: { Name: 'Chrome', Company: 'Google', Family: 'Chrome' },
    OS: { Name: 'OS X', Company: 'Apple', Family: 'OS X' },
    Platform: 'Desktop',
    UserAgent: userAgent,
    Geo: { IP: browser.ip },
  };
}

/** As .NET writes a time. */
function sevenDigits(moment: Moment): string {
  return rfc3339(moment).replace('Z', '0000Z');
}
