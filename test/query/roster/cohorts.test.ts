// Cohorts: as many as there are with clients, however many come and go, and each pair of numbers has one of its own.
import { createCohorts } from '../../../services/query/roster/rows/cohorts.ts';

const missing = -1;

test('given cohorts lose their last client, when others come, then they take the numbers that are free', () => {
  const cohorts = createCohorts(missing);
  for (let adviser = 0; adviser < 1_000; adviser += 1) {
    const cohort = cohorts.find(adviser, 3, true);
    cohorts.count(cohort, 4, 1);
    expect(cohorts.find(adviser, 3, true)).toBe(cohort);
    expect([cohorts.adviserOf(cohort), cohorts.typeOf(cohort), cohorts.isActive(cohort)]).toEqual([adviser, 3, true]);
    cohorts.count(cohort, 4, -1);
  }
  expect(cohorts.end).toBe(2);
});

test('given more types than firms have, when cohorts are sought, then no two advisers share one', () => {
  const cohorts = createCohorts(missing);
  const wanted = [
    [0, 2 ** 20],
    [1, 0],
    [missing, 2 ** 21],
  ] as const;
  const numbers = wanted.map(([adviser, type]) => {
    const cohort = cohorts.find(adviser, type, true);
    cohorts.count(cohort, 0, 1);
    return cohort;
  });
  expect(new Set(numbers).size).toBe(wanted.length);
});
