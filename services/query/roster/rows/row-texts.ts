// Texts that nearly every row has for itself, ids and addresses: UTF-8 bytes side by side in one heap, no object for any
// of them, ranked when somebody sorts.
import { createOrder } from './order.ts';
import { nextTurn } from './turns.ts';

/** Rows copied or prepared in one go: about two milliseconds. */
const passRowsMax = 65_536;
const heapBytesMin = 4096;
/** So many bytes fit into the whole numbers of a double. */
const beginBytes = 6;
/** Once this share of the heap belongs to nobody, the heap is written anew. */
const wasteShareMax = 0.5;

/** From here on it pays to prepare what is compared. */
const preparedMin = 4_096;

export type RowTexts = {
  /** Gives the row this text, `bytes` from `start` to `end`; none when that is empty. */
  set(row: number, bytes: Uint8Array, start: number, end: number): void;
  has(row: number): boolean;
  textOf(row: number): string;
  /** Where the text stands; until the next change. */
  bytesOf(row: number): Uint8Array;
  /** Whether the first `length` bytes are the row's text. */
  isText(row: number, bytes: Uint8Array, length: number): boolean;
  /** Brings the ranks up to date; yields to others while it works. */
  settle(): Promise<void>;
  /** Whether so much of the heap belongs to nobody that it is time to settle, also when nobody sorts. */
  isDue(): boolean;
  /** By row; equal texts rank alike, and a row without a text has less than 0. Call settle first. */
  ranks(): Float64Array;
  /** Rows with a text, in its order. Call settle first. */
  sorted(): Int32Array;
  /** Another number once any rank changed of a row that kept its text. */
  stamp(): number;
  /** The rank of a text, or half a rank below the next one when no row has it. Call settle first. */
  rankOf(text: Uint8Array): number;
  /** Gives back what was reserved beyond this many rows. */
  trim(rows: number): void;
  /** Of memory; `own` are the texts themselves. */
  bytes(): { readonly own: number; readonly beside: number };
};

export function createRowTexts(): RowTexts {
  let heap = Buffer.allocUnsafeSlow(heapBytesMin);
  let heapEnd = 0;
  let waste = 0;
  /** Where in the heap a row's text begins, and how long it is; no length, no text. */
  let starts = new Uint32Array(0);
  let lengths = new Uint16Array(0);

  const lengthOf = (row: number) => lengths[row] ?? 0;
  const compareRows = (one: number, other: number): number => {
    const [left, right] = [starts[one] ?? 0, starts[other] ?? 0];
    const common = Math.min(lengthOf(one), lengthOf(other));
    for (let index = 0; index < common; index += 1) {
      const difference = (heap[left + index] ?? 0) - (heap[right + index] ?? 0);
      if (difference !== 0) return difference;
    }
    return lengthOf(one) - lengthOf(other);
  };
  /** Compares as compareRows does, for the most part by the first six bytes, which one number holds. */
  const compareBegun = async (rows: readonly number[]) => {
    if (rows.length < preparedMin) return compareRows;
    const begins = new Float64Array(lengths.length);
    for (let index = 0; index < rows.length; index += 1) {
      if (index % passRowsMax === passRowsMax - 1) await nextTurn();
      const row = rows[index] ?? 0;
      const start = starts[row] ?? 0;
      let begin = 0;
      for (let place = 0; place < beginBytes; place += 1) {
        begin = begin * 256 + (place < lengthOf(row) ? (heap[start + place] ?? 0) : 0);
      }
      begins[row] = begin;
    }
    return (one: number, other: number) => (begins[one] ?? 0) - (begins[other] ?? 0) || compareRows(one, other);
  };
  const order = createOrder({ compare: compareRows, has: (row) => lengthOf(row) > 0, prepare: compareBegun });
  /** Below 0 when the row's text comes before this one. */
  const compareTo = (row: number, text: Uint8Array): number => {
    const start = starts[row] ?? 0;
    return heap.compare(text, 0, text.length, start, start + lengthOf(row));
  };

  const reserveRow = (row: number): void => {
    if (row < starts.length) return;
    resizeRows(Math.max(64, Math.ceil((row + 1) * 1.5)));
  };
  const resizeRows = (length: number): void => {
    const kept = Math.min(length, starts.length);
    const [largerStarts, largerLengths] = [new Uint32Array(length), new Uint16Array(length)];
    largerStarts.set(starts.subarray(0, kept));
    largerLengths.set(lengths.subarray(0, kept));
    [starts, lengths] = [largerStarts, largerLengths];
    order.resize(length);
  };
  const resizeHeap = (length: number): void => {
    const larger = Buffer.allocUnsafeSlow(length);
    heap.copy(larger, 0, 0, heapEnd);
    heap = larger;
  };

  const set = (row: number, bytes: Uint8Array, start: number, end: number): void => {
    reserveRow(row);
    const length = end - start;
    const standing = lengthOf(row);
    const at = starts[row] ?? 0;
    if (length === standing && heap.compare(bytes, start, end, at, at + standing) === 0) return;
    order.change(row);
    // Maybe an erased client's: it goes at once.
    if (standing > 0) heap.fill(0, at, at + standing);
    waste += standing;
    if (heapEnd + length > heap.length) resizeHeap(Math.ceil((heapEnd + length) * 1.5));
    for (let index = 0; index < length; index += 1) heap[heapEnd + index] = bytes[start + index] ?? 0;
    starts[row] = heapEnd;
    lengths[row] = length;
    heapEnd += length;
  };

  /** Writes the heap anew without what belongs to nobody. */
  const compact = async (): Promise<void> => {
    const fresh = Buffer.allocUnsafeSlow(Math.max(heapBytesMin, Math.ceil((heapEnd - waste) * 1.1)));
    let end = 0;
    for (let row = 0; row < lengths.length; row += 1) {
      if (row % passRowsMax === passRowsMax - 1) await nextTurn();
      const start = starts[row] ?? 0;
      starts[row] = end;
      end += heap.copy(fresh, end, start, start + lengthOf(row));
    }
    [heap, heapEnd, waste] = [fresh, end, 0];
  };

  const isDue = () => waste > heapBytesMin && waste > heapEnd * wasteShareMax;

  const settle = async (): Promise<void> => {
    if (isDue()) await compact();
    await order.settle();
  };

  return {
    set,
    settle,
    isDue,
    has: (row) => lengthOf(row) > 0,
    textOf: (row) => heap.toString('utf8', starts[row] ?? 0, (starts[row] ?? 0) + lengthOf(row)),
    bytesOf: (row) => heap.subarray(starts[row] ?? 0, (starts[row] ?? 0) + lengthOf(row)),
    isText: (row, bytes, length) => {
      if (length !== lengthOf(row)) return false;
      const start = starts[row] ?? 0;
      // From the end, where ids that count up differ.
      for (let index = length - 1; index >= 0; index -= 1) if (heap[start + index] !== bytes[index]) return false;
      return true;
    },
    ranks: order.ranks,
    sorted: order.sorted,
    stamp: order.stamp,
    rankOf: (text) => order.rankOf((row) => compareTo(row, text)),
    trim: (rows) => {
      if (rows < starts.length) resizeRows(rows);
      if (heapEnd * 1.1 < heap.length) resizeHeap(Math.max(heapBytesMin, Math.ceil(heapEnd * 1.02)));
    },
    bytes: () => ({
      own: heapEnd - waste,
      beside: heap.length - (heapEnd - waste) + starts.byteLength + lengths.byteLength + order.bytes(),
    }),
  };
}
