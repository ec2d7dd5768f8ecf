// The first rows of a page: a bounded heap over (key, rank), so that a scan keeps a page and not the whole firm.

export type Place = { readonly key: number; readonly rank: number };

export type Top = {
  /** Offers a row; those not behind `after` are passed over. Missing keys (NaN) come last in either direction. */
  offer(row: number, key: number, rank: number): void;
  /** The rows kept, in order. */
  rows(): readonly number[];
  /** Rows offered behind `after`, kept or not. */
  readonly offered: number;
};

/** `direction` -1 turns the order of keys around; ties ascend by rank either way. */
export function createTop(rowsMax: number, direction: 1 | -1, after: Place | null): Top {
  const keys = new Float64Array(rowsMax);
  const ranks = new Int32Array(rowsMax);
  const kept = new Int32Array(rowsMax);
  const afterKey = after === null ? Number.NEGATIVE_INFINITY : sortable(after.key, direction);
  const afterRank = after === null ? Number.NEGATIVE_INFINITY : after.rank;
  let size = 0;
  let offered = 0;

  const isAfter = (one: number, other: number): boolean => {
    const [oneKey, otherKey] = [keys[one] ?? 0, keys[other] ?? 0];
    return oneKey > otherKey || (oneKey === otherKey && (ranks[one] ?? 0) > (ranks[other] ?? 0));
  };
  const swap = (one: number, other: number): void => {
    for (const array of [keys, ranks, kept]) {
      const value = array[one] ?? 0;
      array[one] = array[other] ?? 0;
      array[other] = value;
    }
  };
  const put = (at: number, row: number, key: number, rank: number): void => {
    keys[at] = key;
    ranks[at] = rank;
    kept[at] = row;
  };
  const rise = (from: number): void => {
    for (let at = from; at > 0; ) {
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

  return {
    offer: (row, given, rank) => {
      const key = sortable(given, direction);
      if (key < afterKey || (key === afterKey && rank <= afterRank)) return;
      offered += 1;
      if (size < rowsMax) {
        put(size, row, key, rank);
        size += 1;
        rise(size - 1);
        return;
      }
      // The root is the last of those kept.
      const lastKey = keys[0] ?? 0;
      if (key > lastKey || (key === lastKey && rank > (ranks[0] ?? 0))) return;
      put(0, row, key, rank);
      sink();
    },
    rows: () => {
      const order = Array.from({ length: size }, (_, index) => index);
      order.sort((one, other) => (isAfter(one, other) ? 1 : -1));
      return order.map((index) => kept[index] ?? 0);
    },
    get offered() {
      return offered;
    },
  };
}

function sortable(key: number, direction: 1 | -1): number {
  return Number.isNaN(key) ? Number.POSITIVE_INFINITY : key * direction;
}
