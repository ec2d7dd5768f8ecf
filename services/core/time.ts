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
  /^\d{4}-\d{2}-\d{2}[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/**
 * Reads RFC 3339 with `Z` or an offset and any number of fraction digits; digits below the millisecond are cut off.
 * A leap second (only the last minute of a UTC day has one) reads as the second after it. Null for anything else, and
 * for instants before `earliest`, which is 1970 unless told otherwise: no portal has seen what is older.
 */
export function parseInstant(text: string, earliest = 0): number | null {
  // The pattern fixes where each number stands up to the seconds, so they are read in place: every event pays for this.
  if (!instantPattern.test(text)) return null;
  const midnight = startOfDay(twoDigits(text, 0) * 100 + twoDigits(text, 2), twoDigits(text, 5), twoDigits(text, 8));
  if (midnight === null) return null;
  const second = twoDigits(text, 17);
  const whole = midnight + minutesMs(text, 11) + second * 1000 - offsetMs(text);
  if (second === 60 && whole % dayMs !== 0) return null;
  const instant = text[19] === '.' ? whole + fractionMs(text, 20) : whole;
  return instant >= earliest && instant <= instantMax ? instant : null;
}

function digit(text: string, at: number): number {
  return text.charCodeAt(at) - 48;
}

function twoDigits(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

/** "hh:mm" as milliseconds. */
function minutesMs(text: string, at: number): number {
  return (twoDigits(text, at) * 60 + twoDigits(text, at + 3)) * 60_000;
}

function offsetMs(text: string): number {
  const start = text.length - 6;
  if (text[start] === '+') return minutesMs(text, start + 1);
  return text[start] === '-' ? -minutesMs(text, start + 1) : 0;
}

/** At most three digits; whatever follows them (a fourth, `Z`, a sign) is not part of the milliseconds. */
function fractionMs(text: string, at: number): number {
  let ms = 0;
  for (let index = 0, scale = 100; index < 3; index += 1, scale /= 10) {
    const value = digit(text, at + index);
    if (!(value >= 0 && value <= 9)) break;
    ms += value * scale;
  }
  return ms;
}

/** What no instant from 1970 on is. */
export const noInstant = -1;

/**
 * Reads the commonest form of RFC 3339 from its bytes: UTC with `Z`, in capitals, no leap second, 1970 or later, any number
 * of fraction digits. `noInstant` for anything else, which `parseInstant` may still be able to read.
 */
export function parsePlainInstant(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length < 20 || bytes[end - 1] !== 0x5a || bytes[start + 10] !== 0x54) return noInstant;
  if (bytes[start + 4] !== 0x2d || bytes[start + 7] !== 0x2d) return noInstant;
  if (bytes[start + 13] !== 0x3a || bytes[start + 16] !== 0x3a) return noInstant;
  const year = pairAt(bytes, start) * 100 + pairAt(bytes, start + 2);
  const midnight = startOfDay(year, pairAt(bytes, start + 5), pairAt(bytes, start + 8));
  const hour = pairAt(bytes, start + 11);
  const minute = pairAt(bytes, start + 14);
  const second = pairAt(bytes, start + 17);
  if (midnight === null || Math.min(midnight, hour, minute, second) < 0) return noInstant;
  if (hour > 23 || minute > 59 || second > 59) return noInstant;
  const whole = midnight + ((hour * 60 + minute) * 60 + second) * 1000;
  if (length === 20) return whole;
  if (length === 21 || bytes[start + 19] !== 0x2e) return noInstant;
  let ms = 0;
  for (let at = start + 20, scale = 100; at < end - 1; at += 1, scale /= 10) {
    const value = digitAt(bytes, at);
    if (value < 0) return noInstant;
    if (scale >= 1) ms += value * scale;
  }
  return whole + ms;
}

/** So far below 0 that no other digit makes up for it. */
const noDigit = -1_000_000;

function digitAt(bytes: Uint8Array, at: number): number {
  const value = (bytes[at] ?? 0) - 0x30;
  return value >= 0 && value <= 9 ? value : noDigit;
}

function pairAt(bytes: Uint8Array, at: number): number {
  return digitAt(bytes, at) * 10 + digitAt(bytes, at + 1);
}

const datePattern = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Reads YYYY-MM-DD as that day's UTC midnight in epoch ms; null when there is no such day. */
export function parseDate(text: string): number | null {
  const match = datePattern.exec(text);
  return match === null ? null : startOfDay(Number(match[1]), Number(match[2]), Number(match[3]));
}

/** A day's UTC midnight in epoch ms; null when there is no such day. */
export function startOfDay(year: number, month: number, day: number): number | null {
  if (month < 1 || month > 12 || day < 1 || day > daysOfMonth(year, month)) return null;
  // Counted in years that begin in March, so that the leap day comes last; a Date would cost as much as all the rest.
  const marchYear = month > 2 ? year : year - 1;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  const daysBefore = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5);
  return (marchYear * 365 + leapDays + daysBefore + day - 1 - daysBefore1970) * dayMs;
}

/** From the first of March of the year 0 to the first of January 1970. */
const daysBefore1970 = 719_468;

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** UTC text with milliseconds, as `2026-03-01T09:30:00.000Z`. A list has hundreds of them, on few days. */
export function formatInstant(instantMs: number): string {
  // As Date does with what is no whole number.
  const whole = Math.trunc(instantMs);
  const day = Math.floor(whole / dayMs);
  const within = whole - day * dayMs;
  const seconds = Math.floor(within / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const ms = String(1000 + (within - seconds * 1000)).slice(1);
  return `${dayText(day)}T${two(hours)}:${two(minutes - hours * 60)}:${two(seconds - minutes * 60)}.${ms}Z`;
}

/** A calendar day, counted from 1970-01-01, as YYYY-MM-DD. */
export function formatDay(day: number): string {
  return dayText(day);
}

const dayTexts = new Map<number, string>();
const dayTextsMax = 4096;

/** Throws a RangeError for a day that Date does not reach. */
function dayText(day: number): string {
  const known = dayTexts.get(day);
  if (known !== undefined) return known;
  const [text = ''] = new Date(day * dayMs).toISOString().split('T');
  if (dayTexts.size >= dayTextsMax) dayTexts.clear();
  dayTexts.set(day, text);
  return text;
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}

/** The nearest instant that can be folded and formatted. A log may deliver any 64 bits as a time; not a number gives 0. */
export function clampInstant(ms: number): number {
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), instantMax);
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
