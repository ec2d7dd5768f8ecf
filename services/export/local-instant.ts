// Instants as files show them: RFC 3339 in the firm's zone.
import type { Zone } from '../core/zone.ts';

const minuteMs = 60_000;

/**
 * As `2026-03-01T09:30:00.000+00:00`. The offset is always written as digits, in UTC too, so that every cell of a column
 * has one shape. RFC 3339 knows whole minutes only: an offset with seconds, as zones had before 1972, is rounded, and
 * the local time with it, so that the instant stays exact.
 */
export function formatLocalInstant(zone: Zone, instant: number): string {
  const minutes = Math.round(zone.offsetAt(instant) / minuteMs);
  const local = new Date(instant + minutes * minuteMs).toISOString().slice(0, -1);
  const distance = Math.abs(minutes);
  const twoDigits = (number: number) => String(number).padStart(2, '0');
  return `${local}${minutes < 0 ? '-' : '+'}${twoDigits(Math.floor(distance / 60))}:${twoDigits(distance % 60)}`;
}
