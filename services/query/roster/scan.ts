// One pass over a firm's rows: which match, how many, what each filter value would give, and the rows of the page.
import type { ClientFilter } from '../../core/filter.ts';
import type { List, ListOrder, ListSort } from '../../core/list.ts';
import { type Columns, flag, missing } from './columns.ts';
import { accessBits, classOf, type KeyOf, keyOfSort, type Lens, ratingBits, unsure } from './lens.ts';
import { type NameTest, nameTest } from './names.ts';
import { createTop, type Place } from './top.ts';
import { nextTurn } from './turns.ts';

/** Rows scanned in one go: a few milliseconds. */
const scanRowsMax = 65_536;

export type ListFilter = ClientFilter & {
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
  readonly keyOf: KeyOf;
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
  ask: Ask,
  readExactly: (rows: readonly number[]) => Promise<readonly Exact[]>,
): Promise<Scanned> {
  const { lens } = ask;
  const isCandidate = await candidateTest(columns, ask.filter);
  const tally = createTally(columns, ask);
  const unsures: number[] = [];
  const end = columns.clients.end;
  for (let start = 0; start < end; start += scanRowsMax) {
    if (start > 0) await nextTurn();
    const stop = Math.min(start + scanRowsMax, end);
    for (let row = start; row < stop; row += 1) {
      if (!isCandidate(row)) continue;
      const bits = classOf(columns, row, lens);
      if (bits === unsure) unsures.push(row);
      else tally.add(row, bits);
    }
  }
  const keys = new Map<number, number>();
  if (unsures.length > 0) {
    for (const { row, bits, key } of await readExactly(unsures)) {
      if (key !== undefined) keys.set(row, key);
      tally.add(row, bits, key);
    }
  }
  const { keyOf } = tally;
  return { ...tally.taken(), keyOf: (row) => keys.get(row) ?? keyOf(row) };
}

/** Tests what does not depend on the instant: type, status, name. */
async function candidateTest(columns: Columns, filter: ListFilter): Promise<NameTest> {
  const { flags, type } = columns;
  const mask = flag.listed | (filter.status === null ? 0 : flag.active);
  const wanted = flag.listed | (filter.status === 'active' ? flag.active : 0);
  const types = filter.type === undefined ? null : marksOf(columns.types, filter.type);
  const isNamed = filter.name === undefined ? null : await nameTest(columns, filter.name);
  return (row) => {
    if (((flags[row] ?? 0) & mask) !== wanted) return false;
    if (types !== null && types[type[row] ?? missing] !== 1) return false;
    return isNamed === null || isNamed(row);
  };
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

function createTally(columns: Columns, { filter, sort, order, limit, lens, after }: Ask) {
  const keyOf = keyOfSort(columns, sort, lens);
  const clientRanks = columns.clients.ranks();
  const top = createTop(limit, order === 'asc' ? 1 : -1, after);
  const ratingMask = maskOf(filter.rating, ratingBits);
  const accessMask = maskOf(filter.access, accessBits);
  const wantedAdvisers = filter.adviser === undefined ? null : marksOf(columns.advisers, filter.adviser);
  const ratingCounts = { green: 0, amber: 0, red: 0, none: 0 };
  const accessCounts = { has_portal_access: 0, logged_in_recently: 0, never_logged_in: 0, no_portal_access: 0 };
  const adviserCounts = new Int32Array(columns.advisers.end);
  let total = 0;

  const countAdviser = (row: number) => {
    const adviser = columns.adviser[row] ?? missing;
    if (adviser !== missing) adviserCounts[adviser] = (adviserCounts[adviser] ?? 0) + 1;
  };

  return {
    keyOf,
    /** A facet counts the rows that match all filters but its own. */
    add: (row: number, bits: number, key?: number): void => {
      const isRated = ratingMask === null || (bits & ratingMask) !== 0;
      const isAccessed = accessMask === null || (bits & accessMask) !== 0;
      const isAdvised = wantedAdvisers === null || wantedAdvisers[columns.adviser[row] ?? missing] === 1;
      if (isAccessed && isAdvised) {
        if ((bits & ratingBits.green) !== 0) ratingCounts.green += 1;
        else if ((bits & ratingBits.amber) !== 0) ratingCounts.amber += 1;
        else if ((bits & ratingBits.red) !== 0) ratingCounts.red += 1;
        else if ((bits & ratingBits.none) !== 0) ratingCounts.none += 1;
      }
      if (isRated && isAdvised) {
        if ((bits & accessBits.no_portal_access) !== 0) accessCounts.no_portal_access += 1;
        else {
          accessCounts.has_portal_access += 1;
          if ((bits & accessBits.logged_in_recently) !== 0) accessCounts.logged_in_recently += 1;
          if ((bits & accessBits.never_logged_in) !== 0) accessCounts.never_logged_in += 1;
        }
      }
      if (isRated && isAccessed) countAdviser(row);
      if (!isRated || !isAccessed || !isAdvised) return;
      total += 1;
      top.offer(row, key ?? keyOf(row), clientRanks[row] ?? 0);
    },
    taken: () => ({
      rows: top.rows(),
      hasMore: top.offered > limit,
      total,
      facets: { rating: ratingCounts, access: accessCounts, adviser: adviserFacet(columns, adviserCounts) },
    }),
  };
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
