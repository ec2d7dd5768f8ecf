// Instants as files show them: RFC 3339 in the firm's zone.
import { dayMs } from '../core/time.ts';
import type { Zone } from '../core/zone.ts';
import type { CsvLines } from './csv.ts';

const minuteMs = 60_000;

/** The days of a file lie close together, and formatting one takes longer than the rest of a line. */
const dates = new Map<number, string>();
const datesMax = 10_000;

/**
 * Writes a cell as `2026-03-01T09:30:00.000+00:00`. The offset is always written as digits, in UTC too, so that every
 * cell of a column has one shape. RFC 3339 knows whole minutes only: an offset with seconds, as zones had before 1972, is
 * rounded, and the local time with it, so that the instant stays exact.
 */
export function writeLocalInstant(lines: CsvLines, zone: Zone, instant: number): void {
  const offset = Math.round(zone.offsetAt(instant) / minuteMs);
  const local = instant + offset * minuteMs;
  const day = Math.floor(local / dayMs);
  const ms = local - day * dayMs;
  const minutes = Math.trunc(ms / minuteMs);
  lines.ascii(dateOf(day));
  writeMinutes(lines, minutes);
  lines.ascii(':');
  lines.digits(Math.trunc((ms - minutes * minuteMs) / 1000), 2);
  lines.ascii('.');
  lines.digits(ms % 1000, 3);
  lines.ascii(offset < 0 ? '-' : '+');
  writeMinutes(lines, Math.abs(offset));
  lines.endCell();
}

/** As `hh:mm`. */
function writeMinutes(lines: CsvLines, minutes: number): void {
  const hours = Math.trunc(minutes / 60);
  lines.digits(hours, 2);
  lines.ascii(':');
  lines.digits(minutes - hours * 60, 2);
}

/** Up to and including the `T` behind it. */
function dateOf(day: number): string {
  const known = dates.get(day);
  if (known !== undefined) return known;
  if (dates.size >= datesMax) dates.clear();
  const date = new Date(day * dayMs).toISOString().slice(0, -'00:00:00.000Z'.length);
  dates.set(day, date);
  return date;
}
