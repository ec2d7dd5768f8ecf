// Keys sort as the ids do, and no client's or firm's keys reach into another's.
import fc from 'fast-check';
import { ClientId, compareIds, FirmId } from '../../services/core/ids.ts';
import { clientPrefix, firmRanges, parseSortKey, partitionKey, sortKey } from '../../services/store/keys.ts';

const id = fc
  .string({ unit: 'grapheme-composite', minLength: 1, maxLength: 12 })
  .filter((text) => ClientId.safeParse(text).success)
  .map((text) => ClientId.parse(text));

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

test('ids compare as their UTF-8 bytes do', () => {
  const unit = fc.constantFrom('a', ' ', 'é', '\ud7ff', '\ue000', '\uffee', '\u{10000}', '\u{1f600}', '\u{10ffff}');
  const text = fc.string({ unit, maxLength: 4 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareIds(a, b))).toBe(byBytes(a, b));
    }),
    { numRuns: 2_000 },
  );
});

test('sort keys stand in the order of client ids', () => {
  fc.assert(
    fc.property(id, id, (a, b) => {
      fc.pre(a !== b);
      expect(byBytes(sortKey(a, 'signals'), sortKey(b, 'access'))).toBe(Math.sign(compareIds(a, b)));
    }),
  );
});

test('a client prefix begins its own sort keys and nobody else’s', () => {
  fc.assert(
    fc.property(id, id, (a, b) => {
      expect(sortKey(b, 'signals').startsWith(clientPrefix(a))).toBe(a === b);
    }),
  );
});

test('a sort key gives back client id and view', () => {
  fc.assert(
    fc.property(id, (clientId) => {
      expect(parseSortKey(sortKey(clientId, 'profile'))).toEqual({ clientId, view: 'profile' });
    }),
  );
});

test('a sort key without a tab is refused', () => {
  expect(() => parseSortKey('a')).toThrow('names no client and view');
});

test('partition keys stay as they are: stored items stand under them', () => {
  const firmId = FirmId.parse('harbour');
  const keys = ['c1', 'c2', 'client 77', '\u{1f600}'].map((text) => partitionKey(firmId, ClientId.parse(text)));
  expect(keys).toMatchInlineSnapshot(`
[
  "harbour#09",
  "harbour#08",
  "harbour#10",
  "harbour#14",
]
`);
});

test('clients spread over all ranges', () => {
  const firmId = FirmId.parse('harbour');
  const counts = new Map<string, number>();
  for (let client = 0; client < 16_000; client += 1) {
    const key = partitionKey(firmId, ClientId.parse(`client-${client}`));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  expect(counts.size).toBe(firmRanges);
  expect(Math.max(...counts.values())).toBeLessThan(1_300);
});
