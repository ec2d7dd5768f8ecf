// Zones: of each block the least and the greatest sort key, so that blocks are looked into best first, and not at all once
// no row of them can come onto the page. Kept for each sort; a row that changes widens them, and now and then they are found
// anew.
import { never } from '../../../core/list-marks.ts';
import { blockOf, blockRows } from '../rows/blocks.ts';
import type { Columns } from '../rows/columns.ts';
import { nextTurn } from '../rows/turns.ts';
import type { Direction, ZoneKeys } from './keys.ts';
import type { Place } from './top.ts';

/** The blocks of a firm for one question. */
export type Zone = {
  /** Those with the best keys first, among equals as they stand. */
  bestFirst(): Int32Array;
  /** Whether no row of the block comes before `last`. */
  isBehind(block: number, last: Place): boolean;
};

export type Zones = {
  /** Yields to others while it works; rows must not change meanwhile. */
  of(keys: ZoneKeys, direction: Direction): Promise<Zone>;
};

/** A block is bounded anew after so many of its rows changed. */
const widenedMax = 256;
const unbounded = widenedMax;
/** Blocks bounded in one go: about two milliseconds. */
const yieldBlocks = 128;

type Bounds = {
  readonly stamp: number;
  /** How many changes of rows they know of. */
  seen: number;
  /** By block: how many of its rows widened its bounds; `unbounded` where they are to be found. */
  readonly widened: Uint16Array;
  /** Of the values there are, and some there were; the greater below the less where there is none. */
  readonly low: Float64Array;
  readonly high: Float64Array;
};

export function createZones(columns: Columns): Zones {
  const kept = new Map<string, Bounds>();
  const rows = new Int32Array(blockRows);
  const found = new Float64Array(blockRows);

  const boundsOf = (keys: ZoneKeys): Bounds => {
    const { name, stamp, of } = keys;
    const { forgotten, rows: changed } = columns.blocks.changes(of);
    const blocks = Math.ceil(columns.end / blockRows);
    const known = kept.get(name);
    const isKnown = known !== undefined && known.stamp === stamp && known.seen >= forgotten;
    if (known !== undefined && isKnown && known.widened.length === blocks) {
      widen(known, keys, changed, known.seen - forgotten);
      known.seen = forgotten + changed.length;
      return known;
    }
    const bounds: Bounds = {
      stamp,
      seen: forgotten + changed.length,
      widened: new Uint16Array(blocks).fill(unbounded),
      low: new Float64Array(blocks),
      high: new Float64Array(blocks),
    };
    kept.set(name, bounds);
    return bounds;
  };

  const widen = (
    { low, high, widened }: Bounds,
    { fill }: ZoneKeys,
    changed: readonly number[],
    from: number,
  ): void => {
    for (let start = from; start < changed.length; start += blockRows) {
      const count = Math.min(blockRows, changed.length - start);
      for (let index = 0; index < count; index += 1) rows[index] = changed[start + index] ?? 0;
      fill(rows, count, found);
      for (let index = 0; index < count; index += 1) {
        const block = blockOf(rows[index] ?? 0);
        const key = found[index] ?? 0;
        widened[block] = Math.min(unbounded, (widened[block] ?? 0) + 1);
        if (key === Number.POSITIVE_INFINITY) continue;
        if (key < (low[block] ?? 0)) low[block] = key;
        if (key > (high[block] ?? 0)) high[block] = key;
      }
    }
  };

  const bound = (bounds: Bounds, { fill }: ZoneKeys, block: number): void => {
    const first = block * blockRows;
    const count = Math.min(blockRows, columns.end - first);
    for (let index = 0; index < count; index += 1) rows[index] = first + index;
    fill(rows, count, found);
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let index = 0; index < count; index += 1) {
      const key = found[index] ?? 0;
      if (key === Number.POSITIVE_INFINITY) continue;
      if (key < low) low = key;
      if (key > high) high = key;
    }
    bounds.low[block] = low;
    bounds.high[block] = high;
    bounds.widened[block] = 0;
  };

  return {
    of: async (keys, direction) => {
      const bounds = boundsOf(keys);
      const blocks = Math.ceil(columns.end / blockRows);
      /** As a fill writes the best key that any row of the block can have. */
      const best = new Float64Array(blocks);
      let bounded = 0;
      for (let block = 0; block < blocks; block += 1) {
        if (bounds.widened[block] === unbounded) {
          bound(bounds, keys, block);
          bounded += 1;
          if (bounded % yieldBlocks === 0) await nextTurn();
        }
        const low = bounds.low[block] ?? Number.NEGATIVE_INFINITY;
        const high = bounds.high[block] ?? Number.POSITIVE_INFINITY;
        if (high < low) best[block] = Number.POSITIVE_INFINITY;
        else if (direction === 1) best[block] = low < keys.floor ? Math.min(low, never) : low;
        else best[block] = -(high < keys.floor ? Math.max(high, never) : high);
      }
      return {
        bestFirst: () => {
          const order = Int32Array.from(best.keys());
          return order.sort((one, other) => (best[one] ?? 0) - (best[other] ?? 0) || one - other);
        },
        isBehind: (block, last) => {
          const key = best[block] ?? Number.NEGATIVE_INFINITY;
          if (key !== last.key) return key > last.key;
          // Of equal keys the client's rank decides, which ascends with the rows that were loaded.
          const first = block * blockRows;
          return first + blockRows <= columns.orderedEnd && (columns.clients.ranks()[first] ?? 0) > last.rank;
        },
      };
    },
  };
}
