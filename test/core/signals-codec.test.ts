// Stored bytes of the signals view: read back whole, and small enough for what DynamoDB bills.
import fc from 'fast-check';
import { BitReader, BitWriter } from '../../services/core/bits.ts';
import { hash40 } from '../../services/core/hash.ts';
import { dayMs } from '../../services/core/time.ts';
import { decodeSignals, encodeSignals } from '../../services/core/views/signals/codec.ts';
import { foldLogin, markImpersonated } from '../../services/core/views/signals/logins.ts';
import { foldEmail, foldMessage } from '../../services/core/views/signals/mails.ts';
import { emptySignals, type Signals } from '../../services/core/views/signals/state.ts';

const start = Date.UTC(2025, 0, 1, 8, 0, 0, 123);

/** Spread evenly over two years, with distinct ids and times to the millisecond. */
function client(logins: number, emails: number, messages: number): Signals {
  const view = emptySignals();
  const spread = (index: number, count: number) => start + Math.floor((index * 730 * dayMs) / count) + index * 7919;
  for (let index = 0; index < logins; index += 1) {
    foldLogin(view, hash40(`session-${index}`), spread(index, logins), index % 3 === 0 ? 1 : 19);
  }
  for (let index = 0; index < emails; index += 1)
    foldEmail(view, hash40(`mail-${index}`), spread(index, emails), index === 0);
  for (let index = 0; index < messages; index += 1)
    foldMessage(view, hash40(`note-${index}`), spread(index, messages), true);
  return view;
}

describe('stored signals', () => {
  test('read back as they were', () => {
    const view = client(300, 12, 12);
    for (let index = 0; index < 20; index += 1)
      markImpersonated(view, hash40(`session-${index * 15}`), start + index * dayMs);
    const read = decodeSignals(encodeSignals(view));
    expect({ ...read, late: 0 }).toEqual({ ...view, late: 0 });
  });

  test.each([
    ['light', 3, 4, 2, 160],
    ['ordinary', 30, 30, 20, 620],
    ['weekly', 104, 60, 40, 1300],
    ['daily', 730, 100, 60, 2300],
  ])('a %s client of two years stays within its bytes', (_kind, logins, emails, messages, bytesMax) => {
    expect(encodeSignals(client(logins, emails, messages)).length).toBeLessThanOrEqual(bytesMax);
  });

  test('a format of a newer version is refused by its number', () => {
    expect(() => decodeSignals(new Uint8Array([9, 0, 0]))).toThrow('format 9');
  });

  test('a value that was cut short is refused', () => {
    const whole = encodeSignals(client(30, 30, 20));
    expect(() => decodeSignals(whole.subarray(0, 40))).toThrow(RangeError);
  });

  test('settled logins older than 800 days before the newest settled one are dropped', () => {
    const view = emptySignals();
    foldLogin(view, hash40('ancient'), start - 1000 * dayMs, 0);
    for (let index = 0; index < 200; index += 1) foldLogin(view, hash40(`session-${index}`), start + index * dayMs, 0);
    const [oldest] = decodeSignals(encodeSignals(view)).logins.settled.quarters;
    expect(oldest).toBe(Math.floor(start / 900_000));
  });
});

describe('columns', () => {
  test('any column of integers below 2^48 reads back', () => {
    const value = fc.oneof(
      fc.nat(3),
      fc.nat(100_000),
      fc.maxSafeNat().map((large) => large % 2 ** 48),
    );
    fc.assert(
      fc.property(fc.array(fc.array(value, { maxLength: 70 }), { maxLength: 5 }), (columns) => {
        const out = new BitWriter();
        for (const column of columns) {
          out.lone(column.length);
          out.column(column);
        }
        const source = new BitReader(out.take());
        for (const column of columns) expect(source.column(source.lone())).toEqual(column);
      }),
      { numRuns: 500 },
    );
  });

  test('one outlier costs its own bits, not those of its column', () => {
    const out = new BitWriter();
    out.column([...Array.from({ length: 60 }, () => 2), 2 ** 47]);
    const even = new BitWriter();
    even.column(Array.from({ length: 61 }, () => 2 ** 40));
    expect(out.take().length).toBeLessThan(even.take().length);
  });
});
