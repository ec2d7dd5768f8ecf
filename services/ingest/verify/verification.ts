// What a verification is: whether a body really comes from the provider, by the provider's own scheme over the raw bytes.
import type { z } from 'zod';

export type Signed = {
  /** As it came, before anything was parsed or unzipped. */
  readonly bytes: Uint8Array;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The address the provider called, as it knows it: schemes that sign it need the public one, not a proxy's. */
  readonly url: string;
  /** Epoch ms. */
  readonly now: number;
};

/**
 * Which part is wrong, as far as it can be told without leaking anything. `unreachable` is nobody's fault: what the scheme
 * needs (a certificate) could not be fetched, and the sender should try again.
 */
export type Wrong = 'secret' | 'body' | 'clock' | 'header' | 'unreachable';

export type Verdict =
  | {
      readonly ok: true;
      /** Names this delivery, so that a copy sent again is known; null where the scheme's own time window is enough. */
      readonly replayId: string | null;
    }
  | {
      readonly ok: false;
      readonly wrong: Wrong /** What to look at. Never a secret, a signature or the body. */;
      readonly detail: string;
    };

/** Never throws, whatever it is given. Fetches only what a scheme needs (SNS certificates), and that through `parts`. */
export type Verify = (signed: Signed) => Promise<Verdict>;

/** What a scheme is opened with: what a source's line of configuration says, read and checked. */
export type SchemeGiven<Options> = {
  /** Any of them verifies: two stand side by side while one is being replaced. Never empty, unless `secret` is null. */
  readonly secrets: readonly string[];
  readonly options: Options;
};

/** A way to verify, as the table of providers offers it and `verify:` in a source chooses it. */
export type Scheme<Options = unknown> = {
  /** As a source names it, in kebab-case: `hmac`, `basic`, `sns`. */
  readonly name: string;
  /** What a secret of it is and where the provider shows it, for people. Null: the scheme needs none. */
  readonly secret: string | null;
  /** Reads what a source says beside the secrets (`verify: { scheme, …options }`); strict, with a preset for each. */
  readonly options: z.ZodType<Options>;
  /** What is wrong with a secret (never the secret itself), or null: wrong ones are told before anything starts. */
  fault(secret: string): string | null;
  open(given: SchemeGiven<Options>, parts: SchemeParts): Verify;
};

/** What a scheme may use of the world. */
export type SchemeParts = { readonly fetch: typeof fetch };
