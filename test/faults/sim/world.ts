// The world of a simulation: a clock that only moves to what happens next, and a queue of what will happen. Whatever takes
// time takes as long as the seed says, so that the seed chooses the order of everything, and repeats it.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { randomFrom } from '../../model/timeline.ts';

/** A turn of the event loop takes longer than most of what happens, so that those who yield to it wait for some more. */
const happeningsATurn = 8;

type Happening = { readonly at: number; readonly number: number; readonly run: () => void };

export class World {
  now: number;
  /** How many things have happened. */
  happened = 0;
  /** Requests that were given up and still arrive. */
  belated = 0;
  private numbered = 0;
  /** A binary heap, the next one first. */
  private readonly queue: Happening[] = [];
  private readonly random: () => number;

  /** `start`: epoch ms. */
  constructor(seed: number, start: number) {
    this.now = start;
    this.random = randomFrom(seed);
  }

  chance(): number {
    return this.random();
  }

  /** A whole number from 0 up to, but not including, `end`. */
  below(end: number): number {
    return Math.floor(this.random() * end);
  }

  happens(share: number): boolean {
    return this.random() < share;
  }

  /** Ms that a message is under way: mostly little, now and then seconds, so that anything can overtake anything. */
  latency(): number {
    const kind = this.random();
    if (kind < 0.9) return 1 + this.random() * 8;
    return kind < 0.985 ? 10 + this.random() * 200 : 500 + this.random() * 6_000;
  }

  schedule(inMs: number, run: () => void): void {
    this.numbered += 1;
    const { queue } = this;
    let at = queue.length;
    const one = { at: this.now + inMs, number: this.numbered, run };
    queue.push(one);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = queue[above];
      if (parent === undefined || !isSooner(one, parent)) break;
      queue[at] = parent;
      at = above;
    }
    queue[at] = one;
  }

  /** Lets the next thing happen, and whoever waited for it run until everybody waits again. False when nothing is left. */
  async step(): Promise<boolean> {
    const next = this.take();
    if (next !== undefined) {
      this.now = Math.max(this.now, next.at);
      this.happened += 1;
      next.run();
    }
    // A tick comes after all promises that are settled by then, and those that they settle.
    if (next === undefined || this.happened % happeningsATurn === 0) await nextTurn();
    else await new Promise<void>((resolve) => process.nextTick(resolve));
    return next !== undefined;
  }

  private take(): Happening | undefined {
    const { queue } = this;
    const first = queue[0];
    const last = queue.pop();
    if (first === undefined || last === undefined || queue.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      const [left, right] = [queue[below], queue[below + 1]];
      if (left === undefined) break;
      const sooner = right !== undefined && isSooner(right, left) ? right : left;
      if (sooner === right) below += 1;
      if (!isSooner(sooner, last)) break;
      queue[at] = sooner;
      at = below;
    }
    queue[at] = last;
    return first;
  }
}

function isSooner(one: Happening, other: Happening): boolean {
  return one.at < other.at || (one.at === other.at && one.number < other.number);
}
