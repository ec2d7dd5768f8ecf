// The checkpoint: the log positions folded into a view, saved with it in one write. A position at or below it is skipped,
// which makes a redelivered batch, or a paused old owner that wakes up, change nothing.
import type { ByteReader, ByteWriter } from './bytes.ts';
import { hash53 } from './hash.ts';

const bits16 = 2 ** 16;
const bits32 = 2 ** 32;

/**
 * Incarnations of one topic noted at most: while a topic is created anew, its old messages and its new ones are under way
 * at once, in one batch or with two projectors, and neither may make us forget the other.
 */
const incarnationsMax = 2;

/** A topic and one creation of it, as the short tags a view stores. Computed once per topic, not per message. */
export type Source = { readonly topicTag: number; readonly incarnationTag: number };

export function sourceOf(topic: string, incarnation: string): Source {
  return { topicTag: hash53(topic) % bits16, incarnationTag: hash53(incarnation) % bits32 };
}

/** Arrays rather than a map: a keyed topic has one partition for a client, and a checkpoint is read with every view. */
type Entry = {
  readonly topicTag: number;
  readonly incarnationTag: number;
  readonly partitions: number[];
  /** The newest folded, beside each partition. */
  readonly offsets: number[];
};

export class Checkpoint {
  private readonly entries: Entry[] = [];

  /** True when the position has been folded already. */
  covers(source: Source, partition: number, offset: number): boolean {
    const entry = this.entryOf(source);
    const folded = entry?.offsets[entry.partitions.indexOf(partition)];
    return folded !== undefined && offset <= folded;
  }

  /** Notes a position as folded. What was noted of an incarnation goes when there are newer ones enough. */
  advance(source: Source, partition: number, offset: number): void {
    const entry = this.entryOf(source) ?? this.add(source);
    const known = entry.partitions.indexOf(partition);
    if (known < 0) entry.partitions.push(partition);
    entry.offsets[known < 0 ? entry.offsets.length : known] = offset;
  }

  private add(source: Source): Entry {
    const entry = { ...source, partitions: [], offsets: [] };
    const ofTopic = this.entries.filter(({ topicTag }) => topicTag === source.topicTag);
    const [oldest] = ofTopic;
    if (oldest !== undefined && ofTopic.length === incarnationsMax)
      this.entries.splice(this.entries.indexOf(oldest), 1);
    this.entries.push(entry);
    return entry;
  }

  private entryOf({ topicTag, incarnationTag }: Source): Entry | undefined {
    // By index, since this runs twice for every event.
    for (let index = 0; index < this.entries.length; index += 1) {
      const entry = this.entries[index];
      if (entry?.topicTag === topicTag && entry.incarnationTag === incarnationTag) return entry;
    }
    return undefined;
  }

  write(out: ByteWriter): void {
    out.varint(this.entries.length);
    for (const { topicTag, incarnationTag, partitions, offsets } of this.entries) {
      out.varint(topicTag);
      out.varint(incarnationTag);
      out.varint(partitions.length);
      partitions.forEach((partition, index) => {
        out.varint(partition);
        out.varint(offsets[index] ?? 0);
      });
    }
  }

  /** Passes over what `write` wrote. */
  static skip(source: ByteReader): void {
    for (let entries = source.varint(); entries > 0; entries -= 1) {
      source.varint();
      source.varint();
      for (let numbers = 2 * source.varint(); numbers > 0; numbers -= 1) source.varint();
    }
  }

  static read(source: ByteReader): Checkpoint {
    const checkpoint = new Checkpoint();
    for (let entries = source.varint(); entries > 0; entries -= 1) {
      const entry: Entry = {
        topicTag: source.varint(),
        incarnationTag: source.varint(),
        partitions: [],
        offsets: [],
      };
      for (let partitions = source.varint(); partitions > 0; partitions -= 1) {
        entry.partitions.push(source.varint());
        entry.offsets.push(source.varint());
      }
      checkpoint.entries.push(entry);
    }
    return checkpoint;
  }
}
