// What a reader sees of a client's signals: the words of every derived fact.
import type { DeviceCode } from '../device.ts';
import { quarterOf } from '../time.ts';

export type Rating = 'green' | 'amber' | 'red' | 'none';
export type Signal = 'login' | 'email' | 'message';

/** Labels that people read, by rating. */
export const ratingLabels = {
  green: 'Engaged',
  amber: 'At Risk',
  red: 'Disengaged',
  none: 'Not Engaged',
} as const satisfies Record<Rating, string>;

/** When something happened. Not exact: `at` is the start of the quarter hour in which it did. */
export type Known = { readonly at: number; readonly exact: boolean };

/** The later of two. */
export function later(one: Known | null, other: Known | null): Known | null {
  if (one === null || other === null) return one ?? other;
  if (one.exact === other.exact) return one.at > other.at ? one : other;
  const [exact, rough] = one.exact ? [one, other] : [other, one];
  // Of the rough one no more than its quarter hour is known, within which it may be the later.
  return quarterOf(exact.at) > quarterOf(rough.at) ? exact : rough;
}

export type SignalFacts = {
  readonly rating: Rating;
  /** The newest signal; of several at one instant login, then email, then message. */
  readonly decidedBy: { readonly signal: Signal; readonly at: Known } | null;
  /** The last instant of green / of amber if nothing happens; null once it is past. */
  readonly becomesAmberAt: number | null;
  readonly becomesRedAt: number | null;
  /** The logins alone would rate lower, in the order none, red, amber, green. */
  readonly onlyOurMail: boolean;
  readonly lastLogin: { readonly at: Known; readonly device: DeviceCode } | null;
  readonly logins: { readonly d30: number; readonly d90: number; readonly d365: number };
  /** A login in the last `recentDays` local days. */
  readonly loggedInRecently: boolean;
  readonly lastSignals: { readonly login: Known | null; readonly email: Known | null; readonly message: Known | null };
  /** True when a 365-day window reaches past what the view remembers. */
  readonly pastMemory: boolean;
};
