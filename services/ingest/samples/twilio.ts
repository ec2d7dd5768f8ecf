// Twilio's deliveries, as samples: status callbacks as forms, and event streams as CloudEvents.
import { type Moment, rfc3339, type Sample } from './sample.ts';

export const twilioSamples: readonly Sample[] = [
  {
    name: 'message.sent',
    about: 'a text message to the client was sent',
    form: true,
    body: (moment) => callback(moment, 'sent'),
  },
  { name: 'message.delivered', about: 'it was delivered', form: true, body: (moment) => callback(moment, 'delivered') },
  {
    name: 'message.failed',
    about: 'it could not be sent: no signal',
    ignored: true,
    form: true,
    body: (moment) => ({ ...callback(moment, 'failed'), ErrorCode: '30003' }),
  },
  {
    name: 'message.received',
    about: 'the client writes a text message to the firm',
    form: true,
    body: (moment) => ({
      ...message(moment),
      SmsStatus: 'received',
      From: clientNumber,
      To: firmNumber,
      Body: 'Thank you.',
      NumMedia: '0',
      NumSegments: '1',
    }),
  },
  {
    name: 'com.twilio.conversations.message.added',
    about: 'somebody writes in a conversation, told by event streams',
    body: (moment) => [
      {
        specversion: '1.0',
        type: 'com.twilio.conversations.message.added',
        source: sid('IM', moment),
        id: sid('EZ', moment),
        time: rfc3339(moment),
        dataschema: 'https://events-schemas.twilio.com/Conversations.MessageAdded/2',
        datacontenttype: 'application/json',
        data: {
          AccountSid: account,
          Author: moment.person.id,
          ParticipantSid: sid('MB', moment),
          ConversationSid: sid('CH', moment),
          MessageSid: sid('IM', moment),
          Index: 10,
          MessageBody: 'Thank you.',
          DateCreated: rfc3339(moment),
          Source: 'SDK',
        },
      },
    ],
  },
];

const account = 'AC00000000000000000000000000000001';
// Numbers that are nobody's.
const clientNumber = '+15005550006';
const firmNumber = '+15005550001';

function callback(moment: Moment, status: string) {
  return { ...message(moment), SmsStatus: status, MessageStatus: status, From: firmNumber, To: clientNumber };
}

function message(moment: Moment) {
  return { MessageSid: sid('SM', moment), SmsSid: sid('SM', moment), AccountSid: account, ApiVersion: '2010-04-01' };
}

function sid(kind: string, moment: Moment): string {
  return `${kind}${moment.serial}`;
}
