// Texts of a roster: each distinct one once, under a small number, ranked when somebody sorts. Ranks are kept by merging
// what is new into what is sorted, so a change of one name does not sort the firm again.
import { lowerBound } from './lower-bound.ts';
import { nextTurn, sortInTurns } from './turns.ts';

export type Texts = {
  /** The number of a text, taken once more. Numbers of texts that nobody holds any longer are given anew. */
  take(text: string): number;
  /** Gives a taken number back. */
  give(number: number): void;
  /** Null when nobody holds it. */
  find(text: string): number | null;
  /** The text of a number that is held. */
  textOf(number: number): string;
  /** Numbers run from 0 up to here, exclusive. */
  readonly end: number;
  /** Brings the ranks up to date; yields to others while it works. */
  settle(): Promise<void>;
  /** Whether so many numbers stand for nothing any longer that it is time to settle, also when nobody sorts. */
  isDue(): boolean;
  /** By number; valid until the next take. Call settle first. */
  ranks(): Int32Array;
  /** How often ranks have changed. */
  settlings(): number;
  /** The rank of a text, or half a rank below the next one when it is not held. Call settle first. */
  rankOf(text: string): number;
  /** About what it holds of memory; `own` are the texts themselves. */
  bytes(): { readonly own: number; readonly beside: number };
};

/** An entry of a Map of 100,000 strings, measured; and a string's header in V8. */
const mapEntryBytes = 42;
const stringHeaderBytes = 20;

/** Numbers that may stand for nothing before they are given anew. */
const idleMax = 4096;

/** Texts put in their places in one go: about two milliseconds. */
const mergePieceMax = 2048;

export type Compare = (one: string, other: string) => number;

/** By UTF-16 units, which is how people expect folded text to be ordered, and fast. */
export const compareTexts: Compare = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

export function createTexts(compare: Compare): Texts {
  const numbers = new Map<string, number>();
  const texts: string[] = [];
  const free: number[] = [];
  let holders = new Int32Array(64);
  let ranks = new Int32Array(0);
  /** Numbers in the order of their texts, as of the last settling. */
  let sorted = new Int32Array(0);
  let fresh: number[] = [];
  let isStale = false;
  let ownBytes = 0;
  let settlings = 0;
  /** Numbers that stand for nothing since the last settling. */
  let idle = 0;

  const compareNumbers = (one: number, other: number) => compare(texts[one] ?? '', texts[other] ?? '');

  const take = (text: string): number => {
    const known = numbers.get(text);
    if (known !== undefined) {
      holders[known] = (holders[known] ?? 0) + 1;
      return known;
    }
    // A number set free must leave `sorted` before it can stand for another text.
    const number = isStale ? texts.length : (free.pop() ?? texts.length);
    const own = copyOf(text);
    texts[number] = own;
    numbers.set(own, number);
    if (number >= holders.length) holders = grown(holders, number + 1);
    holders[number] = 1;
    fresh.push(number);
    ownBytes += stringHeaderBytes + text.length;
    return number;
  };

  const give = (number: number): void => {
    const left = (holders[number] ?? 0) - 1;
    holders[number] = left;
    if (left > 0) return;
    const text = texts[number] ?? '';
    numbers.delete(text);
    // Settling takes the number out; the text, maybe an erased client's, goes at once.
    texts[number] = '';
    ownBytes -= stringHeaderBytes + text.length;
    isStale = true;
    idle += 1;
  };

  const settle = async (): Promise<void> => {
    if (fresh.length === 0 && !isStale) return;
    settlings += 1;
    idle = 0;
    const gone: number[] = [];
    if (isStale) {
      sorted = sorted.filter((number) => (holders[number] ?? 0) > 0);
      fresh = fresh.filter((number) => (holders[number] ?? 0) > 0);
      for (let number = 0; number < texts.length; number += 1) if ((holders[number] ?? 0) <= 0) gone.push(number);
    }
    sorted = await merge(sorted, await sortInTurns(fresh, compareNumbers), compareNumbers);
    free.splice(0, free.length, ...gone);
    fresh = [];
    isStale = false;
    if (ranks.length < texts.length) ranks = new Int32Array(Math.max(texts.length, holders.length));
    for (let rank = 0; rank < sorted.length; rank += 1) ranks[sorted[rank] ?? 0] = rank;
  };

  return {
    take,
    give,
    find: (text) => numbers.get(text) ?? null,
    textOf: (number) => texts[number] ?? '',
    get end() {
      return texts.length;
    },
    settle,
    isDue: () => idle > idleMax,
    ranks: () => ranks,
    settlings: () => settlings,
    rankOf: (text) => {
      const rank = lowerBound(sorted, (number) => compare(texts[number] ?? '', text) < 0);
      const found = sorted[rank];
      return found !== undefined && texts[found] === text ? rank : rank - 0.5;
    },
    bytes: () => ({
      own: ownBytes,
      beside:
        numbers.size * mapEntryBytes + texts.length * 4 + holders.byteLength + ranks.byteLength + sorted.byteLength,
    }),
  };
}

function grown(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(length, Math.ceil(array.length * 1.5)));
  larger.set(array);
  return larger;
}

/** Read text often is a slice that keeps a longer one in memory, or a chain of pieces. */
function copyOf(text: string): string {
  return Buffer.from(text).toString();
}

/** Both sorted. Few comparisons when there is little to put in: the rest is copied in runs. */
async function merge(
  sorted: Int32Array<ArrayBuffer>,
  fresh: Int32Array<ArrayBuffer>,
  compare: (one: number, other: number) => number,
): Promise<Int32Array<ArrayBuffer>> {
  if (sorted.length === 0) return fresh;
  if (fresh.length === 0) return sorted;
  const merged = new Int32Array(sorted.length + fresh.length);
  let from = 0;
  let to = 0;
  let placed = 0;
  for (const number of fresh) {
    placed += 1;
    if (placed % mergePieceMax === 0) await nextTurn();
    const until = lowerBound(sorted, (other) => compare(other, number) < 0, from);
    merged.set(sorted.subarray(from, until), to);
    to += until - from;
    merged[to] = number;
    to += 1;
    from = until;
  }
  merged.set(sorted.subarray(from), to);
  return merged;
}
