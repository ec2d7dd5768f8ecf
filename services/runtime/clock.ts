// The only place that reads the system clock or waits on it; everything else takes a Clock.

export type Clock = {
  /** Epoch ms. */
  now(): number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
};

/** Aborts after `ms` of the system's clock, or when `signal` does: for requests that must not take for ever. */
export function within(ms: number, signal?: AbortSignal): AbortSignal {
  const late = AbortSignal.timeout(ms);
  return signal === undefined ? late : AbortSignal.any([signal, late]);
}

/** What `work` resolves to, or undefined when it takes longer than `ms`; its signal tells it then that nobody waits. */
export async function inTime<Result>(
  clock: Clock,
  ms: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result | undefined> {
  const over = new AbortController();
  const late = new AbortController();
  try {
    const timer = clock.sleep(ms, over.signal).then(() => undefined);
    return await Promise.race([work(late.signal), timer]);
  } finally {
    // A reason of our own: making the usual one takes longer than the wait.
    over.abort('over');
    late.abort('over');
  }
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const stop = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, ms);
      signal?.addEventListener('abort', stop, { once: true });
    }),
};
