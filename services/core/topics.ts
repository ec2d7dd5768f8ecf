// The table of topics: name, schema, how long we keep it. A new topic is a line here and a file in events/.
import type { z } from 'zod';
import { Notice } from './events/changes.ts';
import { Client, type Erasure, type Profile } from './events/client.ts';
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

/** Topics that signalfold writes. */
export const changesTopic = 'changes';
export const deadLetterTopic = 'dead-letter';
export const noticeSchema = Notice;

/** A decoded, valid canonical message, told apart by its topic. */
export type CanonicalEvent =
  | { readonly topic: 'login'; readonly event: Login }
  | { readonly topic: 'impersonation'; readonly event: Impersonation }
  | { readonly topic: 'email'; readonly event: Email }
  | { readonly topic: 'message'; readonly event: Message }
  | { readonly topic: 'client'; readonly event: Profile | Erasure }
  | { readonly topic: 'portal-access'; readonly event: PortalAccess }
  | { readonly topic: 'portal-activity'; readonly event: PortalActivity }
  | { readonly topic: 'support-request'; readonly event: SupportRequest };
