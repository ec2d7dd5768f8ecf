// Builders of canonical events for histories, and the words in which a failing history is printed.
import { type DeviceCode, encodeDevice, unknownDevice } from '../../services/core/device.ts';
import { ClientId, EventId, FirmId, MessageId, SessionId } from '../../services/core/ids.ts';
import type { CanonicalEvent } from '../../services/core/topics.ts';

type Of<Topic extends CanonicalEvent['topic']> = Extract<CanonicalEvent, { topic: Topic }>;
export type LoginEvent = Of<'login'>;
export type ImpersonationEvent = Of<'impersonation'>;
export type EmailEvent = Of<'email'>;
export type MessageEvent = Of<'message'>;
export type AccessEvent = Of<'portal-access'>;
export type ClientEvent = Of<'client'>;
/** Events that carry an id and an instant of their own: all but the profile. */
export type DatedEvent = Exclude<CanonicalEvent, ClientEvent>;

const firmId = FirmId.parse('acme');
const clientId = ClientId.parse('c-1');

/** Parsing an id costs microseconds; histories by the ten thousand use the same few thousand ids. */
function remembered<Id>(parse: (text: string) => Id): (text: string) => Id {
  const known = new Map<string, Id>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const parsed = parse(text);
    known.set(text, parsed);
    return parsed;
  };
}
const eventIdOf = remembered((text) => EventId.parse(text));
const sessionIdOf = remembered((text) => SessionId.parse(text));
const messageIdOf = remembered((text) => MessageId.parse(text));

/** User agents `agent 1` … `agent 5` are five devices; the empty one is as good as none. */
const devices: readonly DeviceCode[] = [
  encodeDevice({ type: 'Desktop', platform: 'macOS' }),
  encodeDevice({ type: 'Mobile', platform: 'iOS' }),
  encodeDevice({ type: 'Desktop', platform: 'Windows' }),
  encodeDevice({ type: 'Tablet', platform: 'Android' }),
  encodeDevice({ type: 'Other', platform: 'Other' }),
];
export const deviceKinds = devices.length + 1;

export function deviceOf(userAgent: string): DeviceCode {
  return devices[Number(userAgent.slice('agent '.length)) - 1] ?? unknownDevice;
}

let eventsBuilt = 0;
/** Event ids are unique within a process; only portal access looks at them, and there the caller chooses. */
function head(occurredAt: number, eventId?: string) {
  eventsBuilt = (eventsBuilt + 1) % 50_000;
  return { eventId: eventIdOf(eventId ?? `e-${eventsBuilt}`), firmId, clientId, occurredAt };
}

type LoginOptions = {
  readonly outcome?: 'success' | 'failure';
  readonly interactive?: boolean;
  /** 0 for a login without user agent, else the number of the agent. */
  readonly agent?: number;
  readonly impersonated?: boolean;
};

export function login(sessionId: string, occurredAt: number, options: LoginOptions = {}): LoginEvent {
  const { outcome = 'success', interactive = true, agent = 1, impersonated = false } = options;
  return {
    topic: 'login',
    event: {
      ...head(occurredAt),
      sessionId: sessionIdOf(sessionId),
      outcome,
      interactive,
      userAgent: agent === 0 ? undefined : `agent ${agent}`,
      impersonatedBy: impersonated ? { id: 'adviser-7' } : undefined,
    },
  };
}

export function impersonation(
  sessionId: string,
  occurredAt: number,
  phase: 'started' | 'ended' = 'started',
): ImpersonationEvent {
  const impersonator = { id: 'adviser-7' };
  return {
    topic: 'impersonation',
    event: { ...head(occurredAt), sessionId: sessionIdOf(sessionId), phase, impersonator },
  };
}

export function email(
  messageId: string,
  occurredAt: number,
  status: EmailEvent['event']['status'] = 'sent',
  options: { readonly category?: string | undefined; readonly address?: string } = {},
): EmailEvent {
  return { topic: 'email', event: { ...head(occurredAt), messageId: messageIdOf(messageId), status, ...options } };
}

export function message(
  messageId: string,
  occurredAt: number,
  direction: 'outbound' | 'inbound' = 'outbound',
): MessageEvent {
  const event = { ...head(occurredAt), messageId: messageIdOf(messageId), direction, channel: 'portal' };
  return { topic: 'message', event };
}

export function erasure(at: number, version = 1): ClientEvent {
  return { topic: 'client', event: { firmId, clientId, version, erased: true, at } };
}

export function profile(version: number, updatedAt: number, firstName: string): ClientEvent {
  const changing = { version, updatedAt, firstName };
  return {
    topic: 'client',
    event: { firmId, clientId, ...changing, type: 'individual', status: 'active', emails: [], createdAt: 0 },
  };
}

type AccessDetails = Pick<AccessEvent['event'], 'expiresOn' | 'permissions' | 'features' | 'twoFactor'>;

export function access(
  address: string,
  occurredAt: number,
  change: AccessEvent['event']['change'],
  details: AccessDetails = {},
  eventId?: string,
): AccessEvent {
  return { topic: 'portal-access', event: { ...head(occurredAt, eventId), email: address, change, ...details } };
}

/** When an event happened; an erasure counts by the instant before which it erases. */
export function instantOf(event: CanonicalEvent): number {
  if (event.topic !== 'client') return event.event.occurredAt;
  return event.event.erased === true ? event.event.at : event.event.updatedAt;
}

/** True for an event that says that a session is impersonated. */
export function marks(event: CanonicalEvent): boolean {
  if (event.topic === 'impersonation') return true;
  if (event.topic !== 'login' || event.event.outcome !== 'success') return false;
  return event.event.impersonatedBy !== undefined && event.event.impersonatedBy !== null;
}

/** One event as one short line. */
export function inWords({ topic, event }: CanonicalEvent): string {
  const { firmId: _firm, clientId: _client, ...rest } = event;
  const at = 'occurredAt' in event ? new Date(event.occurredAt).toISOString() : '';
  return `${at} ${topic} ${JSON.stringify(rest)}`;
}
