// What pulling is: a provider that is asked for what is new, again and again, and a cursor that says what "new" means.
import type { z } from 'zod';

/** The provider's own words for how far we are, as JSON text; null before the first pull. */
export type Cursor = string | null;

export type Pulled = {
  /** Each as the provider wrote it, oldest first; some may have been given before. */
  readonly items: readonly unknown[];
  /** Kept once the items are durable. */
  readonly cursor: Cursor;
  /** True when more is there by now: the next pull follows at once. */
  readonly more: boolean;
};

export type Puller = {
  /** Milliseconds between two pulls when there was no more. */
  readonly everyMs: number;
  /** `now` is epoch ms. Rejects with an OperatingError, source_unreachable (retryable) or source_refused. */
  pull(cursor: Cursor, now: number, signal: AbortSignal): Promise<Pulled>;
};

/** How a provider's events are pulled, as its offer says. */
export type PullOffer<Options = unknown> = {
  /** Reads what a source says under `pull`; strict, with a preset wherever one makes sense. */
  readonly options: z.ZodType<Options>;
  /** What the secret is, for people. */
  readonly secret: string;
  open(options: Options, secret: string, parts: { readonly fetch: typeof fetch }): Puller;
};
