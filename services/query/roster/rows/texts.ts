// Texts of a roster: each distinct one once, under a small number, ranked when somebody sorts.
import { createJoined, type Joined } from './joined.ts';
import { createOrder } from './order.ts';

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
  /** Tells the numbers of texts with a part. No text may hold a line break. */
  readonly search: Joined['search'];
  /** Brings the ranks up to date; yields to others while it works. */
  settle(): Promise<void>;
  /** Whether so many numbers stand for nothing any longer that it is time to settle, also when nobody sorts. */
  isDue(): boolean;
  /** By number; valid until the next take. Call settle first. */
  ranks(): Float64Array;
  /** Numbers in the order of their texts; valid until the next take. Call settle first. */
  sorted(): Int32Array;
  /** Another number once any rank changed of a text that was there. */
  stamp(): number;
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

export type Compare = (one: string, other: string) => number;

/** By UTF-16 units, which is how people expect folded text to be ordered, and fast. */
export const compareTexts: Compare = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

export function createTexts(compare: Compare): Texts {
  const numbers = new Map<string, number>();
  const texts: string[] = [];
  const free: number[] = [];
  let holders = new Int32Array(64);
  let ownBytes = 0;
  /** Numbers that stand for nothing since the last settling: they leave the order before they stand for another text. */
  let idle: number[] = [];
  const order = createOrder({
    compare: (one, other) => compare(texts[one] ?? '', texts[other] ?? ''),
    has: (number) => (holders[number] ?? 0) > 0,
  });
  order.resize(holders.length);
  const joined = createJoined(texts);

  const take = (text: string): number => {
    const known = numbers.get(text);
    if (known !== undefined) {
      holders[known] = (holders[known] ?? 0) + 1;
      return known;
    }
    const number = free.pop() ?? texts.length;
    const own = copyOf(text);
    texts[number] = own;
    numbers.set(own, number);
    if (number >= holders.length) {
      holders = grown(holders, number + 1);
      order.resize(holders.length);
    }
    holders[number] = 1;
    order.change(number);
    joined.change(number);
    ownBytes += stringHeaderBytes + text.length;
    return number;
  };

  const give = (number: number): void => {
    const left = (holders[number] ?? 0) - 1;
    holders[number] = left;
    if (left > 0) return;
    const text = texts[number] ?? '';
    numbers.delete(text);
    // Maybe an erased client's: it goes at once.
    texts[number] = '';
    ownBytes -= stringHeaderBytes + text.length;
    order.change(number);
    joined.change(number);
    idle.push(number);
  };

  const settle = async (): Promise<void> => {
    await order.settle();
    // One by one: there may be more of them than a call takes arguments.
    for (const number of idle) free.push(number);
    idle = [];
  };

  return {
    take,
    give,
    find: (text) => numbers.get(text) ?? null,
    textOf: (number) => texts[number] ?? '',
    get end() {
      return texts.length;
    },
    search: joined.search,
    settle,
    isDue: () => idle.length > idleMax,
    ranks: order.ranks,
    sorted: order.sorted,
    stamp: order.stamp,
    rankOf: (text) => order.rankOf((number) => compare(texts[number] ?? '', text)),
    bytes: () => ({
      own: ownBytes,
      beside: numbers.size * mapEntryBytes + texts.length * 4 + holders.byteLength + order.bytes() + joined.bytes(),
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
