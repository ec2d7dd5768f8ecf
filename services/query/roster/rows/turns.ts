// Taking turns: work on one roster one after the other, long work in pieces, so that other requests run in between.
import { setImmediate as nextTurn } from 'node:timers/promises';

export { nextTurn };

/** Elements sorted or merged in one go: about two milliseconds. */
const sortPieceMax = 4096;
/** Neighbours compared in one go: the same. */
const comparePieceMax = 16_384;

export type Turns = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Runs works one at a time, in the order in which they were asked for. */
export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
}

/** A merge sort that yields between its pieces. Stable. */
export async function sortInTurns(
  given: ArrayLike<number>,
  compare: (one: number, other: number) => number,
): Promise<Int32Array<ArrayBuffer>> {
  let from = Int32Array.from(given);
  if (await isSorted(from, compare)) return from;
  for (let start = 0; start < from.length; start += sortPieceMax) {
    if (start > 0) await nextTurn();
    from.subarray(start, start + sortPieceMax).sort(compare);
  }
  let into = new Int32Array(from.length);
  for (let width = sortPieceMax; width < from.length; width *= 2) {
    let merged = 0;
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(start + width, from.length);
      const end = Math.min(start + 2 * width, from.length);
      let left = start;
      let right = middle;
      for (let to = start; to < end; to += 1) {
        const takeLeft = left < middle && (right >= end || compare(from[left] ?? 0, from[right] ?? 0) <= 0);
        into[to] = (takeLeft ? from[left] : from[right]) ?? 0;
        if (takeLeft) left += 1;
        else right += 1;
        merged += 1;
        if (merged % sortPieceMax === 0) await nextTurn();
      }
    }
    [from, into] = [into, from];
  }
  return from;
}

async function isSorted(numbers: Int32Array, compare: (one: number, other: number) => number): Promise<boolean> {
  for (let index = 1; index < numbers.length; index += 1) {
    if (index % comparePieceMax === 0) await nextTurn();
    if (compare(numbers[index - 1] ?? 0, numbers[index] ?? 0) > 0) return false;
  }
  return true;
}
