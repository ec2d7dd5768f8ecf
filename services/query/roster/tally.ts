// Counts of a scan: how many match, and what choosing another value of a filter would give instead.
import type { ClientFilter } from '../../core/filter.ts';
import type { List } from '../../core/list.ts';
import type { BlockClasses } from './classes.ts';
import { type Columns, missing } from './columns.ts';
import { accessBits, ratingBits } from './lens.ts';
import { blockRows, blockWords, onesOf, rowsOf } from './planes.ts';

type Filter = Pick<ClientFilter, 'rating' | 'access'>;

export type Tally = {
  /**
   * Counts a block. `base`: rows that match whatever does not depend on the instant; `advised`: those of them that match
   * the adviser, or null when all do. Writes the rows that match every filter into `rows`, and answers how many.
   */
  count(block: number, base: Int32Array, advised: Int32Array | null, classes: BlockClasses, rows: Int32Array): number;
  /** The same for one row of `base`; true when it matches every filter. */
  countOne(row: number, bits: number, isAdvised: boolean): boolean;
  taken(): { readonly total: number; readonly facets: List['facets'] };
};

export function createTally(columns: Columns, filter: Filter): Tally {
  const { adviser: advisers } = columns;
  const ratingMask = maskOf(filter.rating, ratingBits);
  const accessMask = maskOf(filter.access, accessBits);
  // Clients without an adviser count under a number of their own, which no facet shows.
  const nobody = columns.advisers.end;
  const adviserCounts = new Int32Array(nobody + 1);
  const matching = new Int32Array(blockWords);
  const mine = new Int32Array(blockWords);
  const anybodys = new Int32Array(blockRows);
  let total = 0;
  const byRating = { green: 0, amber: 0, red: 0, none: 0 };
  const byAccess = { has_portal_access: 0, logged_in_recently: 0, never_logged_in: 0, no_portal_access: 0 };

  const countAdvisers = (rows: Int32Array, count: number): void => {
    for (let index = 0; index < count; index += 1) {
      const adviser = advisers[rows[index] ?? 0] ?? missing;
      const counted = adviser === missing ? nobody : adviser;
      adviserCounts[counted] = (adviserCounts[counted] ?? 0) + 1;
    }
  };

  return {
    count: (block, base, advised, { planes, from }, rows) => {
      for (let index = 0; index < blockWords; index += 1) {
        const all = base[index] ?? 0;
        matching[index] = 0;
        mine[index] = 0;
        if (all === 0) continue;
        const word = from + index;
        const green = planes.green[word] ?? 0;
        const amber = planes.amber[word] ?? 0;
        const red = planes.red[word] ?? 0;
        const none = planes.none[word] ?? 0;
        const has = planes.has[word] ?? 0;
        const recent = planes.recent[word] ?? 0;
        const neverIn = planes.neverIn[word] ?? 0;
        const rated =
          ratingMask === null
            ? -1
            : ((ratingMask & ratingBits.green) !== 0 ? green : 0) |
              ((ratingMask & ratingBits.amber) !== 0 ? amber : 0) |
              ((ratingMask & ratingBits.red) !== 0 ? red : 0) |
              ((ratingMask & ratingBits.none) !== 0 ? none : 0);
        const accessed =
          accessMask === null
            ? -1
            : ((accessMask & accessBits.has_portal_access) !== 0 ? has : 0) |
              ((accessMask & accessBits.logged_in_recently) !== 0 ? recent : 0) |
              ((accessMask & accessBits.never_logged_in) !== 0 ? neverIn : 0) |
              ((accessMask & accessBits.no_portal_access) !== 0 ? ~has : 0);
        const own = advised === null ? all : (advised[index] ?? 0);
        // A facet counts the rows that match all filters but its own.
        const forRating = own & accessed;
        byRating.green += onesOf(forRating & green);
        byRating.amber += onesOf(forRating & amber);
        byRating.red += onesOf(forRating & red);
        byRating.none += onesOf(forRating & none);
        const forAccess = own & rated;
        byAccess.has_portal_access += onesOf(forAccess & has);
        byAccess.logged_in_recently += onesOf(forAccess & recent);
        byAccess.never_logged_in += onesOf(forAccess & neverIn);
        byAccess.no_portal_access += onesOf(forAccess & ~has);
        const both = rated & accessed;
        total += onesOf(own & both);
        matching[index] = all & both;
        mine[index] = own & both;
      }
      if (advised === null) {
        const count = rowsOf(matching, block, rows);
        countAdvisers(rows, count);
        return count;
      }
      countAdvisers(anybodys, rowsOf(matching, block, anybodys));
      return rowsOf(mine, block, rows);
    },
    countOne: (row, bits, isAdvised) => {
      const isRated = ratingMask === null || (bits & ratingMask) !== 0;
      const isAccessed = accessMask === null || (bits & accessMask) !== 0;
      if (isAdvised && isAccessed) addTo(byRating, bits, ratingBits);
      if (isAdvised && isRated) addTo(byAccess, bits, accessBits);
      if (!isRated || !isAccessed) return false;
      anybodys[0] = row;
      countAdvisers(anybodys, 1);
      if (isAdvised) total += 1;
      return isAdvised;
    },
    taken: () => ({
      total,
      facets: {
        rating: { ...byRating },
        access: { ...byAccess },
        adviser: adviserFacet(columns, adviserCounts.subarray(0, nobody)),
      },
    }),
  };
}

function addTo<Name extends string>(counts: Record<Name, number>, bits: number, of: Readonly<Record<Name, number>>) {
  for (const name in of) if ((bits & of[name]) !== 0) counts[name] += 1;
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
