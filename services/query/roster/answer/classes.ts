// Classes of rows, remembered while they hold: a rating lasts for weeks, so most questions derive nothing.
import { blockOf, blockRows } from '../rows/blocks.ts';
import { classStride, unknown, unsure } from '../rows/class.ts';
import { unlisted } from '../rows/cohorts.ts';
import { type Columns, flagBits, hasFlag, holdClass, setFlag } from '../rows/columns.ts';
import { nextTurn } from '../rows/turns.ts';
import { type ClassOf, classifier, type Lens, nextChange } from './lens.ts';

/** Blocks of which the classes are found in one go: a few milliseconds. */
const yieldBlocks = 32;

/** A block's classes, one a row, beginning at `from`. Stands until the next block is asked for. */
export type BlockClasses = { readonly classes: Uint8Array; readonly from: number };

/** The classes of all rows, at one instant under settings. */
export type Held = {
  /** Clients by cohort × `classStride` + class; those that are unsure count under no class that a filter matches. */
  readonly counts: Int32Array;
  of(block: number): BlockClasses;
  classOf(row: number): number;
  /** Rows of which the marks do not tell the class. */
  readonly unsures: readonly number[];
};

export type Classes = {
  /** Yields to others while it works; rows must not change meanwhile, nor while the answer is used. */
  at(lens: Lens): Promise<Held>;
};

export function createClasses(columns: Columns): Classes {
  const { spans } = columns.blocks;
  /** The settings under which classes are remembered, and the newest instant for which they were found. */
  let settings = '';
  let newest = Number.NEGATIVE_INFINITY;

  /** Remembers the classes of a whole block. */
  const recallBlock = (block: number, lens: Lens, classOf: ClassOf): void => {
    spans.from[block] = lens.at;
    spans.fromMost[block] = lens.at;
    spans.until[block] = lens.nextDayAt;
    const end = Math.min((block + 1) * blockRows, columns.end);
    for (let row = block * blockRows; row < end; row += 1) {
      setFlag(columns, row, flagBits.touched, false);
      recall(row, block, lens, classOf);
    }
  };

  /** Remembers a row's class if it holds beyond the instant; else the row is looked at again by the next question. */
  const recall = (row: number, block: number, lens: Lens, classOf: ClassOf): void => {
    const cls = classOf(row);
    holdClass(columns, row, cls);
    const change = cls === unsure ? lens.at : nextChange(columns, row, lens);
    const holds = change > lens.at;
    if (holds && change < (spans.until[block] ?? 0)) spans.until[block] = change;
    if (!holds && !hasFlag(columns, row, flagBits.stale)) columns.stale.push(row);
    setFlag(columns, row, flagBits.stale, !holds);
  };

  /** Brings what is remembered to the lens's instant. */
  const recallAll = async (lens: Lens, classOf: ClassOf): Promise<readonly number[]> => {
    let recalled = 0;
    for (let block = 0; block * blockRows < columns.end; block += 1) {
      if (lens.at < (spans.until[block] ?? 0)) continue;
      recallBlock(block, lens, classOf);
      recalled += 1;
      if (recalled % yieldBlocks === 0) await nextTurn();
    }
    const rows: number[] = [];
    for (const row of columns.stale) {
      // A row that lost the flag and got it again stands twice.
      if (!hasFlag(columns, row, flagBits.stale)) continue;
      setFlag(columns, row, flagBits.stale, false);
      rows.push(row);
    }
    columns.stale = [];
    for (const [index, row] of rows.entries()) {
      if (index % (yieldBlocks * blockRows) === yieldBlocks * blockRows - 1) await nextTurn();
      const block = blockOf(row);
      setFlag(columns, row, flagBits.touched, true);
      spans.from[block] = lens.at;
      recall(row, block, lens, classOf);
    }
    newest = lens.at;
    return columns.stale.filter((row) => columns.held[row] === unsure);
  };

  /** Finds classes beside what is remembered, where that was found for later instants or under other settings. */
  const findBeside = async (lens: Lens, classOf: ClassOf, isRemembered: boolean): Promise<Held> => {
    const counts = columns.cohorts.counts().slice();
    const own = new Map<number, Uint8Array>();
    const unsures: number[] = [];
    const count = (row: number, cls: number, by: 1 | -1): void => {
      const place = (columns.cohort[row] ?? unlisted) * classStride + cls;
      counts[place] = (counts[place] ?? 0) + by;
    };
    const stale = new Set(columns.stale.filter((row) => hasFlag(columns, row, flagBits.stale)).map(blockOf));
    const changed = flagBits.stale | flagBits.touched;
    let found = 0;
    for (let block = 0; block * blockRows < columns.end; block += 1) {
      const isHeld = isRemembered && spans.until[block] !== Number.NEGATIVE_INFINITY;
      if (isHeld && !stale.has(block) && lens.at >= (spans.from[block] ?? 0)) continue;
      const isAll = !isHeld || lens.at < (spans.fromMost[block] ?? 0);
      const first = block * blockRows;
      const end = Math.min(first + blockRows, columns.end);
      const classes = columns.held.slice(first, end);
      for (let row = first; row < end; row += 1) {
        if (!isAll && !hasFlag(columns, row, changed)) continue;
        const cls = classOf(row);
        if (cls === unsure) unsures.push(row);
        const before = classes[row - first] ?? unknown;
        if (cls === before) continue;
        count(row, before, -1);
        count(row, cls, 1);
        classes[row - first] = cls;
      }
      own.set(block, classes);
      found += 1;
      if (found % yieldBlocks === 0) await nextTurn();
    }
    const beside = (block: number): BlockClasses | null => {
      const classes = own.get(block);
      return classes === undefined ? null : { classes, from: 0 };
    };
    return {
      counts,
      unsures,
      of: (block) => beside(block) ?? held(block),
      classOf: (row) => own.get(blockOf(row))?.[row % blockRows] ?? heldOf(row),
    };
  };

  const heldOf = (row: number): number => columns.held[row] ?? unknown;
  const held = (block: number): BlockClasses => ({ classes: columns.held, from: block * blockRows });

  return {
    at: async (lens) => {
      const classOf = classifier(columns, lens);
      // A walk that began under other settings is no reason to forget what the newest questions need.
      const isNewest = lens.at >= newest;
      if (isNewest && lens.settings !== settings) {
        settings = lens.settings;
        spans.until.fill(Number.NEGATIVE_INFINITY);
      }
      if (!isNewest) return findBeside(lens, classOf, lens.settings === settings);
      const unsures = await recallAll(lens, classOf);
      return { counts: columns.cohorts.counts(), unsures, of: held, classOf: heldOf };
    },
  };
}
