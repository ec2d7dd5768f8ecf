// Waiting for new messages: woken at once when they come from this process, by looking again where others may write.
import type { Clock } from '../runtime/clock.ts';

export type Waker = {
  /** Ends every wait that is under way. */
  wake(): void;
  /** Resolves when it is time to look again, at the latest after a short while, or when `signal` aborts. */
  waitForMore(signal?: AbortSignal): Promise<void>;
  /** The same within `waitMs`; answers how much of it remains. */
  waitWithin(waitMs: number): Promise<number>;
};

/** `lookAgainMs` bounds a single wait; Infinity where every arrival wakes. */
export function createWaker(clock: Clock, lookAgainMs: number): Waker {
  let waking = new AbortController();
  const waitUpTo = (ms: number, signal?: AbortSignal) =>
    clock.sleep(ms, signal === undefined ? waking.signal : AbortSignal.any([waking.signal, signal]));
  return {
    wake: () => {
      // A reason of our own: making the usual one, an exception with its stack, takes longer than the wait.
      waking.abort('woken');
      waking = new AbortController();
    },
    waitForMore: (signal) => waitUpTo(lookAgainMs, signal),
    waitWithin: async (waitMs) => {
      const start = clock.now();
      const step = Math.min(waitMs, lookAgainMs);
      const woken = waking.signal;
      await waitUpTo(step);
      // A hand-moved clock may stand still while it sleeps; a wait that ran out counts in full all the same.
      return waitMs - (woken.aborted ? clock.now() - start : step);
    },
  };
}
