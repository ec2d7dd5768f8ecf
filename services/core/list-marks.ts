// Marks: the few numbers of a client from which a list derives its rating, its access and its order at any instant that
// is not before them. What they cannot tell exactly is read from the views again.
import { type Frame, frameOf } from './derive/frame.ts';
import { deriveInFrame } from './derive/signals.ts';
import { defaultSettings } from './settings.ts';
import { dayMs, instantMax, parseDate } from './time.ts';
import { type Access, applyChange, initialLogin } from './views/access/state.ts';
import type { Signals } from './views/signals/state.ts';

/** Newest known instants, epoch ms; `never` where there is none. */
export type SignalMarks = {
  readonly login: number;
  /** Of emails, invites included / left out. */
  readonly email: number;
  readonly emailButInvites: number;
  readonly message: number;
};

export const never = -1;

export type AccessMarks = {
  /** A portal record exists. */
  readonly everGranted: boolean;
  /** The last local day (days from 1970) on which some login gives access; `forEver`, or `noDay` when none does. */
  readonly throughDay: number;
  /** The newest change, epoch ms; `never` when there is none. */
  readonly changedAt: number;
};

export const forEver = 0x7fff_ffff;
export const noDay = -0x8000_0000;

/** Everything that is known by the end of time, under no go-live. */
const allOfTime: Frame = frameOf(defaultSettings, instantMax);
const allButInvites: Frame = { ...allOfTime, settings: { ...defaultSettings, inviteEmailsCount: false } };

export function signalMarksOf(signals: Signals): SignalMarks {
  const { login, email, message } = deriveInFrame(signals, allOfTime).lastSignals;
  const hasInvites = signals.invites.ledger.length > 0 || signals.invites.settled.length > 0;
  const butInvites = hasInvites ? deriveInFrame(signals, allButInvites).lastSignals.email : email;
  return {
    login: login?.at ?? never,
    email: email?.at ?? never,
    emailButInvites: butInvites?.at ?? never,
    message: message?.at ?? never,
  };
}

export function accessMarksOf(access: Access): AccessMarks {
  let everGranted = false;
  let throughDay = noDay;
  let changedAt = never;
  for (const { base, changes } of access.logins) {
    let state = base?.state ?? initialLogin;
    changedAt = Math.max(changedAt, base?.at ?? never, changes.at(-1)?.at ?? never);
    for (const change of changes) state = applyChange(state, change);
    everGranted ||= state.known;
    if (state.granted) throughDay = Math.max(throughDay, lastDayOf(state.expiresOn));
  }
  return { everGranted, throughDay, changedAt };
}

function lastDayOf(expiresOn: string | null): number {
  return dayOfDate(expiresOn) ?? forEver;
}

/** A date as days from 1970; null for none. */
export function dayOfDate(date: string | null): number | null {
  const midnight = date === null ? null : parseDate(date);
  return midnight === null ? null : Math.floor(midnight / dayMs);
}
