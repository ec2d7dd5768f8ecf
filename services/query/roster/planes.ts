// Planes: one bit a row, 32 rows a word. A filter of yes or no is an AND of words, and a count of it counts bits.

/** Rows of a block; all of a block's remembered classes hold for one span of time. */
export const blockRows = 1_024;
export const wordRows = 32;
export const blockWords = blockRows / wordRows;

/** What ratings and access are at some instant, a plane each; no portal access is the rest. */
export const classNames = ['green', 'amber', 'red', 'none', 'has', 'recent', 'neverIn'] as const;
export type ClassName = (typeof classNames)[number];

const factNames = ['listed', 'active', 'everGranted'] as const;
/** `stale`: the row's remembered class says nothing. `touched`: it was remembered after most of its block's. */
const memoryNames = ['stale', 'touched'] as const;
type FactName = (typeof factNames)[number];
type PlaneName = ClassName | FactName | (typeof memoryNames)[number];

/** The views that sorts go by, each with its changes apart: signals change all day, profiles hardly. */
const changeNames = ['profile', 'signals'] as const;
export type ChangeName = (typeof changeNames)[number];

const planeNames: readonly PlaneName[] = [...classNames, ...factNames, ...memoryNames];

export type Planes = Record<PlaneName, Int32Array> & {
  put(name: FactName, row: number, isSet: boolean): void;
  /** The row is another: its class is to be found anew. */
  forget(row: number): void;
  /** By block, how often what any of its rows is sorted by may have changed. */
  changes: Record<ChangeName, Int32Array>;
  note(name: ChangeName, row: number): void;
  resize(rows: number): void;
  bytes(): number;
};

export function createPlanes(): Planes {
  const none = new Int32Array(0);
  const planes: Planes = {
    green: none,
    amber: none,
    red: none,
    none,
    has: none,
    recent: none,
    neverIn: none,
    listed: none,
    active: none,
    everGranted: none,
    stale: none,
    touched: none,
    changes: { profile: none, signals: none },
    put: (name, row, isSet) => {
      const plane = planes[name];
      const word = row >>> 5;
      const bit = 1 << (row & 31);
      plane[word] = isSet ? (plane[word] ?? 0) | bit : (plane[word] ?? 0) & ~bit;
    },
    forget: (row) => {
      const word = row >>> 5;
      planes.stale[word] = (planes.stale[word] ?? 0) | (1 << (row & 31));
    },
    note: (name, row) => {
      const changes = planes.changes[name];
      const block = row >>> 10;
      changes[block] = (changes[block] ?? 0) + 1;
    },
    resize: (rows) => {
      // Whole blocks, so that nobody has to look where the last one ends.
      const words = Math.ceil(rows / blockRows) * blockWords;
      for (const name of planeNames) {
        const larger = new Int32Array(words);
        larger.set(planes[name].subarray(0, words));
        planes[name] = larger;
      }
      for (const name of changeNames) {
        const changes = new Int32Array(words / blockWords);
        changes.set(planes.changes[name].subarray(0, changes.length));
        planes.changes[name] = changes;
      }
    },
    bytes: () => planeNames.length * planes.listed.byteLength,
  };
  return planes;
}

export function hasBit(plane: Int32Array, row: number): boolean {
  return ((plane[row >>> 5] ?? 0) & (1 << (row & 31))) !== 0;
}

/** How many bits of a word are set. */
export function onesOf(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const fours = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

/** Writes the rows of a block whose bits are set, ascending; answers how many. */
export function rowsOf(words: Int32Array, block: number, rows: Int32Array): number {
  let count = 0;
  for (let index = 0; index < blockWords; index += 1) {
    const first = block * blockRows + index * wordRows;
    for (let rest = words[index] ?? 0; rest !== 0; rest &= rest - 1) {
      rows[count] = first + 31 - Math.clz32(rest & -rest);
      count += 1;
    }
  }
  return count;
}
