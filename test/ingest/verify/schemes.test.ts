// The schemes as sources choose them: presets that are whole, faults told before anything starts.
import {
  basicScheme,
  bearerScheme,
  ecdsaScheme,
  headerScheme,
  hmacScheme,
  mailgunScheme,
  snsScheme,
  standardWebhooksScheme,
  timedHmacScheme,
  twilioScheme,
} from '../../../services/ingest/verify/schemes.ts';
import type { Scheme } from '../../../services/ingest/verify/verification.ts';
import { body, outcome, secret, signed } from './deliveries.ts';

const parts = { fetch: () => Promise.reject(new Error('nothing is fetched here')) };
const keycloak = hmacScheme('The secret.', { header: 'X-Keycloak-Signature' });
const ecdsa = ecdsaScheme('The key.', { signatureHeader: 'X-S', timestampHeader: 'X-T' });

function open(scheme: Scheme, options: unknown = {}, secrets: readonly string[] = [secret]) {
  return scheme.open({ secrets, options: scheme.options.parse(options) }, parts);
}

test.each([
  [
    'hmac',
    keycloak,
    { 'x-keycloak-signature': 'd599a23d496a7aad645e46776696b504085fa97fd8a20bbd9da7c86d2e4df83a' },
    [secret],
  ],
  [
    'basic',
    basicScheme,
    { authorization: `Basic ${Buffer.from('user:pass:word').toString('base64')}` },
    ['user:pass:word'],
  ],
  ['bearer', bearerScheme, { authorization: `Bearer ${secret}` }, [secret]],
  ['header', headerScheme(), { authorization: secret }, ['another', secret]],
  [
    'timed-hmac',
    timedHmacScheme('The secret.', { header: 'X-S', windowSeconds: 180 }),
    { 'x-s': 't=1700000000000, v1=f424d3ee7236cc8e806665eeec9673632a09db3f9fb2b61a064238725e2e379e' },
    [secret],
  ],
  [
    'standard-webhooks',
    standardWebhooksScheme('svix'),
    {
      'svix-id': 'msg_1',
      'svix-timestamp': '1700000000',
      'svix-signature': 'v1,meIl5RFI76D8NpMicfwDmqfBtC+ZpGIL0HxJJQ5nYt8=',
    },
    ['whsec_c2lnbmFsZm9sZC10ZXN0LWtleS1vZi0yNA=='],
  ],
] as const)('%s verifies by its presets alone', async (name, scheme, headers, secrets) => {
  expect(scheme.name).toBe(name);
  expect(await outcome(open(scheme, {}, secrets), signed({ body, headers }))).toBe('ok');
});

test('an HMAC that no preset knows is described by its options', async () => {
  const options = {
    header: 'X-Signature',
    prefix: 'v0=',
    template: 'v0:{timestamp}:{body}',
    timestampHeader: 'X-Timestamp',
  };
  const headers = {
    'x-signature': 'v0=b19d024457844f2031195f2c8cc77004dbfd914f40d6f5bb8182b76e40f27554',
    'x-timestamp': '1700000000',
  };
  expect(await outcome(open(hmacScheme('The secret.'), options), signed({ body, headers }))).toBe('ok');
});

test.each([
  ['a blank secret', keycloak, ' '],
  ['a user without a password', basicScheme, 'user'],
  ['a token with its "Bearer"', bearerScheme, 'Bearer abc'],
  ['a header without a value', headerScheme(), ''],
  ['what is not base64', standardWebhooksScheme('svix'), 'whsec_~'],
  ['what is no public key', ecdsa, 'abc'],
  ['a blank token', twilioScheme, ''],
  ['a blank key', mailgunScheme, ''],
] as const)('%s is a fault, told without the secret', (_what, scheme, wrong) => {
  expect(scheme.fault(wrong)).toMatch(/must|needs/);
  if (wrong.trim().length > 4) expect(scheme.fault(wrong)).not.toContain(wrong);
});

test.each([
  ['an option that is not known', mailgunScheme, { window: 5 }],
  ['a header that cannot be one', keycloak, { header: 'X Signature' }],
  ['no window at all', mailgunScheme, { windowSeconds: 0 }],
  ['SNS without its topics', snsScheme, {}],
  ['SNS of what is no topic', snsScheme, { topicArns: ['*'] }],
  ['an HMAC of nothing known', hmacScheme('The secret.'), {}],
] as const)('%s is refused', (_what, scheme, options) => {
  expect(scheme.options.safeParse(options).success).toBe(false);
});
