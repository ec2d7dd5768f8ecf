// What one client did, and what was sent to it, by local day.
import { SignalsGlance, takeGlance } from '../views/signals/glance.ts';
import type { Signals } from '../views/signals/state.ts';
import { type DayRun, eachQuarter } from './days.ts';
import type { Frame } from './frame.ts';
import { rememberedFrom } from './memory.ts';

export type ActiveDay = {
  /** Days from 1970-01-01. */
  readonly day: number;
  readonly logins: number;
  /** Whether one was sent that counts as a signal; how many is not known for ever. */
  readonly email: boolean;
  readonly message: boolean;
};

export type Activity = {
  /** Ascending; days without any signal are left out. The logins of a window's days add up to its count. */
  readonly days: readonly ActiveDay[];
  /** Days before this instant (epoch ms) may lack signals that were forgotten. */
  readonly rememberedFrom: number;
};

export function activityOf(signals: Signals, frame: Frame, run: DayRun): Activity {
  const glance = new SignalsGlance();
  takeGlance(glance, signals);
  const logins = new Uint32Array(run.days);
  const emails = new Uint8Array(run.days);
  const messages = new Uint8Array(run.days);
  eachQuarter(glance.logins, frame, run.from, (quarter, count) => {
    const day = run.dayOf(quarter);
    logins[day] = (logins[day] ?? 0) + count;
  });
  const mark = (days: Uint8Array) => (quarter: number) => days.fill(1, run.dayOf(quarter), run.dayOf(quarter) + 1);
  eachQuarter(glance.emails, frame, run.from, mark(emails));
  if (frame.settings.inviteEmailsCount) eachQuarter(glance.invites, frame, run.from, mark(emails));
  eachQuarter(glance.outbound, frame, run.from, mark(messages));
  const active: ActiveDay[] = [];
  for (let index = 0; index < run.days; index += 1) {
    const day = { logins: logins[index] ?? 0, email: emails[index] === 1, message: messages[index] === 1 };
    if (day.logins > 0 || day.email || day.message) active.push({ day: run.first + index, ...day });
  }
  return { days: active, rememberedFrom: rememberedFrom(glance, frame.settings) };
}
