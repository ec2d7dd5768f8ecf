// Instants as files show them: RFC 3339 in the firm's zone.
import { dayMs } from '../core/time.ts';
import type { Zone } from '../core/zone.ts';
import type { CsvLines } from './csv.ts';

const minuteMs = 60_000;

/** The days of a file lie close together, and formatting one takes longer than the rest of a line. */
const dates = new Map<number, string>();
const datesMax = 10_000;
/** Minutes of a day, and offsets, as they are written. */
const minuteTexts: string[] = [];
const offsets = new Map<number, string>();

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
  const minute = Math.trunc(ms / minuteMs);
  const withinMinute = ms - minute * minuteMs;
  const second = Math.trunc(withinMinute / 1000);
  lines.ascii(dates.get(day) ?? noteDate(day));
  minuteTexts[minute] ??= `${minuteText(minute)}:`;
  lines.ascii(minuteTexts[minute]);
  lines.digits(second, 2);
  lines.ascii('.');
  lines.digits(withinMinute - second * 1000, 3);
  lines.own(offsets.get(offset) ?? noteOffset(offset));
}

/** As `hh:mm`. */
function minuteText(minutes: number): string {
  const twoDigits = (number: number) => String(number).padStart(2, '0');
  return `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
}

/** Up to and including the `T` behind it. */
function noteDate(day: number): string {
  if (dates.size >= datesMax) dates.clear();
  const date = new Date(day * dayMs).toISOString().slice(0, -'00:00:00.000Z'.length);
  dates.set(day, date);
  return date;
}

/** Offsets lie within ±26 hours, so there are few. */
function noteOffset(offset: number): string {
  const text = `${offset < 0 ? '-' : '+'}${minuteText(Math.abs(offset))}`;
  offsets.set(offset, text);
  return text;
}
