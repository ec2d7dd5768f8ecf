// One pass over a firm's rows: which match, how many, what each filter value would give, and the rows of the page. Filters
// are words of bits, 32 rows at a time; only rows that match all of them are looked at one by one.
import type { ClientFilter } from '../../core/filter.ts';
import type { List, ListOrder, ListSort } from '../../core/list.ts';
import type { Classes } from './classes.ts';
import { type Columns, missing } from './columns.ts';
import { type Direction, type Keys, keyOfRow, keysOf, sortable } from './keys.ts';
import type { Lens } from './lens.ts';
import { nameTest } from './names.ts';
import { blockRows, blockWords } from './planes.ts';
import { isMarked, marksOf, type RowTest } from './row-tests.ts';
import { createTally } from './tally.ts';
import { createTop, type Place } from './top.ts';
import { nextTurn } from './turns.ts';
import type { Zones } from './zones.ts';

/** Rows scanned in one go: a few milliseconds. */
const yieldRows = 256 * blockRows;

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
};

/** A row that the views had to tell about; `key` undefined where the row knows it. */
export type Exact = { readonly row: number; readonly bits: number; readonly key: number | undefined };

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
export type Kept = { readonly classes: Classes; readonly zones: Zones };

/**
 * Scans every row. Rows of which the marks do not tell enough are handed to `readExactly`, which leaves out those that
 * are gone. Ranks must be settled, and the columns must not change until it resolves.
 */
export async function scan(
  columns: Columns,
  { classes, zones }: Kept,
  ask: Ask,
  readExactly: (rows: readonly number[]) => Promise<readonly Exact[]>,
): Promise<Scanned> {
  const { filter, sort, order, limit, after, lens } = ask;
  const direction: Direction = order === 'asc' ? 1 : -1;
  const narrow = await narrower(columns, filter);
  const classify = classes.at(lens);
  const keys = keysOf(columns, sort, direction, lens);
  const tally = createTally(columns, filter);
  const top = createTop(columns.clients.ranks(), limit, direction, after);
  const unsures: number[] = [];

  const base = new Int32Array(blockWords);
  const advised = new Int32Array(blockWords);
  const rows = new Int32Array(blockRows);
  const wantedAdvisers = filter.adviser === undefined ? null : marksOf(columns.advisers, filter.adviser);
  const isAdvised = wantedAdvisers === null ? null : isMarked(columns.adviser, wantedAdvisers);
  for (let block = 0; block * blockRows < columns.end; block += 1) {
    if (block > 0 && (block * blockRows) % yieldRows === 0) await nextTurn();
    if (!narrow(block, base)) continue;
    const found = classify(block, base, unsures);
    if (isAdvised !== null) {
      advised.set(base);
      isAdvised(block, advised);
    }
    const count = tally.count(block, base, isAdvised === null ? null : advised, found, rows);
    if (zones.isBehind(block, keys, direction, top.last())) top.passOver(count);
    else top.offer(rows, count, keys);
  }

  const exactKeys = new Map<number, number>();
  if (unsures.length > 0) {
    for (const { row, bits, key } of await readExactly(unsures)) {
      if (key !== undefined) exactKeys.set(row, key);
      rows[0] = row;
      const isOfAdviser = wantedAdvisers === null || wantedAdvisers[(columns.adviser[row] ?? missing) + 1] === 1;
      if (!tally.countOne(row, bits, isOfAdviser)) continue;
      top.offer(rows, 1, key === undefined ? keys : exactly(keys, sortable(key, direction)));
    }
  }
  return {
    rows: top.rows(),
    hasMore: top.offered() > limit,
    keyOf: (row) => exactKeys.get(row) ?? keyOfRow(keys, row, direction),
    ...tally.taken(),
  };
}

function exactly(keys: Keys, key: number): Keys {
  return { ...keys, fill: (_rows, _count, into) => void into.fill(key, 0, 1) };
}

/**
 * Puts the rows of a block that pass into `base`; false when there are none. The reader's book comes before anything is
 * counted.
 */
type Narrow = (block: number, base: Int32Array) => boolean;

/** Tests what does not depend on the instant: book, status, type, name. */
async function narrower(columns: Columns, filter: ListFilter): Promise<Narrow> {
  const { listed, active } = columns.planes;
  const { book, status, type, name } = filter;
  const tests: RowTest[] = [];
  if (book !== null) tests.push(isMarked(columns.adviser, marksOf(columns.advisers, [book])));
  if (type !== undefined) tests.push(isMarked(columns.type, marksOf(columns.types, type)));
  const isNamed = name === undefined ? null : await nameTest(columns, name);
  if (isNamed !== null) tests.push(isNamed);
  return (block, base) => {
    const first = block * blockWords;
    let any = 0;
    for (let index = 0; index < blockWords; index += 1) {
      let word = listed[first + index] ?? 0;
      if (status === 'active') word &= active[first + index] ?? 0;
      if (status === 'inactive') word &= ~(active[first + index] ?? 0);
      base[index] = word;
      any |= word;
    }
    for (const test of tests) any = any === 0 ? 0 : test(block, base);
    return any !== 0;
  };
}
