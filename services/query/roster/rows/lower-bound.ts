// Where something belongs among sorted rows or numbers.

/** The first index, from `from` on, at which `isBelow` does not hold. */
export function lowerBound(sorted: Int32Array, isBelow: (one: number) => boolean, from = 0): number {
  let low = from;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBelow(sorted[middle] ?? 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}
