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

const pattern =
  /^(\d{4})-(\d{2})-(\d{2})[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d+))?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

/**
 * Reads RFC 3339 with `Z` or an offset and any number of fraction digits; digits below the millisecond are cut off.
 * A leap second reads as the first moment of the next minute. Null for anything else, and for instants before 1970,
 * which no portal has seen.
 */
export function parseInstant(text: string): number | null {
  const match = pattern.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction, sign, offsetHour, offsetMinute] = match;
  const ms = fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));
  const midnight = parseDate(`${year}-${month}-${day}`);
  if (midnight === null) return null;
  const local = midnight + Number(hour) * 3_600_000 + Number(minute) * 60_000 + Number(second) * 1000 + ms;
  const offset = sign === undefined ? 0 : (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000;
  const instant = sign === '-' ? local + offset : local - offset;
  return instant >= 0 ? instant : null;
}

/** Reads YYYY-MM-DD as that day's UTC midnight in epoch ms; null when there is no such day. */
export function parseDate(text: string): number | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  // setUTCFullYear takes years below 100 literally, which Date.UTC does not.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : null;
}

/** UTC text with milliseconds, as `2026-03-01T09:30:00.000Z`. */
export function formatInstant(instantMs: number): string {
  return new Date(instantMs).toISOString();
}

/** An instant on the wire; epoch ms once parsed. */
export const Instant = z
  .string()
  .meta({ format: 'date-time' })
  .transform((text, context) => {
    const instant = parseInstant(text);
    if (instant !== null) return instant;
    context.addIssue({ code: 'custom', message: 'must be RFC 3339 with "Z" or an offset, 1970 or later' });
    return z.NEVER;
  });

/** A calendar day on the wire, YYYY-MM-DD; stays text. */
export const CalendarDate = z
  .string()
  .meta({ format: 'date' })
  .refine((text) => parseDate(text) !== null, 'must be a day as YYYY-MM-DD');
