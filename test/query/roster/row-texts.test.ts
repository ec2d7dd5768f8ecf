// Texts of rows in their heap: ranked, and written anew once enough of the heap belongs to nobody.
import fc from 'fast-check';
import { createRowTexts, type RowTexts } from '../../../services/query/roster/rows/row-texts.ts';

const bytesOf = (text: string) => Buffer.from(text);

function put(texts: RowTexts, row: number, text: string): void {
  const bytes = bytesOf(text);
  texts.set(row, bytes, 0, bytes.length);
}

/** By row; how many ranks are lesser, and -1 for a row without a text. */
function placesOf(ranks: readonly number[]): readonly number[] {
  return ranks.map((rank) => (rank < 0 ? -1 : ranks.filter((other) => other >= 0 && other < rank).length));
}

/** By row; a text's place is how many rows have a lesser one. */
function expectedPlaces(rows: readonly string[]): readonly number[] {
  const isBelow = (one: string, other: string) => Buffer.compare(bytesOf(one), bytesOf(other)) < 0;
  return rows.map((text) => (text === '' ? -1 : rows.filter((other) => other !== '' && isBelow(other, text)).length));
}

const someTexts = fc.constantFrom('', 'a', 'ab', 'b', 'ann@example.com', 'ann@example.org', 'zoë', 'é', '王');
const change = fc.record({ row: fc.nat({ max: 30 }), text: someTexts, settles: fc.boolean() });

test('given rows take and lose texts, when they are settled, then ranks, texts and places are those of a plain sort', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 60 }), async (changes) => {
      const texts = createRowTexts();
      const rows: string[] = [];
      for (const { row, text, settles } of changes) {
        while (rows.length <= row) rows.push('');
        rows[row] = text;
        put(texts, row, text);
        if (settles) await texts.settle();
      }
      await texts.settle();
      expect(rows.map((_text, row) => texts.textOf(row))).toEqual(rows);
      const ranks = rows.map((_text, row) => texts.ranks()[row] ?? -1);
      expect(placesOf(ranks)).toEqual(expectedPlaces(rows));
      for (const [row, text] of rows.entries()) {
        if (text === '') continue;
        expect(texts.rankOf(bytesOf(text))).toBe(ranks[row]);
      }
    }),
  );
});

test('given a text that no row has, when its rank is asked for, then it lies between those around it', async () => {
  const texts = createRowTexts();
  for (const [row, text] of ['b', 'd', 'd'].entries()) put(texts, row, text);
  await texts.settle();
  const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((text) => texts.rankOf(bytesOf(text)));
  const ascending = [a, b, c, d, e].map((rank) => rank ?? Number.NaN);
  expect(ascending).toEqual([...new Set(ascending)].sort((one, other) => one - other));
});

test('given addresses keep changing, when they are settled now and then, then the heap does not keep what is gone', async () => {
  const texts = createRowTexts();
  const long = 'x'.repeat(100);
  for (let round = 0; round < 500; round += 1) {
    for (let row = 0; row < 10; row += 1) put(texts, row, `${long}-${round}-${row}`);
    if (texts.isDue()) await texts.settle();
  }
  const { own, beside } = texts.bytes();
  expect(own).toBeLessThan(10 * 120);
  expect(own + beside).toBeLessThan(50_000);
  expect(texts.textOf(3)).toBe(`${long}-499-3`);
});

test('given a row had no text when others were settled, when it gets one, then that is ranked', async () => {
  const texts = createRowTexts();
  put(texts, 0, 'a');
  put(texts, 0, '');
  await texts.settle();
  put(texts, 0, 'b');
  await texts.settle();
  expect(texts.ranks()[0]).toBe(texts.rankOf(bytesOf('b')));
  expect(texts.ranks()[0]).toBeGreaterThanOrEqual(0);
});
