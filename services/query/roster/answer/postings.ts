// Postings: rows by the value of a column, so that an adviser's book or a seldom name costs its rows and not the firm's.
// Found when somebody asks, and kept beside the rows that changed since.
import type { Columns } from '../rows/columns.ts';
import { nextTurn } from '../rows/turns.ts';

type Column = 'cohort' | 'firstName' | 'lastName';

/** By value and one more, because a row without a value has -1: 1 where it is meant. */
export type Marks = Uint8Array;

export type ByValue = { rowsOf(value: number): Int32Array; readonly moved: ReadonlySet<number> };

export type Postings = {
  /** The rows of which the value is marked, in no order; null where it would be quicker to look at every row. */
  rowsWhere(column: Column, marks: Marks): Promise<Int32Array | null>;
  /** Rows by value; those that `moved` may have another value by now. Until a row changes. */
  byValue(column: Column): Promise<ByValue>;
  /** Of memory. */
  bytes(): number;
};

/** Below this many rows nothing is quicker than looking at each. */
const rowsMin = 1_024;
/** From this share of all rows on it is quicker to look at each, as they stand. */
const shareMax = 1 / 8;
/** Once more rows, or a larger share, have changed, the postings are found anew. */
const movedMax = 256;
const movedShareMax = 1 / 32;
/** Rows passed in one go: about two milliseconds. */
const passRowsMax = 32_768;

/** An entry of a Set of numbers, about. */
const setEntryBytes = 24;

type Posted = {
  /** How many changes of rows they know of. */
  seen: number;
  /** By value and one more: where its rows begin in `rows`; the last says where they end. */
  readonly starts: Int32Array;
  readonly rows: Int32Array;
  /** Rows that may have another value now, or are new. */
  readonly moved: Set<number>;
};

export function createPostings(columns: Columns): Postings {
  const kept = new Map<Column, Posted>();

  const post = async (column: Column): Promise<Posted> => {
    const values = columns[column];
    const { forgotten, rows: changed } = columns.blocks.changes('profile');
    const { end } = columns;
    let most = -1;
    for (let row = 0; row < end; row += 1) {
      if (row % passRowsMax === passRowsMax - 1) await nextTurn();
      most = Math.max(most, values[row] ?? -1);
    }
    // Counted two places further, so that once rows are put in each place says where its rows begin.
    const starts = new Int32Array(most + 4);
    for (let row = 0; row < end; row += 1) {
      if (row % passRowsMax === passRowsMax - 1) await nextTurn();
      const place = (values[row] ?? -1) + 3;
      starts[place] = (starts[place] ?? 0) + 1;
    }
    for (let place = 1; place < starts.length; place += 1) {
      starts[place] = (starts[place] ?? 0) + (starts[place - 1] ?? 0);
    }
    const rows = new Int32Array(end);
    for (let row = 0; row < end; row += 1) {
      if (row % passRowsMax === passRowsMax - 1) await nextTurn();
      const place = (values[row] ?? -1) + 2;
      const to = starts[place] ?? 0;
      rows[to] = row;
      starts[place] = to + 1;
    }
    const posted = { seen: forgotten + changed.length, starts, rows, moved: new Set<number>() };
    kept.set(column, posted);
    return posted;
  };

  const postedOf = async (column: Column): Promise<Posted> => {
    const { forgotten, rows: changed } = columns.blocks.changes('profile');
    const known = kept.get(column);
    if (known === undefined || known.seen < forgotten) return post(column);
    for (let index = known.seen - forgotten; index < changed.length; index += 1) known.moved.add(changed[index] ?? 0);
    known.seen = forgotten + changed.length;
    const isWorn = known.moved.size > Math.max(movedMax, known.rows.length * movedShareMax);
    return isWorn ? post(column) : known;
  };

  return {
    rowsWhere: async (column, marks) => {
      if (columns.end < rowsMin) return null;
      const { starts, rows, moved } = await postedOf(column);
      const values = columns[column];
      const ends = Math.min(marks.length, starts.length - 1);
      let most = moved.size;
      for (let place = 0; place < ends; place += 1) {
        if (marks[place] === 1) most += (starts[place + 1] ?? 0) - (starts[place] ?? 0);
      }
      if (most > columns.end * shareMax) return null;
      const found = new Int32Array(most);
      let count = 0;
      for (let place = 0; place < ends; place += 1) {
        if (marks[place] !== 1) continue;
        const until = starts[place + 1] ?? 0;
        for (let index = starts[place] ?? 0; index < until; index += 1) {
          const row = rows[index] ?? 0;
          if (moved.has(row)) continue;
          found[count] = row;
          count += 1;
        }
      }
      for (const row of moved) {
        if (marks[(values[row] ?? -1) + 1] !== 1) continue;
        found[count] = row;
        count += 1;
      }
      return found.subarray(0, count);
    },
    byValue: async (column) => {
      const { starts, rows, moved } = await postedOf(column);
      return {
        rowsOf: (value) => rows.subarray(starts[value + 1] ?? rows.length, starts[value + 2] ?? rows.length),
        moved,
      };
    },
    bytes: () =>
      [...kept.values()].reduce(
        (sum, { starts, rows, moved }) => sum + starts.byteLength + rows.byteLength + moved.size * setEntryBytes,
        0,
      ),
  };
}
