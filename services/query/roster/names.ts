// Searching for parts of names: each distinct name is looked at once, then a row costs two look-ups.
import { foldName } from '../../core/names.ts';
import type { Columns } from './columns.ts';
import { isNamed, type Marks, mark, noMarks, type RowTest, type Span } from './row-tests.ts';
import type { Texts } from './texts.ts';
import { nextTurn } from './turns.ts';

/** Names looked at in one go: a few milliseconds. */
const markTextsMax = 32_768;

/** Passes clients whose whole name, first name first, holds any of the parts; null: everybody. Yields while it looks. */
export async function nameTest(columns: Columns, parts: readonly string[]): Promise<RowTest | null> {
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
  return isNamed(columns, inFirst, inLast, spans);
}

async function markWhere(texts: Texts, marks: Marks, matches: (text: string) => boolean): Promise<Marks> {
  for (let number = 0; number < texts.end; number += 1) {
    if (number % markTextsMax === markTextsMax - 1) await nextTurn();
    if (matches(texts.textOf(number))) mark(marks, number);
  }
  return marks;
}
