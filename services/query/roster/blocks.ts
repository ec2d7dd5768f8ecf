// Blocks of rows: what is remembered of rows holds for a block at a time, so that little is looked at when little changes.

export const blockRows = 1_024;

/** The views that sorts go by, each with its changes apart: signals change all day, profiles hardly. */
const changeNames = ['profile', 'signals'] as const;
export type ChangeName = (typeof changeNames)[number];

/** How long the classes hold that its rows are remembered under, epoch ms. */
const spanNames = ['from', 'fromMost', 'until'] as const;
type SpanName = (typeof spanNames)[number];

export type Blocks = {
  /** How often what any of a block's rows is sorted by may have changed. */
  readonly changes: Record<ChangeName, Int32Array>;
  note(name: ChangeName, row: number): void;
  /**
   * Since when the classes of all its rows hold (`from`), since when those do that were not found anew on their own
   * (`fromMost`), and until when (exclusive) any does; none hold where that is `Number.NEGATIVE_INFINITY`.
   */
  readonly spans: Record<SpanName, Float64Array>;
  resize(rows: number): void;
  bytes(): number;
};

export function createBlocks(): Blocks {
  const blocks: Blocks = {
    changes: { profile: new Int32Array(0), signals: new Int32Array(0) },
    note: (name, row) => {
      const changes = blocks.changes[name];
      const block = blockOf(row);
      changes[block] = (changes[block] ?? 0) + 1;
    },
    spans: { from: new Float64Array(0), fromMost: new Float64Array(0), until: new Float64Array(0) },
    resize: (rows) => {
      const count = blockOf(rows + blockRows - 1);
      for (const name of changeNames) {
        const changes = new Int32Array(count);
        changes.set(blocks.changes[name].subarray(0, count));
        blocks.changes[name] = changes;
      }
      for (const name of spanNames) {
        const span = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
        span.set(blocks.spans[name].subarray(0, count));
        blocks.spans[name] = span;
      }
    },
    bytes: () =>
      changeNames.reduce((sum, name) => sum + blocks.changes[name].byteLength, 0) +
      spanNames.reduce((sum, name) => sum + blocks.spans[name].byteLength, 0),
  };
  return blocks;
}

export function blockOf(row: number): number {
  return row >>> 10;
}
