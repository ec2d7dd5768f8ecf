// Instants where engagement views go wrong: ties, quarter edges, local midnights, clock changes, long silences.
import { IANAZone } from 'luxon';

export const quarterMs = 15 * 60_000;
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** Zones with offsets of half and quarter hours, changes of half an hour, at midnight, twice a year around Ramadan. */
export const zones = [
  'UTC',
  'Europe/London',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'America/Havana',
  'Pacific/Chatham',
  'America/St_Johns',
  'Africa/Casablanca',
  'Asia/Beirut',
  'Pacific/Apia',
] as const;
export type Zone = (typeof zones)[number];

const earliestMs = Date.UTC(2023, 0, 10, 9, 7, 31, 250);
const changesOf = new Map<Zone, readonly number[]>();

// No zone changes its clocks twice within so short a time.
const scanMs = 10 * dayMs;

/** Every instant in 2023–2025 at which the zone's clocks change, to the quarter hour. */
function clockChanges(zone: Zone): readonly number[] {
  const known = changesOf.get(zone);
  if (known !== undefined) return known;
  const found: number[] = [];
  const offset = (instant: number): number => IANAZone.create(zone).offset(instant);
  for (let day = Date.UTC(2023, 0, 1); day < Date.UTC(2026, 0, 1); day += scanMs) {
    if (offset(day) === offset(day + scanMs)) continue;
    let [before, after] = [day / quarterMs, (day + scanMs) / quarterMs];
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (offset(middle * quarterMs) === offset(day)) before = middle;
      else after = middle;
    }
    found.push(after * quarterMs);
  }
  changesOf.set(zone, found);
  return found;
}

/** A first instant: a plain one for 0, else near a change of the zone's clocks (Apia: near the day it skipped, too). */
export function startOf(zone: Zone, choice: number): number {
  const changes = clockChanges(zone);
  if (choice === 0) return earliestMs;
  const near = (choice % 97) * 37 * minuteMs - dayMs;
  if (zone === 'Pacific/Apia' && choice % 2 === 0) return Date.UTC(2011, 11, 30, 10) + near;
  const change = changes[choice % Math.max(1, changes.length)];
  return change === undefined ? earliestMs + choice * 7 * hourMs : change + near;
}

const offsetsOf = new Map<Zone, Map<number, number>>();

/** Local time minus UTC, ms; kept by the quarter hour, because luxon takes its time. */
function offsetMs(instant: number, zone: Zone): number {
  const quarter = Math.floor(instant / quarterMs);
  const offsets = offsetsOf.get(zone) ?? new Map<number, number>();
  const known = offsets.get(quarter);
  if (known !== undefined) return known;
  const offset = IANAZone.create(zone).offset(instant) * minuteMs;
  offsetsOf.set(zone, offsets.set(quarter, offset));
  return offset;
}

/** The next local midnight; close enough to one to be interesting even where midnight is odd. */
export function nextMidnight(instant: number, zone: Zone): number {
  const local = instant + offsetMs(instant, zone);
  const midnight = (Math.floor(local / dayMs) + 1) * dayMs;
  return midnight - offsetMs(midnight - offsetMs(instant, zone), zone);
}

type Gap = (from: number, size: number, zone: Zone) => number;

/** -1, 0 or +1 ms. */
const edge = (size: number): number => (size % 3) - 1;

const tie: Gap = (from) => from;
const milliseconds: Gap = (from, size) => from + size;
const seconds: Gap = (from, size) => from + size * 1000;
const burst: Gap = (from, size) => from + size * 14_000 + 3;
const quarterEdge: Gap = (from, size) => Math.ceil((from + 2) / quarterMs) * quarterMs + edge(size);
const hours: Gap = (from, size) => from + size * 20 * minuteMs + 1;
const aboutADay: Gap = (from, size) => from + 12 * hourMs + size * 23 * minuteMs;
const midnight: Gap = (from, size, zone) => nextMidnight(from + 2, zone) + edge(size);
const days: Gap = (from, size) => from + (size % 9) * dayMs + size * 1001;
const fortnight: Gap = (from, size) => from + 14 * dayMs + edge(size);
const sixWeeks: Gap = (from, size) => from + 42 * dayMs + edge(size);
const months: Gap = (from, size) => from + (1 + (size % 4)) * 29 * dayMs + size * hourMs;
const clockChange: Gap = (from, size, zone) => {
  const next = clockChanges(zone).find((change) => change > from + 2);
  return next === undefined ? from + size * hourMs : next + edge(size) + Math.floor(size / 3) * quarterMs;
};

const gapsOfLight: readonly Gap[] = [
  ...[tie, milliseconds, seconds, burst, quarterEdge, hours, hours, aboutADay, aboutADay],
  ...[midnight, days, days, fortnight, sixWeeks, months, clockChange],
];
const gapsOfHeavy: readonly Gap[] = [
  ...[tie, milliseconds, seconds, burst, burst, burst, quarterEdge, hours],
  ...[hours, hours, hours, hours, hours, aboutADay, midnight, burst],
];

export const gapsMax = 16 * 64 - 1;
/** How far a history may reach; some reach past what the view promises to remember. */
export const usualSpanMs = 390 * dayMs;
export const longSpanMs = 1200 * dayMs;

/** The instant after `from` that the number chooses. 0 is `from` itself. Never past `end`, where time crawls. */
export function step(from: number, gap: number, heavy: boolean, zone: Zone, end: number): number {
  const kinds = heavy ? gapsOfHeavy : gapsOfLight;
  const size = Math.floor(gap / kinds.length);
  const to = (kinds[gap % kinds.length] ?? tie)(from, size, zone);
  return to <= end && to >= from ? to : from + size * 100;
}

/** A small repeatable generator (mulberry32): numbers in [0, 1). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
