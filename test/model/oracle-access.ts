// The naive oracle of the access view: the portal logins of a client, replayed from the whole list of its events.
// It shares no code with core.
import type { Settings } from '../../services/core/settings.ts';
import type { CanonicalEvent } from '../../services/core/topics.ts';
import { type AccessEvent, type EmailEvent, instantOf } from './events.ts';
import { localDay } from './oracle.ts';

type Progress = 'unknown' | 'not_invited' | 'invited' | 'accepted' | 'set_up' | 'revoked';

const featureNames = ['welcome', 'wealth', 'goals', 'factfind', 'tasks'] as const;
const permissionNames = ['write', 'delete'] as const;
type Flags<Name extends string> = Record<Name, boolean>;

export type OracleLogin = {
  email: string;
  state: string;
  expiresOn: string | null;
  permissions: Flags<(typeof permissionNames)[number]>;
  features: Flags<(typeof featureNames)[number]>;
  twoFactor: boolean;
};
export type OracleAccess = { has: boolean; everGranted: boolean; logins: OracleLogin[] };

/** The client's portal access as of `at` (epoch ms); logins ascend by address. */
export function oracleAccess(
  events: readonly CanonicalEvent[],
  profileStatus: 'active' | 'inactive' | null,
  everLoggedIn: boolean,
  settings: Settings,
  at: number,
): OracleAccess {
  const erasedBefore = Math.max(
    0,
    ...events.map(({ topic, event }) => (topic === 'client' && event.erased === true ? event.at : 0)),
  );
  const happened = events.filter((event) => instantOf(event) <= at && instantOf(event) >= erasedBefore);
  const changes = onceEach(happened.filter((event): event is AccessEvent => event.topic === 'portal-access'));
  const bounces = happened.filter(
    (event): event is EmailEvent =>
      event.topic === 'email' && event.event.status === 'bounced' && event.event.category === 'portal-invite',
  );
  const addresses = [...new Set(changes.map(({ event }) => plain(event.email)))].sort();
  const accounts = addresses.map((address) =>
    account(
      address,
      changes.filter(({ event }) => plain(event.email) === address),
    ),
  );
  // Of a login that only ever `changed` nobody has said that it exists: it neither stands nor is active.
  const standing = accounts.filter(({ progress }) => progress !== 'revoked' && progress !== 'unknown');
  const logins = accounts.map(({ progress, invitedAt, has, everGranted, ...details }) => {
    const expired = details.expiresOn !== null && dayOf(details.expiresOn) < localDay(at, settings.timeZone);
    const bounced = bounces.some(
      ({ event }) => plain(event.address ?? '') === details.email && event.occurredAt >= invitedAt,
    );
    const settled = progress === 'accepted' || progress === 'set_up';
    let state: string = progress === 'unknown' ? 'not_invited' : progress;
    if (progress === 'revoked') state = 'revoked';
    else if (expired) state = 'expired';
    else if (progress === 'invited' && bounced) state = 'invite_bounced';
    else if (everLoggedIn && progress !== 'unknown' && (settled || standing.length === 1)) state = 'active';
    return { login: { ...details, state }, grants: has && !expired, everGranted };
  });
  return {
    // Before a profile has arrived nobody has said that the client is inactive.
    has: profileStatus !== 'inactive' && logins.some(({ grants }) => grants),
    everGranted: logins.some(({ everGranted }) => everGranted),
    logins: logins.map(({ login }) => login),
  };
}

/** One address, by its changes oldest first. */
function account(email: string, changes: readonly AccessEvent[]) {
  const state = {
    email,
    has: false,
    everGranted: false,
    progress: 'unknown' as Progress,
    invitedAt: 0,
    expiresOn: null as string | null,
    permissions: { write: false, delete: false },
    features: { welcome: false, wealth: false, goals: false, factfind: false, tasks: false },
    twoFactor: false,
  };
  let decidedBefore = false;
  for (const { event } of changes) {
    if (event.change === 'granted') {
      state.has = true;
      if (state.progress === 'revoked' || state.progress === 'unknown') state.progress = 'not_invited';
    } else if (event.change === 'invited') {
      state.has = true;
      state.progress = 'invited';
      state.invitedAt = event.occurredAt;
    } else if (event.change === 'revoked') {
      state.has = false;
      state.progress = 'revoked';
    } else if (event.change === 'accepted' || event.change === 'set-up') {
      if (!decidedBefore) state.has = true;
      if (state.progress !== 'revoked' && state.progress !== 'set_up') {
        state.progress = event.change === 'accepted' ? 'accepted' : 'set_up';
      }
    }
    if (event.change === 'granted' || event.change === 'invited' || event.change === 'revoked') decidedBefore = true;
    // Even a revocation says that there was something to revoke.
    if (event.change !== 'changed') state.everGranted = true;

    if (event.expiresOn !== undefined) state.expiresOn = event.expiresOn;
    if (event.twoFactor !== undefined) state.twoFactor = event.twoFactor ?? false;
    merge(state.permissions, permissionNames, event.permissions);
    merge(state.features, featureNames, event.features);
  }
  return state;
}

/** Absent keeps, null clears; of the whole and of each field in it. */
function merge<Name extends string>(
  flags: Flags<Name>,
  names: readonly Name[],
  change: { readonly [name in Name]?: boolean | null | undefined } | null | undefined,
): void {
  if (change === undefined) return;
  for (const name of names) {
    if (change === null) flags[name] = false;
    else if (change[name] !== undefined) flags[name] = change[name] ?? false;
  }
}

/** Ordered by occurredAt, then event id by code unit; an event id that comes again is the same event. */
function onceEach(changes: readonly AccessEvent[]): readonly AccessEvent[] {
  const byId = new Map(changes.map((change) => [change.event.eventId, change]));
  return [...byId.values()].sort((one, other) => {
    if (one.event.occurredAt !== other.event.occurredAt) return one.event.occurredAt - other.event.occurredAt;
    return one.event.eventId < other.event.eventId ? -1 : 1;
  });
}

function plain(address: string): string {
  return address.trim().toLowerCase();
}

function dayOf(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / (24 * 60 * 60_000);
}
