// When a view's answer agrees with the oracle's: equal, but for instants the view says it knows to the quarter hour only.
import type { Known, SignalFacts } from '../../services/core/derive/facts.ts';
import type { Settings } from '../../services/core/settings.ts';
import type { CanonicalEvent } from '../../services/core/topics.ts';
import { instantOf } from './events.ts';
import { lastSeen, loginsExactMin, mailsExactMin, staysExact } from './memory.ts';
import { rate } from './oracle.ts';
import { dayMs, quarterMs } from './timeline.ts';

/** How far back from the newest event the view keeps quarter hours. */
const loginsKeptMs = 800 * dayMs;
const mailsKeptMs = 420 * dayMs;

export type Expectation = {
  /** True when the arrival promises that what came last is known exactly at an instant after every event. */
  readonly exactAtTheEnd: boolean;
  readonly seen: ReturnType<typeof lastSeen>;
  readonly newest: number;
};

export function expectationOf(events: readonly CanonicalEvent[], exactAtTheEnd: boolean): Expectation {
  const newest = events.reduce((latest, event) => Math.max(latest, instantOf(event)), 0);
  return { exactAtTheEnd, seen: lastSeen(events), newest };
}

/** What is wrong with `found`, in words; empty when it agrees with what the oracle computed. */
export function disagreements(
  found: SignalFacts,
  oracle: SignalFacts,
  expectation: Expectation,
  settings: Settings,
  at: number,
): readonly string[] {
  const { seen, newest } = expectation;
  const atTheEnd = at >= newest;
  const wrong: string[] = [];
  const check = (name: string, value: unknown, wanted: unknown): void => {
    if (value === wanted) return;
    const [one, other] = [JSON.stringify(value), JSON.stringify(wanted)];
    if (one !== other) wrong.push(`${name} is ${one}, should be ${other}`);
  };
  const checkKnown = (
    name: string,
    known: Known | null,
    wanted: Known | null,
    room: readonly number[],
    min: number,
  ) => {
    const exact = wanted === null || (atTheEnd && expectation.exactAtTheEnd) || staysExact(room, wanted.at, min);
    const keptMs = name === 'login' ? loginsKeptMs : mailsKeptMs;
    if (!exact && !atTheEnd && wanted.at < newest - keptMs) return;
    if (wanted === null || known === null || known.exact || exact) return check(`last ${name}`, known, wanted);
    check(`last ${name}`, known.at, Math.floor(wanted.at / quarterMs) * quarterMs);
  };
  checkKnown('login', found.lastSignals.login, oracle.lastSignals.login, seen.login, loginsExactMin);
  checkKnown('email', found.lastSignals.email, oracle.lastSignals.email, seen.email, mailsExactMin);
  checkKnown('message', found.lastSignals.message, oracle.lastSignals.message, seen.outbound, mailsExactMin);

  check('last login', found.lastLogin?.at ?? null, found.lastSignals.login);
  const mayLackDevice = found.lastLogin?.at.exact === false && found.lastLogin.device === 0;
  if (!mayLackDevice) check('device', found.lastLogin?.device, oracle.lastLogin?.device);

  // What a window reaches past the buckets is partial, and the view must say so.
  const fits = (days: number): boolean => at - (days + 1) * dayMs >= newest - loginsKeptMs;
  if (fits(365)) check('past memory', found.pastMemory, false);
  if (!found.pastMemory || fits(365)) check('logins of 365 days', found.logins.d365, oracle.logins.d365);
  if (!found.pastMemory || fits(90)) check('logins of 90 days', found.logins.d90, oracle.logins.d90);
  if (!found.pastMemory || fits(30)) check('logins of 30 days', found.logins.d30, oracle.logins.d30);
  check('logged in recently', found.loggedInRecently, oracle.loggedInRecently);

  // The rating follows from the last signals just checked; only one known to the quarter hour can make it differ.
  const { rating, decidedBy, becomesAmberAt, becomesRedAt, onlyOurMail } = rate(
    {
      login: found.lastSignals.login?.at ?? null,
      email: found.lastSignals.email?.at ?? null,
      message: found.lastSignals.message?.at ?? null,
    },
    settings,
    at,
  );
  check('rating', found.rating, rating);
  check('decided by', found.decidedBy?.signal, decidedBy?.signal);
  check('decided at', found.decidedBy?.at, decidedBy === null ? undefined : found.lastSignals[decidedBy.signal]);
  check('becomes amber', found.becomesAmberAt, becomesAmberAt);
  check('becomes red', found.becomesRedAt, becomesRedAt);
  check('only our mail', found.onlyOurMail, onlyOurMail);
  return wrong;
}
