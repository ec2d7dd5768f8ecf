// Lines of CSV: whatever a text holds, the file is the one that fast-csv writes of the same cells.
import fc from 'fast-check';
import { writeToString } from 'fast-csv';
import { ByteReader, ByteWriter, type StoredText } from '../../services/core/bytes.ts';
import { fullName } from '../../services/core/names.ts';
import { CsvLines } from '../../services/export/csv.ts';
import { defuse } from '../../services/export/spreadsheet-text.ts';

function storedText(text: string): StoredText {
  const out = new ByteWriter();
  out.text(text);
  return new ByteReader(out.take()).storedText();
}

const pieces = [
  '"',
  ',',
  '|',
  "'",
  '\r',
  '\n',
  '\0',
  ' ',
  '=',
  '+',
  '-',
  '@',
  '\t',
  'a',
  'Z',
  '7',
  'é',
  '王',
  '👩',
  '＝',
];
const texts = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((some) => some.join('')),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('Ann Lee', 'ann@example.org', "O'Brien"),
);
const withoutLoneSurrogates = (text: string) => text.replace(/\p{Surrogate}/gu, '\ufffd');

test('given any texts, when written as cells, then the line is that of fast-csv', async () => {
  const rows = fc.array(fc.tuple(texts, fc.option(texts), fc.option(texts)), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(rows, async (rows) => {
      const lines = new CsvLines(1);
      for (const [text, firstName, lastName] of rows) {
        lines.outside(storedText(text));
        lines.outside(
          firstName === null ? null : storedText(firstName),
          lastName === null ? null : storedText(lastName),
        );
        lines.own('own');
        lines.endLine();
      }
      const cells = rows.map(([text, firstName, lastName]) =>
        [text, fullName({ firstName, lastName })].map((cell) => defuse(withoutLoneSurrogates(cell))).concat('own'),
      );
      const expected = await writeToString(cells, { rowDelimiter: '\r\n', includeEndRowDelimiter: true });
      expect(lines.take().toString()).toBe(expected);
    }),
    { numRuns: 2_000 },
  );
});

test('given a block that was taken, when more is written, then what was taken stays as it was', () => {
  const lines = new CsvLines(16);
  lines.own('first');
  const taken = lines.take();
  lines.own('other');
  expect([taken.toString(), lines.take().toString()]).toEqual(['first,', 'other,']);
});

test.each([0, 9, 10, 99, 100, 12_345])('the count %d is written in digits', (count) => {
  const lines = new CsvLines(1);
  lines.count(count);
  expect(lines.take().toString()).toBe(`${count},`);
});
