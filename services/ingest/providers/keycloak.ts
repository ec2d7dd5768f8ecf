// Keycloak: user events as its Kafka and HTTP listeners send them, and as the admin REST API lists them.
import { readWhen } from './instant.ts';
import { at, flatFields, isObject, textAt } from './look.ts';
import { addressOf, event, hashId, idOf, ignored, ipOf, unusable } from './made.ts';
import type { Arrival, Draft, Mapped, Provider, Subject } from './provider.ts';

export const keycloak: Provider = {
  name: 'keycloak',
  title: 'Keycloak',
  documentation: 'https://www.keycloak.org/docs/latest/server_admin/#event-types',
  map: (arrival) => [mapped(arrival)],
};

/** One event, whoever sent it: what stands in `authDetails` at Phase Two's listener stands at the top everywhere else. */
type Parts = {
  readonly body: unknown;
  readonly type: string;
  readonly userId: string | null;
  readonly sessionId: string | null;
  readonly occurredAt: string;
  readonly warnings: string[];
};

function mapped(arrival: Arrival): Mapped {
  const { body, arrivedAt, zone } = arrival;
  if (!isObject(body)) return unusable('body', 'must be an event of Keycloak, an object');
  const named = textAt(body, 'type');
  if (named === null) return adminEvent(body);
  const type = named.startsWith('access.') ? named.slice('access.'.length) : named;
  const make = Object.hasOwn(makers, type) ? makers[type] : undefined;
  if (make === undefined) return ignored(`type: ${type} is no login, impersonation or registration`);
  const when = readWhen('time', at(body, 'time'), { arrivedAt, zone, form: 'ms' });
  if (when.kind === 'unusable') return when;
  const code = textAt(body, 'details', 'code_id');
  const sessionId = textAt(body, 'sessionId') ?? textAt(body, 'authDetails', 'sessionId') ?? code;
  const userId = textAt(body, 'userId') ?? textAt(body, 'authDetails', 'userId');
  return make({ body, type, userId, sessionId, occurredAt: when.occurredAt, warnings: [...when.warnings] });
}

/** What administrators do comes in the same stream. Impersonating comes as a user event as well, and counts by that. */
function adminEvent(body: unknown): Mapped {
  const operation = textAt(body, 'operationType');
  if (operation !== null) return ignored('operationType: what an administrator changed');
  return unusable('type', 'is missing');
}

/** By type. Whatever is not here does not concern engagement: tokens, logouts, password changes, consents, errors. */
const makers: Readonly<Record<string, (parts: Parts) => Mapped>> = {
  LOGIN: (parts) => login(parts, 'success'),
  LOGIN_ERROR: (parts) => login(parts, 'failure'),
  IMPERSONATE: impersonation,
  REGISTER: registration,
};

/**
 * A silent sign-on of a running session comes as a LOGIN too, with nothing to tell it by but its session: the fold counts
 * a session once.
 */
function login(parts: Parts, outcome: 'success' | 'failure'): Mapped {
  const { body, type, userId, sessionId, warnings } = parts;
  if (userId === null) {
    if (outcome === 'failure') return ignored('userId: somebody tried whom the realm does not know');
    return unusable('userId', 'is missing, so nobody logged in');
  }
  // A failed attempt has no session yet, and none is needed: it is told by its own id.
  const session = sessionId ?? (outcome === 'failure' ? eventIdOf(parts) : null);
  if (session === null) return unusable('sessionId', 'is missing, and so is details.code_id');
  const impersonator = textAt(body, 'details', 'impersonator');
  const ip = ipOf('ipAddress', at(body, 'ipAddress') ?? at(body, 'authDetails', 'ipAddress'), warnings);
  const draft: Draft = {
    topic: 'login',
    event: {
      eventId: eventIdOf(parts),
      occurredAt: parts.occurredAt,
      sessionId: idOf(session),
      outcome,
      ...(ip === null ? {} : { ip }),
      ...(impersonator === null ? {} : { impersonatedBy: { name: impersonator } }),
    },
  };
  const why = `type ${type}; a session counts once, so silent sign-ons of it add nothing`;
  return event(draft, subjectOf(parts), why, warnings);
}

/** Says who by name alone. The LOGIN of the same session that follows is marked by nothing else. */
function impersonation(parts: Parts): Mapped {
  const { body, userId, sessionId, warnings } = parts;
  if (userId === null) return unusable('userId', 'is missing, so it is not known who was impersonated');
  if (sessionId === null) return unusable('sessionId', 'is missing, so no login can be told to be the colleague’s');
  const name = textAt(body, 'details', 'impersonator');
  if (name === null) warnings.push('details.impersonator: is missing; the impersonation counts, by nobody known');
  const draft: Draft = {
    topic: 'impersonation',
    event: {
      eventId: eventIdOf(parts),
      occurredAt: parts.occurredAt,
      sessionId: idOf(sessionId),
      phase: 'started',
      impersonator: name === null ? {} : { name },
    },
  };
  return event(draft, subjectOf(parts), 'type IMPERSONATE; its session is a colleague’s', warnings);
}

/** Somebody made an account: the portal login is set up, which is not a login. Without an address it says of none. */
function registration(parts: Parts): Mapped {
  const subject = subjectOf(parts);
  if (parts.userId === null || subject.email === null) return ignored('type: REGISTER without an email address');
  const draft: Draft = {
    topic: 'portal-access',
    event: {
      eventId: eventIdOf(parts),
      occurredAt: parts.occurredAt,
      email: subject.email,
      change: 'set-up',
    },
  };
  return event(draft, subject, 'type REGISTER; setting up is not a login', parts.warnings);
}

/** Some listeners send no id: then what tells events apart stands for it. */
function eventIdOf({ body, type, userId, sessionId, occurredAt }: Parts): string {
  const id = textAt(body, 'id') ?? textAt(body, 'uid');
  return id === null ? hashId(occurredAt, type, userId, sessionId) : idOf(id);
}

/** The address is the one on the event, or the user name where a realm has people sign in by their address. */
function subjectOf({ body, userId }: Parts): Subject {
  const username = textAt(body, 'details', 'username') ?? textAt(body, 'authDetails', 'username');
  return {
    userId,
    email: addressOf(at(body, 'details', 'email')) ?? addressOf(username),
    fields: {
      ...flatFields(at(body, 'details')),
      ...flatFields(at(body, 'authDetails')),
      ...flatFields({ realmId: at(body, 'realmId'), realmName: at(body, 'realmName'), username }),
      ...flatFields({ clientId: at(body, 'clientId') ?? at(body, 'authDetails', 'clientId') }),
    },
  };
}
