// Buckets: sparse sorted quarter hours, with a count each (logins) or as a set (mails, which then need no dedupe).

/** `quarters` ascending and distinct; `counts` beside them, each at least 1. */
export type Buckets = { readonly quarters: number[]; readonly counts: number[] };

/** The first index whose quarter is not below `quarter`. */
export function lowerBound(quarters: readonly number[], quarter: number): number {
  const last = quarters[quarters.length - 1];
  if (last === undefined || last < quarter) return quarters.length;
  let low = 0;
  let high = quarters.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((quarters[middle] ?? 0) < quarter) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function addTo(buckets: Buckets, quarter: number): void {
  const index = lowerBound(buckets.quarters, quarter);
  if (buckets.quarters[index] === quarter) {
    buckets.counts[index] = (buckets.counts[index] ?? 0) + 1;
    return;
  }
  buckets.quarters.splice(index, 0, quarter);
  buckets.counts.splice(index, 0, 1);
}

/** Takes one out; a quarter that holds none (already dropped as too old) stays as it is. */
export function takeFrom(buckets: Buckets, quarter: number): void {
  const index = lowerBound(buckets.quarters, quarter);
  if (buckets.quarters[index] !== quarter) return;
  const count = (buckets.counts[index] ?? 1) - 1;
  if (count > 0) {
    buckets.counts[index] = count;
    return;
  }
  buckets.quarters.splice(index, 1);
  buckets.counts.splice(index, 1);
}

/** True when the quarter was not in the set before. */
export function addToSet(quarters: number[], quarter: number): boolean {
  const index = lowerBound(quarters, quarter);
  if (quarters[index] === quarter) return false;
  quarters.splice(index, 0, quarter);
  return true;
}
