// Searching for parts of names: each distinct name is looked at once, then a row costs two look-ups.
import { foldName } from '../../../core/names.ts';
import { blockRows } from '../rows/blocks.ts';
import type { Columns } from '../rows/columns.ts';
import type { Where } from '../rows/joined.ts';
import type { Texts } from '../rows/texts.ts';
import type { Marks, Postings } from './postings.ts';

/** Where a part of a name begins in the first name and ends in the last. */
type Span = { readonly endsFirst: Marks; readonly startsLast: Marks };

export type NameTest = {
  /** Writes the rows of a block that pass, ascending; answers how many. */
  rowsOf(block: number, rows: Int32Array): number;
  passes(row: number): boolean;
  /** All rows that pass, in no order; null where it is quicker to look at every block. */
  rows(postings: Postings): Promise<Int32Array | null>;
};

/** Passes clients whose whole name, first name first, holds any of the parts; null: everybody. Yields while it looks. */
export async function nameTest(columns: Columns, parts: readonly string[]): Promise<NameTest | null> {
  const { firstNames, lastNames } = columns;
  const folded = parts.map(foldName);
  // What folds to nothing is part of every name.
  if (folded.includes('')) return null;
  const inFirst = noMarks(firstNames);
  const inLast = noMarks(lastNames);
  const spans: Span[] = [];
  for (const part of folded) {
    await mark(firstNames, inFirst, part, 'anywhere');
    await mark(lastNames, inLast, part, 'anywhere');
    // A part with a space may begin in the first name and end in the last.
    for (let space = part.indexOf(' '); space >= 0; space = part.indexOf(' ', space + 1)) {
      const [end, start] = [part.slice(0, space), part.slice(space + 1)];
      spans.push({
        endsFirst: await mark(firstNames, noMarks(firstNames), end, 'end'),
        startsLast: await mark(lastNames, noMarks(lastNames), start, 'start'),
      });
    }
  }
  return testOf(columns, inFirst, inLast, spans);
}

function testOf(columns: Columns, inFirst: Marks, inLast: Marks, spans: readonly Span[]): NameTest {
  const { firstName, lastName } = columns;
  const passes = (row: number): boolean => {
    const first = (firstName[row] ?? -1) + 1;
    const last = (lastName[row] ?? -1) + 1;
    if (((inFirst[first] ?? 0) | (inLast[last] ?? 0)) === 1) return true;
    return spans.some(({ endsFirst, startsLast }) => ((endsFirst[first] ?? 0) & (startsLast[last] ?? 0)) === 1);
  };
  /** First names with which a row can pass whatever its last name is, or with some. */
  const mayFirst = inFirst.slice();
  for (const { endsFirst } of spans) for (const [place, isMarked] of endsFirst.entries()) mayFirst[place] ||= isMarked;
  return {
    passes,
    rows: async (postings) => {
      const byLast = await postings.rowsWhere('lastName', inLast);
      const byFirst = byLast === null ? null : await postings.rowsWhere('firstName', mayFirst);
      if (byLast === null || byFirst === null) return null;
      const found = new Int32Array(byLast.length + byFirst.length);
      let count = 0;
      for (const row of byLast) {
        found[count] = row;
        count += 1;
      }
      for (const row of byFirst) {
        if (inLast[(lastName[row] ?? -1) + 1] === 1 || !passes(row)) continue;
        found[count] = row;
        count += 1;
      }
      return found.subarray(0, count);
    },
    rowsOf: (block, rows) => {
      const start = block * blockRows;
      const end = Math.min(start + blockRows, columns.end);
      let count = 0;
      for (let row = start; row < end; row += 1) {
        const isMarked = (inFirst[(firstName[row] ?? -1) + 1] ?? 0) | (inLast[(lastName[row] ?? -1) + 1] ?? 0);
        // Hardly any row needs more than two look-ups, and a call for the rest would cost every row.
        if (isMarked === 0 && (spans.length === 0 || !passes(row))) continue;
        rows[count] = row;
        count += 1;
      }
      return count;
    },
  };
}

function noMarks(texts: Texts): Marks {
  return new Uint8Array(texts.end + 1);
}

async function mark(texts: Texts, marks: Marks, part: string, where: Where): Promise<Marks> {
  await texts.search(part, where, (number) => {
    marks[number + 1] = 1;
  });
  return marks;
}
