// Classes of rows, remembered while they hold: a rating lasts for weeks, so most questions need not derive anything.
import { type Columns, unknownClass } from './columns.ts';
import { type ClassOf, classifier, type Lens, nextChange, unsure } from './lens.ts';

/** Rows that share a span of time in which their remembered classes hold. */
export const blockRows = 4096;

/**
 * Leaves in the first `count` rows, all of one block, those whose class is known, with it beside them in `bits`; the
 * others go to `unsures`. Answers how many are left.
 */
export type Classify = (rows: Int32Array, count: number, bits: Uint8Array, unsures: number[]) => number;

export type Classes = { at(lens: Lens): Classify };

export function createClasses(columns: Columns): Classes {
  /** The settings under which classes are remembered. */
  let settings = '';
  /** By block: the classes remembered hold at the instants from one up to (exclusive) the other. */
  const from: number[] = [];
  const until: number[] = [];

  return {
    at: (lens) => {
      const classOf = classifier(columns, lens);
      if (lens.settings !== settings && from.every((instant) => instant <= lens.at)) {
        settings = lens.settings;
        until.fill(Number.NEGATIVE_INFINITY);
      }
      return (rows, count, bits, unsures) => {
        const block = Math.floor((rows[0] ?? 0) / blockRows);
        const start = from[block] ?? Number.NEGATIVE_INFINITY;
        // A walk that began earlier, maybe under other settings, is told by the marks.
        if (lens.settings !== settings || lens.at < start) return classify(rows, count, bits, unsures, classOf);
        if (lens.at >= (until[block] ?? Number.NEGATIVE_INFINITY)) {
          columns.classes.fill(unknownClass, block * blockRows, (block + 1) * blockRows);
          until[block] = lens.nextDayAt;
        }
        const ends = recall(columns, rows, count, bits, unsures, classOf, lens);
        if (ends.remembered) {
          from[block] = lens.at;
          until[block] = Math.min(until[block] ?? lens.nextDayAt, ends.until);
        }
        return ends.sure;
      };
    },
  };
}

function recall(
  columns: Columns,
  rows: Int32Array,
  count: number,
  bits: Uint8Array,
  unsures: number[],
  classOf: ClassOf,
  lens: Lens,
): { readonly sure: number; readonly remembered: boolean; readonly until: number } {
  const { classes } = columns;
  let sure = 0;
  let remembered = false;
  let until = Number.POSITIVE_INFINITY;
  for (let index = 0; index < count; index += 1) {
    const row = rows[index] ?? 0;
    let found = classes[row] ?? unknownClass;
    if (found === unknownClass) {
      found = classOf(row);
      if (found === unsure) {
        unsures.push(row);
        continue;
      }
      const change = nextChange(columns, row, lens);
      if (change > lens.at) {
        classes[row] = found;
        remembered = true;
        if (change < until) until = change;
      }
    }
    rows[sure] = row;
    bits[sure] = found;
    sure += 1;
  }
  return { sure, remembered, until };
}

function classify(rows: Int32Array, count: number, bits: Uint8Array, unsures: number[], classOf: ClassOf): number {
  let sure = 0;
  for (let index = 0; index < count; index += 1) {
    const row = rows[index] ?? 0;
    const found = classOf(row);
    if (found === unsure) {
      unsures.push(row);
      continue;
    }
    rows[sure] = row;
    bits[sure] = found;
    sure += 1;
  }
  return sure;
}
