// Finds the row of a client by its id: a hash table of rows over the texts in which the ids stand, no object for any of them.
import type { RowTexts } from './row-texts.ts';

const slotsMin = 128;
/** Fuller, and searches grow long. */
const filledMax = 0.75;
/** Of an id: 128 characters, of up to four bytes each. */
const idBytesMax = 512;

export type RowIndex = {
  /** Null when no row has this id. */
  find(id: string): number | null;
  /** Takes in a row that has its id already, which is no other row's, and keeps it. */
  add(row: number): void;
  /** Of memory. */
  bytes(): number;
};

export function createRowIndex(ids: RowTexts): RowIndex {
  /** Rows and one more; 0 stands for none. */
  let slots = new Int32Array(slotsMin);
  let rows = 0;
  const wanted = Buffer.alloc(idBytesMax);

  const firstSlot = (bytes: Uint8Array, length: number): number => hashOf(bytes, length) & (slots.length - 1);
  const put = (row: number): void => {
    const id = ids.bytesOf(row);
    let slot = firstSlot(id, id.length);
    while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
    slots[slot] = row + 1;
  };
  const grow = (): void => {
    const standing = slots;
    slots = new Int32Array(2 * standing.length);
    for (const slot of standing) if (slot !== 0) put(slot - 1);
  };

  return {
    find: (id) => {
      const length = wanted.write(id);
      let slot = firstSlot(wanted, length);
      for (let found = slots[slot] ?? 0; found !== 0; found = slots[slot] ?? 0) {
        if (ids.isText(found - 1, wanted, length)) return found - 1;
        slot = (slot + 1) & (slots.length - 1);
      }
      return null;
    },
    add: (row) => {
      rows += 1;
      if (rows > slots.length * filledMax) grow();
      put(row);
    },
    bytes: () => slots.byteLength,
  };
}

/** FNV-1a, its bits mixed once more, because the lowest alone choose the slot. */
function hashOf(bytes: Uint8Array, length: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < length; index += 1) hash = Math.imul(hash ^ (bytes[index] ?? 0), 0x01000193);
  return hash ^ (hash >>> 15);
}
