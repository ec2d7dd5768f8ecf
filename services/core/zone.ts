// Local days in an IANA zone, cut exactly and cheaply. Offsets come from Intl once, as a table of the instants at which
// they change; after that a local day costs a search in a short array.
import { dayMs } from './time.ts';

/** From `from` (epoch ms) on, local time is UTC plus `offset` ms, until the next segment. */
type Segment = { readonly from: number; readonly offset: number };

/** No zone changes its clocks twice within this time; Morocco's Ramadan break lasts about a month. */
const sampleStepMs = 5 * dayMs;
const zonesMax = 600;
/** Before this year every zone keeps its local mean time. Also, Date.UTC takes the years 0 to 99 for 1900 to 1999. */
const firstYear = 1800;

export type Zone = {
  /** The local calendar day an instant lies in, counted from 1970-01-01. */
  dayOf(instant: number): number;
  /** The first instant of a local day: epoch ms, also where clocks change at midnight or a day is skipped. */
  startOf(day: number): number;
  /** Local time minus UTC at an instant, ms. */
  offsetAt(instant: number): number;
};

const zones = new Map<string, Zone>();

/** `name` must be a valid IANA zone, as Settings checks. */
export function zoneOf(name: string): Zone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  if (zones.size >= zonesMax) zones.clear();
  const zone = createZone(name);
  zones.set(name, zone);
  return zone;
}

function createZone(name: string): Zone {
  const offsetFromIntl = intlOffsets(name);
  const years = new Map<number, readonly Segment[]>();

  const beforeFirstYear: readonly Segment[] = [
    { from: Number.NEGATIVE_INFINITY, offset: offsetFromIntl(Date.UTC(firstYear, 0, 1)) },
  ];

  /** The segments of a calendar year (UTC), the first beginning with the year. */
  function segmentsOf(year: number): readonly Segment[] {
    if (year < firstYear) return beforeFirstYear;
    const known = years.get(year);
    if (known !== undefined) return known;
    const from = Date.UTC(year, 0, 1);
    const to = Date.UTC(year + 1, 0, 1);
    const segments: Segment[] = [{ from, offset: offsetFromIntl(from) }];
    for (let low = from; low < to; low += sampleStepMs) {
      const high = Math.min(low + sampleStepMs, to);
      const change = changeBetween(offsetFromIntl, low, high);
      if (change !== null && change.from < to) segments.push(change);
    }
    years.set(year, segments);
    return segments;
  }

  /** The segment asked for last, which is mostly the one asked for next. */
  let recent = { from: 0, until: 0, offset: 0 };

  function offsetAt(instant: number): number {
    if (instant >= recent.from && instant < recent.until) return recent.offset;
    const year = new Date(instant).getUTCFullYear();
    const segments = segmentsOf(year);
    let index = segments.length - 1;
    while (index > 0 && (segments[index]?.from ?? 0) > instant) index -= 1;
    const { from, offset } = segments[index] ?? { from: instant, offset: 0 };
    recent = { from, until: segments[index + 1]?.from ?? Date.UTC(year + 1, 0, 1), offset };
    return offset;
  }

  function dayOf(instant: number): number {
    return Math.floor((instant + offsetAt(instant)) / dayMs);
  }

  function startOf(day: number): number {
    const utcMidnight = day * dayMs;
    // Offsets lie within ±26 h, so the day begins in the segments around its UTC midnight.
    const earliest = new Date(utcMidnight - 2 * dayMs).getUTCFullYear();
    const latest = new Date(utcMidnight + 2 * dayMs).getUTCFullYear();
    let begin = utcMidnight;
    let isFirst = true;
    for (let year = earliest; year <= latest; year += 1) {
      for (const { from, offset } of segmentsOf(year)) {
        if (!isFirst && begin < from) return begin;
        begin = Math.max(from, utcMidnight - offset);
        isFirst = false;
      }
    }
    return begin;
  }

  return { dayOf, startOf, offsetAt };
}

function changeBetween(offsetOf: (instant: number) => number, low: number, high: number): Segment | null {
  const before = offsetOf(low);
  const after = offsetOf(high);
  if (before === after) return null;
  let [still, changed] = [low, high];
  while (changed - still > 1000) {
    const middle = Math.floor((still + changed) / 2000) * 1000;
    if (offsetOf(middle) === before) still = middle;
    else changed = middle;
  }
  return { from: changed, offset: after };
}

/** Reads a zone's offset from Intl's civil time: about a microsecond a call, so only tables are built from it. */
function intlOffsets(name: string): (instant: number) => number {
  // Every firm's zone until it sets another, and Intl takes a while to begin.
  if (name === 'UTC') return () => 0;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    era: 'narrow',
  });
  return (instant) => {
    const parts = new Map(format.formatToParts(instant).map((part) => [part.type, part.value]));
    const number = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type));
    const local = Date.UTC(
      number('year'),
      number('month') - 1,
      number('day'),
      number('hour'),
      number('minute'),
      number('second'),
    );
    return local - Math.floor(instant / 1000) * 1000;
  };
}
