// Standard Webhooks. The constant comes from another implementation (Python's hmac) of the specification's text.
import { standardWebhooks } from '../../../services/ingest/verify/standard-webhooks.ts';
import { acceptedFlips, body, neverAccepts, outcome, signed, signedAt } from './deliveries.ts';

const secret = 'whsec_c2lnbmFsZm9sZC10ZXN0LWtleS1vZi0yNA==';
const signature = 'v1,meIl5RFI76D8NpMicfwDmqfBtC+ZpGIL0HxJJQ5nYt8=';
const strange = `v1,${'A'.repeat(43)}=`;
const verify = standardWebhooks({ secrets: [secret], headers: 'svix' });

function delivery(changes: Readonly<Record<string, string>> = {}, now = signedAt) {
  const headers = { 'svix-id': 'msg_1', 'svix-timestamp': '1700000000', 'svix-signature': signature, ...changes };
  return signed({ body, headers }, { now });
}

test('accepts what was signed, and names it by the id, which is signed', async () => {
  expect(await verify(delivery())).toEqual({ ok: true, replayId: 'msg_1' });
});

test('reads the headers of the standard too', async () => {
  const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': '1700000000', 'webhook-signature': signature };
  const standard = standardWebhooks({ secrets: [secret], headers: 'webhook' });
  expect(await outcome(standard, signed({ body, headers }))).toBe('ok');
});

test.each([
  ['among others', `${strange} ${signature}`],
  ['beside one of another version', `v1a,${'B'.repeat(86)}== ${signature}`],
])('accepts the signature %s', async (_what, listed) => {
  expect(await outcome(verify, delivery({ 'svix-signature': listed }))).toBe('ok');
});

test('accepts any of several secrets, with "whsec_" or without', async () => {
  const both = standardWebhooks({ secrets: ['whsec_AAAA', secret.replace('whsec_', '')], headers: 'svix' });
  expect(await outcome(both, delivery())).toBe('ok');
});

test.each([
  ['a strange signature', { 'svix-signature': strange }, 'secret'],
  ['another id', { 'svix-id': 'msg_2' }, 'secret'],
  ['no id', { 'svix-id': '' }, 'header'],
  ['no version', { 'svix-signature': signature.slice(3) }, 'header'],
  ['a version that is not read here alone', { 'svix-signature': signature.replace('v1', 'v1a') }, 'header'],
  ['more signatures than anybody sends', { 'svix-signature': Array(17).fill(signature).join(' ') }, 'header'],
  ['a time in milliseconds', { 'svix-timestamp': '1700000000000' }, 'header'],
])('refuses %s', async (_what, changes, wrong) => {
  expect(await outcome(verify, delivery(changes))).toBe(wrong);
});

test.each([
  [300_000, 'ok'],
  [300_001, 'clock'],
  [-300_000, 'ok'],
  [-300_001, 'clock'],
])('signed %d ms ago is %s', async (age, expected) => {
  expect(await outcome(verify, delivery({}, signedAt + age))).toBe(expected);
});

test('refuses any single bit that differs', async () => {
  expect(await acceptedFlips(verify, delivery(), ['svix-id', 'svix-timestamp', 'svix-signature'])).toEqual([]);
});

test('refuses anything a stranger sends', async () => {
  await neverAccepts(verify, ['svix-id', 'svix-timestamp', 'svix-signature']);
});

test.each(['whsec_not base64', 'whsec_'])('a secret like %j is refused at start', (wrong) => {
  expect(() => standardWebhooks({ secrets: [wrong], headers: 'svix' })).toThrow(RangeError);
});
