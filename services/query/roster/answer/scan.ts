// Answers a question from a firm's rows: totals and facets from what is counted by cohort and class, the rows of the page
// from the blocks that can have one of them, best first. Where few rows can match, as in an adviser's book or with a seldom
// name, those alone are looked at.
import type { ClientFilter } from '../../../core/filter.ts';
import type { List, ListOrder, ListSort, MoreFacet } from '../../../core/list.ts';
import { blockRows } from '../rows/blocks.ts';
import { classStride, unknown } from '../rows/class.ts';
import { unlisted } from '../rows/cohorts.ts';
import type { Columns } from '../rows/columns.ts';
import { nextTurn } from '../rows/turns.ts';
import type { Classes, Held } from './classes.ts';
import { type Direction, type Fill, keyOfRow, keysOf, sortable } from './keys.ts';
import type { Lens } from './lens.ts';
import { type NameTest, nameTest } from './names.ts';
import type { Postings } from './postings.ts';
import { createTally, isListed, type Misses, type Tally } from './tally.ts';
import { createTop, type Place, type Top } from './top.ts';
import { walk } from './walk.ts';
import type { Zone, Zones } from './zones.ts';

/** Blocks looked into in one go: a few milliseconds. */
const yieldBlocks = 128;

export type ListFilter = ClientFilter & {
  /** The adviser whose clients alone there are for the reader: nothing else is counted anywhere. Null: everybody's. */
  readonly book: string | null;
  readonly type?: readonly string[] | undefined;
  /** Null: active and inactive ones. */
  readonly status: 'active' | 'inactive' | null;
};

export type Ask = {
  readonly filter: ListFilter;
  readonly sort: ListSort;
  readonly order: ListOrder;
  readonly limit: number;
  readonly lens: Lens;
  /** Only rows behind this place are on the page; null for the first page. */
  readonly after: Place | null;
  /** Facets beside those that there always are. */
  readonly more?: readonly MoreFacet[] | undefined;
};

/** A row that the views had to tell about; `key` undefined where the row knows it. */
export type Exact = { readonly row: number; readonly cls: number; readonly key: number | undefined };

export type Scanned = {
  /** In order; at most the limit. */
  readonly rows: readonly number[];
  /** The value a row of the page is sorted by; NaN where it has none. */
  readonly keyOf: (row: number) => number;
  /** Whether there are matching rows behind the last of the page. */
  readonly hasMore: boolean;
  readonly total: number;
  readonly facets: List['facets'];
};

/** What one question leaves for the next. */
export type Kept = { readonly classes: Classes; readonly zones: Zones; readonly postings: Postings };

type ReadExactly = (rows: readonly number[]) => Promise<readonly Exact[]>;

/**
 * Rows of which the marks do not tell enough are handed to `readExactly`, which leaves out those that are gone. Ranks must
 * be settled, and the columns must not change until it resolves.
 */
export async function scan(
  columns: Columns,
  { classes, zones, postings }: Kept,
  ask: Ask,
  readExactly: ReadExactly,
): Promise<Scanned> {
  const { filter, sort, order, limit, after, lens } = ask;
  const direction: Direction = order === 'asc' ? 1 : -1;
  const keys = keysOf(columns, sort, direction, lens);
  // One more than the page has, which tells whether there is another.
  const wanted = limit + 1;
  const top = createTop(columns.clients.ranks(), wanted, direction, after);
  const tally = createTally(columns, filter);
  const named = filter.name === undefined ? null : await nameTest(columns, filter.name);
  const held = await classes.at(lens);
  const { misses } = tally;
  const parts: Parts = { columns, held, misses, top, fill: keys.fill, zone: () => zones.of(keys.zone, direction) };
  if (named === null) {
    tally.addAll(held.counts);
    const rows = await postings.rowsWhere('cohort', tally.listed());
    const by = keys.texts;
    if (rows !== null) takeRows(parts, rows);
    else if (by === null || !(await walk({ ...parts, by, postings, total: tally.total(), wanted, direction, after }))) {
      top.clear();
      await takeBest(parts);
    }
  } else {
    const rows = await named.rows(postings);
    tally.addAll(rows === null ? await takeNamed(parts, named) : takeRows(parts, rows));
  }
  const exactKeys = await takeExact(parts, tally, named, readExactly, direction);
  const rows = top.rows();
  return {
    rows: rows.slice(0, limit),
    hasMore: rows.length > limit,
    keyOf: (row) => exactKeys.get(row) ?? keyOfRow(keys, row, direction),
    ...tally.taken(ask.more ?? []),
  };
}

type Parts = {
  readonly columns: Columns;
  readonly held: Held;
  readonly misses: Misses;
  readonly top: Top;
  readonly fill: Fill;
  readonly zone: () => Promise<Zone>;
};

/** Offers the rows that match, of blocks that can have one of the page. */
async function takeBest({ columns, held, misses, top, fill, zone }: Parts): Promise<void> {
  const rows = new Int32Array(blockRows);
  const { bestFirst, isBehind } = await zone();
  let looked = 0;
  for (const block of bestFirst()) {
    const last = top.last();
    if (last !== null && isBehind(block, last)) continue;
    looked += 1;
    if (looked % yieldBlocks === 0) await nextTurn();
    top.offer(rows, matchingRows(columns, held, misses, block, rows), fill);
  }
}

/** Writes the rows of a block that match every filter; answers how many. Every row of a firm may pass here. */
function matchingRows({ cohort, end }: Columns, held: Held, misses: Misses, block: number, rows: Int32Array): number {
  const { classes, from } = held.of(block);
  const first = block * blockRows;
  const after = Math.min(first + blockRows, end);
  const offset = from - first;
  const { cohorts: cohortMisses, classes: classMisses } = misses;
  let count = 0;
  for (let row = first; row < after; row += 1) {
    const missed = (cohortMisses[cohort[row] ?? unlisted] ?? 1) | (classMisses[classes[row + offset] ?? unknown] ?? 1);
    if (missed !== 0) continue;
    rows[count] = row;
    count += 1;
  }
  return count;
}

/** The same for rows of which the name passes; answers how many there are by cohort and class, matching or not. */
async function takeNamed({ columns, held, misses, top, fill, zone }: Parts, named: NameTest): Promise<Int32Array> {
  const counts = new Int32Array(columns.cohorts.end * classStride);
  const rows = new Int32Array(blockRows);
  const { isBehind } = await zone();
  for (let block = 0; block * blockRows < columns.end; block += 1) {
    if (block % yieldBlocks === yieldBlocks - 1) await nextTurn();
    const passing = named.rowsOf(block, rows);
    if (passing === 0) continue;
    const matching = sift(columns, held, misses, rows, passing, counts);
    const last = top.last();
    if (last === null || !isBehind(block, last)) top.offer(rows, matching, fill);
  }
  return counts;
}

/** The same for rows that are known, from anywhere in the firm. */
function takeRows({ columns, held, misses, top, fill }: Parts, known: Int32Array): Int32Array {
  const counts = new Int32Array(columns.cohorts.end * classStride);
  const rows = new Int32Array(blockRows);
  for (let start = 0; start < known.length; start += blockRows) {
    const some = known.subarray(start, start + blockRows);
    rows.set(some);
    top.offer(rows, sift(columns, held, misses, rows, some.length, counts), fill);
  }
  return counts;
}

/** Counts the first `count` rows by cohort and class, and leaves those of them that match; answers how many. */
function sift(
  columns: Columns,
  held: Held,
  misses: Misses,
  rows: Int32Array,
  count: number,
  counts: Int32Array,
): number {
  let kept = 0;
  for (let index = 0; index < count; index += 1) {
    const row = rows[index] ?? 0;
    const cls = held.classOf(row);
    const cohort = columns.cohort[row] ?? unlisted;
    const place = cohort * classStride + cls;
    counts[place] = (counts[place] ?? 0) + 1;
    if (!isListed(misses, cohort, cls)) continue;
    rows[kept] = row;
    kept += 1;
  }
  return kept;
}

/** Counts and offers the rows that the views had to tell about; answers the keys that they gave. */
async function takeExact(
  { columns, held, misses, top, fill }: Parts,
  tally: Tally,
  named: NameTest | null,
  readExactly: ReadExactly,
  direction: Direction,
): Promise<ReadonlyMap<number, number>> {
  const keys = new Map<number, number>();
  const cohortOf = (row: number) => columns.cohort[row] ?? unlisted;
  const wanted = held.unsures.filter((row) => tally.counts(cohortOf(row)) && (named === null || named.passes(row)));
  if (wanted.length === 0) return keys;
  for (const { row, cls, key } of await readExactly(wanted)) {
    const cohort = cohortOf(row);
    tally.add(cohort, cls, 1);
    if (!isListed(misses, cohort, cls)) continue;
    if (key !== undefined) keys.set(row, key);
    const given: Fill =
      key === undefined ? fill : (_rows, _count, into) => void into.fill(sortable(key, direction), 0, 1);
    top.offer(Int32Array.of(row), 1, given);
  }
  return keys;
}
