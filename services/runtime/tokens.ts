// OpenID Connect bearer tokens: signature, issuer, audience and times are checked, then read as a principal.
import { errors, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from 'jose';
import { type ClaimNames, principalOf } from './claims.ts';
import type { Clock } from './clock.ts';
import type { Principal } from './principal.ts';
import { Problem } from './problem.ts';

export type OidcConfig = {
  /** As tokens write it, to the letter. */
  readonly issuer: string;
  /** A token must be meant for one of these. */
  readonly audiences: readonly string[];
  /** Null: found through the issuer's discovery document. */
  readonly jwksUrl: string | null;
  readonly claims: ClaimNames;
  /** How the dashboard's page asks the issuer for tokens; null: it does not. */
  readonly signIn: SignInConfig | null;
};

export type SignInConfig = {
  /** A public client: it has no secret, and proves itself by PKCE. */
  readonly clientId: string;
  readonly scope: string;
  /** What this issuer wants besides, by name. */
  readonly parameters: Readonly<Record<string, string>>;
};

/** Signatures by a private key alone: with a shared secret, whoever can check a token could make one. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** How far the issuer's clock and ours may differ. */
const clockToleranceSeconds = 30;

/** What jose finds wrong with a token, for whoever sent it. Whatever is not here is no fault of the token. */
const faults: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'The token has expired.',
  ERR_JWT_INVALID: 'The token cannot be read.',
  ERR_JWS_INVALID: 'The token cannot be read.',
  ERR_JOSE_NOT_SUPPORTED: 'The token asks for something that is not supported here.',
  ERR_JOSE_ALG_NOT_ALLOWED: `The token is not signed in one of the ways that count here: ${algorithms.join(', ')}.`,
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'The signature of the token does not fit.',
  ERR_JWKS_NO_MATCHING_KEY: 'The token is signed with a key that the issuer does not have.',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'The token does not say which of the keys of the issuer it is signed with.',
};

/**
 * Checks a token. Throws the problems unauthenticated, when it must not count, forbidden, when it does not say what its
 * holder may see, and unavailable, when the keys of the issuer cannot be had.
 */
export function tokenCheck(
  oidc: OidcConfig,
  keys: JWTVerifyGetKey,
  clock: Clock,
): (token: string) => Promise<Principal> {
  const expected: JWTVerifyOptions = {
    issuer: oidc.issuer,
    audience: [...oidc.audiences],
    algorithms,
    requiredClaims: ['exp', 'sub'],
    clockTolerance: clockToleranceSeconds,
  };
  return async (token) => {
    // Keys come from the issuer alone: what a token's header brings along or points to is not looked at.
    const verified = await jwtVerify(token, keys, { ...expected, currentDate: new Date(clock.now()) }).catch(refuse);
    return principalOf(verified.payload, oidc.claims);
  };
}

function refuse(error: unknown): never {
  const claim = error instanceof errors.JWTClaimValidationFailed ? error.claim : null;
  if (claim !== null) throw badToken(claim === 'nbf' ? 'The token is not valid yet.' : wrongClaim(claim));
  const fault = error instanceof errors.JOSEError ? faults[error.code] : undefined;
  if (fault !== undefined) throw badToken(fault);
  throw new Problem('unavailable', 'The keys of the token issuer cannot be had. Try again in a moment.', {
    cause: error,
  });
}

function wrongClaim(claim: string): string {
  return `The token's claim "${claim}" is missing, or is not the one that counts here.`;
}

export function badToken(detail: string): Problem {
  const challenge = 'Bearer realm="signalfold", error="invalid_token"';
  return new Problem('unauthenticated', detail, { headers: { 'www-authenticate': challenge } });
}
