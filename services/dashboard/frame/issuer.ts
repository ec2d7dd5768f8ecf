// Signing in at the issuer: authorization code with PKCE, for a client that has no secret. Loaded only where it is needed.
import * as oauth from 'oauth4webapi';
import type { SignIn } from '../../query/wire.ts';

export type Issuer = Extract<SignIn, { readonly kind: 'oidc' }>;

export type Granted = {
  readonly token: string;
  /** A while before it expires, epoch ms; null when the issuer does not say when that is. */
  readonly renewAt: number | null;
  readonly refreshToken: string | null;
  readonly idToken: string | null;
};

/** What has to be remembered while one is at the issuer, in this tab alone. */
type Attempt = { readonly state: string; readonly nonce: string; readonly verifier: string; readonly returnTo: string };

const attemptKey = 'signalfold.attempt';
const renewEarlySeconds = 10;
const clientAuthentication = oauth.None();

/** Where the issuer sends people back to; it has to know the address beforehand. */
const backHere = () => `${window.location.origin}/sign-in`;

/**
 * Leaves for the issuer; the page is gone then. `silently`: it comes back at once, signed in or not, and asks nothing.
 * Rejects when the issuer cannot be reached.
 */
export async function leaveFor(issuer: Issuer, returnTo: string, silently: boolean): Promise<never> {
  const { authorization_endpoint: address } = await serverOf(issuer);
  if (address === undefined) throw new Error('The issuer says nowhere how to sign in.');
  const verifier = oauth.generateRandomCodeVerifier();
  const attempt: Attempt = {
    state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(),
    verifier,
    returnTo,
  };
  window.sessionStorage.setItem(attemptKey, JSON.stringify(attempt));
  const query = new URLSearchParams({
    ...issuer.parameters,
    response_type: 'code',
    client_id: issuer.clientId,
    redirect_uri: backHere(),
    scope: issuer.scope,
    state: attempt.state,
    nonce: attempt.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...(silently ? { prompt: 'none' } : {}),
  });
  window.location.assign(`${address}${address.includes('?') ? '&' : '?'}${query}`);
  return new Promise<never>(() => undefined);
}

/** Somebody left from this tab, and has not come back. */
export function hasLeft(): boolean {
  return attemptMade() !== null;
}

/** Where one was before leaving for the issuer; the start page when nobody left from this tab. */
export function leftFrom(): string {
  return attemptMade()?.returnTo ?? '/';
}

/** With the address the issuer sent one back to. Once: what was remembered is forgotten. Rejects with what is wrong. */
export async function comeBack(issuer: Issuer, here: URL): Promise<Granted> {
  const attempt = attemptMade();
  window.sessionStorage.removeItem(attemptKey);
  if (attempt === null) throw new Error('This sign-in was not begun in this tab. Begin again.');
  const server = await serverOf(issuer);
  const client = { client_id: issuer.clientId };
  const answer = answerOf(() => oauth.validateAuthResponse(server, client, here, attempt.state));
  const reply = await oauth.authorizationCodeGrantRequest(
    ...([server, client, clientAuthentication, answer, backHere(), attempt.verifier] as const),
    optionsOf(issuer),
  );
  const asksWho = issuer.scope.split(' ').includes('openid');
  const expected = asksWho ? { expectedNonce: attempt.nonce, requireIdToken: true } : {};
  return grantedBy(await oauth.processAuthorizationCodeResponse(server, client, reply, expected));
}

/** An issuer that refuses says why, in words for people. */
function answerOf(read: () => URLSearchParams): URLSearchParams {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof oauth.AuthorizationResponseError)) throw error;
    throw new Error(`The issuer refused: ${error.error_description ?? error.error}.`);
  }
}

export async function renew(issuer: Issuer, refreshToken: string): Promise<Granted> {
  const server = await serverOf(issuer);
  const client = { client_id: issuer.clientId };
  const options = optionsOf(issuer);
  const reply = await oauth.refreshTokenGrantRequest(server, client, clientAuthentication, refreshToken, options);
  const granted = grantedBy(await oauth.processRefreshTokenResponse(server, client, reply));
  return { ...granted, refreshToken: granted.refreshToken ?? refreshToken };
}

/** Where one signs out of the issuer too; null when it offers no such place. */
export async function farewellAt(issuer: Issuer, idToken: string | null): Promise<string | null> {
  const { end_session_endpoint: address } = await serverOf(issuer);
  if (address === undefined) return null;
  const query = new URLSearchParams({
    client_id: issuer.clientId,
    post_logout_redirect_uri: backHere(),
    ...(idToken === null ? {} : { id_token_hint: idToken }),
  });
  return `${address}${address.includes('?') ? '&' : '?'}${query}`;
}

const servers = new Map<string, Promise<oauth.AuthorizationServer>>();

function serverOf({ issuer }: Issuer): Promise<oauth.AuthorizationServer> {
  const known = servers.get(issuer);
  if (known !== undefined) return known;
  const address = new URL(issuer);
  const found = oauth
    .discoveryRequest(address, { [oauth.allowInsecureRequests]: isOnThisMachine(address) })
    .then((reply) => oauth.processDiscoveryResponse(address, reply));
  servers.set(issuer, found);
  // Another try may fare better.
  found.catch(() => servers.delete(issuer));
  return found;
}

function optionsOf({ issuer, parameters }: Issuer) {
  return { [oauth.allowInsecureRequests]: isOnThisMachine(new URL(issuer)), additionalParameters: parameters };
}

/** Without TLS nothing else is spoken to; the service starts with no other issuer. */
function isOnThisMachine({ protocol }: URL): boolean {
  return protocol === 'http:';
}

function grantedBy(reply: oauth.TokenEndpointResponse): Granted {
  return {
    token: reply.access_token,
    renewAt: reply.expires_in === undefined ? null : Date.now() + renewAfterMs(reply.expires_in),
    refreshToken: reply.refresh_token ?? null,
    idToken: reply.id_token ?? null,
  };
}

/** Early enough for a slow answer, and late enough for a token that lives for seconds. */
function renewAfterMs(livesForSeconds: number): number {
  return Math.max(livesForSeconds - renewEarlySeconds, livesForSeconds / 2) * 1000;
}

function attemptMade(): Attempt | null {
  return JSON.parse(window.sessionStorage.getItem(attemptKey) ?? 'null');
}
