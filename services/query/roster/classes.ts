// Classes of rows, remembered as planes while they hold: a rating lasts for weeks, so most questions derive nothing.
import type { Columns } from './columns.ts';
import { classifier, type Lens, nextChange, unsure, writeClass } from './lens.ts';
import { blockRows, blockWords, type ClassName, classNames, wordRows } from './planes.ts';

/** Planes of one block's classes, beginning at word `from`. */
export type BlockClasses = { readonly planes: Readonly<Record<ClassName, Int32Array>>; readonly from: number };

/**
 * Gives the classes of those rows of a block that `base` holds, one bit a row. Rows of which the marks do not tell are
 * taken out of `base` and go to `unsures`.
 */
export type Classify = (block: number, base: Int32Array, unsures: number[]) => BlockClasses;

/** `at` is for one question: an instant, under settings. */
export type Classes = { at(lens: Lens): Classify };

export function createClasses(columns: Columns): Classes {
  const { planes } = columns;
  /** The settings under which classes are remembered. */
  let settings = '';
  /** By block: since when all of it holds, since when what is not touched does, and until when (exclusive) any does. */
  const from: number[] = [];
  const fromMost: number[] = [];
  const until: number[] = [];
  const scratch = scratchPlanes();

  const rememberFrom = (lens: Lens): boolean => {
    if (lens.settings === settings) return true;
    // A walk that began under other settings is no reason to forget what the newest questions need.
    if (from.some((instant) => instant > lens.at)) return false;
    settings = lens.settings;
    until.fill(Number.NEGATIVE_INFINITY);
    return true;
  };

  return {
    at: (lens) => {
      const classOf = classifier(columns, lens);
      const isRemembered = rememberFrom(lens);

      /** Finds the classes of `todo`, and remembers those that will hold. */
      const recall = (block: number, base: Int32Array, unsures: number[]): void => {
        let holds = until[block] ?? lens.nextDayAt;
        const isFirst = lens.at === fromMost[block];
        for (let index = 0; index < blockWords; index += 1) {
          const word = block * blockWords + index;
          for (let rest = (planes.stale[word] ?? 0) & (base[index] ?? 0); rest !== 0; rest &= rest - 1) {
            const bit = rest & -rest;
            const row = word * wordRows + 31 - Math.clz32(bit);
            const found = classOf(row);
            if (found === unsure) {
              base[index] = (base[index] ?? 0) & ~bit;
              unsures.push(row);
              continue;
            }
            writeClass(planes, word, bit, found);
            const change = nextChange(columns, row, lens);
            if (!isFirst) {
              planes.touched[word] = (planes.touched[word] ?? 0) | bit;
              from[block] = lens.at;
            }
            if (change <= lens.at) continue;
            planes.stale[word] = (planes.stale[word] ?? 0) & ~bit;
            if (change < holds) holds = change;
          }
        }
        until[block] = holds;
      };

      /** Finds the classes of rows of `base`, all or those that `again` holds, beside what is remembered. */
      const classify = (block: number, base: Int32Array, unsures: number[], isAll: boolean): void => {
        for (let index = 0; index < blockWords; index += 1) {
          const word = block * blockWords + index;
          if (!isAll) for (const name of classNames) scratch[name][index] = planes[name][word] ?? 0;
          const again = isAll ? -1 : (planes.stale[word] ?? 0) | (planes.touched[word] ?? 0);
          for (let rest = again & (base[index] ?? 0); rest !== 0; rest &= rest - 1) {
            const bit = rest & -rest;
            const row = word * wordRows + 31 - Math.clz32(bit);
            const found = classOf(row);
            if (found !== unsure) {
              writeClass(scratch, index, bit, found);
              continue;
            }
            base[index] = (base[index] ?? 0) & ~bit;
            unsures.push(row);
          }
        }
      };

      const remembered = { planes, from: 0 };
      const beside = { planes: scratch, from: 0 };
      return (block, base, unsures) => {
        if (isRemembered && lens.at >= (until[block] ?? Number.NEGATIVE_INFINITY)) {
          planes.stale.fill(-1, block * blockWords, (block + 1) * blockWords);
          planes.touched.fill(0, block * blockWords, (block + 1) * blockWords);
          from[block] = lens.at;
          fromMost[block] = lens.at;
          until[block] = lens.nextDayAt;
        }
        if (isRemembered && lens.at >= (from[block] ?? 0)) {
          recall(block, base, unsures);
          remembered.from = block * blockWords;
          return remembered;
        }
        classify(block, base, unsures, !isRemembered || lens.at < (fromMost[block] ?? 0));
        return beside;
      };
    },
  };
}

function scratchPlanes(): Record<ClassName, Int32Array> {
  const words = () => new Int32Array(blockRows / wordRows);
  return {
    green: words(),
    amber: words(),
    red: words(),
    none: words(),
    has: words(),
    recent: words(),
    neverIn: words(),
  };
}
