// A frame: one instant under one firm's settings, with its windows cut. Made once for a card, or for a whole firm.
import type { Settings } from '../settings.ts';
import { dayMs, parseDate } from '../time.ts';
import { type Zone, zoneOf } from '../zone.ts';

export type Frame = {
  readonly settings: Settings;
  readonly zone: Zone;
  /** Epoch ms; facts up to and including this instant exist. */
  readonly at: number;
  /** The local day `at` lies in, days from 1970-01-01. */
  readonly today: number;
  /** First instants of the windows of 30, 90, 365 and `recentDays` local days that end today. */
  readonly from30: number;
  readonly from90: number;
  readonly from365: number;
  readonly fromRecent: number;
  readonly greenMs: number;
  readonly amberMs: number;
  /** Signals before this instant are left out; 0 when all count. */
  readonly liveFrom: number;
};

export function frameOf(settings: Settings, at: number): Frame {
  const zone = zoneOf(settings.timeZone);
  const today = zone.dayOf(at);
  const windowOf = (days: number) => zone.startOf(today - days + 1);
  return {
    settings,
    zone,
    at,
    today,
    from30: windowOf(30),
    from90: windowOf(90),
    from365: windowOf(365),
    fromRecent: windowOf(settings.recentDays),
    greenMs: settings.greenDays * dayMs,
    amberMs: settings.amberDays * dayMs,
    liveFrom: settings.goLiveAt ?? 0,
  };
}

/** The last millisecond of a local day, the instant at which "as of" that day is answered. */
export function endOfDay(settings: Settings, day: number): number {
  return zoneOf(settings.timeZone).startOf(day + 1) - 1;
}

/** The frame of a question as of a local day, or of the present (null). Of a day to come it is the present. */
export function frameAsOf(settings: Settings, date: string | null, now: number): Frame {
  return frameOf(settings, date === null ? now : (instantAsOf(date, settings, now) ?? now));
}

/**
 * The instant at which a question as of a local day (YYYY-MM-DD) is answered: its end, or `now` (epoch ms) while it lasts.
 * Null when the day is still to come.
 */
export function instantAsOf(date: string, settings: Settings, now: number): number | null {
  const day = Math.floor((parseDate(date) ?? 0) / dayMs);
  return day > zoneOf(settings.timeZone).dayOf(now) ? null : Math.min(endOfDay(settings, day), now);
}
