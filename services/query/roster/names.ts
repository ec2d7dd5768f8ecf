// Searching for parts of names: each distinct name is looked at once, then a row costs two look-ups.
import { foldName } from '../../core/names.ts';
import { type Columns, missing } from './columns.ts';
import type { Texts } from './texts.ts';
import { nextTurn } from './turns.ts';

/** Names looked at in one go: a few milliseconds. */
const markTextsMax = 32_768;

export type NameTest = (row: number) => boolean;

type Span = { readonly endsFirst: Uint8Array; readonly startsLast: Uint8Array };

/** Matches clients whose whole name, first name first, holds any of the parts. Yields while it looks. */
export async function nameTest(columns: Columns, parts: readonly string[]): Promise<NameTest> {
  const { firstNames, lastNames } = columns;
  const inFirst = new Uint8Array(firstNames.end);
  const inLast = new Uint8Array(lastNames.end);
  const spans: Span[] = [];
  let matchesAll = false;
  for (const part of parts.map(foldName)) {
    // What folds to nothing is part of every name.
    if (part === '') matchesAll = true;
    await mark(firstNames, inFirst, (name) => name.includes(part));
    await mark(lastNames, inLast, (name) => name.includes(part));
    // A part with a space may begin in the first name and end in the last.
    for (let space = part.indexOf(' '); space >= 0; space = part.indexOf(' ', space + 1)) {
      const [end, start] = [part.slice(0, space), part.slice(space + 1)];
      spans.push({
        endsFirst: await mark(firstNames, new Uint8Array(firstNames.end), (name) => name.endsWith(end)),
        startsLast: await mark(lastNames, new Uint8Array(lastNames.end), (name) => name.startsWith(start)),
      });
    }
  }
  const { firstName, lastName } = columns;
  return (row) => {
    if (matchesAll) return true;
    const first = firstName[row] ?? missing;
    const last = lastName[row] ?? missing;
    if (first !== missing && inFirst[first] === 1) return true;
    if (last !== missing && inLast[last] === 1) return true;
    if (spans.length === 0 || first === missing || last === missing) return false;
    return spans.some(({ endsFirst, startsLast }) => endsFirst[first] === 1 && startsLast[last] === 1);
  };
}

async function mark(texts: Texts, marks: Uint8Array, matches: (text: string) => boolean): Promise<Uint8Array> {
  for (let number = 0; number < texts.end; number += 1) {
    if (number % markTextsMax === markTextsMax - 1) await nextTurn();
    if (matches(texts.textOf(number))) marks[number] = 1;
  }
  return marks;
}
