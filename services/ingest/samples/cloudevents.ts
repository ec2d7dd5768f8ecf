// CloudEvents that carry our own events, structured as they travel over HTTP and Kafka alike.
import { browser, colleague, type Moment, rfc3339, type Sample, uuid } from './sample.ts';

export const cloudeventsSamples: readonly Sample[] = [
  {
    name: 'signalfold.login',
    about: 'the client signs in',
    body: (moment) =>
      cloudEvent(moment, 'login', {
        sessionId: uuid(moment, 1),
        outcome: 'success',
        userAgent: browser.userAgent,
        ip: browser.ip,
      }),
  },
  {
    name: 'signalfold.impersonation',
    about: 'a colleague begins to act as the client',
    body: (moment) =>
      cloudEvent(moment, 'impersonation', {
        sessionId: uuid(moment, 1),
        phase: 'started',
        impersonator: { id: colleague.id, name: colleague.name },
      }),
  },
  {
    name: 'signalfold.email',
    about: 'an email is sent to the client',
    body: (moment) =>
      cloudEvent(moment, 'email', { messageId: uuid(moment, 1), status: 'sent', address: moment.person.email }),
  },
  {
    name: 'com.example.invoice.paid',
    about: 'something else happens on the bus',
    ignored: true,
    body: (moment) => ({ ...cloudEvent(moment, 'login', { amount: 12 }), type: 'com.example.invoice.paid' }),
  },
];

function cloudEvent(moment: Moment, topic: string, content: Readonly<Record<string, unknown>>) {
  return {
    specversion: '1.0',
    id: uuid(moment),
    source: '/portal',
    type: `signalfold.${topic}`,
    subject: moment.person.id,
    time: rfc3339(moment),
    datacontenttype: 'application/json',
    data: { email: moment.person.email, ...content },
  };
}
