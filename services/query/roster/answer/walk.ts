// Walks texts in their order, so that a page sorted by names or addresses costs about its own rows as long as many match.
import { unlisted } from '../rows/cohorts.ts';
import type { Columns } from '../rows/columns.ts';
import { lowerBound } from '../rows/lower-bound.ts';
import type { Held } from './classes.ts';
import type { Direction, Fill, RankedBy } from './keys.ts';
import type { Postings } from './postings.ts';
import { isListed, type Misses } from './tally.ts';
import type { Place, Top } from './top.ts';

/** Below this many rows nothing is quicker than looking at each. */
const rowsMin = 1_024;
/** Of all rows so many are walked at most: from anywhere in the firm they cost about as much as all of them as they stand. */
const walkedShareMax = 1 / 16;
/** It is begun when a page is likely to need no more than this share of that. */
const likelyShareMax = 1 / 4;
/** Rows that match are offered so many at a time. */
const offeredRows = 32;

export type Walk = {
  readonly columns: Columns;
  readonly held: Held;
  readonly misses: Misses;
  readonly top: Top;
  readonly fill: Fill;
  readonly by: RankedBy;
  readonly postings: Postings;
  /** Rows that match, on all pages. */
  readonly total: number;
  /** Rows that `top` keeps. */
  readonly wanted: number;
  readonly direction: Direction;
  /** Where the page before ended. */
  readonly after: Place | null;
};

/**
 * Offers rows until none that follows can come onto the page. False when that takes too many of them, or they run out
 * before those without a text: then what was offered is not the page.
 */
export async function walk(given: Walk): Promise<boolean> {
  const { columns, held, misses, top, fill, by, postings, total, wanted, direction, after } = given;
  const { sorted, ranks, column } = by;
  const most = columns.end * walkedShareMax;
  // As if those that match stood evenly among the others.
  const likely = (wanted * columns.end) / total;
  if (columns.end < rowsMin || likely > most * likelyShareMax || Number.isNaN(after?.key)) return false;
  const posted = column === null ? null : await postings.byValue(column);
  const rows = new Int32Array(offeredRows);
  let count = 0;
  let lastKey = Number.POSITIVE_INFINITY;
  const offer = (): void => {
    top.offer(rows, count, fill);
    lastKey = top.last()?.key ?? Number.POSITIVE_INFINITY;
    count = 0;
  };
  const take = (row: number): void => {
    if (!isListed(misses, columns.cohort[row] ?? unlisted, held.classOf(row))) return;
    rows[count] = row;
    count += 1;
    if (count === offeredRows) offer();
  };
  const moved = posted?.moved ?? none;
  let left = most - moved.size;
  if (left < 0) return false;
  // They may belong anywhere.
  for (const row of moved) take(row);
  for (let place = startOf(by, direction, after); place >= 0 && place < sorted.length; place += direction) {
    const member = sorted[place] ?? 0;
    if ((ranks[member] ?? 0) * direction > lastKey) break;
    const its = posted?.rowsOf(member);
    left -= its?.length ?? 1;
    if (left < 0) return false;
    if (its === undefined) take(member);
    else for (const row of its) if (!moved.has(row)) take(row);
  }
  offer();
  return lastKey !== Number.POSITIVE_INFINITY;
}

const none: ReadonlySet<number> = new Set();

/** The first place, in the direction, that may have rows behind the page before. */
function startOf({ sorted, ranks }: RankedBy, direction: Direction, after: Place | null): number {
  if (direction === 1) {
    return after === null ? 0 : lowerBound(sorted, (member) => (ranks[member] ?? 0) < after.key);
  }
  const end = after === null ? sorted.length : lowerBound(sorted, (member) => (ranks[member] ?? 0) <= after.key);
  return end - 1;
}
