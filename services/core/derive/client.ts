// One client at an instant: profile, access and signals put together. Screens, lists and files all start here, so they
// cannot disagree.

import { unseal } from '../view.ts';
import type { Access } from '../views/access/state.ts';
import { accessView } from '../views/access/view.ts';
import { type ClientProfile, type ProfileState, profileView } from '../views/profile/view.ts';
import { emptySignals, type Signals } from '../views/signals/state.ts';
import { signalsView } from '../views/signals/view.ts';
import { type AccessFacts, type AccessStatus, accessStatus, deriveAccessInFrame } from './access.ts';
import type { SignalFacts } from './facts.ts';
import type { Frame } from './frame.ts';
import { deriveInFrame } from './signals.ts';

/** Null where the client has no such view. */
export type ClientStates = {
  readonly profile: ProfileState | null;
  readonly access: Access | null;
  readonly signals: Signals | null;
};

export type ClientFacts = {
  /** Null before a profile arrived. */
  readonly profile: ClientProfile | null;
  readonly access: AccessFacts;
  readonly status: AccessStatus;
  readonly signals: SignalFacts;
};

/** The views that together make a client, by name. */
export const clientViews = [profileView.name, accessView.name, signalsView.name] as const;

/** Decodes stored views; those with other names are passed over. Throws a RangeError for an unknown format. */
export function readClient(views: readonly { readonly view: string; readonly bytes: Uint8Array }[]): ClientStates {
  const encodedOf = (name: string) => {
    const stored = views.find((candidate) => candidate.view === name);
    return stored === undefined ? null : unseal(stored.bytes).encoded;
  };
  const profile = encodedOf(profileView.name);
  const access = encodedOf(accessView.name);
  const signals = encodedOf(signalsView.name);
  return {
    profile: profile === null ? null : profileView.decode(profile),
    access: access === null ? null : accessView.decode(access),
    signals: signals === null ? null : signalsView.decode(signals),
  };
}

/** Null when nothing is known of the client: no view at all, or erased and no new profile since. */
export function deriveClient(states: ClientStates, frame: Frame): ClientFacts | null {
  if (states.profile === null && states.access === null && states.signals === null) return null;
  const profile = states.profile?.profile ?? null;
  if (profile === null && isErased(states)) return null;
  const signals = deriveInFrame(states.signals ?? noSignals, frame);
  const everLoggedIn = signals.lastLogin !== null;
  const access = deriveAccessInFrame(states.access, profile?.status ?? null, everLoggedIn, frame);
  return { profile, access, status: accessStatus(access.has, everLoggedIn), signals };
}

const noSignals: Signals = emptySignals();

function isErased({ profile, access, signals }: ClientStates): boolean {
  return (profile?.erased ?? null) !== null || (access?.erasedAt ?? 0) > 0 || (signals?.erasedAt ?? 0) > 0;
}
