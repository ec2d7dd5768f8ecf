// Who may call: on loopback only pages and hosts of this machine; elsewhere, or where it is configured, holders of a key
// or a token; and holders of a view token, where a route heeds it.
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type ApiKey, isKeyHolder, keyring } from './api-keys.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { AuthConfig } from './config-auth.ts';
import { openIssuerKeys } from './issuer-keys.ts';
import { openLimits } from './limits.ts';
import type { Logger } from './logger.ts';
import { isLoopback } from './loopback.ts';
import { everybody, type Principal, type Scope } from './principal.ts';
import { Problem } from './problem.ts';
import { badToken, tokenCheck } from './tokens.ts';
import { isViewToken, type ViewTokens } from './view-tokens.ts';

/**
 * Against DNS rebinding and cross-site requests to an API that listens on loopback: the Host header must name loopback
 * (an attacker's page comes under the attacker's name), and Origin, which browsers send with every cross-site write,
 * must be that same host or one of `allowedOrigins`. Throws the problem to answer with.
 */
export function checkHost(headers: IncomingHttpHeaders, allowedOrigins: readonly string[]): void {
  const host = headers.host ?? '';
  const name = host.replace(/:\d{1,5}$/, '');
  // `::1` without brackets is no valid Host.
  if (!isLoopback(name) || name === '::1') {
    throw new Problem('host_forbidden', 'This service answers on loopback only: use localhost, 127.0.0.1 or [::1].');
  }
  const origin = headers.origin;
  if (origin === undefined || allowedOrigins.includes(origin)) return;
  const ours = host.toLowerCase();
  if (origin.toLowerCase() !== `http://${ours}` && origin.toLowerCase() !== `https://${ours}`) {
    throw new Problem('origin_forbidden', 'Only pages served from this very address may call it.');
  }
}

/** Lets a request through as its principal, or throws the problem to answer with. */
type Gate = (request: FastifyRequest) => Promise<void>;

export type GateParts = {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Null: none are taken here. */
  readonly viewTokens: ViewTokens | null;
};

/** Open to everybody where `auth` is null; a view token that comes along counts there too. */
export async function openGate(
  server: FastifyInstance,
  { auth, requestsPerMinuteMax }: Pick<Config, 'auth' | 'requestsPerMinuteMax'>,
  parts: GateParts,
): Promise<Gate> {
  const identify = identifier(auth, parts);
  const limits = auth === null ? null : await openLimits(server, requestsPerMinuteMax);
  return async (request) => {
    // By the route found, not by the URL's text, which can be written in many ways.
    const { open, signed, scope, view = false } = request.routeOptions.config;
    if (open === true || signed === true) return;
    try {
      request.principal = await identify(request.headers);
    } catch (error) {
      // Afterwards: whoever has a key is let in, also from an address from which others try in vain.
      if (error instanceof Problem && error.code !== 'unavailable') await limits?.countFailure(request);
      throw error;
    }
    await limits?.countRequest(request);
    if (scope !== undefined) checkScope(request.principal, scope);
    if (request.principal.view !== undefined && !view) {
      throw new Problem('forbidden', 'A view token opens …/clients/batch and …/changes, and nothing else.');
    }
  };
}

/** Tells who calls, by the Authorization header. Throws the problems unauthenticated, forbidden and unavailable. */
type Identify = (headers: IncomingHttpHeaders) => Promise<Principal>;

function identifier(auth: AuthConfig | null, parts: GateParts): Identify {
  const { viewTokens, clock } = parts;
  const checkView = async (token: string) => {
    if (viewTokens === null) throw badToken('View tokens are not taken here.');
    return viewTokens.check(token);
  };
  if (auth === null) {
    return async (headers) => {
      const presented = presentedIn(headers);
      return presented !== undefined && isViewToken(presented) ? checkView(presented) : everybody;
    };
  }
  const { keys, oidc } = auth;
  const holderOf = keyring(keys);
  const checkKnownView = async (token: string) => {
    const view = await checkView(token);
    if (!mayStillRead(view, keys)) throw badToken('The key that asked for this view token may no longer read this.');
    return view;
  };
  const check = oidc === null ? null : tokenCheck(oidc, openIssuerKeys({ ...oidc, ...parts }), clock);
  return async (headers) => {
    const presented = presentedIn(headers);
    if (presented === undefined) {
      const challenge = { 'www-authenticate': 'Bearer realm="signalfold"' };
      throw new Problem('unauthenticated', `Send "Authorization: Bearer <${wanted(auth)}>".`, { headers: challenge });
    }
    const holder = holderOf(presented);
    if (holder !== null) return holder;
    if (isViewToken(presented)) return checkKnownView(presented);
    if (check === null) throw badToken('This key is not known here.');
    return check(presented);
  };
}

/** A view token ends with the key that asked for it. Whoever asked with a token of an issuer is known until that expires. */
function mayStillRead({ id, firmId, book }: Principal, keys: readonly ApiKey[]): boolean {
  if (!isKeyHolder(id)) return true;
  const holders = keys.map(({ principal }) => principal).filter((holder) => holder.id === id);
  return holders.some(
    (holder) =>
      holder.scopes.has('read') &&
      (holder.firmId === null || holder.firmId === firmId) &&
      (holder.book === null || holder.book === book),
  );
}

function presentedIn({ authorization = '' }: IncomingHttpHeaders): string | undefined {
  return /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1];
}

function wanted({ keys, oidc }: AuthConfig): string {
  return [...(keys.length > 0 ? ['key'] : []), ...(oidc === null ? [] : ['token'])].join(' or ');
}

/** Throws the problem forbidden, which names the scope. */
function checkScope(principal: Principal, scope: Scope): void {
  if (principal.scopes.has(scope)) return;
  const challenge = `Bearer realm="signalfold", error="insufficient_scope", scope="${scope}"`;
  throw new Problem('forbidden', `This needs the scope "${scope}", which ${principal.id} does not have.`, {
    headers: { 'www-authenticate': challenge },
  });
}
