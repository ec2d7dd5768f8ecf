// Signals by local day, for strips and charts: as exact as the counts of windows are, because quarter hours cut every
// zone's days.
import { quarterOf } from '../time.ts';
import type { KindGlance } from '../views/signals/glance.ts';
import type { Zone } from '../zone.ts';
import type { Frame } from './frame.ts';

/** A run of local days, looked up by quarter hour; days are counted from 1970-01-01, and within the run from 0. */
export class DayRun {
  readonly first: number;
  readonly days: number;
  /** Epoch ms; the run begins with the first and ends before the other. */
  readonly from: number;
  readonly until: number;
  private readonly firstQuarter: number;
  private readonly dayByQuarter: Uint16Array;

  constructor(zone: Zone, first: number, days: number) {
    this.first = first;
    this.days = days;
    this.from = zone.startOf(first);
    this.until = zone.startOf(first + days);
    this.firstQuarter = quarterOf(this.from);
    this.dayByQuarter = new Uint16Array(quarterOf(this.until - 1) - this.firstQuarter + 1);
    for (let day = 0, begin = 0; day < days; day += 1) {
      const end = quarterOf(zone.startOf(first + day + 1)) - this.firstQuarter;
      this.dayByQuarter.fill(day, begin, end);
      begin = end;
    }
  }

  /** The quarter must lie in the run. */
  dayOf(quarter: number): number {
    return this.dayByQuarter[quarter - this.firstQuarter] ?? 0;
  }
}

/** The run of so many days that ends with the frame's. */
export function daysUpTo(frame: Frame, days: number): DayRun {
  return new DayRun(frame.zone, frame.today - days + 1, days);
}

/**
 * Gives every signal of the kind from `from` (epoch ms) up to the frame's instant by its quarter hour, in no order. Of mails
 * the count of a quarter hour that is settled means nothing: they are a set.
 */
export function eachQuarter(
  { entries, at, quarters, quarter, count }: KindGlance,
  frame: Frame,
  from: number,
  take: (quarter: number, count: number) => void,
): void {
  const earliest = Math.max(from, frame.liveFrom);
  for (let index = 0; index < entries; index += 1) {
    const instant = at[index] ?? 0;
    if (instant >= earliest && instant <= frame.at) take(quarterOf(instant), 1);
  }
  const first = quarterOf(earliest);
  const last = quarterOf(frame.at);
  for (let index = 0; index < quarters; index += 1) {
    const settled = quarter[index] ?? 0;
    // The newest comes first.
    if (settled < first) break;
    if (settled <= last) take(settled, count[index] ?? 0);
  }
}
