// Marks: the few numbers of a client from which a list derives its rating, its access and its order at any instant that
// is not before them. What they cannot tell exactly is read from the views again.
import { dayMs, parseDate } from './time.ts';

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

/** A date as days from 1970; null for none. */
export function dayOfDate(date: string | null): number | null {
  const midnight = date === null ? null : parseDate(date);
  return midnight === null ? null : Math.floor(midnight / dayMs);
}
