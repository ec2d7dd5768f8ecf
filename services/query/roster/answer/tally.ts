// Counts of an answer: how many match, and what choosing another value of a filter would give instead.
import type { List, MoreFacet } from '../../../core/list.ts';
import { accessOf, classesEnd, classStride, hasAccess, isRated, ratingOf } from '../rows/class.ts';
import { unlisted } from '../rows/cohorts.ts';
import { type Columns, missing } from '../rows/columns.ts';
import { compareTexts } from '../rows/texts.ts';
import type { Marks } from './postings.ts';
import type { ListFilter } from './scan.ts';

/** The filters that have facets, a bit each. */
const filterBits = { adviser: 1, type: 2, status: 4, rating: 8, access: 16 } as const;
/** Of what is not the reader's to see, and of what has no class. */
const nowhere = 255;

/** Which filters a client's cohort and its class do not match: none, and it is in the list. */
export type Misses = {
  /** By cohort. */
  readonly cohorts: Uint8Array;
  /** By class. */
  readonly classes: Uint8Array;
};

export type Tally = {
  readonly misses: Misses;
  /** The cohorts that match, whatever the class is. */
  listed(): Marks;
  /** Whether a client of the cohort counts anywhere, whatever its class. */
  counts(cohort: number): boolean;
  /** So many clients of a cohort and a class. */
  add(cohort: number, cls: number, clients: number): void;
  /** The same for all of them, by cohort × `classStride` + class. */
  addAll(counts: Int32Array): void;
  /** Clients that match, of those that were added. */
  total(): number;
  taken(more: readonly MoreFacet[]): { readonly total: number; readonly facets: List['facets'] };
};

export function createTally(columns: Columns, filter: ListFilter): Tally {
  const { cohorts, advisers, types } = columns;
  const misses = missesOf(columns, filter);
  // A facet counts the clients that match all filters but its own. Of those whose cohort matches, the classes tell the rest.
  const byClass = new Int32Array(classesEnd);
  // Clients without an adviser count under a number of their own, which no facet shows.
  const nobody = advisers.end;
  const byAdviser = new Int32Array(nobody + 1);
  const byType = new Int32Array(types.end);
  const byStatus = { active: 0, inactive: 0 };

  /** Clients of a cohort whose class matches. */
  const addMatching = (cohort: number, missed: number, clients: number): void => {
    if ((missed & ~filterBits.adviser) === 0) {
      const adviser = cohorts.adviserOf(cohort);
      addTo(byAdviser, adviser === missing ? nobody : adviser, clients);
    }
    if ((missed & ~filterBits.type) === 0) addTo(byType, cohorts.typeOf(cohort), clients);
    if ((missed & ~filterBits.status) === 0) byStatus[cohorts.isActive(cohort) ? 'active' : 'inactive'] += clients;
  };

  return {
    misses,
    listed: () => {
      const marks = new Uint8Array(misses.cohorts.length + 1);
      for (const [cohort, missed] of misses.cohorts.entries()) if (missed === 0) marks[cohort + 1] = 1;
      return marks;
    },
    counts: (cohort) => countsAnywhere(misses.cohorts[cohort] ?? nowhere),
    add: (cohort, cls, clients) => {
      const missed = misses.cohorts[cohort] ?? nowhere;
      if (missed === 0) addTo(byClass, cls, clients);
      if (misses.classes[cls] === 0) addMatching(cohort, missed, clients);
    },
    addAll: (counts) => {
      for (let cohort = unlisted + 1; cohort < cohorts.end; cohort += 1) {
        const missed = misses.cohorts[cohort] ?? nowhere;
        if (!countsAnywhere(missed)) continue;
        const first = cohort * classStride;
        let matching = 0;
        for (let cls = 0; cls < classesEnd; cls += 1) {
          const clients = counts[first + cls] ?? 0;
          if (missed === 0) byClass[cls] = (byClass[cls] ?? 0) + clients;
          if (misses.classes[cls] === 0) matching += clients;
        }
        if (matching > 0) addMatching(cohort, missed, matching);
      }
    },
    total: () => classCounts(byClass, misses.classes).total,
    taken: (more) => {
      const { total, rating, access } = classCounts(byClass, misses.classes);
      const facets: List['facets'] = { rating, access, adviser: adviserFacet(columns, byAdviser) };
      if (more.includes('type')) facets.type = typeFacet(columns, byType);
      if (more.includes('status')) facets.status = byStatus;
      return { total, facets };
    },
  };
}

/** Whether clients of a cohort and a class are in the list. */
export function isListed({ cohorts, classes }: Misses, cohort: number, cls: number): boolean {
  return ((cohorts[cohort] ?? nowhere) | (classes[cls] ?? nowhere)) === 0;
}

/** Whether those who miss these filters count in the list or in a facet: they miss one at most. */
function countsAnywhere(missed: number): boolean {
  return (missed & (missed - 1)) === 0;
}

function missesOf({ cohorts, advisers, types }: Columns, filter: ListFilter): Misses {
  const { book, adviser, type, status } = filter;
  const numbersOf = (texts: Columns['types'], wanted: readonly string[]) =>
    new Set(wanted.flatMap((text) => texts.find(text) ?? []));
  const books = book === null ? null : numbersOf(advisers, [book]);
  const wanted = {
    adviser: adviser === undefined ? null : numbersOf(advisers, adviser),
    type: type === undefined ? null : numbersOf(types, type),
  };
  const byCohort = new Uint8Array(cohorts.end);
  for (let cohort = 0; cohort < cohorts.end; cohort += 1) {
    const itsAdviser = cohorts.adviserOf(cohort);
    // The reader's book comes before anything is counted.
    if (cohort === unlisted || (books !== null && !books.has(itsAdviser))) {
      byCohort[cohort] = nowhere;
      continue;
    }
    let missed = 0;
    if (wanted.adviser !== null && !wanted.adviser.has(itsAdviser)) missed |= filterBits.adviser;
    if (wanted.type !== null && !wanted.type.has(cohorts.typeOf(cohort))) missed |= filterBits.type;
    if (status !== null && cohorts.isActive(cohort) !== (status === 'active')) missed |= filterBits.status;
    byCohort[cohort] = missed;
  }
  const byClass = new Uint8Array(classStride).fill(nowhere);
  for (let cls = 0; cls < classesEnd; cls += 1) {
    byClass[cls] =
      (isRated(cls, filter.rating) ? 0 : filterBits.rating) | (hasAccess(cls, filter.access) ? 0 : filterBits.access);
  }
  return { cohorts: byCohort, classes: byClass };
}

function addTo(counts: Int32Array, place: number, by: number): void {
  counts[place] = (counts[place] ?? 0) + by;
}

function classCounts(byClass: Int32Array, missedBy: Uint8Array) {
  const rating = { green: 0, amber: 0, red: 0, none: 0 };
  const access = { has_portal_access: 0, logged_in_recently: 0, never_logged_in: 0, no_portal_access: 0 };
  let total = 0;
  for (let cls = 0; cls < classesEnd; cls += 1) {
    const clients = byClass[cls] ?? 0;
    const missed = missedBy[cls] ?? nowhere;
    if (missed === 0) total += clients;
    const itsRating = ratingOf(cls);
    if (itsRating !== null && (missed & ~filterBits.rating) === 0) rating[itsRating] += clients;
    if ((missed & ~filterBits.access) === 0) for (const filter of accessOf(cls)) access[filter] += clients;
  }
  return { total, rating, access };
}

function adviserFacet({ advisers, adviserNames }: Columns, counts: Int32Array): List['facets']['adviser'] {
  const ranks = advisers.ranks();
  return [...counts.keys()]
    .filter((number) => number < advisers.end && (counts[number] ?? 0) > 0)
    .sort((one, other) => (counts[other] ?? 0) - (counts[one] ?? 0) || (ranks[one] ?? 0) - (ranks[other] ?? 0))
    .map((number) => ({
      id: advisers.textOf(number),
      name: adviserNames[number] ?? null,
      count: counts[number] ?? 0,
    }));
}

function typeFacet({ types }: Columns, counts: Int32Array): NonNullable<List['facets']['type']> {
  return [...counts.keys()]
    .filter((number) => (counts[number] ?? 0) > 0)
    .map((number) => ({ type: types.textOf(number), count: counts[number] ?? 0 }))
    .sort((one, other) => other.count - one.count || compareTexts(one.type, other.type));
}
