// Stream's deliveries, as samples.
import { colleague, type Moment, rfc3339, type Sample, uuid } from './sample.ts';

export const streamSamples: readonly Sample[] = [
  {
    name: 'message.new',
    about: 'a colleague writes to the client',
    body: (moment) => written(moment, member(colleague.id, 'admin').user),
  },
  {
    name: 'message.new-inbound',
    about: 'the client writes to the firm',
    body: (moment) => written(moment, member(moment.person.id, 'user').user),
  },
  {
    name: 'message.read',
    about: 'the client reads what was written: no signal',
    ignored: true,
    body: (moment) => ({
      type: 'message.read',
      ...channel,
      user: member(moment.person.id, 'user').user,
      created_at: nanoseconds(moment),
    }),
  },
];

const channel = { cid: 'messaging:client-1-firm', channel_type: 'messaging', channel_id: 'client-1-firm' };

function written(moment: Moment, user: Readonly<Record<string, unknown>>) {
  return {
    type: 'message.new',
    ...channel,
    message_id: uuid(moment),
    message: {
      id: uuid(moment),
      type: 'regular',
      text: 'Your statement is ready.',
      html: '<p>Your statement is ready.</p>\n',
      user,
      attachments: [],
      mentioned_users: [],
      silent: false,
      shadowed: false,
      created_at: nanoseconds(moment),
      updated_at: nanoseconds(moment),
    },
    user,
    members: [member(colleague.id, 'admin'), member(moment.person.id, 'user')],
    created_at: nanoseconds(moment),
  };
}

function member(id: string, role: string) {
  return {
    user_id: id,
    user: { id, role, name: id, banned: false, online: true },
    role: 'member',
    channel_role: 'channel_member',
  };
}

function nanoseconds(moment: Moment): string {
  return rfc3339(moment).replace('Z', '429604Z');
}
