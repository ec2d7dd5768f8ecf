// Intercom's deliveries, as samples.
import { colleague, type Moment, type Sample, uuid } from './sample.ts';

export const intercomSamples: readonly Sample[] = [
  {
    name: 'conversation.admin.replied',
    about: 'a teammate answers the client',
    body: (moment) => replied(moment, 'conversation.admin.replied', teammate, 'comment'),
  },
  {
    name: 'conversation.user.created',
    about: 'the client begins a conversation',
    body: (moment) => notification(moment, 'conversation.user.created', conversation(moment, contact(moment), [])),
  },
  {
    name: 'conversation.user.replied',
    about: 'the client answers',
    body: (moment) => replied(moment, 'conversation.user.replied', contact(moment), 'comment'),
  },
  {
    name: 'conversation.admin.single.created',
    about: 'a teammate begins a conversation with the client',
    body: (moment) => notification(moment, 'conversation.admin.single.created', conversation(moment, teammate, [])),
  },
  {
    name: 'conversation.admin.noted',
    about: 'a teammate leaves a note that the client does not see: no signal',
    ignored: true,
    body: (moment) => replied(moment, 'conversation.admin.noted', teammate, 'note'),
  },
  {
    name: 'ping',
    about: 'Intercom asks whether somebody is here',
    ignored: true,
    body: (moment) => ({
      ...notification(moment, 'ping', { type: 'ping', message: 'A ping.' }),
      id: null,
    }),
  },
];

type Author = {
  readonly type: 'user' | 'admin';
  readonly id: string;
  readonly name: string;
  readonly email: string;
};

const teammate: Author = { type: 'admin', id: '274', name: colleague.name, email: colleague.email };

function contact(moment: Moment): Author {
  return { type: 'user', id: '6657adca6abd0167d9419def', name: 'Client 1', email: moment.person.email };
}

function notification(moment: Moment, topic: string, item: Readonly<Record<string, unknown>>) {
  return {
    type: 'notification_event',
    app_id: 'a1b2c3d4',
    id: `notif_${uuid(moment)}`,
    topic,
    created_at: seconds(moment),
    delivery_attempts: 1,
    delivery_status: 'pending',
    first_sent_at: seconds(moment),
    data: { type: 'notification_event_data', item },
  };
}

function replied(moment: Moment, topic: string, author: Author, partType: string) {
  const part = {
    type: 'conversation_part',
    id: String(Number.parseInt(moment.serial.slice(0, 10), 16)),
    part_type: partType,
    body: '<p>Your statement is ready.</p>',
    created_at: seconds(moment),
    updated_at: seconds(moment),
    author,
    attachments: [],
  };
  return notification(moment, topic, conversation(moment, contact(moment), [part]));
}

function conversation(moment: Moment, author: Author, parts: readonly unknown[]) {
  return {
    type: 'conversation',
    id: String(Number.parseInt(moment.serial.slice(10, 20), 16)),
    created_at: seconds(moment),
    updated_at: seconds(moment),
    source: {
      type: 'conversation',
      id: String(Number.parseInt(moment.serial.slice(20, 30), 16)),
      delivered_as: author.type === 'admin' ? 'admin_initiated' : 'customer_initiated',
      body: '<p>Hello.</p>',
      author,
    },
    contacts: {
      type: 'contact.list',
      contacts: [{ type: 'contact', id: contact(moment).id, external_id: moment.person.id }],
    },
    conversation_parts: { type: 'conversation_part.list', conversation_parts: parts, total_count: parts.length },
    state: 'open',
    open: true,
  };
}

function seconds(moment: Moment): number {
  return Math.floor(moment.now / 1000);
}
