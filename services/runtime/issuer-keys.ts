// The public keys of the token issuer: fetched when first needed, again when they are old or a token names a new one.
import {
  createRemoteJWKSet,
  customFetch,
  type FetchImplementation,
  type JWTVerifyGetKey,
  type RemoteJWKSet,
} from 'jose';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import { isTrustworthy } from './loopback.ts';

export type IssuerKeysTimes = {
  /** Keys older than this are fetched again: a key that was withdrawn counts for so long. */
  readonly freshMs: number;
  /** While the issuer cannot be reached they serve for this long. */
  readonly keptMs: number;
  /** A token that names an unknown key has them fetched again, but not sooner than this after the last time. */
  readonly cooldownMs: number;
  /** After a failure nothing is fetched for so long, so that callers need not wait for an issuer that is down. */
  readonly pauseMs: number;
  readonly requestMs: number;
};

export const issuerKeysTimes: IssuerKeysTimes = {
  freshMs: 10 * 60_000,
  keptMs: 60 * 60_000,
  cooldownMs: 10_000,
  pauseMs: 2_000,
  requestMs: 3_000,
};

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });

export type IssuerPlace = {
  readonly issuer: string;
  /** Null: the issuer's discovery document says. */
  readonly jwksUrl: string | null;
};

export type IssuerKeysParts = IssuerPlace & {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly times?: Partial<IssuerKeysTimes>;
};

/** Where an issuer tells about itself (OpenID Connect Discovery 1.0, section 4). */
export function discoveryUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
}

/** For jose's verification. Rejects with jose's errors when a token names no key of the issuer, else when it is down. */
export function openIssuerKeys({ issuer, jwksUrl, clock, logger, times: given }: IssuerKeysParts): JWTVerifyGetKey {
  const times = { ...issuerKeysTimes, ...given };
  const keys = remoteKeys({ issuer, jwksUrl }, times);
  let dueAt = Number.NEGATIVE_INFINITY;
  let failure: unknown = null;
  let refreshing: Promise<void> | null = null;
  const refresh = async () => {
    try {
      await keys.reload();
      dueAt = clock.now() + times.freshMs;
    } catch (error) {
      failure = error;
      dueAt = clock.now() + times.pauseMs;
      logger.warn({ err: error, issuer }, 'the keys of the token issuer cannot be fetched');
    }
    refreshing = null;
  };
  return async (header, token) => {
    if (clock.now() >= dueAt) {
      refreshing ??= refresh();
      await refreshing;
    }
    // Failing that, those at hand serve until they are too old.
    if (!keys.fresh) throw failure;
    return keys(header, token);
  };
}

/** Fetches the keys once, for whoever sets this up; answers how many there are. Rejects when they cannot be had. */
export async function countIssuerKeys(place: IssuerPlace): Promise<number> {
  const keys = remoteKeys(place, issuerKeysTimes);
  await keys.reload();
  return keys.jwks()?.keys.length ?? 0;
}

function remoteKeys({ issuer, jwksUrl }: IssuerPlace, times: IssuerKeysTimes): RemoteJWKSet {
  // The place is asked for each time: an issuer may move its keys.
  const fetchKeys: FetchImplementation = async (_url, options) => {
    const url = jwksUrl ?? (await discoverKeysUrl(issuer, options.signal));
    return fetch(url, options);
  };
  return createRemoteJWKSet(new URL(jwksUrl ?? discoveryUrl(issuer)), {
    [customFetch]: fetchKeys,
    cacheMaxAge: times.keptMs,
    cooldownDuration: times.cooldownMs,
    timeoutDuration: times.requestMs,
  });
}

async function discoverKeysUrl(issuer: string, signal: AbortSignal): Promise<string> {
  const documentUrl = discoveryUrl(issuer);
  const answer = await fetch(documentUrl, { redirect: 'error', signal });
  if (!answer.ok) throw new Error(`${documentUrl} answers ${answer.status}`);
  const document = Discovery.parse(await answer.json());
  if (document.issuer !== issuer) throw new Error(`${documentUrl} is of another issuer: ${document.issuer}`);
  if (!isTrustworthy(new URL(document.jwks_uri))) throw new Error(`${documentUrl} names keys without TLS`);
  return document.jwks_uri;
}
