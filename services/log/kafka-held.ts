// A partition that this member holds: where it stands, and what was fetched but not delivered yet.
import { RecordBatch, RecordReader } from './kafka-records.ts';
import type { LogMessage } from './port.ts';

export type Held = {
  readonly topic: string;
  readonly partition: number;
  readonly incarnation: string;
  /** What was fetched, in offset order. */
  runs: RecordReader[];
  buffered: number;
  bufferedBytes: number;
  /** What the next fetch must begin with. */
  next: number;
  /** Where what was delivered ends. When nothing is buffered, no message stands between here and `next`. */
  delivered: number;
  /** Where we began to read. */
  readonly began: number;
  /** Where that ends which its owner wants committed. The group's commit is behind it while Kafka takes none. */
  done: number;
  /** The group's commit, as far as we know it. */
  committed: number | null;
  /** Set to `next` after looking at why a fetch began elsewhere: the same again is then a gap without messages. */
  lookedAt: number | null;
  /** The topic's end when it was last seen. */
  end: number;
};

export type Place = Pick<Held, 'topic' | 'partition' | 'incarnation' | 'next' | 'committed' | 'end'>;

export function holdPartition(place: Place): Held {
  const { next } = place;
  return {
    ...place,
    runs: [],
    buffered: 0,
    bufferedBytes: 0,
    lookedAt: null,
    delivered: next,
    began: next,
    done: next,
  };
}

/** Takes what a fetch brought; records are read when they are drained, so that what waits is bytes and no objects. */
export function fillHeld(held: Held, batches: readonly unknown[]): void {
  for (const batch of batches) {
    if (!(batch instanceof RecordBatch)) throw new Error('kafkajs handed over something else than record batches');
    if (batch.isHidden) continue;
    const run = new RecordReader(batch, held);
    if (batch.baseOffset < held.next) run.skipTo(held.next);
    if (run.left === 0) continue;
    held.runs.push(run);
    held.buffered += run.left;
    held.bufferedBytes += run.bytes;
  }
}

/** Moves up to `messagesMax` messages to `target`. */
export function drainHeld(held: Held, target: LogMessage[], messagesMax: number): void {
  let room = messagesMax;
  for (let run = held.runs[0]; run !== undefined && room > 0; run = held.runs[0]) {
    const taken = Math.min(room, run.left);
    for (let count = 0; count < taken; count += 1) target.push(run.next());
    held.delivered = (target.at(-1)?.offset ?? held.delivered - 1) + 1;
    room -= taken;
    held.buffered -= taken;
    if (run.left > 0) return;
    held.runs.shift();
    held.bufferedBytes -= run.bytes;
  }
}

/** Forgets what was fetched and goes on from `next`; what is behind that, nobody will be told to be done. */
export function moveHeld(held: Held, next: number): void {
  held.done = Math.min(held.done, next);
  held.runs = [];
  held.buffered = 0;
  held.bufferedBytes = 0;
  held.next = next;
  held.delivered = next;
}

/** What the group's commit should be and is not yet; null when it is. */
export function uncommittedOf(held: Held): number | null {
  const offset = commitOf(held, held.done);
  return offset > (held.committed ?? held.began) ? offset : null;
}

/**
 * What to commit for an offset: what follows without a message (marks of transactions, what was aborted or compacted away)
 * is done with what stands before it. Or else the group would seem to be behind for as long as nothing more comes.
 */
export function commitOf(held: Held, offset: number): number {
  return held.buffered === 0 && offset === held.delivered ? held.next : offset;
}
