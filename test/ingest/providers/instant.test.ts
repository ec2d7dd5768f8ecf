// The time parser, case by case.
import fc from 'fast-check';
import { parseInstant } from '../../../services/core/time.ts';
import { readWhen } from '../../../services/ingest/providers/instant.ts';

const arrivedAt = Date.UTC(2026, 10, 24, 12);
const read = (value: unknown, { zone = 'UTC', form }: { zone?: string; form?: 's' | 'ms' | 'compact' } = {}) =>
  readWhen('time', value, { arrivedAt, zone, ...(form === undefined ? {} : { form }) });
const at = (occurredAt: string, ...warnings: unknown[]) => ({ kind: 'at', occurredAt, warnings });
const about = (words: string) => expect.stringContaining(words);
const unusable = (words: string) => ({ kind: 'unusable', detail: about(words) });

const arrival = '2026-11-24T12:00:00.000Z';
const london = { zone: 'Europe/London' };
const compact = { form: 'compact', zone: 'America/New_York' } as const;

describe('what is read', () => {
  test.each([
    // Numbers, by their size.
    [1_461_095_250, {}, at('2016-04-19T19:47:30.000Z')],
    ['1461095250', {}, at('2016-04-19T19:47:30.000Z')],
    [1_461_095_250.123456, {}, at('2016-04-19T19:47:30.123Z')],
    ['1461095250.1239', {}, at('2016-04-19T19:47:30.123Z')],
    [1_635_918_834_496, {}, at('2021-11-03T05:53:54.496Z')],
    ['1635918834496', {}, at('2021-11-03T05:53:54.496Z')],
    [1_635_918_834_496_789, {}, at('2021-11-03T05:53:54.496Z')],
    ['1635918834496789012', {}, at('2021-11-03T05:53:54.496Z')],
    // Numbers, by the unit the provider declares.
    [1_461_095_250, { form: 's' }, at('2016-04-19T19:47:30.000Z')],
    [1_635_918_834_496, { form: 'ms' }, at('2021-11-03T05:53:54.496Z')],
    // RFC 3339 and what is nearly so.
    ['2021-11-04T00:15:10.706Z', {}, at('2021-11-04T00:15:10.706Z')],
    ['2021-11-04t00:15:10z', {}, at('2021-11-04T00:15:10.000Z')],
    ['2016-04-27T16:21:41.2493688-04:00', {}, at('2016-04-27T20:21:41.249Z')],
    ['2021-11-04T00:15:10.123456789012345678901234567890Z', {}, at('2021-11-04T00:15:10.123Z')],
    ['2021-11-04 00:15:10.7+00:00', {}, at('2021-11-04T00:15:10.700Z')],
    ['2021-11-04 00:15:10.706 +0000 UTC', {}, at('2021-11-04T00:15:10.706Z')],
    ['2021-11-04T00:15:10+0530', {}, at('2021-11-03T18:45:10.000Z')],
    ['2021-11-04 00:15:10+00', {}, at('2021-11-04T00:15:10.000Z')],
    ['2021-11-04 00:15:10 UTC', {}, at('2021-11-04T00:15:10.000Z')],
    ['2021-11-04T00:15:10,706Z', {}, at('2021-11-04T00:15:10.706Z')],
    ['  2021-11-04T00:15:10Z ', {}, at('2021-11-04T00:15:10.000Z')],
    ['2016-12-31T23:59:60Z', {}, at('2017-01-01T00:00:00.000Z')],
    // No zone: the source's.
    ['2021-11-04 00:15:10.706', {}, at('2021-11-04T00:15:10.706Z')],
    ['2021-07-04T00:15:10', london, at('2021-07-03T23:15:10.000Z')],
    ['2021-07-04 00:15', london, at('2021-07-03T23:15:00.000Z')],
    ['2021-12-04 00:15:10.5', { zone: 'Asia/Kathmandu' }, at('2021-12-03T18:30:10.500Z')],
    ['2026-03-29 01:30:00', london, at('2026-03-29T01:30:00.000Z', about('clocks skip it'))],
    ['2026-03-29 02:00:00', london, at('2026-03-29T01:00:00.000Z')],
    ['2025-10-26 01:30:00', london, at('2025-10-26T00:30:00.000Z', about('happens twice'))],
    ['2025-10-26 02:00:00', london, at('2025-10-26T02:00:00.000Z')],
    ['2025-10-26 00:59:59.999', london, at('2025-10-25T23:59:59.999Z')],
    ['2026-03-08 02:30:00', { zone: 'America/New_York' }, at('2026-03-08T07:30:00.000Z', about('clocks skip it'))],
    ['2011-12-30 10:00:00', { zone: 'Pacific/Apia' }, at('2011-12-30T20:00:00.000Z', about('clocks skip it'))],
    // Mail, and what carriers send.
    ['Tue, 14 Feb 2023 15:30:00 +0000', {}, at('2023-02-14T15:30:00.000Z')],
    ['14 Feb 2023 15:30:00 -0500', {}, at('2023-02-14T20:30:00.000Z')],
    ['Tue, 14 Feb 2023 15:30:00 GMT', london, at('2023-02-14T15:30:00.000Z')],
    ['2302141530', { form: 'compact' }, at('2023-02-14T15:30:00.000Z')],
    ['2302141530', compact, at('2023-02-14T20:30:00.000Z')],
    ['2023-02-14T15:30:00Z', compact, at('2023-02-14T15:30:00.000Z')],
    // As far ahead as clocks may differ.
    ['2026-11-24T12:05:00.000Z', {}, at('2026-11-24T12:05:00.000Z')],
  ] as const)('%j %j', (value, how, expected) => {
    expect(read(value, how)).toEqual(expected);
  });
});

describe('where the arrival stands in', () => {
  test.each([undefined, null, '', '  '])('for %j', (value) => {
    expect(read(value)).toEqual(at(arrival, about('is missing')));
  });

  test.each(['2026-11-24T12:05:00.001Z', '2026-11-25T14:00:00Z', arrivedAt + 3_600_000])(
    'for %j, which has not been yet',
    (value) => {
      expect(read(value)).toEqual(at(arrival, about('after its arrival')));
    },
  );
});

describe('what is unusable', () => {
  test.each([
    [0, 'before the year 2000'],
    ['0', 'before the year 2000'],
    [-1, 'before the year 2000'],
    [946_684_799, 'before the year 2000'],
    ['1999-12-31T23:59:59Z', 'before the year 2000'],
    ['0001-01-01T00:00:00Z', 'before the year 2000'],
    ['2026-11-25T14:00:00.001Z', 'more than a day after'],
    [4_000_000_000, 'more than a day after'],
    [1_635_918_834_496_789_012_345n, 'no time'],
    [Number.NaN, 'no time'],
    [Number.POSITIVE_INFINITY, 'no time'],
    [1e300, 'no time'],
    ['9'.repeat(90), 'no time'],
    ['yesterday', 'no time'],
    ['2026-02-30T00:00:00Z', 'no time'],
    ['2026-11-24', 'no time'],
    ['24/11/2026 10:00', 'no time'],
    [true, 'no time'],
    [{}, 'no time'],
    [['2021-11-04T00:15:10Z'], 'no time'],
    [`2021-11-04T00:15:10.${'1'.repeat(100)}Z`, 'no time'],
  ])('%p: %s', (value, words) => {
    expect(read(value)).toEqual(unusable(words));
  });

  test('a compact time that no calendar has', () => {
    expect(read('2313141530', { form: 'compact' })).toEqual(unusable('no time'));
  });

  test('a wall clock in a zone there is not', () => {
    expect(read('2021-11-04 00:15:10', { zone: 'Europe/Nowhere' })).toEqual(unusable('no time'));
  });
});

test('the refusal never repeats the value', () => {
  expect(JSON.stringify(read('born 1 April 1980'))).not.toContain('1980');
});

test('whatever comes in, what comes out is canonical or a refusal', () => {
  const pieces = fc.array(
    fc.constantFrom('2026', '-', ':', 'T', ' ', '.', '0', '12', '30', 'Z', '+', 'Tue,', 'Feb', '99'),
  );
  const anything = fc.oneof(
    fc.anything(),
    fc.double(),
    pieces.map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(anything, fc.constantFrom('UTC', 'Europe/London', '', 'x'), (value, zone) => {
      const when = read(value, { zone });
      if (when.kind === 'unusable') return true;
      const instant = parseInstant(when.occurredAt) ?? Number.NaN;
      return instant >= Date.UTC(2000, 0, 1) && instant <= arrivedAt + 5 * 60_000;
    }),
  );
});
