// What an event means to the signals view: a kind and three numbers. That is all that has to be kept of it until it is
// folded, so a batch keeps rows of numbers, not events.
import { type DeviceCode, type DeviceOf, unknownDevice } from '../../device.ts';
import { type Email, inviteCategory } from '../../events/email.ts';
import type { Login } from '../../events/login.ts';
import { hash40 } from '../../hash.ts';
import { Rows } from '../../rows.ts';
import type { CanonicalEvent } from '../../topics.ts';

const kinds = ['login', 'mark', 'email', 'invite', 'outbound', 'inbound', 'erasure'] as const;

/** `mark`: a colleague is behind the session. */
export type SignalKind = (typeof kinds)[number];

export type SignalEvent = {
  readonly kind: SignalKind;
  /** Epoch ms. */
  readonly at: number;
  /** Of the session's or message's id; 0 for an erasure, which has none. */
  readonly hash: number;
  readonly device: DeviceCode;
};

/** Null for what changes no signals: failed and silent logins, opens and bounces, profiles and access. */
export function signalOf({ topic, event }: CanonicalEvent, deviceOf: DeviceOf): SignalEvent | null {
  switch (topic) {
    case 'login':
      return ofLogin(event, deviceOf);
    case 'impersonation':
      return signal('mark', event.occurredAt, event.sessionId);
    case 'email':
      return ofEmail(event);
    case 'message':
      return signal(event.direction, event.occurredAt, event.messageId);
    case 'client':
      return event.erased === true ? { kind: 'erasure', at: event.at, hash: 0, device: unknownDevice } : null;
    case 'portal-access':
    case 'portal-activity':
    case 'support-request':
      return null;
  }
}

function ofLogin(event: Login, deviceOf: DeviceOf): SignalEvent | null {
  const { occurredAt, sessionId, userAgent } = event;
  if (event.outcome !== 'success') return null;
  if (event.impersonatedBy !== undefined && event.impersonatedBy !== null) return signal('mark', occurredAt, sessionId);
  if (!event.interactive) return null;
  const device = userAgent === undefined || userAgent === null ? unknownDevice : deviceOf(userAgent);
  return signal('login', occurredAt, sessionId, device);
}

function ofEmail({ status, category, occurredAt, messageId }: Email): SignalEvent | null {
  if (status !== 'sent' && status !== 'delivered') return null;
  return signal(category === inviteCategory ? 'invite' : 'email', occurredAt, messageId);
}

function signal(kind: SignalKind, at: number, id: string, device = unknownDevice): SignalEvent {
  return { kind, at, hash: hash40(id), device };
}

/** Kind and device in one number, when, and which. */
const columns = { what: 0, at: 1, hash: 2 } as const;

/** Very many signals, by number, in the order in which they were kept. */
export class SignalRows {
  private readonly rows = new Rows(3);
  private length = 0;

  keep({ kind, at, hash, device }: SignalEvent): void {
    this.add(kind, at, hash, device);
  }

  /** The same without an object, for what happens with every event of a replay. */
  add(kind: SignalKind, at: number, hash: number, device: DeviceCode): void {
    this.rows.set(this.length, columns.what, device * kinds.length + kinds.indexOf(kind));
    this.rows.set(this.length, columns.at, at);
    this.rows.set(this.length, columns.hash, hash);
    this.length += 1;
  }

  /** Throws a RangeError for a number that was never given. */
  get(number: number): SignalEvent {
    return this.give(number, null, (_, kind, at, hash, device) => ({ kind, at, hash, device }));
  }

  /** Gives one to `take`, beside what it goes `into`, without an object. Throws as `get` does. */
  give<Into, Result>(
    number: number,
    into: Into,
    take: (into: Into, kind: SignalKind, at: number, hash: number, device: DeviceCode) => Result,
  ): Result {
    const what = this.rows.get(number, columns.what);
    const kind = kinds[what % kinds.length];
    if (kind === undefined || number >= this.length) throw new RangeError(`${number} of ${this.length} signals`);
    const device = Math.floor(what / kinds.length);
    return take(into, kind, this.rows.get(number, columns.at), this.rows.get(number, columns.hash), device);
  }
}
