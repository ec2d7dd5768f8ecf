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
import type { LoginsGlance, MailsGlance, SignalsGlance } from '../views/signals/state.ts';
import type { Known, Rating, Signal, SignalFacts } from './facts.ts';
import { type Frame, frameOf } from './frame.ts';

/** Facts at `at` (epoch ms). For many clients make the frame once and call deriveInFrame. */
export function deriveSignals(view: SignalsGlance, settings: Settings, at: number): SignalFacts {
  return deriveInFrame(view, frameOf(settings, at));
}

export function deriveInFrame(view: SignalsGlance, frame: Frame): SignalFacts {
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

function lastLoginOf(logins: LoginsGlance, frame: Frame): SignalFacts['lastLogin'] {
  const { at, liveFrom } = frame;
  let bestAt = -1;
  let bestDevice = 0;
  for (const entry of logins.ledger) {
    const entryAt = entry.at;
    if (entryAt > at || entryAt < liveFrom || entryAt < bestAt) continue;
    if (entryAt > bestAt || entry.device > bestDevice) bestDevice = entry.device;
    bestAt = entryAt;
  }
  const settled = newestBetween(logins.settled.quarters, quarterOf(liveFrom), quarterOf(at));
  if (settled !== null) {
    const max = logins.settledMax;
    if (max !== null && quarterOf(max.at) === settled && max.at <= at && max.at >= liveFrom) {
      if (max.at > bestAt || (max.at === bestAt && max.device > bestDevice)) {
        bestAt = max.at;
        bestDevice = max.device;
      }
    } else if (bestAt < 0 || quarterOf(bestAt) <= settled) {
      // A settled login of which only the quarter hour is known may be the newest.
      return { at: { at: startOfQuarter(settled), exact: false }, device: 0 };
    }
  }
  return bestAt < 0 ? null : { at: { at: bestAt, exact: true }, device: bestDevice };
}

function lastMailOf(mails: MailsGlance, frame: Frame): Known | null {
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

function countLogins(logins: LoginsGlance, frame: Frame): SignalFacts['logins'] {
  const { at: to, liveFrom } = frame;
  const from30 = Math.max(frame.from30, liveFrom);
  const from90 = Math.max(frame.from90, liveFrom);
  const from365 = Math.max(frame.from365, liveFrom);
  let d30 = 0;
  let d90 = 0;
  let d365 = 0;
  // In one go: each window lies within the next.
  for (const { at } of logins.ledger) {
    if (at < from365 || at > to) continue;
    d365 += 1;
    if (at < from90) continue;
    d90 += 1;
    if (at >= from30) d30 += 1;
  }
  const { settled } = logins;
  if (settled.quarters.length === 0) return { d30, d90, d365 };
  const toQuarter = quarterOf(to);
  return {
    d30: d30 + countBetween(settled, quarterOf(from30), toQuarter),
    d90: d90 + countBetween(settled, quarterOf(from90), toQuarter),
    d365: d365 + countBetween(settled, quarterOf(from365), toQuarter),
  };
}

/** A login known only by its quarter hour lies in the window when its quarter does. */
function recentFrom(login: Known, frame: Frame): number {
  return login.exact ? frame.fromRecent : startOfQuarter(quarterOf(frame.fromRecent));
}

/** Only questions about a distant past reach further back than the buckets, which follow the newest settled signal. */
function isPastMemory(view: SignalsGlance, frame: Frame): boolean {
  const newestLogin = view.logins.settled.quarters.at(-1);
  if (newestLogin !== undefined && quarterOf(frame.from365) < newestLogin - loginQuartersKept) return true;
  const { at } = frame;
  return isMailForgotten(view.emails, at) || isMailForgotten(view.invites, at) || isMailForgotten(view.outbound, at);
}

function isMailForgotten({ settled }: MailsGlance, at: number): boolean {
  const newest = settled.at(-1);
  return newest !== undefined && quarterOf(at) < newest - mailQuartersKept;
}
