// Signals at an instant: windows, last signals, rating and why. Everything here depends on "now" or on a setting, so it
// is computed when it is read and never stored as truth.
//
// Windows are tailed by local days: a window of N days holds the logins from the first instant of the local day N − 1
// days before today, up to the instant itself. Ledger entries are cut exactly; settled ones by quarter hour, which is
// exact too, because every offset in use is a whole number of quarter hours.
import type { Settings } from '../settings.ts';
import { quarterOf, startOfQuarter } from '../time.ts';
import { loginQuartersKept, mailQuartersKept } from '../views/signals/codec.ts';
import { countBetween, newestBetween } from '../views/signals/quarters.ts';
import type { Logins, Mails, Signals } from '../views/signals/state.ts';
import type { Known, Rating, Signal, SignalFacts } from './facts.ts';
import { type Frame, frameOf } from './frame.ts';

/** Facts at `at` (epoch ms). For many clients make the frame once and call deriveInFrame. */
export function deriveSignals(view: Signals, settings: Settings, at: number): SignalFacts {
  return deriveInFrame(view, frameOf(settings, at));
}

export function deriveInFrame(view: Signals, frame: Frame): SignalFacts {
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
    logins: {
      d30: countLogins(view.logins, frame, frame.from30),
      d90: countLogins(view.logins, frame, frame.from90),
      d365: countLogins(view.logins, frame, frame.from365),
    },
    loggedInRecently: login !== null && login.at >= recentFrom(login, frame),
    lastSignals: { login, email, message },
    pastMemory: isPastMemory(view, frame),
  };
}

/** None is a rating, not a missing value: the lowest. */
export const ratingOrder = { none: 0, red: 1, amber: 2, green: 3 } as const satisfies Record<Rating, number>;

/** By elapsed time since the newest signal, bounds inclusive; a signal never fades to none. */
function rate(newest: Known | null, frame: Frame): Rating {
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

function later(one: Known | null, other: Known | null): Known | null {
  if (one === null || other === null) return one ?? other;
  if (one.exact === other.exact) return one.at > other.at ? one : other;
  const [exact, rough] = one.exact ? [one, other] : [other, one];
  // Of the rough one no more than its quarter hour is known, within which it may be the later.
  return quarterOf(exact.at) > quarterOf(rough.at) ? exact : rough;
}

function lastLoginOf(logins: Logins, frame: Frame): SignalFacts['lastLogin'] {
  const { at, liveFrom } = frame;
  let best: { at: number; device: number } | null = null;
  for (const entry of logins.ledger) {
    if (entry.at > at || entry.at < liveFrom) continue;
    if (best === null || entry.at > best.at || (entry.at === best.at && entry.device > best.device)) best = entry;
  }
  const settled = newestBetween(logins.settled.quarters, quarterOf(liveFrom), quarterOf(at));
  if (settled === null) return best === null ? null : { at: { at: best.at, exact: true }, device: best.device };

  const max = logins.settledMax;
  if (max !== null && quarterOf(max.at) === settled && max.at <= at && max.at >= liveFrom) {
    if (best === null || max.at > best.at || (max.at === best.at && max.device > best.device)) best = max;
  } else if (best === null || quarterOf(best.at) <= settled) {
    // A settled login of which only the quarter hour is known may be the newest.
    return { at: { at: startOfQuarter(settled), exact: false }, device: 0 };
  }
  return { at: { at: best.at, exact: true }, device: best.device };
}

function lastMailOf(mails: Mails, frame: Frame): Known | null {
  const { at, liveFrom } = frame;
  let best = -1;
  for (const entry of mails.ledger) if (entry.at <= at && entry.at >= liveFrom && entry.at > best) best = entry.at;
  const settled = newestBetween(mails.settled, quarterOf(liveFrom), quarterOf(at));
  if (settled !== null) {
    const max = mails.settledMax;
    if (max !== null && quarterOf(max) === settled && max <= at && max >= liveFrom) {
      best = Math.max(best, max);
    } else if (quarterOf(best) <= settled) {
      return { at: startOfQuarter(settled), exact: false };
    }
  }
  return best < 0 ? null : { at: best, exact: true };
}

function countLogins(logins: Logins, frame: Frame, windowFrom: number): number {
  const from = Math.max(windowFrom, frame.liveFrom);
  let count = countBetween(logins.settled, quarterOf(from), quarterOf(frame.at));
  for (const entry of logins.ledger) if (entry.at >= from && entry.at <= frame.at) count += 1;
  return count;
}

/** A login known only by its quarter hour lies in the window when its quarter does. */
function recentFrom(login: Known, frame: Frame): number {
  return login.exact ? frame.fromRecent : startOfQuarter(quarterOf(frame.fromRecent));
}

/** Only questions about a distant past reach further back than the buckets, which follow the newest settled signal. */
function isPastMemory(view: Signals, frame: Frame): boolean {
  const newestLogin = view.logins.settled.quarters.at(-1);
  if (newestLogin !== undefined && quarterOf(frame.from365) < newestLogin - loginQuartersKept) return true;
  return [view.emails, view.invites, view.outbound].some((mails) => {
    const newest = mails.settled.at(-1);
    return newest !== undefined && quarterOf(frame.at) < newest - mailQuartersKept;
  });
}
