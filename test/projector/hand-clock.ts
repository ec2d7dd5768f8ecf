// A clock that a test moves by hand. Whoever sleeps on it wakes after a short real while, and the time stands still.
import type { Clock } from '../../services/runtime/clock.ts';

export type HandClock = Clock & { move(ms: number): void };

/** Real ms that a sleep takes per ms asked for. */
const pace = 1 / 100;

export function openHandClock(start: number): HandClock {
  let now = start;
  return {
    now: () => now,
    move: (ms) => {
      now += ms;
    },
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve();
        const wake = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, ms * pace);
        signal?.addEventListener('abort', wake, { once: true });
      }),
  };
}
