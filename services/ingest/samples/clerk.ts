// Clerk's deliveries, as samples.
import { browser, colleague, type Moment, type Sample } from './sample.ts';

export const clerkSamples: readonly Sample[] = [
  {
    name: 'session.created',
    about: 'the client signs in',
    body: (moment) => envelope(moment, 'session.created', session(moment, null)),
  },
  {
    name: 'session.created-impersonated',
    about: 'a colleague begins to act as the client',
    body: (moment) => envelope(moment, 'session.created', session(moment, { sub: colleague.id })),
  },
  {
    name: 'session.ended',
    about: 'the client signs out: no signal',
    ignored: true,
    body: (moment) => envelope(moment, 'session.ended', session(moment, null)),
  },
  {
    name: 'email.created',
    about: 'Clerk sends the client an invitation',
    body: (moment) =>
      envelope(moment, 'email.created', {
        object: 'email',
        id: `ema_${moment.serial.slice(0, 27)}`,
        slug: 'invitation',
        from_email_name: 'noreply',
        email_address_id: null,
        to_email_address: moment.person.email,
        user_id: moment.person.id,
        subject: 'You are invited to the portal',
        status: 'queued',
        delivered_by_clerk: true,
      }),
  },
  {
    name: 'sms.created',
    about: 'Clerk sends the client a code to sign in with: no signal',
    ignored: true,
    body: (moment) =>
      envelope(moment, 'sms.created', {
        object: 'sms_message',
        id: `sms_${moment.serial.slice(0, 27)}`,
        slug: 'verification_code',
        to_phone_number: '+15555550100',
        user_id: moment.person.id,
        status: 'queued',
        delivered_by_clerk: true,
      }),
  },
];

function envelope(moment: Moment, type: string, object: Readonly<Record<string, unknown>>) {
  return {
    object: 'event',
    type,
    timestamp: moment.now,
    instance_id: 'ins_29wBMCtzATuFJut8jO2VNTVekS4',
    event_attributes: { http_request: { client_ip: browser.ip, user_agent: browser.userAgent } },
    data: object,
  };
}

function session(moment: Moment, actor: { readonly sub: string } | null) {
  return {
    object: 'session',
    id: `sess_${moment.serial.slice(0, 27)}`,
    client_id: `client_${moment.serial.slice(0, 27)}`,
    user_id: moment.person.id,
    actor,
    status: 'active',
    last_active_organization_id: null,
    last_active_at: moment.now,
    expire_at: moment.now + 7 * 24 * 60 * 60_000,
    abandon_at: moment.now + 30 * 24 * 60 * 60_000,
    created_at: moment.now,
    updated_at: moment.now,
  };
}
