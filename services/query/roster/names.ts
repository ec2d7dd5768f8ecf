// Searching for parts of names: each distinct name is looked at once, then a row costs two look-ups.
import { foldName } from '../../core/names.ts';
import { blockRows } from './blocks.ts';
import type { Columns } from './columns.ts';
import type { Texts } from './texts.ts';
import { nextTurn } from './turns.ts';

/** Names looked at in one go: a few milliseconds. */
const markTextsMax = 32_768;

/** By number of a text and one more, because a row without a text has number -1: 1 where it is meant. */
type Marks = Uint8Array;

/** Where a part of a name begins in the first name and ends in the last. */
type Span = { readonly endsFirst: Marks; readonly startsLast: Marks };

export type NameTest = {
  /** Writes the rows of a block that pass, ascending; answers how many. */
  rowsOf(block: number, rows: Int32Array): number;
  passes(row: number): boolean;
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
    await markWhere(firstNames, inFirst, (name) => name.includes(part));
    await markWhere(lastNames, inLast, (name) => name.includes(part));
    // A part with a space may begin in the first name and end in the last.
    for (let space = part.indexOf(' '); space >= 0; space = part.indexOf(' ', space + 1)) {
      const [end, start] = [part.slice(0, space), part.slice(space + 1)];
      spans.push({
        endsFirst: await markWhere(firstNames, noMarks(firstNames), (name) => name.endsWith(end)),
        startsLast: await markWhere(lastNames, noMarks(lastNames), (name) => name.startsWith(start)),
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
  return {
    passes,
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

async function markWhere(texts: Texts, marks: Marks, matches: (text: string) => boolean): Promise<Marks> {
  for (let number = 0; number < texts.end; number += 1) {
    if (number % markTextsMax === markTextsMax - 1) await nextTurn();
    if (matches(texts.textOf(number))) marks[number + 1] = 1;
  }
  return marks;
}
