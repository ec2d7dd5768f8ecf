// Portal access at an instant: who could sign in then, and how far each login had come.
import type { Settings } from '../settings.ts';
import { dayMs, parseDate } from '../time.ts';
import {
  type Access,
  applyChange,
  type FeatureName,
  type Grant,
  initialLogin,
  type Login,
  type LoginState,
  type PermissionName,
} from '../views/access/state.ts';
import { type Frame, frameOf } from './frame.ts';

/** Where one portal login (an email address) stands. */
export const loginStates = [
  'not_invited',
  'invited',
  'invite_bounced',
  'accepted',
  'set_up',
  'active',
  'expired',
  'revoked',
] as const;
export type PortalLoginState = (typeof loginStates)[number];

export type PortalLogin = {
  readonly email: string;
  readonly state: PortalLoginState;
  /** YYYY-MM-DD, valid through that local day. */
  readonly expiresOn: string | null;
  readonly permissions: Readonly<Record<PermissionName, boolean>>;
  readonly features: Readonly<Record<FeatureName, boolean>>;
  readonly twoFactor: boolean;
};

export type AccessFacts = {
  readonly has: boolean;
  /** A portal record existed by then, whether or not it still gives access. */
  readonly everGranted: boolean;
  /** Ascending by address. */
  readonly logins: readonly PortalLogin[];
};

export const accessStatuses = ['no_portal_access', 'never_logged_in', 'active'] as const;
export type AccessStatus = (typeof accessStatuses)[number];

export type ProfileStatus = 'active' | 'inactive' | null;

/** `profileStatus` null, before a profile has arrived, takes nothing away. */
export function deriveAccess(
  access: Access | null,
  profileStatus: ProfileStatus,
  everLoggedIn: boolean,
  settings: Settings,
  at: number,
): AccessFacts {
  return deriveAccessInFrame(access, profileStatus, everLoggedIn, frameOf(settings, at));
}

export function deriveAccessInFrame(
  access: Access | null,
  profileStatus: ProfileStatus,
  everLoggedIn: boolean,
  frame: Frame,
): AccessFacts {
  const states: { login: Login; state: LoginState }[] = [];
  for (const login of access?.logins ?? []) {
    const state = stateAt(login, frame.at);
    if (state !== null) states.push({ login, state });
  }
  const isOnlyLive = states.filter(({ state }) => state.granted).length === 1;
  return {
    ...accessOf(
      states.map(({ state }) => state),
      profileStatus,
      frame,
    ),
    logins: states.map(({ login, state }) => ({
      email: login.address,
      state: portalLoginState(login, state, isExpired(state, frame), everLoggedIn, isOnlyLive, frame.at),
      expiresOn: state.expiresOn,
      permissions: state.permissions,
      features: state.features,
      twoFactor: state.twoFactor,
    })),
  };
}

/** Whether any login gives access, from what each of them grants at the frame's instant. */
export function accessOf(
  grants: readonly Grant[],
  profileStatus: ProfileStatus,
  frame: Frame,
): Pick<AccessFacts, 'has' | 'everGranted'> {
  let isOpen = false;
  let everGranted = false;
  for (const grant of grants) {
    if (grant.known) everGranted = true;
    if (grant.granted && !isExpired(grant, frame)) isOpen = true;
  }
  return { has: isOpen && profileStatus !== 'inactive', everGranted };
}

export function accessStatus(has: boolean, everLoggedIn: boolean): AccessStatus {
  if (!has) return 'no_portal_access';
  return everLoggedIn ? 'active' : 'never_logged_in';
}

/** Null when nothing was known of the address by then. */
function stateAt(login: Login, at: number): LoginState | null {
  let state: LoginState | null = login.base !== null && login.base.at <= at ? login.base.state : null;
  for (const change of login.changes) {
    if (change.at > at) break;
    state = applyChange(state ?? initialLogin, change);
  }
  return state;
}

function isExpired(state: Grant, frame: Frame): boolean {
  if (state.expiresOn === null) return false;
  const lastDay = parseDate(state.expiresOn);
  return lastDay !== null && frame.today > Math.floor(lastDay / dayMs);
}

/**
 * A login event names no address. So one that is accepted or set up counts as active once its client has logged in, and
 * so does the client's only login that is not revoked. That is a guess, which what is known of the address goes before:
 * its last invitation came back.
 */
function portalLoginState(
  login: Login,
  state: LoginState,
  expired: boolean,
  everLoggedIn: boolean,
  isOnlyLive: boolean,
  at: number,
): PortalLoginState {
  if (state.progress === 'revoked') return 'revoked';
  if (expired) return 'expired';
  const { invitedAt } = state;
  if (state.progress === 'invited' && invitedAt !== null) {
    if (login.bounces.some((bounce) => bounce >= invitedAt && bounce <= at)) return 'invite_bounced';
  }
  const isReady = state.progress === 'accepted' || state.progress === 'set_up';
  return everLoggedIn && (isReady || (isOnlyLive && state.granted)) ? 'active' : state.progress;
}
