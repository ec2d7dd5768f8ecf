// What a verification is: whether a body really comes from the provider, by the provider's own scheme over the raw bytes.

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

/** Which part is wrong, as far as it can be told without leaking anything. */
export type Wrong = 'secret' | 'body' | 'clock' | 'header';

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
