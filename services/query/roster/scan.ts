// One pass over a firm's rows: which match, how many, what each filter value would give, and the rows of the page.
import type { ClientFilter } from '../../core/filter.ts';
import type { List, ListOrder, ListSort } from '../../core/list.ts';
import { blockRows, type Classes } from './classes.ts';
import { type Columns, flagBits, missing } from './columns.ts';
import { type Keys, keysOf } from './keys.ts';
import { accessBits, type Lens, ratingBits } from './lens.ts';
import { nameTest } from './names.ts';
import { createTop, type Place } from './top.ts';
import { nextTurn } from './turns.ts';

/** Rows scanned in one go: a few milliseconds. */
const yieldRows = 16 * blockRows;

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
  /** The value a row of the page is sorted by. */
  readonly keyOf: (row: number) => number;
  /** Whether there are matching rows behind the last of the page. */
  readonly hasMore: boolean;
  readonly total: number;
  readonly facets: List['facets'];
};

/**
 * Scans every row. Rows of which the marks do not tell enough are handed to `readExactly`, which leaves out those that
 * are gone. Ranks must be settled, and the columns must not change until it resolves.
 */
export async function scan(
  columns: Columns,
  classes: Classes,
  ask: Ask,
  readExactly: (rows: readonly number[]) => Promise<readonly Exact[]>,
): Promise<Scanned> {
  const choose = await chooser(columns, ask.filter);
  const classify = classes.at(ask.lens);
  const keys = keysOf(columns, ask.sort, ask.lens);
  const tally = createTally(columns, ask);
  const unsures: number[] = [];

  // Block by block and step by step, with rows in plain arrays: each step is a short loop that the engine makes fast.
  const rows = new Int32Array(blockRows);
  const bits = new Uint8Array(blockRows);
  const end = columns.clients.end;
  for (let start = 0; start < end; start += blockRows) {
    if (start % yieldRows === 0 && start > 0) await nextTurn();
    const chosen = choose(start, Math.min(start + blockRows, end), rows);
    const sure = classify(rows, chosen, bits, unsures);
    const matching = tally.count(rows, bits, sure);
    tally.top.offer(rows, matching, keys);
  }

  const exactKeys = new Map<number, number>();
  if (unsures.length > 0) {
    for (const exact of await readExactly(unsures)) {
      if (exact.key !== undefined) exactKeys.set(exact.row, exact.key);
      rows[0] = exact.row;
      bits[0] = exact.bits;
      const exactly: Keys = { ...keys, fill: (_rows, _count, into) => void into.fill(exact.key ?? Number.NaN, 0, 1) };
      tally.top.offer(rows, tally.count(rows, bits, 1), exact.key === undefined ? keys : exactly);
    }
  }
  return { ...tally.taken(), keyOf: (row) => exactKeys.get(row) ?? keyOf(keys, row) };
}

function keyOf(keys: Keys, row: number): number {
  const key = new Float64Array(1);
  keys.fill(Int32Array.of(row), 1, key);
  return key[0] ?? Number.NaN;
}

/** Puts the rows that pass into `rows`; answers how many. */
type Choose = (start: number, stop: number, rows: Int32Array) => number;

/** Tests what does not depend on the instant, and no facet leaves out: book, type, status, name. */
async function chooser(columns: Columns, filter: ListFilter): Promise<Choose> {
  const { flags, type, adviser } = columns;
  const mask = flagBits.listed | (filter.status === null ? 0 : flagBits.active);
  const wanted = flagBits.listed | (filter.status === 'active' ? flagBits.active : 0);
  // No row has the number behind the last.
  const book = filter.book === null ? null : (columns.advisers.find(filter.book) ?? columns.advisers.end);
  const types = filter.type === undefined ? null : marksOf(columns.types, filter.type);
  const isNamed = filter.name === undefined ? null : await nameTest(columns, filter.name);
  return (start, stop, rows) => {
    let count = 0;
    for (let row = start; row < stop; row += 1) {
      rows[count] = row;
      if (((flags[row] ?? 0) & mask) === wanted) count += 1;
    }
    if (book !== null) count = keep(rows, count, (row) => adviser[row] === book);
    if (types !== null) count = keep(rows, count, (row) => types[type[row] ?? 0] === 1);
    return isNamed === null ? count : keep(rows, count, isNamed);
  };
}

function keep(rows: Int32Array, count: number, passes: (row: number) => boolean): number {
  let kept = 0;
  for (let index = 0; index < count; index += 1) {
    const row = rows[index] ?? 0;
    rows[kept] = row;
    if (passes(row)) kept += 1;
  }
  return kept;
}

/** 1 at the number of each of these texts. */
function marksOf(texts: Columns['types'], wanted: readonly string[]): Uint8Array {
  const marks = new Uint8Array(texts.end);
  for (const text of wanted) {
    const number = texts.find(text);
    if (number !== null) marks[number] = 1;
  }
  return marks;
}

function createTally(columns: Columns, { filter, order, limit, after }: Ask) {
  const top = createTop(columns.clients.ranks(), limit, order === 'asc' ? 1 : -1, after);
  const passes = passesOf(filter);
  const { adviser: advisers } = columns;
  // Clients without an adviser count under a number of their own, which no facet shows.
  const nobody = columns.advisers.end;
  const adviserCounts = new Int32Array(nobody + 1);
  const wantedAdvisers = filter.adviser === undefined ? null : marksOf(columns.advisers, filter.adviser);
  /** Rows by class that match whatever does not depend on rating and access. */
  const classCounts = new Int32Array(classesMax);

  /** Leaves in `rows` those that match every filter; answers how many. */
  const count = (rows: Int32Array, bits: Uint8Array, rowCount: number): number => {
    let matching = 0;
    for (let index = 0; index < rowCount; index += 1) {
      const row = rows[index] ?? 0;
      const found = bits[index] ?? 0;
      const adviser = advisers[row] ?? missing;
      const isAdvised = wantedAdvisers === null || (adviser !== missing && wantedAdvisers[adviser] === 1);
      if (isAdvised) classCounts[found] = (classCounts[found] ?? 0) + 1;
      if (passes[found] !== 1) continue;
      const counted = adviser === missing ? nobody : adviser;
      adviserCounts[counted] = (adviserCounts[counted] ?? 0) + 1;
      rows[matching] = row;
      if (isAdvised) matching += 1;
    }
    return matching;
  };

  return {
    top,
    count,
    taken: () => ({
      rows: top.rows(),
      hasMore: top.offered() > limit,
      total: sumOf(classCounts, passes, 0xff),
      facets: {
        ...facetsOf(classCounts, filter),
        adviser: adviserFacet(columns, adviserCounts.subarray(0, nobody)),
      },
    }),
  };
}

const classesMax = 256;

/** By class, 1 where it matches the rating and the access filter. */
function passesOf({ rating, access }: Pick<ListFilter, 'rating' | 'access'>): Uint8Array {
  const ratingMask = maskOf(rating, ratingBits);
  const accessMask = maskOf(access, accessBits);
  const passes = new Uint8Array(classesMax);
  for (let bits = 0; bits < classesMax; bits += 1) {
    const isRated = ratingMask === null || (bits & ratingMask) !== 0;
    const isAccessed = accessMask === null || (bits & accessMask) !== 0;
    if (isRated && isAccessed) passes[bits] = 1;
  }
  return passes;
}

/** A facet counts the rows that match all filters but its own. */
function facetsOf(classCounts: Int32Array, { rating, access }: ListFilter): Omit<List['facets'], 'adviser'> {
  const accessed = passesOf({ access });
  const rated = passesOf({ rating });
  const byRating = (bit: number) => sumOf(classCounts, accessed, bit);
  const byAccess = (bit: number) => sumOf(classCounts, rated, bit);
  return {
    rating: {
      green: byRating(ratingBits.green),
      amber: byRating(ratingBits.amber),
      red: byRating(ratingBits.red),
      none: byRating(ratingBits.none),
    },
    access: {
      has_portal_access: byAccess(accessBits.has_portal_access),
      logged_in_recently: byAccess(accessBits.logged_in_recently),
      never_logged_in: byAccess(accessBits.never_logged_in),
      no_portal_access: byAccess(accessBits.no_portal_access),
    },
  };
}

/** Rows whose class passes and has any of the bits. Every class has a bit: access is yes or no. */
function sumOf(classCounts: Int32Array, passes: Uint8Array, mask: number): number {
  let sum = 0;
  for (let bits = 0; bits < classesMax; bits += 1) {
    if (passes[bits] === 1 && (bits & mask) !== 0) sum += classCounts[bits] ?? 0;
  }
  return sum;
}

/** Null lets everybody through, also those without a bit. */
function maskOf<Value extends string>(
  values: readonly Value[] | undefined,
  bits: Readonly<Record<Value, number>>,
): number | null {
  return values === undefined ? null : values.reduce((mask, value) => mask | bits[value], 0);
}

function adviserFacet(columns: Columns, counts: Int32Array): List['facets']['adviser'] {
  const ranks = columns.advisers.ranks();
  return [...counts.keys()]
    .filter((number) => (counts[number] ?? 0) > 0)
    .sort((one, other) => (counts[other] ?? 0) - (counts[one] ?? 0) || (ranks[one] ?? 0) - (ranks[other] ?? 0))
    .map((number) => ({
      id: columns.advisers.textOf(number),
      name: columns.adviserNames[number] ?? null,
      count: counts[number] ?? 0,
    }));
}
