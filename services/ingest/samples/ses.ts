// Amazon SES' events, as samples, in the envelope of SNS; what is signed in it is put there by the signer.
import { browser, type Moment, rfc3339, type Sample, uuid } from './sample.ts';

export const sesTopicArn = 'arn:aws:sns:eu-west-2:123456789012:email-events';

export const sesSamples: readonly Sample[] = [
  {
    name: 'Send',
    about: 'an email to the client was sent',
    body: (moment) => notification(moment, 'Send', { send: {} }),
  },
  {
    name: 'Delivery',
    about: 'it was delivered',
    body: (moment) =>
      notification(moment, 'Delivery', {
        delivery: {
          timestamp: rfc3339(moment),
          processingTimeMillis: 893,
          recipients: [moment.person.email],
          smtpResponse: '250 2.0.0 OK',
          reportingMTA: 'mta.example.org',
        },
      }),
  },
  {
    name: 'Open',
    about: 'the client opened it',
    body: (moment) =>
      notification(moment, 'Open', {
        open: { timestamp: rfc3339(moment), ipAddress: browser.ip, userAgent: browser.userAgent },
      }),
  },
  {
    name: 'Click',
    about: 'the client followed a link in it',
    body: (moment) =>
      notification(moment, 'Click', {
        click: {
          timestamp: rfc3339(moment),
          ipAddress: browser.ip,
          userAgent: browser.userAgent,
          link: 'https://portal.example/review',
          linkTags: null,
        },
      }),
  },
  {
    name: 'Bounce',
    about: 'it came back for good',
    body: (moment) =>
      notification(moment, 'Bounce', {
        bounce: {
          timestamp: rfc3339(moment),
          bounceType: 'Permanent',
          bounceSubType: 'General',
          bouncedRecipients: [{ emailAddress: moment.person.email, action: 'failed', status: '5.1.1' }],
          feedbackId: uuid(moment, 2),
          reportingMTA: 'dsn; mta.example.org',
        },
      }),
  },
  {
    name: 'Complaint',
    about: 'the client called it spam',
    body: (moment) =>
      notification(moment, 'Complaint', {
        complaint: {
          timestamp: rfc3339(moment),
          complainedRecipients: [{ emailAddress: moment.person.email }],
          feedbackId: uuid(moment, 2),
        },
      }),
  },
];

function notification(moment: Moment, eventType: string, more: Readonly<Record<string, unknown>>) {
  const event = {
    eventType,
    mail: {
      timestamp: rfc3339(moment),
      source: 'hello@firm.example',
      sourceArn: 'arn:aws:ses:eu-west-2:123456789012:identity/firm.example',
      sendingAccountId: '123456789012',
      messageId: `${moment.serial.slice(0, 16)}-${uuid(moment)}-000000`,
      destination: [moment.person.email],
      headersTruncated: false,
      headers: [],
      commonHeaders: { from: ['hello@firm.example'], to: [moment.person.email], subject: 'Your review is due' },
      tags: {
        'ses:configuration-set': ['portal'],
        'ses:from-domain': ['firm.example'],
        client_id: [moment.person.id],
        category: ['review-reminder'],
      },
    },
    ...more,
  };
  return {
    Type: 'Notification',
    MessageId: uuid(moment, 1),
    TopicArn: sesTopicArn,
    Subject: 'Amazon SES Email Event Notification',
    Message: JSON.stringify(event),
    Timestamp: rfc3339(moment),
    UnsubscribeURL: 'https://sns.eu-west-2.amazonaws.com/?Action=Unsubscribe',
  };
}
