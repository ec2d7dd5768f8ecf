// One subscriber's answer: server-sent events in a buffer that is bounded, however slowly it is read.
import { Readable } from 'node:stream';
import type { Change, ResetReason } from './change.ts';

/** What may wait for a subscriber to read it. */
const waitingBytesMax = 1024 * 1024;
/** How soon a browser comes again after the connection broke. */
const comeAgainMs = 2_000;

export type ChangeStream = {
  readonly readable: Readable;
  /**
   * `id` stands for everything up to and with these; without changes it moves the place alone. False when the reader is
   * too slow: it was reset, and is to be ended.
   */
  changes(changes: readonly Change[], id: string): boolean;
  reset(reason: ResetReason, id: string): void;
  heartbeat(id: string): void;
  /** What was written is still read to its end. */
  end(): void;
};

/** `onOver`: called once, when it was read to its end or its reader went away. */
export function createChangeStream(onOver: () => void): ChangeStream {
  const readable = new Readable({ read: () => undefined });
  readable.once('close', onOver);
  // A reader that goes away is no fault.
  readable.on('error', () => undefined);
  let isEnded = false;
  const write = (text: string) => {
    if (!isEnded && !readable.destroyed) readable.push(text);
  };
  const reset = (reason: ResetReason, id: string) =>
    write(`event: reset\nid: ${id}\ndata: ${JSON.stringify({ reason })}\n\n`);

  write(`retry: ${comeAgainMs}\n\n`);
  return {
    readable,
    changes: (changes, id) => {
      const [last, ...before] = changes.toReversed();
      // The id comes with the last of them: whoever is cut off in between comes again for all of them.
      const events = before.toReversed().map((change) => eventOf(change));
      write(`${events.join('')}${last === undefined ? `id: ${id}\n\n` : `id: ${id}\n${eventOf(last)}`}`);
      if (isEnded || readable.readableLength <= waitingBytesMax) return true;
      reset('too_slow', id);
      return false;
    },
    reset,
    heartbeat: (id) => write(`: heartbeat\nid: ${id}\n\n`),
    end: () => {
      if (!isEnded && !readable.destroyed) readable.push(null);
      isEnded = true;
    },
  };
}

function eventOf({ clientId, view, version }: Change): string {
  return `event: change\ndata: ${JSON.stringify({ clientId, view, version })}\n\n`;
}
