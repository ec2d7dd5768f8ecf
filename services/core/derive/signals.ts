// Signals at an instant: windows, last signals, rating and why. Everything here depends on "now" or on a setting, so it
// is computed when it is read and never stored as truth.
//
// Windows are tailed by local days: a window of N days holds the logins from the first instant of the local day N − 1
// days before today, up to the instant itself. Ledger entries are cut exactly; settled ones by quarter hour, which is
// exact too, because every offset in use is a whole number of quarter hours.
import type { Settings } from '../settings.ts';
import { noInstant, quarterOf, startOfQuarter } from '../time.ts';
import { loginQuartersKept, mailQuartersKept } from '../views/signals/codec.ts';
import { type KindGlance, SignalsGlance, takeGlance } from '../views/signals/glance.ts';
import type { Signals } from '../views/signals/state.ts';
import { type Known, later, type Rating, type Signal, type SignalFacts } from './facts.ts';
import { type Frame, frameOf } from './frame.ts';

/** Facts at `at` (epoch ms). For many clients make the frame once and call deriveInFrame. */
export function deriveSignals(view: Signals, settings: Settings, at: number): SignalFacts {
  return deriveInFrame(view, frameOf(settings, at));
}

// One for all: facts are derived in one go.
const glance = new SignalsGlance();

export function deriveInFrame(view: Signals, frame: Frame): SignalFacts {
  takeGlance(glance, view);
  return deriveAtAGlance(glance, frame);
}

/** The one place where facts are derived, for readers that have not decoded the whole view. */
export function deriveAtAGlance(view: SignalsGlance, frame: Frame): SignalFacts {
  const lastLogin = lastLoginOf(view.logins, frame);
  const login = lastLogin?.at ?? null;
  const sent = lastMailOf(view.emails, frame);
  const invite = frame.settings.inviteEmailsCount ? lastMailOf(view.invites, frame) : null;
  const email = later(sent, invite);
  const message = lastMailOf(view.outbound, frame);
  const decidedBy = newestOf(login, email, message);
  const rating = rate(decidedBy?.at ?? null, frame);
  const { greenMs, amberMs } = frame;
  return {
    rating,
    decidedBy,
    becomesAmberAt: rating === 'green' && decidedBy !== null && greenMs < amberMs ? decidedBy.at.at + greenMs : null,
    becomesRedAt: (rating === 'green' || rating === 'amber') && decidedBy !== null ? decidedBy.at.at + amberMs : null,
    onlyOurMail: ratingOrder[rate(login, frame)] < ratingOrder[rating],
    lastLogin,
    logins: countLogins(view.logins, frame),
    loggedInRecently: login !== null && login.at >= recentFrom(login, frame),
    lastSignals: { login, email, message },
    pastMemory: isPastMemory(view, frame),
  };
}

/** None is a rating, not a missing value: the lowest. */
export const ratingOrder = { none: 0, red: 1, amber: 2, green: 3 } as const satisfies Record<Rating, number>;

/** By elapsed time since the newest signal, bounds inclusive; a signal never fades to none. */
export function rate(newest: Known | null, frame: Frame): Rating {
  if (newest === null) return 'none';
  const age = frame.at - newest.at;
  if (age <= frame.greenMs) return 'green';
  return age <= frame.amberMs ? 'amber' : 'red';
}

/** Of several at one instant: login, then email, then message. */
function newestOf(login: Known | null, email: Known | null, message: Known | null): SignalFacts['decidedBy'] {
  let newest: { signal: Signal; at: Known } | null = null;
  if (login !== null) newest = { signal: 'login', at: login };
  if (email !== null && (newest === null || email.at > newest.at.at)) newest = { signal: 'email', at: email };
  if (message !== null && (newest === null || message.at > newest.at.at)) newest = { signal: 'message', at: message };
  return newest;
}

function lastLoginOf(logins: KindGlance, { at: to, liveFrom }: Frame): SignalFacts['lastLogin'] {
  let bestAt = noInstant;
  let bestDevice = 0;
  for (let index = 0; index < logins.entries; index += 1) {
    const at = logins.at[index] ?? 0;
    if (at > to || at < liveFrom || at < bestAt) continue;
    const device = logins.device[index] ?? 0;
    if (at > bestAt || device > bestDevice) bestDevice = device;
    bestAt = at;
  }
  const settled = newestSettled(logins, liveFrom, to);
  if (settled !== null) {
    const { settledAt, settledDevice } = logins;
    if (isKnownExactly(logins, settled, liveFrom, to)) {
      if (settledAt > bestAt || (settledAt === bestAt && settledDevice > bestDevice)) {
        bestAt = settledAt;
        bestDevice = settledDevice;
      }
    } else if (quarterOf(bestAt) <= settled) {
      // A settled login of which only the quarter hour is known may be the newest.
      return { at: { at: startOfQuarter(settled), exact: false }, device: 0 };
    }
  }
  return bestAt === noInstant ? null : { at: { at: bestAt, exact: true }, device: bestDevice };
}

function lastMailOf(mails: KindGlance, { at: to, liveFrom }: Frame): Known | null {
  let best = noInstant;
  for (let index = 0; index < mails.entries; index += 1) {
    const at = mails.at[index] ?? 0;
    if (at <= to && at >= liveFrom && at > best) best = at;
  }
  const settled = newestSettled(mails, liveFrom, to);
  if (settled !== null) {
    if (isKnownExactly(mails, settled, liveFrom, to)) best = Math.max(best, mails.settledAt);
    else if (quarterOf(best) <= settled) return { at: startOfQuarter(settled), exact: false };
  }
  return best === noInstant ? null : { at: best, exact: true };
}

/** The newest quarter with a settled one in the quarters of `from` to `to`; null when there is none. */
function newestSettled({ quarters, quarter }: KindGlance, from: number, to: number): number | null {
  if (quarters === 0) return null;
  const toQuarter = quarterOf(to);
  // Nearly always the very first; a binary search for those who ask about the past.
  let index = 0;
  if ((quarter[0] ?? 0) > toQuarter) {
    for (let high = quarters; index < high; ) {
      const middle = (index + high) >>> 1;
      if ((quarter[middle] ?? 0) > toQuarter) index = middle + 1;
      else high = middle;
    }
  }
  const newest = index < quarters ? (quarter[index] ?? 0) : noInstant;
  return newest < quarterOf(from) ? null : newest;
}

/** Whether the latest settled one is the newest of that quarter, and lies between the two instants. */
function isKnownExactly({ settledAt }: KindGlance, quarter: number, from: number, to: number): boolean {
  return settledAt !== noInstant && quarterOf(settledAt) === quarter && settledAt <= to && settledAt >= from;
}

/** In one go, because each window lies within the next. */
function countLogins(logins: KindGlance, frame: Frame): SignalFacts['logins'] {
  const { at: to, liveFrom } = frame;
  const from30 = Math.max(frame.from30, liveFrom);
  const from90 = Math.max(frame.from90, liveFrom);
  const from365 = Math.max(frame.from365, liveFrom);
  let d30 = 0;
  let d90 = 0;
  let d365 = 0;
  for (let index = 0; index < logins.entries; index += 1) {
    const at = logins.at[index] ?? 0;
    if (at < from365 || at > to) continue;
    d365 += 1;
    if (at < from90) continue;
    d90 += 1;
    if (at >= from30) d30 += 1;
  }
  if (logins.quarters === 0) return { d30, d90, d365 };

  const toQuarter = quarterOf(to);
  const quarter30 = quarterOf(from30);
  const quarter90 = quarterOf(from90);
  const quarter365 = quarterOf(from365);
  for (let index = 0; index < logins.quarters; index += 1) {
    const quarter = logins.quarter[index] ?? 0;
    if (quarter > toQuarter) continue;
    if (quarter < quarter365) break;
    const count = logins.count[index] ?? 0;
    d365 += count;
    if (quarter >= quarter90) d90 += count;
    if (quarter >= quarter30) d30 += count;
  }
  return { d30, d90, d365 };
}

/** A login known only by its quarter hour lies in the window when its quarter does. */
function recentFrom(login: Known, frame: Frame): number {
  return login.exact ? frame.fromRecent : startOfQuarter(quarterOf(frame.fromRecent));
}

/** Only questions about a distant past reach further back than the buckets, which follow the newest settled signal. */
function isPastMemory({ logins, emails, invites, outbound }: SignalsGlance, frame: Frame): boolean {
  const { at, from365 } = frame;
  if (isForgotten(logins, from365, loginQuartersKept)) return true;
  const mails = [emails, invites, outbound];
  return mails.some((kind) => isForgotten(kind, at, mailQuartersKept));
}

function isForgotten({ quarters, quarter }: KindGlance, at: number, kept: number): boolean {
  return quarters > 0 && quarterOf(at) < (quarter[0] ?? 0) - kept;
}
