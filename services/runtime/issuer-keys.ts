// The public keys of the token issuer: fetched when first needed, again when they are old or a token names a new one.
import { createRemoteJWKSet, customFetch, type FetchImplementation, type JWTVerifyGetKey } from 'jose';
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

export type IssuerKeysParts = {
  readonly issuer: string;
  /** Null: the issuer's discovery document says. */
  readonly jwksUrl: string | null;
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
  const documentUrl = discoveryUrl(issuer);
  let fetchedAt = Number.NEGATIVE_INFINITY;
  let failure: { readonly until: number; readonly error: unknown } | null = null;

  const locate = async (signal: AbortSignal): Promise<string> => {
    if (jwksUrl !== null) return jwksUrl;
    const answer = await fetch(documentUrl, { redirect: 'error', signal });
    if (!answer.ok) throw new Error(`${documentUrl} answers ${answer.status}`);
    const document = Discovery.parse(await answer.json());
    if (document.issuer !== issuer) throw new Error(`${documentUrl} is of another issuer, ${document.issuer}`);
    if (!isTrustworthy(new URL(document.jwks_uri))) throw new Error(`${documentUrl} names keys without TLS`);
    return document.jwks_uri;
  };
  const fetchKeys: FetchImplementation = async (_url, options) => {
    if (failure !== null && clock.now() < failure.until) throw failure.error;
    try {
      const url = await locate(options.signal);
      const answer = await fetch(url, options);
      if (answer.status !== 200) throw new Error(`${url} answers ${answer.status}`);
      [failure, fetchedAt] = [null, clock.now()];
      return answer;
    } catch (error) {
      failure = { until: clock.now() + times.pauseMs, error };
      logger.warn({ err: error, issuer }, 'the keys of the token issuer cannot be fetched');
      throw error;
    }
  };
  const keys = createRemoteJWKSet(new URL(jwksUrl ?? documentUrl), {
    [customFetch]: fetchKeys,
    cacheMaxAge: times.keptMs,
    cooldownDuration: times.cooldownMs,
    timeoutDuration: times.requestMs,
  });
  return async (header, token) => {
    // Failing that, those at hand serve until they are too old.
    if (clock.now() - fetchedAt > times.freshMs) await keys.reload().catch(() => undefined);
    return keys(header, token);
  };
}
