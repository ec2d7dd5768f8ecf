// Start and stop of a process: parts stop in the reverse order of their start, within a time limit; signals and faults.
import { constants } from 'node:os';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';

/** Exit codes; a process cut short by a second signal exits with 128 + the signal's number. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, stoppedLate: 3, nothing: 4 } as const;

/** Below the 30 s after which Kubernetes and ECS kill. */
export const stopMsMax = 25_000;

export type Lifecycle = {
  /** Registers a part that has started. The last one registered stops first. */
  add(name: string, stop: () => Promise<void> | void): void;
  /** Aborts when stopping begins. */
  readonly stopping: AbortSignal;
  /** Ends the process: stops all parts, then exits with `code` (default 0). Repeating it changes nothing. */
  stop(reason: string, code?: number): Promise<void>;
  /** For a part that cannot go on: logs the error, stops the others, exits with 1. */
  fail(part: string, error: unknown): Promise<void>;
};

/**
 * Takes over SIGTERM and SIGINT (stop in order; a second one exits at once) and uncaught errors, after which nothing in
 * memory can be trusted: they are logged and the process exits with 1 at once. What is durable stays so.
 */
export function superviseProcess(logger: Logger, clock: Clock, stopMs: number = stopMsMax): Lifecycle {
  const parts: { readonly name: string; readonly stop: () => Promise<void> | void }[] = [];
  const stopping = new AbortController();
  let signalled = false;

  const stop = async (reason: string, code: number = exitCodes.ok) => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    logger.info({ reason }, 'stopping');
    const outcome = await stopParts(parts.toReversed(), logger, clock.sleep(stopMs));
    logger.info({ outcome }, 'stopped');
    process.exit(outcome === 'ok' ? code : code || exitCodes[outcome]);
  };

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (signalled) process.exit(128 + constants.signals[signal]);
      signalled = true;
      void stop(signal);
    });
  }
  const die = (err: unknown) => {
    logger.fatal({ err }, 'uncaught error, the process ends');
    process.exit(exitCodes.failed);
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);

  return {
    add: (name, stopPart) => {
      parts.push({ name, stop: stopPart });
    },
    stopping: stopping.signal,
    stop,
    fail: (part, err) => {
      logger.fatal({ err, part }, 'a part cannot go on');
      return stop(`${part} failed`, exitCodes.failed);
    },
  };
}

async function stopParts(
  parts: readonly { readonly name: string; readonly stop: () => Promise<void> | void }[],
  logger: Logger,
  enough: Promise<void>,
): Promise<'ok' | 'failed' | 'stoppedLate'> {
  let outcome: 'ok' | 'failed' = 'ok';
  const all = async () => {
    for (const { name, stop } of parts) {
      logger.debug({ part: name }, 'stopping part');
      try {
        await stop();
      } catch (err) {
        // The others still get their turn.
        outcome = 'failed';
        logger.error({ err, part: name }, 'a part failed to stop');
      }
    }
    return outcome;
  };
  const late = enough.then(() => 'stoppedLate' as const);
  return Promise.race([all(), late]);
}
