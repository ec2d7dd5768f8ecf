// Zones: of each block the least and the greatest sort key, so that a block of which no row can come onto the page is not
// looked into. Kept for each sort while neither the block nor the ranks have changed.
import type { Columns } from './columns.ts';
import type { Direction, Keys } from './keys.ts';
import { blockRows, type ChangeName } from './planes.ts';
import type { Place } from './top.ts';

export type Zones = {
  /** Whether every row of the block stands behind `last`, the last row of a full page. */
  isBehind(block: number, keys: Keys, direction: Direction, last: Place | null): boolean;
};

type Zone = {
  stamp: number;
  /** By block: the changes of the block when its bounds were found. */
  readonly changes: number[];
  /** Bounds of the values there are, before any direction; the greater below the less where there is none. */
  readonly low: number[];
  readonly high: number[];
};

export function createZones(columns: Columns): Zones {
  const kept = new Map<string, Zone>();
  const rows = new Int32Array(blockRows);
  const found = new Float64Array(blockRows);

  const zoneOf = ({ name, stamp }: NonNullable<Keys['zone']>): Zone => {
    const known = kept.get(name);
    if (known !== undefined && known.stamp === stamp) return known;
    const zone: Zone = { stamp, changes: [], low: [], high: [] };
    kept.set(name, zone);
    return zone;
  };

  const bound = (zone: Zone, of: ChangeName, block: number, keys: Keys, direction: Direction): void => {
    const first = block * blockRows;
    const count = Math.min(blockRows, columns.end - first);
    for (let index = 0; index < count; index += 1) rows[index] = first + index;
    keys.fill(rows, count, found);
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let index = 0; index < count; index += 1) {
      const key = found[index] ?? 0;
      if (key === Number.POSITIVE_INFINITY) continue;
      const value = key * direction;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    zone.low[block] = low;
    zone.high[block] = high;
    zone.changes[block] = columns.planes.changes[of][block] ?? 0;
  };

  return {
    isBehind: (block, keys, direction, last) => {
      if (last === null || keys.zone === null) return false;
      const zone = zoneOf(keys.zone);
      if (zone.changes[block] !== columns.planes.changes[keys.zone.of][block])
        bound(zone, keys.zone.of, block, keys, direction);
      const low = zone.low[block] ?? Number.NEGATIVE_INFINITY;
      const high = zone.high[block] ?? Number.POSITIVE_INFINITY;
      const best = high < low ? Number.POSITIVE_INFINITY : direction === 1 ? low : -high;
      if (best !== last.key) return best > last.key;
      // Of equal keys the client's rank decides, which ascends with the rows that were loaded.
      const first = block * blockRows;
      return first + blockRows <= columns.orderedEnd && (columns.clients.ranks()[first] ?? 0) > last.rank;
    },
  };
}
