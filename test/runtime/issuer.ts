// A real issuer of tokens on loopback: it tells of itself, publishes its public keys, and signs what a test asks for.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose';

export type Claims = Readonly<Record<string, unknown>>;

export type Issuer = {
  /** As tokens write it. */
  readonly url: string;
  /** Makes a key that signs from here on, and publishes it under this id. */
  addKey(kid: string, alg?: string): Promise<void>;
  withdrawKey(kid: string): void;
  /** As PEM: what everybody can get. */
  publicKey(kid: string): Promise<string>;
  publicJwk(kid: string): Promise<JWK>;
  /** Signed with a key of that id, published or not. */
  sign(claims: Claims, kid: string, header?: Claims): Promise<string>;
  /** Where it says that its keys are. */
  keysUrl: string;
  /** Paths that were asked for, in order. */
  readonly asked: string[];
  /** While true every answer is 503. */
  isDown: boolean;
  close(): Promise<void>;
};

type Key = { readonly alg: string; readonly publicKey: CryptoKey; readonly privateKey: CryptoKey };

export async function openIssuer(): Promise<Issuer> {
  const keys = new Map<string, Key>();
  const published = new Set<string>();
  const asked: string[] = [];
  const keyOf = (kid: string): Key => {
    const key = keys.get(kid);
    if (key === undefined) throw new Error(`the issuer has no key ${kid}`);
    return key;
  };
  const jwks = async () => ({
    keys: await Promise.all(
      [...published].map(async (kid) => ({ ...(await exportJWK(keyOf(kid).publicKey)), kid, use: 'sig' })),
    ),
  });
  const server = createServer(async (request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const documents: Readonly<Record<string, unknown>> = {
      '/.well-known/openid-configuration': { issuer: issuer.url, jwks_uri: issuer.keysUrl },
      '/keys': await jwks(),
    };
    const document = issuer.isDown ? undefined : documents[path];
    response.writeHead(document === undefined ? 503 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(document ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${portOf(server.address())}`;
  const issuer: Issuer = {
    url,
    keysUrl: `${url}/keys`,
    asked,
    isDown: false,
    addKey: async (kid, alg = 'RS256') => {
      keys.set(kid, { alg, ...(await generateKeyPair(alg, { extractable: true })) });
      published.add(kid);
    },
    withdrawKey: (kid) => {
      published.delete(kid);
    },
    publicKey: (kid) => exportSPKI(keyOf(kid).publicKey),
    publicJwk: (kid) => exportJWK(keyOf(kid).publicKey),
    sign: (claims, kid, header = {}) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: keyOf(kid).alg, kid, ...header })
        .sign(keyOf(kid).privateKey),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return issuer;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the issuer listens on no port');
  return address.port;
}
