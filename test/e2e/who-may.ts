// Two firms in a running service that asks everybody who they are, and those who ask: with good tokens and with bad ones.
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { scopes } from '../../services/runtime/principal.ts';
import { type Claims, type Issuer, openIssuer } from '../runtime/issuer.ts';
import { type HttpService, type Reply, startService, until } from './service.ts';
import { makeViews, type Views } from './views.ts';

/** Whatever a path can name. */
export type Place = { readonly firmId: string; readonly clientId: string; readonly exportId: string };

export type World = {
  /** Sends with a bearer token, or with none. `path` as the contract writes it. */
  ask(method: string, path: string, place: Place, token: string | null, body?: unknown): Promise<Reply>;
  readonly exports: {
    /** Of firm-a: asked for by its owner, and by two of its advisers; and one of firm-b. */
    readonly ofOwner: string;
    readonly ofAdviser: string;
    readonly ofOther: string;
    readonly ofFirmB: string;
  };
  readonly tokens: Tokens;
  readonly views: Views;
  /** Paths that a stranger's server was asked for. */
  readonly strangersAsked: readonly string[];
  close(): Promise<void>;
};

const expiresInSeconds = 3600;
const audience = 'signalfold';
export const everything = 'a-key-for-everything';
export const keyOfFirmA = 'a-key-of-firm-a';
export const keyOfAdviser = 'a-key-of-an-adviser';
export const keyWithout = (scope: string) => `a-key-of-firm-a-without-${scope}`;

/** The one of the other firm has an adviser of the very same id. */
const clients = [
  { firmId: 'firm-a', clientId: 'client-ann', adviser: 'adv-1' },
  { firmId: 'firm-a', clientId: 'client-amy', adviser: 'adv-1' },
  { firmId: 'firm-a', clientId: 'client-bob', adviser: 'adv-2' },
  { firmId: 'firm-a', clientId: 'client-cid', adviser: null },
  { firmId: 'firm-a', clientId: 'client-dan', adviser: 'adv-2' },
  { firmId: 'firm-b', clientId: 'client-zoe', adviser: 'adv-1' },
] as const;

export async function openWorld(): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), 'signalfold-who-may-'));
  const [issuer, stranger] = [await openIssuer(), await openIssuer()];
  await issuer.addKey('rsa', 'RS256');
  await stranger.addKey('rsa', 'RS256');
  await stranger.addKey('nobody', 'RS256');
  const service = await startService('dev', {
    SIGNALFOLD_DATA_DIR: dataDir,
    SIGNALFOLD_PORT: '0',
    SIGNALFOLD_LOG_LEVEL: 'warn',
    SIGNALFOLD_API_KEYS: keyEntries().join(','),
    SIGNALFOLD_OIDC_ISSUER: issuer.url,
    SIGNALFOLD_OIDC_AUDIENCE: audience,
    SIGNALFOLD_RATE_LIMIT: '0',
    // So that each request can come from an address of its own, and none is refused for the failures of others.
    SIGNALFOLD_TRUSTED_PROXIES: '127.0.0.1',
  });
  let asked = 0;
  const ask: World['ask'] = (method, path, place, token, body) => {
    asked += 1;
    const address = `10.${(asked >> 16) & 255}.${(asked >> 8) & 255}.${asked & 255}`;
    const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
    return service.send(method, pathOf(path, place), body, { ...authorization, 'x-forwarded-for': address });
  };
  const tokens = await signTokens(issuer, stranger);
  await fill(service, ask);
  const exports = {
    ofOwner: await finishedExport(ask, 'firm-a', tokens.good.ownerA),
    ofAdviser: await finishedExport(ask, 'firm-a', tokens.good.adviser),
    ofOther: await finishedExport(ask, 'firm-a', tokens.good.otherAdviser),
    ofFirmB: await finishedExport(ask, 'firm-b', tokens.good.ownerB),
  };
  const viewTokens = '/v1/firms/{firmId}/view-tokens';
  const views = await makeViews(
    async (body) => (await ask('POST', viewTokens, placeOf({}), keyOfFirmA, body)).json(),
    dataDir,
  );
  return {
    ask,
    exports,
    tokens,
    views,
    strangersAsked: stranger.asked,
    close: async () => {
      await service.kill('SIGTERM');
      await Promise.all([issuer.close(), stranger.close()]);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export const nowhere: Place = { firmId: 'firm-nowhere', clientId: 'client-nobody', exportId: randomUUID() };

export function placeOf(part: Partial<Place>): Place {
  return { ...nowhere, firmId: 'firm-a', ...part };
}

function pathOf(path: string, { firmId, clientId, exportId }: Place): string {
  const values: Readonly<Record<string, string>> = { firmId, clientId, id: exportId, topic: 'login' };
  return path.replace(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(values[name] ?? name));
}

function keyEntries(): string[] {
  const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');
  const lacking = scopes.map((scope) => {
    const others = scopes.filter((other) => other !== scope).join('+');
    return `${hashOf(keyWithout(scope))}:firm=firm-a:scopes=${others}`;
  });
  return [
    hashOf(everything),
    `${hashOf(keyOfFirmA)}:firm=firm-a:name=crm`,
    `${hashOf(keyOfAdviser)}:firm=firm-a:adviser=adv-1`,
    ...lacking,
  ];
}

export type Tokens = {
  readonly good: Readonly<Record<'ownerA' | 'managerA' | 'adviser' | 'otherAdviser' | 'ownerB', string>>;
  /** Refused with 401, by what is wrong with them. */
  readonly bad: Readonly<Record<BadToken, string | null>>;
  /** Of somebody known who may see nothing: refused with 403. */
  readonly empty: Readonly<Record<EmptyToken, string>>;
};

export const badTokens = [
  'none at all',
  'no token of any kind',
  'expired',
  'not valid yet',
  'without an expiry',
  'for another audience',
  'for no audience',
  'by another issuer',
  'by no issuer',
  'of nobody',
  'unsigned (alg none)',
  'unsigned (alg None)',
  'signed with the public key as a shared secret (HS256)',
  'signed with the public key without its line ends as a shared secret (HS512)',
  'signed with a key under an unknown id',
  'signed with a key of its own under a known id',
  'signed with a key that it brings along (jwk)',
  'signed with a key that it brings along under a known id (jwk)',
  'signed with a key that it points to (jku)',
  'signed with a key that it points to (x5u)',
  'changed after it was signed',
  'without its signature',
] as const;
export type BadToken = (typeof badTokens)[number];

export const emptyTokens = [
  'an adviser without an adviser id',
  'somebody of no firm',
  'somebody without a role',
  'somebody of a role nobody knows',
] as const;
export type EmptyToken = (typeof emptyTokens)[number];

async function signTokens(issuer: Issuer, stranger: Issuer): Promise<Tokens> {
  const now = Math.floor(Date.now() / 1000);
  const base = { iss: issuer.url, aud: audience, exp: now + expiresInSeconds };
  const owner = { ...base, sub: 'olga', firm_id: 'firm-a', roles: 'owner' };
  const adviser = { ...base, sub: 'adam', firm_id: 'firm-a', roles: ['adviser'], adviser_id: 'adv-1' };
  const good = (claims: Claims) => issuer.sign(claims, 'rsa');
  const without = (name: string) => good({ ...owner, [name]: undefined });
  const pem = await issuer.publicKey('rsa');
  const shared = (secret: string, alg: string) =>
    new SignJWT(owner).setProtectedHeader({ alg, kid: 'rsa' }).sign(new TextEncoder().encode(secret));
  const jwk = await stranger.publicJwk('nobody');
  const signed = await good(owner);
  const [header = '', , signature = ''] = signed.split('.');
  return {
    good: {
      ownerA: signed,
      managerA: await good({ ...owner, sub: 'mary', roles: 'manager' }),
      adviser: await good(adviser),
      otherAdviser: await good({ ...adviser, sub: 'alan', adviser_id: 'adv-2' }),
      ownerB: await good({ ...owner, sub: 'bert', firm_id: 'firm-b' }),
    },
    bad: {
      'none at all': null,
      'no token of any kind': 'abc',
      expired: await good({ ...owner, exp: now - 60 }),
      'not valid yet': await good({ ...owner, nbf: now + 600 }),
      'without an expiry': await without('exp'),
      'for another audience': await good({ ...owner, aud: 'another' }),
      'for no audience': await without('aud'),
      'by another issuer': await good({ ...owner, iss: stranger.url }),
      'by no issuer': await without('iss'),
      'of nobody': await without('sub'),
      'unsigned (alg none)': unsigned(owner, 'none'),
      'unsigned (alg None)': unsigned(owner, 'None'),
      'signed with the public key as a shared secret (HS256)': await shared(pem, 'HS256'),
      'signed with the public key without its line ends as a shared secret (HS512)': await shared(
        pem.replaceAll('\n', ''),
        'HS512',
      ),
      'signed with a key under an unknown id': await stranger.sign(owner, 'nobody'),
      'signed with a key of its own under a known id': await stranger.sign(owner, 'rsa'),
      'signed with a key that it brings along (jwk)': await stranger.sign(owner, 'nobody', { jwk }),
      'signed with a key that it brings along under a known id (jwk)': await stranger.sign(owner, 'nobody', {
        jwk,
        kid: 'rsa',
      }),
      'signed with a key that it points to (jku)': await stranger.sign(owner, 'nobody', { jku: stranger.keysUrl }),
      'signed with a key that it points to (x5u)': await stranger.sign(owner, 'nobody', { x5u: stranger.keysUrl }),
      'changed after it was signed': [header, encoded({ ...owner, firm_id: 'firm-b' }), signature].join('.'),
      'without its signature': signed.slice(0, signed.lastIndexOf('.') + 1),
    },
    empty: {
      'an adviser without an adviser id': await good({ ...adviser, adviser_id: undefined }),
      'somebody of no firm': await without('firm_id'),
      'somebody without a role': await without('roles'),
      'somebody of a role nobody knows': await good({ ...owner, roles: ['admin'] }),
    },
  };
}

function unsigned(claims: Claims, alg: string): string {
  return `${encoded({ alg, kid: 'rsa' })}.${encoded(claims)}.`;
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

async function fill(service: HttpService, ask: World['ask']): Promise<void> {
  const profiles = clients.map(({ firmId, clientId, adviser }) => ({
    ...{ firmId, clientId, version: 1, firstName: clientId, lastName: 'Same', type: 'individual', status: 'active' },
    adviser: adviser === null ? null : { id: adviser, name: `Name of ${adviser} in ${firmId}` },
    ...{ emails: [`${clientId}@example.org`], createdAt: '2024-01-01T00:00:00Z', updatedAt: '2024-01-01T00:00:00Z' },
  }));
  const headers = { authorization: `Bearer ${everything}` };
  const { status } = await service.send('POST', '/v1/events/client', profiles, headers);
  if (status !== 202) throw new Error(`the profiles were answered with ${status}`);
  await untilFolded(ask, service.output);
}

async function untilFolded(ask: World['ask'], output: () => string): Promise<void> {
  await until(
    async () => Lag.parse((await ask('GET', '/v1/lag', nowhere, everything)).json()).total === 0,
    30_000,
    output,
  );
}

const Lag = z.object({ total: z.int() });
const Job = z.object({ id: z.string(), status: z.string() });

async function finishedExport(ask: World['ask'], firmId: string, token: string): Promise<string> {
  const path = '/v1/firms/{firmId}/exports';
  const wanted = { report: 'portal-engagement', format: 'csv' };
  const { id } = Job.parse((await ask('POST', path, placeOf({ firmId }), token, wanted)).json());
  const place = placeOf({ firmId, exportId: id });
  await until(
    async () => Job.parse((await ask('GET', `${path}/{id}`, place, token)).json()).status === 'done',
    30_000,
    () => `the export ${id} of ${firmId} did not end`,
  );
  return id;
}
