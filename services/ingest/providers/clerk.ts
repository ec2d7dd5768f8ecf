// Clerk: sessions, and the emails and texts it sends. One event a delivery, by Svix.
import { readWhen } from './instant.ts';
import { at, textAt } from './look.ts';
import { addressOf, event, hashId, idOf, ignored, ipOf, unusable } from './made.ts';
import type { Arrival, Draft, Mapped, Provider, Subject } from './provider.ts';

export const clerk: Provider = {
  name: 'clerk',
  title: 'Clerk',
  documentation: 'https://clerk.com/docs/guides/development/webhooks/overview',
  map: (arrival) => [mapOne(arrival)],
};

function mapOne(arrival: Arrival): Mapped {
  const type = textAt(arrival.body, 'type');
  switch (type) {
    case null:
      return unusable('type', 'missing');
    case 'session.created':
      return sessionCreated(arrival);
    case 'session.ended':
    case 'session.removed':
    case 'session.revoked':
      return sessionEnded(arrival, type);
    case 'session.pending':
      return ignored(`${type}: the sign-in still waits for a step of the user`);
    case 'email.created':
      return emailCreated(arrival);
    case 'sms.created':
      return smsCreated(arrival);
    default:
      return ignored(`${type}: of no concern for engagement`);
  }
}

function sessionCreated(arrival: Arrival): Mapped {
  const session = at(arrival.body, 'data');
  const id = textAt(session, 'id');
  if (id === null) return unusable('data.id', 'missing: the session');
  if (textAt(session, 'user_id') === null) return unusable('data.user_id', 'missing: whom it is about');
  const when = readWhen('data.created_at', at(session, 'created_at') ?? at(arrival.body, 'timestamp'), arrival);
  if (when.kind === 'unusable') return when;
  const warnings = [...when.warnings];
  const request = at(arrival.body, 'event_attributes', 'http_request');
  const actor = actorOf(session);
  const draft: Draft = {
    topic: 'login',
    event: {
      eventId: eventIdOf(arrival),
      occurredAt: when.occurredAt,
      sessionId: idOf(id),
      outcome: 'success',
      userAgent: textAt(request, 'user_agent'),
      ip: ipOf('event_attributes.http_request.client_ip', at(request, 'client_ip'), warnings),
      impersonatedBy: actor,
    },
  };
  const why =
    actor === null
      ? 'session.created without an actor: the user signed in'
      : 'session.created with data.actor: somebody else acts as the user';
  return event(draft, subjectOf(session, arrival), why, warnings);
}

/** The end of an impersonated session marks it once more, should its beginning have been missed. */
function sessionEnded(arrival: Arrival, type: string): Mapped {
  const session = at(arrival.body, 'data');
  const actor = actorOf(session);
  if (actor === null) return ignored(`${type}: the end of a session is no signal`);
  const id = textAt(session, 'id');
  if (id === null) return unusable('data.id', 'missing: the session');
  if (textAt(session, 'user_id') === null) return unusable('data.user_id', 'missing: whom it is about');
  const when = readWhen('timestamp', at(arrival.body, 'timestamp') ?? at(session, 'updated_at'), arrival);
  if (when.kind === 'unusable') return when;
  return event(
    {
      topic: 'impersonation',
      event: {
        eventId: eventIdOf(arrival),
        occurredAt: when.occurredAt,
        sessionId: idOf(id),
        phase: 'ended',
        impersonator: actor,
      },
    },
    subjectOf(session, arrival),
    `${type} with data.actor: somebody else acted as the user`,
    when.warnings,
  );
}

/** Null when nobody acts for the user. An actor of a shape we do not know still is one. */
function actorOf(session: unknown): { readonly id: string | null } | null {
  const actor = at(session, 'actor');
  if (actor === undefined || actor === null) return null;
  return { id: textAt(actor, 'sub') };
}

function emailCreated(arrival: Arrival): Mapped {
  const email = at(arrival.body, 'data');
  const slug = textAt(email, 'slug');
  const left = notSent(email, slug, 'email.created');
  if (left !== null) return left;
  const id = textAt(email, 'id');
  if (id === null) return unusable('data.id', 'missing: the email');
  const when = readWhen('timestamp', at(arrival.body, 'timestamp') ?? at(email, 'created_at'), arrival);
  if (when.kind === 'unusable') return when;
  const address = addressOf(at(email, 'to_email_address'));
  return event(
    {
      topic: 'email',
      event: {
        eventId: eventIdOf(arrival),
        occurredAt: when.occurredAt,
        messageId: idOf(id),
        status: 'sent',
        address,
        category: slug !== null && invitations.has(slug) ? 'portal-invite' : slug,
      },
    },
    { ...subjectOf(email, arrival), email: address },
    `email.created with slug ${slug ?? '(none)'}: Clerk sent an email`,
    when.warnings,
  );
}

function smsCreated(arrival: Arrival): Mapped {
  const sms = at(arrival.body, 'data');
  const slug = textAt(sms, 'slug');
  const left = notSent(sms, slug, 'sms.created');
  if (left !== null) return left;
  const id = textAt(sms, 'id');
  if (id === null) return unusable('data.id', 'missing: the text message');
  const when = readWhen('timestamp', at(arrival.body, 'timestamp') ?? at(sms, 'created_at'), arrival);
  if (when.kind === 'unusable') return when;
  const eventId = eventIdOf(arrival);
  return event(
    {
      topic: 'message',
      event: { eventId, occurredAt: when.occurredAt, messageId: idOf(id), direction: 'outbound', channel: 'sms' },
    },
    subjectOf(sms, arrival),
    `sms.created with slug ${slug ?? '(none)'}: Clerk sent a text message`,
    when.warnings,
  );
}

/** Codes and links for signing in are part of the sign-in: were they signals, a failed login would make a client green. */
const partsOfSignIn =
  /verification_code|magic_link|reset_password|password_|passkey_|primary_email|new_device|account_locked/;
const invitations: ReadonlySet<string> = new Set(['invitation', 'organization_invitation', 'waitlist_invitation']);

function notSent(sent: unknown, slug: string | null, type: string): Mapped | null {
  if (slug !== null && partsOfSignIn.test(slug)) return ignored(`${type} with slug ${slug}: part of signing in`);
  if (at(sent, 'delivered_by_clerk') !== false) return null;
  return ignored(`${type}: data.delivered_by_clerk is false, whoever delivers it tells of it`);
}

/** The id of the delivery, which stays when it is sent again. */
function eventIdOf(arrival: Arrival): string {
  const delivery = arrival.headers['svix-id'] ?? arrival.headers['webhook-id'];
  if (delivery !== undefined && delivery !== '') return idOf(delivery);
  const { body } = arrival;
  return hashId('clerk', textAt(body, 'type'), textAt(body, 'data', 'id'), textAt(body, 'timestamp'));
}

function subjectOf(object: unknown, arrival: Arrival): Subject {
  const organization = textAt(object, 'last_active_organization_id');
  const instance = textAt(arrival.body, 'instance_id');
  const external = textAt(object, 'user', 'external_id');
  return {
    userId: textAt(object, 'user_id'),
    email: null,
    fields: {
      ...(instance === null ? {} : { instance_id: instance }),
      ...(organization === null ? {} : { organization_id: organization }),
      ...(external === null ? {} : { external_id: external }),
    },
  };
}
