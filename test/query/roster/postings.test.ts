// Rows by the value of a column: those found are those that looking at every row gives, whatever changed meanwhile.
import fc from 'fast-check';
import type { ProfileMarks } from '../../../services/core/marks-profile.ts';
import { createPostings } from '../../../services/query/roster/answer/postings.ts';
import {
  addRow,
  type Columns,
  createColumns,
  removeRow,
  setProfile,
} from '../../../services/query/roster/rows/columns.ts';

/** More than postings are needed for, so that they are used. */
const rows = 1_500;
const names = 40;

function profileOf(number: number): ProfileMarks {
  return {
    firstName: `first ${number % names}`,
    lastName: number % 7 === 0 ? null : `last ${number % (names - 3)}`,
    adviser: number % 5 === 0 ? null : { id: `adviser-${number % 11}`, name: null },
    type: ['individual', 'couple'][number % 2] ?? '',
    isActive: number % 3 !== 0,
    emailStart: 0,
    emailEnd: 0,
    createdAt: 0,
    updatedAt: 0,
    nextReview: 0,
    previousReview: 0,
    anniversary: 0,
  };
}

function openColumns(): Columns {
  const columns = createColumns();
  for (let row = 0; row < rows; row += 1) {
    addRow(columns, `client-${row}`);
    setProfile(columns, row, profileOf(row), new Uint8Array(0));
  }
  return columns;
}

const change = fc.oneof(
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('change' as const), row: fc.nat(), to: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), row: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('add' as const), to: fc.nat() }) },
);
const round = fc.record({
  changes: fc.array(change, { maxLength: 400, size: 'max' }),
  column: fc.constantFrom('cohort' as const, 'firstName' as const, 'lastName' as const),
  wanted: fc.array(fc.nat({ max: 60 }), { maxLength: 3 }),
});

test('given rows change, come and go, when those with some values are sought, then they are found, each once', async () => {
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 4, maxLength: 8 }), async (rounds) => {
      const columns = openColumns();
      const postings = createPostings(columns);
      for (const { changes, column, wanted } of rounds) {
        for (const one of changes) {
          if (one.kind === 'add') {
            const row = addRow(columns, `client-${columns.end}`);
            setProfile(columns, row, profileOf(one.to), new Uint8Array(0));
          } else if (one.kind === 'change') {
            setProfile(columns, one.row % columns.end, profileOf(one.to), new Uint8Array(0));
          } else {
            removeRow(columns, one.row % columns.end);
          }
        }
        const marks = new Uint8Array(62);
        for (const value of wanted) marks[value + 1] = 1;
        const found = await postings.rowsWhere(column, marks);
        // Where too many rows would have to be looked at there is no answer.
        if (found === null) continue;
        answered += 1;
        const isWanted = (row: number) => marks[(columns[column][row] ?? -1) + 1] === 1;
        const expected = Array.from({ length: columns.end }, (_, row) => row).filter(isWanted);
        expect([...found].sort((one, other) => one - other)).toEqual(expected);
      }
    }),
    { numRuns: 60 },
  );
  expect(answered).toBeGreaterThan(50);
});
