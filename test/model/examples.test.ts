// Histories written by hand that a view must get right: each was once a way to be wrong.
import { deriveSignals } from '../../services/core/derive/signals.ts';
import { defaultSettings } from '../../services/core/settings.ts';
import type { CanonicalEvent } from '../../services/core/topics.ts';
import { deviceOf, email, erasure, impersonation, login } from './events.ts';
import { foldAll } from './laws.ts';
import { dayMs, minuteMs, quarterMs } from './timeline.ts';

const nine = Date.UTC(2024, 4, 10, 9);
const endOfQuarter = nine + quarterMs - 1;
const asOf = (events: readonly CanonicalEvent[], at: number) => deriveSignals(foldAll(events), defaultSettings, at);

/** Enough logins, and late enough, to push what came before out of the ledger, which reaches at least 72 hours. */
const later = Array.from({ length: 40 }, (_, index) => login(`later-${index}`, nine + 4 * dayMs + index * minuteMs));
const laterMails = Array.from({ length: 20 }, (_, index) => email(`later-${index}`, nine + 9 * dayMs + index * dayMs));

test('given the newest settled login is retracted, then the one before it is no longer called exact', () => {
  const first = login('first', nine + 1000, { agent: 1 });
  const second = login('second', nine + 5000, { agent: 2 });
  const pushed = later.slice(0, 32);
  const { lastLogin } = asOf([first, second, ...pushed, impersonation('second', nine + 5 * dayMs)], endOfQuarter);
  expect(lastLogin).toEqual({ at: { at: nine, exact: false }, device: 0 });
});

test('given a settled login is impersonated after all, then its bucket forgets it', () => {
  const events = [login('first', nine), login('second', nine + 1), ...later, impersonation('first', nine + 5 * dayMs)];
  expect(asOf(events, nine + 5 * dayMs).logins.d30).toBe(41);
});

test('given a repeat of a settled login, then it is still one login', () => {
  expect(asOf([login('first', nine), ...later, login('first', nine + 5 * dayMs)], nine + 5 * dayMs).logins.d30).toBe(
    41,
  );
});

test('given an earlier event of a settled session, then the login moves to the earlier day', () => {
  const events = [login('first', nine), ...later, login('first', nine - dayMs)];
  expect(asOf(events, nine - 1).logins.d30).toBe(1);
});

test('given the last login is retracted, then time and device of the one before stand', () => {
  const events = [login('a', nine, { agent: 2 }), login('b', nine + 5), impersonation('b', nine + 9)];
  const { lastLogin } = asOf(events, nine + 9);
  expect(lastLogin).toEqual({ at: { at: nine, exact: true }, device: deviceOf('agent 2') });
});

test('given an invite and a settled email in one quarter hour, then neither is called exact wrongly', () => {
  const invite = email('invite', nine + 1000, 'sent', { category: 'portal-invite' });
  const { lastSignals } = asOf([invite, email('plain', nine + 2000), ...laterMails], endOfQuarter);
  expect([nine, nine + 2000]).toContain(lastSignals.email?.at);
  expect(lastSignals.email?.exact).toBe(lastSignals.email?.at === nine + 2000);
});

test('given an erasure at the start of a quarter hour, then settled logins of that quarter stay', () => {
  const inQuarter = Array.from({ length: 40 }, (_, index) => login(`kept-${index}`, nine + index));
  expect(asOf([login('gone', nine - 1), ...inQuarter, ...later, erasure(nine)], endOfQuarter).logins.d30).toBe(40);
});

test('given an impersonation after an erasure in the same minute, then its session leaves no trace', () => {
  const erasedAt = nine + 30_000;
  const events = [impersonation('s', erasedAt + 5000), erasure(erasedAt), login('s', erasedAt + 9000)];
  expect(asOf(events, nine + dayMs).logins.d30).toBe(0);
});
