// Instants: RFC 3339 text in, epoch milliseconds inside, RFC 3339 text out. Quarter hours, the unit of the buckets.
import { z } from 'zod';

export const quarterHourMs = 15 * 60_000;
export const dayMs = 24 * 60 * 60_000;

/** The UTC quarter hour an instant lies in, counted from 1970. */
export function quarterOf(instantMs: number): number {
  return Math.floor(instantMs / quarterHourMs);
}

export function startOfQuarter(quarter: number): number {
  return quarter * quarterHourMs;
}

/** The first and the last instant that RFC 3339 can name in UTC: the years 0000 to 9999. */
export const instantMin = -62_167_219_200_000;
export const instantMax = 253_402_300_799_999;

const instantPattern =
  /^(\d{4})-(\d{2})-(\d{2})[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

/**
 * Reads RFC 3339 with `Z` or an offset and any number of fraction digits; digits below the millisecond are cut off.
 * A leap second (only the last minute of a UTC day has one) reads as the second after it. Null for anything else, and
 * for instants before `earliest`, which is 1970 unless told otherwise: no portal has seen what is older.
 */
export function parseInstant(text: string, earliest = 0): number | null {
  const match = instantPattern.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction, sign, offsetHour, offsetMinute] = match;
  const midnight = startOfDay(Number(year), Number(month), Number(day));
  if (midnight === null) return null;
  const local = midnight + Number(hour) * 3_600_000 + Number(minute) * 60_000 + Number(second) * 1000;
  const offset = sign === undefined ? 0 : (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000;
  const whole = sign === '-' ? local + offset : local - offset;
  if (second === '60' && whole % dayMs !== 0) return null;
  const instant = fraction === undefined ? whole : whole + Number(fraction.slice(0, 3).padEnd(3, '0'));
  return instant >= earliest && instant <= instantMax ? instant : null;
}

const datePattern = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Reads YYYY-MM-DD as that day's UTC midnight in epoch ms; null when there is no such day. */
export function parseDate(text: string): number | null {
  const match = datePattern.exec(text);
  return match === null ? null : startOfDay(Number(match[1]), Number(match[2]), Number(match[3]));
}

function startOfDay(year: number, month: number, day: number): number | null {
  // setUTCFullYear takes years below 100 literally, which Date.UTC does not.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : null;
}

/** UTC text with milliseconds, as `2026-03-01T09:30:00.000Z`. */
export function formatInstant(instantMs: number): string {
  return new Date(instantMs).toISOString();
}

function instantSince(earliest: number, message: string) {
  return z
    .string()
    .meta({ format: 'date-time' })
    .transform((text, context) => {
      const instant = parseInstant(text, earliest);
      if (instant !== null) return instant;
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    });
}

/** An instant on the wire at which something happened; epoch ms once parsed. */
export const Instant = instantSince(0, 'must be RFC 3339 with "Z" or an offset, 1970 or later');

/** An instant on the wire that may lie before 1970, as when an old file was opened; epoch ms once parsed. */
export const AnyInstant = instantSince(instantMin, 'must be RFC 3339 with "Z" or an offset');

/** A calendar day on the wire, YYYY-MM-DD; stays text. */
export const CalendarDate = z
  .string()
  .meta({ format: 'date' })
  .refine((text) => parseDate(text) !== null, 'must be a day as YYYY-MM-DD');
