// Cohorts: the clients of one adviser, one type and one status. They are few, so that how many clients a cohort has of each
// class is known at all times, and totals and facets are sums over cohorts instead of over clients.
import { classStride } from './class.ts';

/** Of rows that are in no list. */
export const unlisted = 0;
/** Numbers of types, as of advisers, are below this, so that each cohort's key is a whole number of its own. */
const typesMax = 2 ** 26;

export type Cohorts = {
  /** The number of a cohort; its first client must be counted before another is sought. `adviser`: missing for those without one. */
  find(adviser: number, type: number, isActive: boolean): number;
  adviserOf(cohort: number): number;
  typeOf(cohort: number): number;
  isActive(cohort: number): boolean;
  /** Cohorts run from 1 up to here, exclusive. */
  readonly end: number;
  /** One client more of that class, or one less. The number of a cohort that has lost its last is given to another. */
  count(cohort: number, cls: number, by: 1 | -1): void;
  /** Clients by cohort × `classStride` + class; until the next find. */
  counts(): Int32Array;
  bytes(): number;
};

/** `missing` is the number of no adviser. */
export function createCohorts(missing: number): Cohorts {
  const numbers = new Map<number, number>();
  const advisers = [missing];
  const types = [missing];
  const actives = [false];
  /** Clients by cohort. */
  const sizes = [0];
  const free: number[] = [];
  let counts = new Int32Array(16 * classStride);

  const keyOf = (adviser: number, type: number, isActive: boolean) =>
    ((adviser - missing) * typesMax + type) * 2 + (isActive ? 1 : 0);
  const forget = (cohort: number): void => {
    numbers.delete(keyOf(advisers[cohort] ?? missing, types[cohort] ?? missing, actives[cohort] ?? false));
    free.push(cohort);
  };

  return {
    find: (adviser, type, isActive) => {
      const key = keyOf(adviser, type, isActive);
      const known = numbers.get(key);
      if (known !== undefined) return known;
      const cohort = free.pop() ?? advisers.length;
      numbers.set(key, cohort);
      advisers[cohort] = adviser;
      types[cohort] = type;
      actives[cohort] = isActive;
      sizes[cohort] = 0;
      if (advisers.length * classStride > counts.length) {
        const larger = new Int32Array(counts.length * 2);
        larger.set(counts);
        counts = larger;
      }
      return cohort;
    },
    adviserOf: (cohort) => advisers[cohort] ?? missing,
    typeOf: (cohort) => types[cohort] ?? missing,
    isActive: (cohort) => actives[cohort] ?? false,
    get end() {
      return advisers.length;
    },
    count: (cohort, cls, by) => {
      const place = cohort * classStride + cls;
      counts[place] = (counts[place] ?? 0) + by;
      const size = (sizes[cohort] ?? 0) + by;
      sizes[cohort] = size;
      if (size === 0 && cohort !== unlisted) forget(cohort);
    },
    counts: () => counts,
    // A Map's entry, and four arrays' elements.
    bytes: () => counts.byteLength + advisers.length * 72,
  };
}
