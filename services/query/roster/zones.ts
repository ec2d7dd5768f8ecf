// Zones: of each block the least and the greatest sort key, so that blocks are looked into best first, and not at all once
// no row of them can come onto the page. Kept for each sort while neither the block nor the ranks have changed.
import { never } from '../../core/list-marks.ts';
import { blockRows } from './blocks.ts';
import type { Columns } from './columns.ts';
import type { Direction, ZoneKeys } from './keys.ts';
import type { Place } from './top.ts';

/** The blocks of a firm for one question. */
export type Zone = {
  /** Those with the best keys first, among equals as they stand. */
  bestFirst(): Int32Array;
  /** Whether no row of the block comes before `last`. */
  isBehind(block: number, last: Place): boolean;
};

export type Zones = { of(keys: ZoneKeys, direction: Direction): Zone };

type Bounds = {
  stamp: number;
  /** By block: its changes when its bounds were found. */
  changes: Int32Array;
  /** Of the values there are; the greater below the less where there is none. */
  low: Float64Array;
  high: Float64Array;
};

export function createZones(columns: Columns): Zones {
  const kept = new Map<string, Bounds>();
  const rows = new Int32Array(blockRows);
  const found = new Float64Array(blockRows);

  const boundsOf = ({ name, stamp }: ZoneKeys): Bounds => {
    const blocks = columns.blocks.changes.profile.length;
    const known = kept.get(name);
    if (known !== undefined && known.stamp === stamp && known.changes.length === blocks) return known;
    const bounds: Bounds = {
      stamp,
      changes: new Int32Array(blocks).fill(-1),
      low: new Float64Array(blocks),
      high: new Float64Array(blocks),
    };
    kept.set(name, bounds);
    return bounds;
  };

  const bound = (bounds: Bounds, { fill, of }: ZoneKeys, block: number): void => {
    const changes = columns.blocks.changes[of][block] ?? 0;
    if (bounds.changes[block] === changes) return;
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
    bounds.changes[block] = changes;
  };

  return {
    of: (keys, direction) => {
      const bounds = boundsOf(keys);
      const blocks = Math.ceil(columns.end / blockRows);
      /** As a fill writes the best key that any row of the block can have. */
      const best = new Float64Array(blocks);
      for (let block = 0; block < blocks; block += 1) {
        bound(bounds, keys, block);
        const low = bounds.low[block] ?? Number.NEGATIVE_INFINITY;
        const high = bounds.high[block] ?? Number.POSITIVE_INFINITY;
        if (high < low) best[block] = Number.POSITIVE_INFINITY;
        else best[block] = direction === -1 ? -high : low < keys.floor ? never : low;
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
