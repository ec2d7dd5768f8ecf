// The checkpoint: the log positions folded into a view, saved with it in one write. A position at or below it is skipped,
// which makes a redelivered batch, or a paused old owner that wakes up, change nothing.
import type { ByteReader, ByteWriter } from './bytes.ts';
import { hash53 } from './hash.ts';

const bits16 = 2 ** 16;
const bits32 = 2 ** 32;

/** A topic and one creation of it, as the short tags a view stores. Computed once per topic, not per message. */
export type Source = { readonly topicTag: number; readonly incarnationTag: number };

export function sourceOf(topic: string, incarnation: string): Source {
  return { topicTag: hash53(topic) % bits16, incarnationTag: hash53(incarnation) % bits32 };
}

type Entry = { readonly topicTag: number; incarnationTag: number; readonly offsets: Map<number, number> };

export class Checkpoint {
  private readonly entries: Entry[] = [];

  /** True when the position has been folded already. */
  covers(source: Source, partition: number, offset: number): boolean {
    const entry = this.entries.find((candidate) => candidate.topicTag === source.topicTag);
    if (entry === undefined || entry.incarnationTag !== source.incarnationTag) return false;
    const folded = entry.offsets.get(partition);
    return folded !== undefined && offset <= folded;
  }

  /** Notes a position as folded. A new incarnation of a topic replaces what was noted of the old one. */
  advance(source: Source, partition: number, offset: number): void {
    let entry = this.entries.find((candidate) => candidate.topicTag === source.topicTag);
    if (entry === undefined) {
      entry = { ...source, offsets: new Map() };
      this.entries.push(entry);
    } else if (entry.incarnationTag !== source.incarnationTag) {
      entry.incarnationTag = source.incarnationTag;
      entry.offsets.clear();
    }
    entry.offsets.set(partition, offset);
  }

  write(out: ByteWriter): void {
    out.varint(this.entries.length);
    for (const entry of this.entries) {
      out.varint(entry.topicTag);
      out.varint(entry.incarnationTag);
      out.varint(entry.offsets.size);
      for (const [partition, offset] of entry.offsets) {
        out.varint(partition);
        out.varint(offset);
      }
    }
  }

  static read(source: ByteReader): Checkpoint {
    const checkpoint = new Checkpoint();
    for (let entries = source.varint(); entries > 0; entries -= 1) {
      const entry: Entry = { topicTag: source.varint(), incarnationTag: source.varint(), offsets: new Map() };
      for (let offsets = source.varint(); offsets > 0; offsets -= 1) {
        const partition = source.varint();
        entry.offsets.set(partition, source.varint());
      }
      checkpoint.entries.push(entry);
    }
    return checkpoint;
  }
}
