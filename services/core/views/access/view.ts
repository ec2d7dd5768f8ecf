// The access view: which events concern it, and how it keeps their history in order and within bounds.
import type { Email } from '../../events/email.ts';
import { inviteCategory } from '../../events/email.ts';
import { normaliseAddress } from '../../events/parts.ts';
import type { PortalAccess } from '../../events/portal-access.ts';
import type { CanonicalEvent } from '../../topics.ts';
import type { View } from '../../view.ts';
import { decodeAccess, encodeAccess } from './codec.ts';
import { type Access, applyChange, type Change, emptyAccess, initialLogin, type Login } from './state.ts';

/** Changes kept for each address; older ones are folded into its base. */
export const changesKeptMax = 64;
/** Addresses of one client; further ones are counted as late. */
export const addressesMax = 200;
const bouncesMax = 8;

export const accessView: View<Access> = {
  name: 'access',
  concerns,
  concernsPlain: (topic, plain) => topic === 'portal-access' || (topic === 'email' && plain.is('status', 'bounced')),
  empty: emptyAccess,
  fold,
  late: (access) => access.late,
  encode: encodeAccess,
  decode: decodeAccess,
  readable: (access) => ({ portalLogins: access.logins.length }),
};

function concerns({ topic, event }: CanonicalEvent): boolean {
  if (topic === 'portal-access') return true;
  if (topic === 'email') return isInviteBounce(event);
  return topic === 'client' && event.erased === true;
}

function isInviteBounce(event: Email): boolean {
  return event.status === 'bounced' && event.category === inviteCategory && typeof event.address === 'string';
}

function fold(access: Access, canonical: CanonicalEvent): void {
  const { topic, event } = canonical;
  if (!concerns(canonical)) return;
  if (topic === 'client') {
    if (event.erased === true) erase(access, event.at);
  } else if (topic === 'portal-access') {
    if (event.occurredAt >= access.erasedAt) takeChange(access, event);
  } else if (topic === 'email') {
    if (event.occurredAt >= access.erasedAt) takeBounce(access, event.address ?? '', event.occurredAt);
  }
}

function takeChange(access: Access, event: PortalAccess): void {
  const login = loginOf(access, event.email);
  if (login === null) return;
  const change: Change = {
    at: event.occurredAt,
    eventId: event.eventId,
    kind: event.change,
    expiresOn: event.expiresOn,
    permissions: event.permissions,
    features: event.features,
    twoFactor: event.twoFactor,
  };
  if (login.base !== null && order(change, login.base) <= 0) {
    if (change.at !== login.base.at || change.eventId !== login.base.eventId) access.late += 1;
    return;
  }
  let index = login.changes.length;
  for (; index > 0; index -= 1) {
    const before = login.changes[index - 1];
    if (before === undefined) break;
    const ordered = order(before, change);
    if (ordered === 0) return;
    if (ordered < 0) break;
  }
  login.changes.splice(index, 0, change);
  if (login.changes.length <= changesKeptMax) return;
  const oldest = login.changes.shift();
  if (oldest === undefined) return;
  login.base = {
    state: applyChange(login.base?.state ?? initialLogin, oldest),
    at: oldest.at,
    eventId: oldest.eventId,
  };
}

function order(
  one: { readonly at: number; readonly eventId: string },
  other: { readonly at: number; readonly eventId: string },
): number {
  if (one.at !== other.at) return one.at - other.at;
  if (one.eventId === other.eventId) return 0;
  return one.eventId < other.eventId ? -1 : 1;
}

function takeBounce(access: Access, address: string, at: number): void {
  const login = loginOf(access, address);
  if (login === null || login.bounces.includes(at)) return;
  login.bounces.push(at);
  login.bounces.sort((one, other) => one - other);
  if (login.bounces.length > bouncesMax) login.bounces.shift();
}

function loginOf(access: Access, email: string): Login | null {
  const address = normaliseAddress(email);
  const { logins } = access;
  let index = 0;
  for (; index < logins.length; index += 1) {
    const login = logins[index];
    if (login === undefined || login.address > address) break;
    if (login.address === address) return login;
  }
  if (logins.length >= addressesMax) {
    access.late += 1;
    return null;
  }
  const login: Login = { address, base: null, changes: [], bounces: [] };
  logins.splice(index, 0, login);
  return login;
}

function erase(access: Access, at: number): void {
  if (at <= access.erasedAt) return;
  access.erasedAt = at;
  for (const login of access.logins) {
    if (login.base !== null && login.base.at < at) login.base = null;
    const changes = login.changes.filter((change) => change.at >= at);
    login.changes.splice(0, login.changes.length, ...changes);
    const bounces = login.bounces.filter((bounce) => bounce >= at);
    login.bounces.splice(0, login.bounces.length, ...bounces);
  }
  const kept = access.logins.filter(
    (login) => login.base !== null || login.changes.length > 0 || login.bounces.length > 0,
  );
  access.logins.splice(0, access.logins.length, ...kept);
}
