// Local days against luxon, an independent reading of the same zone rules, and by hand where luxon is known to differ.
import { DateTime } from 'luxon';
import { dayMs } from '../../services/core/time.ts';
import { zoneOf } from '../../services/core/zone.ts';

const zones = [
  'UTC',
  'Europe/London',
  'America/New_York',
  'America/Havana',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Pacific/Apia',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Asia/Tehran',
  'America/Sao_Paulo',
];

const hourMs = 3_600_000;

/** Days from 1970 of the local calendar date, by luxon. */
function dayByLuxon(instant: number, zone: string): number {
  const local = DateTime.fromMillis(instant, { zone });
  return Date.UTC(local.year, local.month - 1, local.day) / dayMs;
}

describe('local days', () => {
  test.each(zones)('every seventh hour of 2010 to 2027 lies in the day luxon says: %s', (zone) => {
    const { dayOf } = zoneOf(zone);
    const wrong: string[] = [];
    for (let at = Date.UTC(2010, 0, 1); at < Date.UTC(2028, 0, 1); at += 7 * hourMs + 60_000) {
      if (dayOf(at) !== dayByLuxon(at, zone)) wrong.push(new Date(at).toISOString());
    }
    expect(wrong).toEqual([]);
  });

  test.each(zones)('a day begins where its date first shows, and not a millisecond before: %s', (zone) => {
    const { dayOf, startOf } = zoneOf(zone);
    const first = Date.UTC(2012, 0, 1) / dayMs;
    const wrong: number[] = [];
    for (let day = first; day < first + 365 * 15; day += 1) {
      const start = startOf(day);
      if (dayOf(start) !== day || dayOf(start - 1) !== day - 1) wrong.push(day);
    }
    expect(wrong).toEqual([]);
  });

  test('where clocks go back at midnight, the day begins at the first of the two', () => {
    // Havana, 2025-11-02: at 01:00 the clock goes back to 00:00, so 00:30 comes twice.
    const { startOf } = zoneOf('America/Havana');
    expect(new Date(startOf(Date.UTC(2025, 10, 2) / dayMs)).toISOString()).toBe('2025-11-02T04:00:00.000Z');
  });

  test('where clocks skip midnight, the day begins an hour late', () => {
    // Cairo, 2024-04-26: at 00:00 the clock goes on to 01:00.
    const { startOf } = zoneOf('Africa/Cairo');
    expect(new Date(startOf(Date.UTC(2024, 3, 26) / dayMs)).toISOString()).toBe('2024-04-25T22:00:00.000Z');
  });

  test.each(['0000-01-01', '0001-01-01', '0070-06-15', '1799-12-31', '1800-01-01', '1900-01-01'])(
    'the day %s begins at its own midnight, however long ago',
    (date) => {
      const midnight = new Date(`${date}T00:00:00Z`).getTime();
      const { dayOf, startOf } = zoneOf('UTC');
      expect([startOf(midnight / dayMs), dayOf(midnight)]).toEqual([midnight, midnight / dayMs]);
    },
  );

  test('a skipped day begins where the next one does', () => {
    // Apia went from 29 to 31 December 2011.
    const { startOf } = zoneOf('Pacific/Apia');
    const skipped = Date.UTC(2011, 11, 30) / dayMs;
    expect(startOf(skipped)).toBe(startOf(skipped + 1));
  });
});
