// Instants and days: RFC 3339 as the design promises it, with luxon as the independent reader.
import fc from 'fast-check';
import { DateTime } from 'luxon';
import {
  AnyInstant,
  clampInstant,
  formatInstant,
  Instant,
  instantMax,
  instantMin,
  noInstant,
  parseDate,
  parseInstant,
  parsePlainInstant,
  quarterHourMs,
  quarterOf,
  startOfQuarter,
} from '../../services/core/time.ts';

/** RFC 3339 text of an instant, as somebody may write it, and what it must read as. */
const written = fc
  .record({
    instant: fc.integer({ min: 86_400_000, max: instantMax - 86_400_000 }),
    offsetMinutes: fc.integer({ min: -(23 * 60 + 59), max: 23 * 60 + 59 }),
    zulu: fc.boolean(),
    digits: fc.integer({ min: 0, max: 30 }),
    tail: fc.stringMatching(/^\d{27}$/),
    lowerCase: fc.boolean(),
  })
  .map(({ instant, offsetMinutes, zulu, digits, tail, lowerCase }) => {
    const local = DateTime.fromMillis(instant, { zone: 'utc' }).plus({ minutes: zulu ? 0 : offsetMinutes });
    const fraction = (local.toFormat('SSS') + tail).slice(0, digits);
    const minutes = Math.abs(offsetMinutes);
    const clock = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
    const zone = zulu ? 'Z' : `${offsetMinutes < 0 ? '-' : '+'}${clock}`;
    const text = `${local.toFormat("yyyy-MM-dd'T'HH:mm:ss")}${digits === 0 ? '' : `.${fraction}`}${zone}`;
    return lowerCase ? text.toLowerCase() : text;
  });

describe('parseInstant', () => {
  test('reads any offset, case and number of fraction digits as luxon does', () => {
    fc.assert(
      fc.property(written, (text) => {
        expect(parseInstant(text)).toBe(DateTime.fromISO(text.toUpperCase()).toMillis());
      }),
      { numRuns: 5000 },
    );
  });

  test('accepts exactly the days that luxon knows', () => {
    const part = (max: number) => fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, '0'));
    const year = fc.integer({ min: 1970, max: 9998 });
    fc.assert(
      fc.property(year, part(13), part(32), (year, month, day) => {
        const text = `${year}-${month}-${day}T12:00:00Z`;
        expect(parseInstant(text) !== null).toBe(DateTime.fromISO(text).isValid);
      }),
      { numRuns: 3000 },
    );
  });

  test.each([
    ['the first instant', '1970-01-01T00:00:00Z', 0],
    ['a half-hour offset', '2026-03-01T05:45:00+05:45', Date.UTC(2026, 2, 1)],
    ['the unknown offset', '2026-03-01T00:00:00-00:00', Date.UTC(2026, 2, 1)],
    ['one fraction digit', '2026-03-01T00:00:00.5Z', Date.UTC(2026, 2, 1) + 500],
    ['two fraction digits and an offset', '2026-03-01T01:00:00.25+01:00', Date.UTC(2026, 2, 1) + 250],
    ['digits below the millisecond, cut off', '2026-03-01T00:00:00.9999999999Z', Date.UTC(2026, 2, 1) + 999],
    ['February 29th of a leap year', '2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['a leap second', '2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
    ['a leap second with a fraction', '2016-12-31T23:59:60.25Z', Date.UTC(2017, 0, 1) + 250],
    ['a leap second east of Greenwich', '2017-01-01T05:29:60+05:30', Date.UTC(2017, 0, 1)],
    ['the last instant', '9999-12-31T23:59:59.999Z', instantMax],
  ])('reads %s', (_, text, instant) => {
    expect(parseInstant(text)).toBe(instant);
  });

  test.each([
    ['nothing', ''],
    ['no zone', '2026-03-01T08:15:30'],
    ['a day alone', '2026-03-01'],
    ['no seconds', '2026-03-01T08:15Z'],
    ['a space for the T', '2026-03-01 08:15:30Z'],
    ['24:00', '2026-03-01T24:00:00Z'],
    ['minute 60', '2026-03-01T08:60:00Z'],
    ['second 61', '2016-12-31T23:59:61Z'],
    ['second 60 at noon', '2026-03-01T12:00:60Z'],
    ['second 60 at midnight of another zone', '2016-12-31T23:59:60+01:00'],
    ['February 29th of another year', '2026-02-29T00:00:00Z'],
    ['February 29th of 2100', '2100-02-29T00:00:00Z'],
    ['April 31st', '2026-04-31T00:00:00Z'],
    ['month 0', '2026-00-01T00:00:00Z'],
    ['day 0', '2026-01-00T00:00:00Z'],
    ['month 13', '2026-13-01T00:00:00Z'],
    ['an offset of a day', '2026-03-01T08:15:30+24:00'],
    ['an offset with minute 60', '2026-03-01T08:15:30+01:60'],
    ['an offset without colon', '2026-03-01T08:15:30+0100'],
    ['an offset of hours alone', '2026-03-01T08:15:30+01'],
    ['a point without digits', '2026-03-01T08:15:30.Z'],
    ['a comma for the point', '2026-03-01T08:15:30,5Z'],
    ['a five-digit year', '12026-03-01T08:15:30Z'],
    ['digits of another script', '٢٠٢٦-03-01T08:15:30Z'],
    ['a line break behind', '2026-03-01T08:15:30Z\n'],
    ['a time before 1970', '1969-12-31T23:59:59.999Z'],
    ['a time that is before 1970 in UTC', '1970-01-01T00:00:00+00:01'],
    ['a time after 9999 in UTC', '9999-12-31T23:59:59-00:01'],
  ])('refuses %s', (_, text) => {
    expect(parseInstant(text)).toBeNull();
  });

  test('given an earlier earliest, reads what is older than 1970', () => {
    expect(parseInstant('0001-01-01T00:00:00Z', instantMin)).toBe(DateTime.utc(1, 1, 1).toMillis());
  });

  test('never throws and gives an instant in range, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/)),
        (text) => {
          const instant = parseInstant(`${text}Z`) ?? 0;
          expect(Number.isSafeInteger(instant) && instant >= 0 && instant <= instantMax).toBe(true);
        },
      ),
    );
  });
});

describe('on the wire', () => {
  test('an instant before 1970 is none at which something happened, but one of a record', () => {
    const text = '1968-04-06T00:00:00Z';
    expect([Instant.safeParse(text).success, AnyInstant.safeParse(text).success]).toEqual([false, true]);
  });

  test('what formatInstant writes is read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: instantMin, max: instantMax }), (instant) => {
        expect(parseInstant(formatInstant(instant), instantMin)).toBe(instant);
      }),
    );
  });

  test.each([
    [-1, 0],
    [Number.NaN, 0],
    [2 ** 63, instantMax],
    [1772443800000, 1772443800000],
  ])('clampInstant(%d) is %d', (given, clamped) => {
    expect(clampInstant(given)).toBe(clamped);
  });
});

describe('parseDate', () => {
  test.each([
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['0099-12-31', DateTime.utc(99, 12, 31).toMillis()],
    ['2026-02-29', null],
    ['2026-2-9', null],
    ['2026-02-28T00:00:00Z', null],
    ['2026-02-28\n', null],
  ])('%j is %j', (text, midnight) => {
    expect(parseDate(text)).toBe(midnight);
  });
});

test('a quarter hour starts at or before each of its instants, and ends after them', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: instantMax }), (instant) => {
      const start = startOfQuarter(quarterOf(instant));
      expect(start <= instant && instant < start + quarterHourMs && start % quarterHourMs === 0).toBe(true);
    }),
  );
});

test('what is read plainly from bytes is what the text gives, and the plain form is always read', () => {
  const digits = fc.integer({ min: 0, max: 99 }).map((value) => String(value).padStart(2, '0'));
  const texts = fc
    .tuple(fc.constantFrom('19', '20', '99', '00'), digits, digits, digits, digits, digits, digits)
    .chain(([century, ...parts]) => {
      const [year, month, day, hour, minute, second] = parts;
      const fraction = fc.constantFrom('', '.', '.5', '.25', '.123', '.123456789', '.1x');
      return fraction.map((some) => `${century}${year}-${month}-${day}T${hour}:${minute}:${second}${some}Z`);
    });
  const plausible = fc.integer({ min: 0, max: 4_102_444_800_000 }).map((ms) => new Date(ms).toISOString());
  fc.assert(
    fc.property(fc.oneof(texts, plausible), (text) => {
      const bytes = new TextEncoder().encode(`"${text}"`);
      const read = parsePlainInstant(bytes, 1, bytes.length - 1);
      if (read !== noInstant) expect(read).toBe(parseInstant(text));
      else expect(parseInstant(text) === null || text.includes(':60')).toBe(true);
    }),
    { numRuns: 5_000 },
  );
});

test('an instant is written as Date writes it, whole or not', () => {
  const anyTime = fc.oneof(
    fc.integer({ min: instantMin, max: instantMax }),
    fc.double({ min: instantMin, max: instantMax, noNaN: true }),
    fc.double({ min: -2, max: 2, noNaN: true }),
  );
  fc.assert(
    fc.property(anyTime, (ms) => {
      expect(formatInstant(ms)).toBe(new Date(ms).toISOString());
    }),
    { numRuns: 5_000 },
  );
});
