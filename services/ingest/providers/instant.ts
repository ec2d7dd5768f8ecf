// Reads the times that providers write, in any of their forms, as canonical RFC 3339 in UTC with milliseconds.
import { DateTime } from 'luxon';
import { aheadMsMax } from '../../core/decode.ts';
import { dayMs, formatInstant, parseInstant } from '../../core/time.ts';

export type When =
  | { readonly kind: 'at'; readonly occurredAt: string; readonly warnings: readonly string[] }
  /** Names the field and what is wrong, never the value. */
  | { readonly kind: 'unusable'; readonly detail: string };

export type WhenParts = {
  /** Epoch ms: stands in for a time that is absent. */
  readonly arrivedAt: number;
  /** IANA zone of times that say none. */
  readonly zone: string;
  /** What numbers mean, where the provider says so; told by their size unless given. Compact is YYMMDDhhmm. */
  readonly form?: 's' | 'ms' | 'compact';
};

/** No provider here is older; what claims to be is zero, a missing year, or seconds taken for milliseconds. */
const earliest = Date.UTC(2000, 0, 1);

/** Zones lie at most so far apart, so a time further ahead is no wall clock with the wrong zone. */
const zonesApartMsMax = 26 * 60 * 60_000;

/** No form is longer, whatever its fraction; bounds the work on rubbish. */
const charactersMax = 100;

/**
 * Absent (also null or blank): the arrival's time, with a warning. Ahead of the arrival by more than a clock's error but
 * not by more than zones differ: the arrival's time as well, because it cannot have happened yet and the zone is wrong.
 * Before 2000, or further ahead: unusable.
 */
export function readWhen(field: string, value: unknown, parts: WhenParts): When {
  if (value === undefined || value === null || (typeof value === 'string' && value.trim() === '')) {
    return at(parts.arrivedAt, [`${field}: is missing; the time of arrival stands in its place`]);
  }
  const read = readValue(value, parts);
  if (read === null) return { kind: 'unusable', detail: `${field}: is no time in a form known here` };
  const warnings = read.oddity === null ? [] : [`${field}: ${read.oddity}`];
  if (read.at < earliest) return { kind: 'unusable', detail: `${field}: lies before the year 2000` };
  const ahead = read.at - parts.arrivedAt;
  if (ahead <= aheadMsMax) return at(read.at, warnings);
  if (ahead > zonesApartMsMax) return { kind: 'unusable', detail: `${field}: lies more than a day after its arrival` };
  const warning = `${field}: lies after its arrival, as with the wrong time zone; the time of arrival stands in its place`;
  return at(parts.arrivedAt, [...warnings, warning]);
}

function at(instant: number, warnings: readonly string[]): When {
  return { kind: 'at', occurredAt: formatInstant(instant), warnings };
}

/** Epoch ms, and what was odd about it. */
type Read = { readonly at: number; readonly oddity: string | null };

const numberText = /^\d+(?:\.\d+)?$/;

function readValue(value: unknown, parts: WhenParts): Read | null {
  if (typeof value === 'number') return readNumber(value, parts);
  if (typeof value !== 'string') return null;
  const text = value.trim();
  if (text.length > charactersMax) return null;
  if (parts.form === 'compact' && compactPattern.test(text)) return readCompact(text, parts.zone);
  if (numberText.test(text)) return readNumber(Number(text), parts);
  return readZoned(text) ?? readWallClock(text, parts.zone) ?? readMail(text);
}

/** Up to here a number can only be seconds (the year 5138), up to a thousand times that only milliseconds, and so on. */
const secondsMax = 100_000_000_000;

function readNumber(value: number, { form }: WhenParts): Read | null {
  if (!Number.isFinite(value)) return null;
  if (form === 's') return plain(value * 1000);
  if (form === 'ms') return plain(value);
  const size = Math.abs(value);
  if (size < secondsMax) return plain(value * 1000);
  if (size < secondsMax * 1e3) return plain(value);
  return size < secondsMax * 1e6 ? plain(value / 1e3) : plain(value / 1e6);
}

/** A fraction of a millisecond is cut off, as RFC 3339's further digits are. What is beyond any calendar is no time. */
function plain(ms: number): Read | null {
  // Seconds as a float lie a hair below the millisecond they mean.
  const whole = Math.floor(ms + 1e-3);
  return Math.abs(whole) <= 100_000_000 * dayMs ? { at: whole, oddity: null } : null;
}

const zonedPattern =
  /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2}(?:[.,]\d+)?) ?(?:(z|utc|gmt)|([+-]\d{2}):?(\d{2})?(?: utc)?)$/i;

/** RFC 3339, and what is written nearly so: a space for the T, an offset without its colon, UTC by name. */
function readZoned(text: string): Read | null {
  const [, date, time, , hours, minutes] = zonedPattern.exec(text) ?? [];
  if (date === undefined || time === undefined) return null;
  const offset = hours === undefined ? 'Z' : `${hours}:${minutes ?? '00'}`;
  const instant = parseInstant(`${date}T${time.replace(',', '.')}${offset}`, Number.NEGATIVE_INFINITY);
  return instant === null ? null : { at: instant, oddity: null };
}

const wallClockPattern = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(?::(\d{2})(?:[.,]\d+)?)?$/;

/** "2026-03-01 09:30:00.5": some zone's wall clock. */
function readWallClock(text: string, zone: string): Read | null {
  const [, date, minute, second = '00'] = wallClockPattern.exec(text) ?? [];
  if (date === undefined || minute === undefined) return null;
  const fraction = /[.,]\d+$/.exec(text)?.[0].replace(',', '.') ?? '';
  const asUtc = parseInstant(`${date}T${minute}:${second}${fraction}Z`, Number.NEGATIVE_INFINITY);
  return asUtc === null ? null : inZone(asUtc, zone);
}

const compactPattern = /^\d{10}$/;

/** "2602281530": the last day of February 2026, half past three. */
function readCompact(text: string, zone: string): Read | null {
  const [year, month, day, hour, minute] = text.match(/../g) ?? [];
  const asUtc = parseInstant(`20${year}-${month}-${day}T${hour}:${minute}:00Z`, Number.NEGATIVE_INFINITY);
  return asUtc === null ? null : inZone(asUtc, zone);
}

/**
 * The instant at which the zone's clocks show what UTC's show at `asUtc`. Where they show it twice it is the earlier, and
 * where they skip it the instant that would have shown it, had they not been put on: so order within the source holds.
 */
function inZone(asUtc: number, zone: string): Read | null {
  // Any change of the clocks that matters lies within a day around.
  const offsets = [offsetMs(asUtc - dayMs, zone), offsetMs(asUtc + dayMs, zone)];
  const candidates = [...new Set(offsets)].map((offset) => asUtc - offset).sort((a, b) => a - b);
  const [first, second] = candidates.filter((instant) => instant + offsetMs(instant, zone) === asUtc);
  if (first === undefined) {
    const before = asUtc - (offsets[0] ?? Number.NaN);
    return Number.isNaN(before) ? null : { at: before, oddity: `does not exist in ${zone}, whose clocks skip it` };
  }
  const oddity = second === undefined ? null : `happens twice in ${zone}, whose clocks go back; the first is taken`;
  return { at: first, oddity };
}

/** Not a number for a zone there is not. */
function offsetMs(instant: number, zone: string): number {
  return DateTime.fromMillis(instant, { zone }).offset * 60_000;
}

/** RFC 2822, as mail and Twilio have it. */
function readMail(text: string): Read | null {
  const read = DateTime.fromRFC2822(text);
  return read.isValid ? { at: read.toMillis(), oddity: null } : null;
}
