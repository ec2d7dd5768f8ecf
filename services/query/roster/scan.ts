// One pass over a firm's rows: which match, how many, what each filter value would give, and the rows of the page. Filters
// are words of bits, 32 rows at a time; only rows that match all of them are looked at one by one.
import type { ClientFilter } from '../../core/filter.ts';
import type { List, ListOrder, ListSort, MoreFacet } from '../../core/list.ts';
import type { Classes } from './classes.ts';
import { type Columns, missing } from './columns.ts';
import { type Direction, type Keys, keyOfRow, keysOf, sortable } from './keys.ts';
import type { Lens } from './lens.ts';
import { nameTest } from './names.ts';
import { blockRows, blockWords } from './planes.ts';
import { isMarked, marksOf, type RowTest } from './row-tests.ts';
import { createTally } from './tally.ts';
import { compareTexts } from './texts.ts';
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
  /** Facets that cost another pass each, for whoever asks for them. */
  readonly more?: readonly MoreFacet[] | undefined;
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

type ReadExactly = (rows: readonly number[]) => Promise<readonly Exact[]>;

/**
 * Scans every row. Rows of which the marks do not tell enough are handed to `readExactly`, which leaves out those that
 * are gone. Ranks must be settled, and the columns must not change until it resolves.
 */
export async function scan(columns: Columns, kept: Kept, ask: Ask, readExactly: ReadExactly): Promise<Scanned> {
  const { sort, order, limit, after, lens } = ask;
  const { zones } = kept;
  const direction: Direction = order === 'asc' ? 1 : -1;
  const keys = keysOf(columns, sort, direction, lens);
  const top = createTop(columns.clients.ranks(), limit, direction, after);
  const exactKeys = new Map<number, number>();
  const { total, facets } = await passRows(columns, kept, ask, readExactly, {
    rows: (rows, count, block) => {
      if (zones.isBehind(block, keys, direction, top.last())) top.passOver(count);
      else top.offer(rows, count, keys);
    },
    exact: ({ row, key }, rows) => {
      if (key !== undefined) exactKeys.set(row, key);
      top.offer(rows, 1, key === undefined ? keys : exactly(keys, sortable(key, direction)));
    },
  });
  return {
    rows: top.rows(),
    hasMore: top.offered() > limit,
    keyOf: (row) => exactKeys.get(row) ?? keyOfRow(keys, row, direction),
    total,
    facets: { ...facets, ...(await countMore(columns, kept, ask, readExactly)) },
  };
}

/** Hears of every row that matches, a block at a time, and of each that the views had to tell about. */
type Take = {
  rows(rows: Int32Array, count: number, block: number): void;
  /** It stands first in `rows`. */
  exact(one: Exact, rows: Int32Array): void;
};

async function passRows(
  columns: Columns,
  { classes }: Kept,
  { filter, lens }: Pick<Ask, 'filter' | 'lens'>,
  readExactly: ReadExactly,
  take: Take,
): Promise<Pick<Scanned, 'total' | 'facets'>> {
  const narrow = await narrower(columns, filter);
  const classify = classes.at(lens);
  const tally = createTally(columns, filter);
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
    take.rows(rows, tally.count(block, base, isAdvised === null ? null : advised, found, rows), block);
  }
  for (const one of unsures.length > 0 ? await readExactly(unsures) : []) {
    rows[0] = one.row;
    const isOfAdviser = wantedAdvisers === null || wantedAdvisers[(columns.adviser[one.row] ?? missing) + 1] === 1;
    if (tally.countOne(one.row, one.bits, isOfAdviser)) take.exact(one, rows);
  }
  return tally.taken();
}

/** As every facet: who matches all filters but that one. */
async function countMore(
  columns: Columns,
  kept: Kept,
  { filter, lens, more = [] }: Ask,
  readExactly: ReadExactly,
): Promise<Pick<List['facets'], MoreFacet>> {
  const found: Pick<List['facets'], MoreFacet> = {};
  if (more.includes('type')) {
    const counts = new Int32Array(columns.types.end);
    const take = (rows: Int32Array, count: number) => {
      for (let index = 0; index < count; index += 1) {
        const type = columns.type[rows[index] ?? 0] ?? missing;
        counts[type] = (counts[type] ?? 0) + 1;
      }
    };
    const wide = { lens, filter: { ...filter, type: undefined } };
    await passRows(columns, kept, wide, readExactly, { rows: take, exact: (_one, rows) => take(rows, 1) });
    found.type = [...counts.keys()]
      .filter((type) => (counts[type] ?? 0) > 0)
      .map((type) => ({ type: columns.types.textOf(type), count: counts[type] ?? 0 }))
      .sort((one, other) => other.count - one.count || compareTexts(one.type, other.type));
  }
  if (more.includes('status')) {
    const count = async (status: 'active' | 'inactive') =>
      (await passRows(columns, kept, { lens, filter: { ...filter, status } }, readExactly, nobodyListens)).total;
    found.status = { active: await count('active'), inactive: await count('inactive') };
  }
  return found;
}

const nobodyListens: Take = { rows: () => undefined, exact: () => undefined };

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
