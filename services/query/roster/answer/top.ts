// The first rows of a page: a bounded heap over (key, rank), so that a scan keeps a page and not the whole firm.
import { type Direction, type Fill, sortable } from './keys.ts';

/** Where a row stands: its key and, among equal keys, the rank of its client. */
export type Place = { readonly key: number; readonly rank: number };

export type Top = {
  /** Offers the first `count` rows; those not behind `after` are passed over. */
  offer(rows: Int32Array, count: number, fill: Fill): void;
  /** The last of as many as are kept; null while there is room. */
  last(): Place | null;
  /** Keeps none of what was offered. */
  clear(): void;
  /** The rows kept, in order. */
  rows(): readonly number[];
};

/**
 * Keys are as a fill writes them; ties ascend by `rankOf`, which is by row, whatever the direction. `after`: its key is as
 * it was before any direction, NaN where there was none.
 */
export function createTop(rankOf: Float64Array, rowsMax: number, direction: Direction, after: Place | null): Top {
  const keys = new Float64Array(rowsMax);
  const ranks = new Float64Array(rowsMax);
  const kept = new Int32Array(rowsMax);
  const afterKey = after === null ? Number.NEGATIVE_INFINITY : sortable(after.key, direction);
  const afterRank = after === null ? Number.NEGATIVE_INFINITY : after.rank;
  let given = new Float64Array(0);
  let size = 0;

  const isAfter = (one: number, other: number): boolean => {
    const [oneKey, otherKey] = [keys[one] ?? 0, keys[other] ?? 0];
    return oneKey > otherKey || (oneKey === otherKey && (ranks[one] ?? 0) > (ranks[other] ?? 0));
  };
  const put = (at: number, row: number, key: number, rank: number): void => {
    keys[at] = key;
    ranks[at] = rank;
    kept[at] = row;
  };
  const swap = (one: number, other: number): void => {
    const [key, rank, row] = [keys[one] ?? 0, ranks[one] ?? 0, kept[one] ?? 0];
    put(one, kept[other] ?? 0, keys[other] ?? 0, ranks[other] ?? 0);
    put(other, row, key, rank);
  };
  const rise = (): void => {
    for (let at = size - 1; at > 0; ) {
      const above = (at - 1) >> 1;
      if (!isAfter(at, above)) return;
      swap(at, above);
      at = above;
    }
  };
  const sink = (): void => {
    for (let at = 0; ; ) {
      let last = at;
      for (const below of [2 * at + 1, 2 * at + 2]) if (below < size && isAfter(below, last)) last = below;
      if (last === at) return;
      swap(at, last);
      at = last;
    }
  };
  const keep = (row: number, key: number, rank: number): void => {
    if (size < rowsMax) {
      put(size, row, key, rank);
      size += 1;
      rise();
    } else {
      // The root is the last of those kept.
      put(0, row, key, rank);
      sink();
    }
  };

  return {
    offer: (rows, count, fill) => {
      if (given.length < count) given = new Float64Array(rows.length);
      fill(rows, count, given);
      let isFull = size === rowsMax;
      let lastKey = keys[0] ?? 0;
      for (let index = 0; index < count; index += 1) {
        const key = given[index] ?? 0;
        if (key < afterKey) continue;
        // Most rows are behind those kept already: no more is looked at.
        if (isFull && key > lastKey) continue;
        const row = rows[index] ?? 0;
        const rank = rankOf[row] ?? 0;
        if (key === afterKey && rank <= afterRank) continue;
        if (isFull && key === lastKey && rank > (ranks[0] ?? 0)) continue;
        keep(row, key, rank);
        isFull = size === rowsMax;
        lastKey = keys[0] ?? 0;
      }
    },
    // The root is the last of those kept.
    last: () => (size < rowsMax ? null : { key: keys[0] ?? 0, rank: ranks[0] ?? 0 }),
    clear: () => {
      size = 0;
    },
    rows: () => {
      const order = Array.from({ length: size }, (_, index) => index);
      order.sort((one, other) => (isAfter(one, other) ? 1 : -1));
      return order.map((index) => kept[index] ?? 0);
    },
  };
}
