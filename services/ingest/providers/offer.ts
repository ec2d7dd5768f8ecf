// What the table of providers says of each: its mapper, how its deliveries are verified, what they look like, and what it
// asks before it sends any.
import type { z } from 'zod';
import type { Scheme, SchemeParts } from '../verify/verification.ts';
import type { Provider } from './provider.ts';
import type { PullOffer } from './puller.ts';

/** `json` reads an array and JSON lines too; `form` is application/x-www-form-urlencoded. */
export type BodyKind = 'json' | 'form';

/** What came to a webhook's address, after its signature was verified. */
export type Delivered = {
  readonly method: 'GET' | 'HEAD' | 'OPTIONS' | 'POST';
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Parsed; null when there is none. */
  readonly body: unknown;
};

export type HandshakeAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/**
 * Answers what a provider asks to see whether somebody is here, before or between deliveries; null when this is no
 * such question, and events are in it. May fetch a confirmation; a rejection is answered with 503, so the provider asks again.
 */
export type Handshake = (delivered: Delivered, parts: SchemeParts) => Promise<HandshakeAnswer | null>;

export type Offer = {
  readonly provider: Provider;
  readonly bodies: readonly BodyKind[];
  /** The first is taken unless a source chooses another. Empty: its deliveries cannot be verified, so HTTP is not offered. */
  readonly schemes: readonly Scheme[];
  readonly handshake?: Handshake;
  /** It reads the answer as instructions of its own kind, so it gets none: 204. */
  readonly answersNothing?: boolean;
  readonly pull?: PullOffer;
  /** A provider that has to be told what its events mean: reads `map` of a source and answers the mapper for it. */
  readonly mapped?: z.ZodType<Provider>;
  /** Methods beside POST that `handshake` answers. Those without a signature are named in `unsigned`. */
  readonly methods?: readonly ('GET' | 'HEAD' | 'OPTIONS')[];
  readonly unsigned?: readonly ('GET' | 'HEAD' | 'OPTIONS')[];
};
