// Blocks of rows: what is remembered of rows holds for a block at a time, so that little is looked at when little changes.

export const blockRows = 1_024;

/** The views that sorts go by, each with its changes apart: signals change all day, profiles hardly. */
const changeNames = ['profile', 'signals'] as const;
export type ChangeName = (typeof changeNames)[number];
/** Rows noted before the oldest are forgotten. */
const changesMax = 65_536;

/** Rows of which what they are sorted by may have changed, in the order in which that was. */
export type Changes = {
  readonly rows: readonly number[];
  /** How many came before those. */
  readonly forgotten: number;
};

/** How long the classes hold that its rows are remembered under, epoch ms. */
const spanNames = ['from', 'fromMost', 'until'] as const;
type SpanName = (typeof spanNames)[number];

export type Blocks = {
  changes(name: ChangeName): Changes;
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
  const changes = { profile: { rows: [] as number[], forgotten: 0 }, signals: { rows: [] as number[], forgotten: 0 } };
  const blocks: Blocks = {
    changes: (name) => changes[name],
    note: (name, row) => {
      const noted = changes[name];
      if (noted.rows.length === changesMax) {
        noted.forgotten += changesMax;
        noted.rows = [];
      }
      noted.rows.push(row);
    },
    spans: { from: new Float64Array(0), fromMost: new Float64Array(0), until: new Float64Array(0) },
    resize: (rows) => {
      const count = blockOf(rows + blockRows - 1);
      for (const name of spanNames) {
        const span = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
        span.set(blocks.spans[name].subarray(0, count));
        blocks.spans[name] = span;
      }
    },
    bytes: () =>
      changeNames.reduce((sum, name) => sum + changes[name].rows.length * 8, 0) +
      spanNames.reduce((sum, name) => sum + blocks.spans[name].byteLength, 0),
  };
  return blocks;
}

export function blockOf(row: number): number {
  return row >>> 10;
}
