// Cohorts: the clients of one adviser, one type and one status. They are few, so that how many clients a cohort has of each
// class is known at all times, and totals and facets are sums over cohorts instead of over clients.
import { classStride } from './class.ts';

/** Of rows that are in no list. */
export const unlisted = 0;
/** Numbers of types are below this. */
const typesMax = 2 ** 20;

export type Cohorts = {
  /** The number of a cohort. `adviser`: missing for those without one. */
  find(adviser: number, type: number, isActive: boolean): number;
  adviserOf(cohort: number): number;
  typeOf(cohort: number): number;
  isActive(cohort: number): boolean;
  /** Cohorts run from 1 up to here, exclusive. */
  readonly end: number;
  /** One client more of that class, or one less. */
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
  let counts = new Int32Array(16 * classStride);

  return {
    find: (adviser, type, isActive) => {
      const key = ((adviser - missing) * typesMax + type) * 2 + (isActive ? 1 : 0);
      const known = numbers.get(key);
      if (known !== undefined) return known;
      const cohort = advisers.length;
      numbers.set(key, cohort);
      advisers.push(adviser);
      types.push(type);
      actives.push(isActive);
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
    },
    counts: () => counts,
    // A Map's entry, and three arrays' elements.
    bytes: () => counts.byteLength + numbers.size * 64,
  };
}
