// HMAC schemes. Signatures are constants made by another implementation (Python's hmac) of the same key and body.
import { gzipSync } from 'node:zlib';
import { type HmacScheme, hmac } from '../../../services/ingest/verify/hmac.ts';
import { acceptedFlips, body, neverAccepts, outcome, refusal, secret, signed, signedAt } from './deliveries.ts';

const sha1 = '8cdee4274000c83d70dc7d45e308cda449d01771';
const sha256 = 'd599a23d496a7aad645e46776696b504085fa97fd8a20bbd9da7c86d2e4df83a';
const sha256Base64 = '1ZmiPUlqeq1kXkZ3Zpa1BAhfqX/Yogu9nafIbS5N+Do=';
const timed = 'b19d024457844f2031195f2c8cc77004dbfd914f40d6f5bb8182b76e40f27554';
const named = 'aaee91ff50a83c53c677a19b34b7bd8b8ba888f1992b0db9d6d4fb104614da94';

const keycloak: HmacScheme = {
  secrets: [secret],
  algorithm: 'sha256',
  encoding: 'hex',
  header: 'X-Keycloak-Signature',
};
const intercom: HmacScheme = {
  secrets: [secret],
  algorithm: 'sha1',
  encoding: 'hex',
  header: 'X-Hub-Signature',
  prefix: 'sha1=',
};
const timedScheme: HmacScheme = {
  ...keycloak,
  header: 'X-Signature',
  prefix: 'v0=',
  template: 'v0:{timestamp}:{body}',
  timestamp: { header: 'X-Timestamp', unit: 's', window: { pastMs: 60_000, aheadMs: 30_000 } },
};

const ofKeycloak = signed({ body, headers: { 'x-keycloak-signature': sha256 } });
const ofIntercom = signed({ body, headers: { 'x-hub-signature': `sha1=${sha1}` } });
const ofTimed = signed({ body, headers: { 'x-signature': `v0=${timed}`, 'x-timestamp': '1700000000' } });

describe('a body signed as its provider signs', () => {
  test.each([
    ['hex', keycloak, ofKeycloak],
    [
      'base64',
      { ...keycloak, encoding: 'base64' },
      signed({ body, headers: { 'x-keycloak-signature': sha256Base64 } }),
    ],
    ['a prefix', intercom, ofIntercom],
    ['a template with a time', timedScheme, ofTimed],
    [
      'a template with an id',
      { ...keycloak, template: '{id}.{timestamp}.{body}', idHeader: 'X-Id', timestamp: timedScheme.timestamp },
      signed({ body, headers: { 'x-keycloak-signature': named, 'x-id': 'd-7', 'x-timestamp': '1700000000' } }),
    ],
    ['several secrets', { ...keycloak, secrets: ['the old one', secret] }, ofKeycloak],
  ] as readonly (readonly [string, HmacScheme, typeof ofKeycloak])[])(
    'is accepted: %s',
    async (_what, scheme, delivery) => {
      expect(await outcome(hmac(scheme), delivery)).toBe('ok');
    },
  );

  test('is named by what was signed, so that a copy is known whatever its unsigned headers say', async () => {
    const copy = { ...ofKeycloak, headers: { ...ofKeycloak.headers, 'x-webhook-id': 'another' } };
    expect(await hmac(keycloak)(copy)).toEqual(await hmac(keycloak)(ofKeycloak));
  });
});

describe('a packed body', () => {
  const scheme: HmacScheme = { ...keycloak, signsUnzipped: true };
  const { headers } = ofKeycloak;

  test('is verified as it was before packing', async () => {
    expect(await outcome(hmac(scheme), signed({ body: gzipSync(body), headers }))).toBe('ok');
  });

  test('is verified as well where a proxy unpacked it', async () => {
    expect(await outcome(hmac(scheme), signed({ body, headers }))).toBe('ok');
  });

  test('that cannot be unpacked is refused as a wrong body', async () => {
    expect(await outcome(hmac(scheme), signed({ body: gzipSync(body).subarray(0, 20), headers }))).toBe('body');
  });

  test('that grows beyond 5 MiB is refused as a wrong body', async () => {
    const bomb = gzipSync(Buffer.alloc(5 * 1024 * 1024 + 1));
    expect(await outcome(hmac(scheme), signed({ body: bomb, headers }))).toBe('body');
  });
});

describe('what is refused', () => {
  test.each([
    ['keycloak', keycloak, ofKeycloak, ['x-keycloak-signature']],
    ['intercom', intercom, ofIntercom, ['x-hub-signature']],
    ['timed', timedScheme, ofTimed, ['x-signature', 'x-timestamp']],
  ] as const)('any single bit that differs: %s', async (_name, scheme, delivery, headers) => {
    expect(await acceptedFlips(hmac(scheme), delivery, headers)).toEqual([]);
  });

  test('anything a stranger sends', async () => {
    await neverAccepts(hmac(timedScheme), ['x-signature', 'x-timestamp']);
  });

  test.each([
    ['no signature', signed({ body, headers: {} }), 'header'],
    ['a blank signature', signed({ body, headers: { 'x-keycloak-signature': ' ' } }), 'header'],
    ['a cut signature', signed({ body, headers: { 'x-keycloak-signature': sha256.slice(1) } }), 'header'],
    ['one in the other encoding', signed({ body, headers: { 'x-keycloak-signature': sha256Base64 } }), 'header'],
    ['another body', signed({ body: '{}', headers: ofKeycloak.headers }), 'secret'],
    ['a body whose end was trimmed on the way', signed({ body: `${body}\n`, headers: ofKeycloak.headers }), 'body'],
    ['a body that was written anew', signed({ body: body.replace(',', ', '), headers: ofKeycloak.headers }), 'body'],
  ])('%s: %#', async (_what, delivery, wrong) => {
    expect(await outcome(hmac(keycloak), delivery)).toBe(wrong);
  });

  test('another secret, saying that the body may be it as well', async () => {
    const { wrong, detail } = await refusal(hmac({ ...keycloak, secrets: ['another'] }), ofKeycloak);
    expect(wrong).toBe('secret');
    expect(detail).toMatch(/secret.*or the body/);
  });
});

describe('the clock', () => {
  test.each([
    ['60 seconds ago, which is allowed', 60_000, 'ok'],
    ['longer ago', 60_001, 'clock'],
    ['30 seconds ahead, which is allowed', -30_000, 'ok'],
    ['further ahead', -30_001, 'clock'],
  ])('signed %s', async (_what, age, expected) => {
    expect(await outcome(hmac(timedScheme), { ...ofTimed, now: signedAt + age })).toBe(expected);
  });

  test('a refusal says by how much', async () => {
    const { detail } = await refusal(hmac(timedScheme), { ...ofTimed, now: signedAt + 423_000 });
    expect(detail).toContain('423 seconds');
  });

  test.each(['1700000000000', '17e8', '-1700000000', '01700000000', '2023-11-14T22:13:20Z'])(
    'a time written as %s is a malformed header',
    async (time) => {
      expect(
        await outcome(hmac(timedScheme), { ...ofTimed, headers: { ...ofTimed.headers, 'x-timestamp': time } }),
      ).toBe('header');
    },
  );
});

test.each([
  ['without a secret', { ...keycloak, secrets: [] }],
  ['with a blank secret', { ...keycloak, secrets: [' '] }],
  ['that signs no body', { ...keycloak, template: 'hello' }],
  ['that signs a time it does not know', { ...keycloak, template: '{timestamp}{body}' }],
  ['that knows a time it does not sign', { ...timedScheme, template: '{body}' }],
] as readonly (readonly [string, HmacScheme])[])('a scheme %s is refused at start', (_what, scheme) => {
  expect(() => hmac(scheme)).toThrow(RangeError);
});
