// Goes on after faults that may pass by themselves: waits longer each time, with jitter, until it works or we stop.
import { chance } from './chance.ts';
import type { Clock } from './clock.ts';
import { OperatingError } from './errors.ts';
import type { Logger } from './logger.ts';

export const retryDelayMsMin = 100;
export const retryDelayMsMax = 10_000;

export type Patience = { readonly clock: Clock; readonly logger: Logger; readonly signal: AbortSignal };

/** Thrown when a stop was asked for while a fault lasted: what was tried is not done, and will be delivered again. */
export class Interrupted extends Error {}

/** `what` is a verb phrase for the log, as "save views". Rejects with fatal errors at once. */
export async function untilDone<Result>(
  { clock, logger, signal }: Patience,
  what: string,
  attempt: () => Promise<Result>,
): Promise<Result> {
  for (let delayMs = retryDelayMsMin; ; delayMs = Math.min(delayMs * 2, retryDelayMsMax)) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof OperatingError) || !error.retryable) throw error;
      if (signal.aborted) throw new Interrupted(`stopped while trying to ${what}`, { cause: error });
      logger.warn({ code: error.code, delayMs }, `Could not ${what}, will try again: ${error.message}`);
      await clock.sleep(delayMs / 2 + (chance() * delayMs) / 2, signal);
    }
  }
}
