// The table of topics: name and schema. A new topic is a line here and a file in events/.
import type { z } from 'zod';
import { Notice } from './events/changes.ts';
import { Client } from './events/client.ts';
import { Email } from './events/email.ts';
import { Impersonation } from './events/impersonation.ts';
import { Login } from './events/login.ts';
import { Message } from './events/message.ts';
import { PortalAccess } from './events/portal-access.ts';
import { PortalActivity } from './events/portal-activity.ts';
import { SupportRequest } from './events/support-request.ts';

/** Topics that producers write, by name. */
export const eventSchemas = {
  login: Login,
  impersonation: Impersonation,
  email: Email,
  message: Message,
  client: Client,
  'portal-access': PortalAccess,
  'portal-activity': PortalActivity,
  'support-request': SupportRequest,
} as const satisfies Record<string, z.ZodType>;

export type EventTopic = keyof typeof eventSchemas;

export const eventTopics = Object.keys(eventSchemas) as readonly EventTopic[];

export function isEventTopic(name: string): name is EventTopic {
  return Object.hasOwn(eventSchemas, name);
}

/** Topics whose events go into views, which is what a lag is about. */
export const foldedTopics = [
  'login',
  'impersonation',
  'email',
  'message',
  'client',
  'portal-access',
] as const satisfies readonly EventTopic[];

/** Topics that signalfold writes. */
export const changesTopic = 'changes';
export const deadLetterTopic = 'dead-letter';
export const noticeSchema = Notice;

/** What each topic's messages become. */
export type EventOf = { readonly [Topic in EventTopic]: z.infer<(typeof eventSchemas)[Topic]> };

/** A decoded, valid canonical message, told apart by its topic. */
export type CanonicalEventOf<Topics extends EventTopic> = {
  readonly [Topic in Topics]: { readonly topic: Topic; readonly event: EventOf[Topic] };
}[Topics];
export type CanonicalEvent = CanonicalEventOf<EventTopic>;

/** When it happened, and in which field that stands. For a profile it is when it became as it is. */
export function occurrenceOf(canonical: CanonicalEvent): { readonly field: string; readonly at: number } {
  if (canonical.topic !== 'client') return { field: 'occurredAt', at: canonical.event.occurredAt };
  const { event } = canonical;
  return event.erased === true ? { field: 'at', at: event.at } : { field: 'updatedAt', at: event.updatedAt };
}
