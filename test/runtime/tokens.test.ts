// Tokens and the keys of their issuer, with a real issuer on loopback: rotation, failures, and what tokens say.
import type { ClaimNames } from '../../services/runtime/claims.ts';
import { type IssuerKeysTimes, issuerKeysTimes, openIssuerKeys } from '../../services/runtime/issuer-keys.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import type { Principal } from '../../services/runtime/principal.ts';
import { Problem } from '../../services/runtime/problem.ts';
import { tokenCheck } from '../../services/runtime/tokens.ts';
import { type HandClock, openHandClock } from '../projector/hand-clock.ts';
import { type Claims, type Issuer, openIssuer } from './issuer.ts';

const now = Date.parse('2026-03-02T09:30:00Z');
const seconds = now / 1000;
const logger = createLogger('silent');
const names: ClaimNames = {
  firm: 'firm_id',
  role: 'realm_access.roles',
  adviser: 'https://example.org/adviser',
  roleNames: [
    { name: 'practice-owner', role: 'owner' },
    { name: 'practice-manager', role: 'manager' },
    { name: 'financial-adviser', role: 'adviser' },
  ],
  scopePrefix: null,
};

let clock: HandClock;
let issuer: Issuer;
beforeEach(async () => {
  clock = openHandClock(now);
  issuer = await openIssuer();
  await issuer.addKey('first');
});
afterEach(() => issuer.close());

function ann(claims: Claims = {}): Claims {
  return {
    iss: issuer.url,
    aud: 'signalfold',
    sub: 'ann',
    exp: seconds + 300,
    firm_id: 'firm-1',
    realm_access: { roles: ['practice-owner'] },
    ...claims,
  };
}

type Check = (token: string) => Promise<Principal>;

function opened(times: Partial<IssuerKeysTimes> = {}, claims: Partial<ClaimNames> = {}, jwksUrl?: string): Check {
  const keys = openIssuerKeys({ issuer: issuer.url, jwksUrl: jwksUrl ?? null, clock, logger, times });
  const oidc = { issuer: issuer.url, audiences: ['signalfold', 'other'], jwksUrl: null, signIn: null };
  return tokenCheck({ ...oidc, claims: { ...names, ...claims } }, keys, clock);
}

/** `passes`, or the code of the problem. */
async function outcome(check: Check, token: string): Promise<string> {
  return check(token).then(
    () => 'passes',
    (error: unknown) => (error instanceof Problem ? error.code : String(error)),
  );
}

describe('a token', () => {
  test.each(['RS256', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA'])('signed by %s passes', async (alg) => {
    await issuer.addKey('of-that-kind', alg);
    expect(await outcome(opened(), await issuer.sign(ann(), 'of-that-kind'))).toBe('passes');
  });

  test('may name one of several audiences, and several itself', async () => {
    expect(await outcome(opened(), await issuer.sign(ann({ aud: ['x', 'other'] }), 'first'))).toBe('passes');
  });

  test('may be off by the difference of two clocks, and no further', async () => {
    const check = opened();
    const ended = async (ago: number) => outcome(check, await issuer.sign(ann({ exp: seconds - ago }), 'first'));
    const begins = async (ahead: number) => outcome(check, await issuer.sign(ann({ nbf: seconds + ahead }), 'first'));
    expect([await ended(29), await ended(31), await begins(29), await begins(31)]).toEqual([
      ...['passes', 'unauthenticated', 'passes', 'unauthenticated'],
    ]);
  });

  test('tells until when it counts', async () => {
    expect(await opened()(await issuer.sign(ann(), 'first'))).toMatchObject({ until: now + 300_000 });
  });

  test.each(['exp', 'sub', 'aud', 'iss'])('without %s is refused', async (claim) => {
    expect(await outcome(opened(), await issuer.sign(ann({ [claim]: undefined }), 'first'))).toBe('unauthenticated');
  });

  test('that names no key passes while there is one, and is refused when there are several', async () => {
    const token = await issuer.sign(ann(), 'first', { kid: undefined });
    expect(await outcome(opened(), token)).toBe('passes');
    await issuer.addKey('second');
    expect(await outcome(opened(), token)).toBe('unauthenticated');
  });
});

describe('what a token says', () => {
  const roles = (...held: string[]) => ({ realm_access: { roles: held } });
  const adviser = { ...roles('financial-adviser'), 'https://example.org/adviser': 'adv-7' };

  test.each([
    ['an owner', roles('practice-owner'), null, ['read', 'export', 'ingest', 'settings', 'erase', 'operate']],
    ['a manager', roles('practice-manager'), null, ['read', 'export', 'settings']],
    ['an adviser', adviser, 'adv-7', ['read', 'export']],
    [
      'of several roles the widest',
      roles('financial-adviser', 'practice-manager', 'x'),
      null,
      ['read', 'export', 'settings'],
    ],
    ['a number as adviser', { ...adviser, 'https://example.org/adviser': 7 }, '7', ['read', 'export']],
    ['a list of one firm', { ...roles('practice-owner'), firm_id: ['firm-1'] }, null, expect.any(Array)],
  ])('%s', async (_what, claims, book, scopes) => {
    const principal = await opened()(await issuer.sign(ann(claims), 'first'));
    expect({ ...principal, scopes: [...principal.scopes] }).toMatchObject({
      id: 'oidc:ann',
      firmId: 'firm-1',
      book,
      scopes,
    });
  });

  test.each([
    ['no role', { realm_access: {} }, 'realm_access.roles'],
    ['no role that is known', roles('guest'), 'realm_access.roles'],
    ['our own name of a role, which is not how this issuer calls it', roles('owner'), 'realm_access.roles'],
    ['an adviser without an id', roles('financial-adviser'), 'https://example.org/adviser'],
    ['an adviser with an empty id', { ...adviser, 'https://example.org/adviser': '' }, 'https://example.org/adviser'],
    [
      'an adviser with two ids',
      { ...adviser, 'https://example.org/adviser': ['a', 'b'] },
      'https://example.org/adviser',
    ],
    ['no firm', { firm_id: undefined }, 'firm_id'],
    ['two firms', { firm_id: ['firm-1', 'firm-2'] }, 'firm_id'],
    ['an object for a firm', { firm_id: { id: 'firm-1' } }, 'firm_id'],
  ])('%s is forbidden, and the claim is named', async (_what, claims, claim) => {
    const token = await issuer.sign(ann(claims), 'first');
    await expect(opened()(token)).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining(claim) });
  });

  test.each(['constructor', '__proto__', 'realm_access.roles.length', 'sub.length'])(
    'a claim called %s leads to nothing that the token does not hold',
    async (firm) => {
      expect(await outcome(opened({}, { firm }), await issuer.sign(ann(), 'first'))).toBe('forbidden');
    },
  );

  test.each([
    ['scope', 'openid signalfold:read', ['read']],
    ['scp', ['signalfold:read', 'signalfold:erase'], ['read', 'erase']],
    ['scope', 'openid read', []],
    ['nothing', 'signalfold:read', []],
  ])('given a prefix of scopes, %s of %j leaves %j', async (claim, value, scopes) => {
    const token = await issuer.sign(ann({ [claim]: value }), 'first');
    const principal = await opened({}, { scopePrefix: 'signalfold:' })(token);
    expect([...principal.scopes]).toEqual(scopes);
  });

  test('given a prefix, scopes give nobody more than the role does', async () => {
    const token = await issuer.sign(ann({ ...roles('practice-manager'), scope: 's:erase s:read' }), 'first');
    expect([...(await opened({}, { scopePrefix: 's:' })(token)).scopes]).toEqual(['read']);
  });
});

describe('the keys of the issuer', () => {
  const fetches = () => issuer.asked.filter((path) => path === '/keys').length;

  test('are found where the issuer says, or where the configuration says', async () => {
    const token = await issuer.sign(ann(), 'first');
    expect(await outcome(opened(), token)).toBe('passes');
    expect(issuer.asked).toEqual(['/.well-known/openid-configuration', '/keys']);
    expect(await outcome(opened({}, {}, `${issuer.url}/keys`), token)).toBe('passes');
    expect(issuer.asked).toEqual(['/.well-known/openid-configuration', '/keys', '/keys']);
  });

  test('are fetched once for many tokens at a time', async () => {
    const check = opened();
    const token = await issuer.sign(ann(), 'first');
    await Promise.all(Array.from({ length: 20 }, () => check(token)));
    expect(fetches()).toBe(1);
  });

  test('given a new one, its first token passes, and so do those of the old', async () => {
    const check = opened({ cooldownMs: 0 });
    const old = await issuer.sign(ann(), 'first');
    expect(await outcome(check, old)).toBe('passes');
    await issuer.addKey('second', 'ES256');
    expect(await outcome(check, await issuer.sign(ann(), 'second'))).toBe('passes');
    expect(await outcome(check, old)).toBe('passes');
  });

  test('given one is withdrawn, its tokens are refused once the keys are fetched again', async () => {
    const check = opened();
    const far = seconds + issuerKeysTimes.freshMs / 1000 + 300;
    const old = await issuer.sign(ann({ exp: far }), 'first');
    expect(await outcome(check, old)).toBe('passes');
    await issuer.addKey('second');
    issuer.withdrawKey('first');
    clock.move(issuerKeysTimes.freshMs);
    expect(await outcome(check, old)).toBe('unauthenticated');
    expect(await outcome(check, await issuer.sign(ann({ exp: far }), 'second'))).toBe('passes');
  });

  test('are not fetched for every token that names one nobody has', async () => {
    const check = opened();
    issuer.withdrawKey('first');
    await issuer.addKey('second');
    const forged = await issuer.sign(ann(), 'first');
    for (let count = 0; count < 10; count += 1) expect(await outcome(check, forged)).toBe('unauthenticated');
    expect(fetches()).toBe(1);
  });

  test('given the issuer is down from the start, it is no fault of the token', async () => {
    issuer.isDown = true;
    const check = opened();
    const token = await issuer.sign(ann(), 'first');
    await expect(check(token)).rejects.toMatchObject({ code: 'unavailable', headers: { 'retry-after': '2' } });
    expect(await outcome(check, token)).toBe('unavailable');
    // The second caller did not wait for it.
    expect(issuer.asked).toHaveLength(1);
    issuer.isDown = false;
    clock.move(issuerKeysTimes.pauseMs);
    expect(await outcome(check, token)).toBe('passes');
  });

  test('given the issuer goes down, those at hand serve on until they are too old', async () => {
    const token = await issuer.sign(ann({ exp: seconds + 10_000 }), 'first');
    const [check, hasty] = [opened(), opened({ keptMs: 1 })];
    expect([await outcome(check, token), await outcome(hasty, token)]).toEqual(['passes', 'passes']);
    issuer.isDown = true;
    clock.move(issuerKeysTimes.freshMs);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect([await outcome(check, token), await outcome(hasty, token)]).toEqual(['passes', 'unavailable']);
  });

  test('given the issuer tells of another issuer, they are not taken', async () => {
    const token = await issuer.sign(ann(), 'first');
    const keys = openIssuerKeys({ issuer: `${issuer.url}/`, jwksUrl: null, clock, logger });
    const check = tokenCheck(
      { issuer: issuer.url, audiences: ['signalfold'], jwksUrl: null, claims: names, signIn: null },
      keys,
      clock,
    );
    expect(await outcome(check, token)).toBe('unavailable');
    expect(issuer.asked).toEqual(['/.well-known/openid-configuration']);
  });

  test('given the issuer tells of keys without TLS, they are not taken', async () => {
    issuer.keysUrl = 'http://keys.example.org/';
    await expect(opened()(await issuer.sign(ann(), 'first'))).rejects.toMatchObject({
      code: 'unavailable',
      cause: { message: expect.stringContaining('names keys without TLS') },
    });
  });
});
