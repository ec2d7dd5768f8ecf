// Tests of single rows, done for a block at a time: each is a short loop over columns of small numbers.
import type { Columns } from './columns.ts';
import { blockRows, blockWords, wordRows } from './planes.ts';
import type { Texts } from './texts.ts';

/** Takes out of a block's words the rows that do not pass; answers 0 when none is left. */
export type RowTest = (block: number, words: Int32Array) => number;

/** By number of a text and one more, because a row without a text has number -1: 1 where it is meant. */
export type Marks = Uint8Array;

export function noMarks(texts: Texts): Marks {
  return new Uint8Array(texts.end + 1);
}

export function mark(marks: Marks, number: number): void {
  marks[number + 1] = 1;
}

/** Marks these texts. */
export function marksOf(texts: Texts, wanted: readonly string[]): Marks {
  const marks = noMarks(texts);
  for (const text of wanted) {
    const number = texts.find(text);
    if (number !== null) mark(marks, number);
  }
  return marks;
}

/** Passes rows whose number in the column is marked. */
export function isMarked(column: Int32Array, marks: Marks): RowTest {
  return (block, words) => {
    let any = 0;
    for (let index = 0; index < blockWords; index += 1) {
      if (words[index] === 0) continue;
      const first = block * blockRows + index * wordRows;
      let marked = 0;
      for (let row = first; row < first + wordRows; row += 1) {
        marked |= (marks[(column[row] ?? -1) + 1] ?? 0) << (row & 31);
      }
      const word = (words[index] ?? 0) & marked;
      words[index] = word;
      any |= word;
    }
    return any;
  };
}

/** Where a part of a name begins in the first name and ends in the last. */
export type Span = { readonly endsFirst: Marks; readonly startsLast: Marks };

/** Passes rows of which either name is marked, or both are by one of the spans. */
export function isNamed(columns: Columns, inFirst: Marks, inLast: Marks, spans: readonly Span[]): RowTest {
  const { firstName, lastName } = columns;
  return (block, words) => {
    let any = 0;
    for (let index = 0; index < blockWords; index += 1) {
      if (words[index] === 0) continue;
      const from = block * blockRows + index * wordRows;
      let named = 0;
      for (let row = from; row < from + wordRows; row += 1) {
        const first = (firstName[row] ?? -1) + 1;
        const last = (lastName[row] ?? -1) + 1;
        let passes = (inFirst[first] ?? 0) | (inLast[last] ?? 0);
        for (const { endsFirst, startsLast } of spans) passes |= (endsFirst[first] ?? 0) & (startsLast[last] ?? 0);
        named |= passes << (row & 31);
      }
      const word = (words[index] ?? 0) & named;
      words[index] = word;
      any |= word;
    }
    return any;
  };
}
