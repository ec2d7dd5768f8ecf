// Texts joined by line breaks, some hundred at a time: one search through a long text instead of one for each short one.
import { nextTurn } from './turns.ts';

const chunkTexts = 512;
/** Chunks searched in one go: about two milliseconds. */
const yieldChunks = 64;
/** Where texts begin and end. */
const edge = '\n';

/** Where in a text a part may stand. */
export type Where = 'anywhere' | 'start' | 'end';

type Chunk = {
  readonly joined: string;
  /** By text of the chunk, where it begins in `joined`. */
  readonly starts: Int32Array;
};

export type Joined = {
  /** The text of that number is another. */
  change(number: number): void;
  /** Tells the numbers of texts that hold the part, which is not empty; yields to others while it works. */
  search(part: string, where: Where, found: (number: number) => void): Promise<void>;
  bytes(): number;
};

/** No text may hold a line break. Texts of numbers that stand for nothing are empty. */
export function createJoined(texts: readonly string[]): Joined {
  const chunks: (Chunk | undefined)[] = [];
  let bytes = 0;

  const join = (index: number): Chunk => {
    const some = texts.slice(index * chunkTexts, (index + 1) * chunkTexts);
    const starts = new Int32Array(some.length);
    let start = edge.length;
    for (const [number, text] of some.entries()) {
      starts[number] = start;
      start += text.length + edge.length;
    }
    const chunk: Chunk = { joined: edge + some.join(edge) + edge, starts };
    chunks[index] = chunk;
    bytes += bytesOf(chunk);
    return chunk;
  };

  const searchIn = ({ joined, starts }: Chunk, sought: string, tell: (place: number) => void): void => {
    let place = 0;
    for (let at = joined.indexOf(sought); at >= 0; ) {
      // A part that begins at the edge before a text is that text's.
      while (place + 1 < starts.length && (starts[place + 1] ?? 0) - edge.length <= at) place += 1;
      tell(place);
      const next = starts[place + 1];
      if (next === undefined) return;
      at = joined.indexOf(sought, next - edge.length);
    }
  };

  return {
    change: (number) => {
      const index = Math.floor(number / chunkTexts);
      const chunk = chunks[index];
      if (chunk === undefined) return;
      bytes -= bytesOf(chunk);
      chunks[index] = undefined;
    },
    search: async (part, where, found) => {
      const sought = (where === 'start' ? edge : '') + part + (where === 'end' ? edge : '');
      for (let index = 0; index * chunkTexts < texts.length; index += 1) {
        if (index % yieldChunks === yieldChunks - 1) await nextTurn();
        searchIn(chunks[index] ?? join(index), sought, (place) => found(index * chunkTexts + place));
      }
    },
    bytes: () => bytes,
  };
}

function bytesOf({ joined, starts }: Chunk): number {
  return joined.length + starts.byteLength;
}
