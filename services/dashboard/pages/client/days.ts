// Every day of a strip, with what happened on it and where it stands.
import type { Activity } from '../../../query/wire.ts';
import { counted } from '../../frame/format.ts';

export type Day = {
  /** YYYY-MM-DD */
  readonly date: string;
  readonly logins: number;
  readonly email: boolean;
  readonly message: boolean;
  /** Signals count from some day on; of the days before nothing is known. */
  readonly isCounted: boolean;
  /** Weeks begin with Monday; both from 0. */
  readonly week: number;
  readonly weekday: number;
};

const dayMs = 86_400_000;
const calendar = new Intl.DateTimeFormat('en-CA', { dateStyle: 'short', timeZone: 'UTC' });
const longDay = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeZone: 'UTC' });

/** Ascending, without gaps. */
export function daysOf({ from, to, days, coverage, timeZone }: Activity): readonly Day[] {
  const active = new Map((days ?? []).map((day) => [day.date, day]));
  const first = Date.parse(from);
  // 1 January 1970 was a Thursday.
  const weekdayOf = (ms: number) => (ms / dayMs + 3) % 7;
  const lead = weekdayOf(first);
  const since = coverage.since === null ? null : dateIn(coverage.since, timeZone);
  const all: Day[] = [];
  for (let ms = first, index = lead; ms <= Date.parse(to); ms += dayMs, index += 1) {
    const date = calendar.format(ms);
    const { logins = 0, email = false, message = false } = active.get(date) ?? {};
    const isCounted = since !== null && date >= since;
    all.push({ date, logins, email, message, isCounted, week: Math.floor(index / 7), weekday: weekdayOf(ms) });
  }
  return all;
}

function dateIn(instant: string, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { dateStyle: 'short', timeZone }).format(new Date(instant));
}

/** "Tuesday 24 November 2026: 2 logins, an email was sent". */
export function wordsOfDay({ date, logins, email, message, isCounted }: Day): string {
  const day = longDay.format(Date.parse(date));
  if (!isCounted) return `${day}: not known`;
  const sent =
    email && message ? 'an email and a message were sent' : email ? 'an email was sent' : 'a message was sent';
  const parts = [logins === 0 ? 'no login' : counted(logins, 'login'), ...(email || message ? [sent] : [])];
  return `${day}: ${parts.join(', ')}`;
}
