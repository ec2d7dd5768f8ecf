// The header with time and signature in one. The constant comes from another implementation (Python's hmac).
import { timedHmac } from '../../../services/ingest/verify/timed-hmac.ts';
import { acceptedFlips, body, neverAccepts, outcome, secret, signed, signedAt } from './deliveries.ts';

const signature = 'f424d3ee7236cc8e806665eeec9673632a09db3f9fb2b61a064238725e2e379e';
const other = 'a'.repeat(64);
const scheme = {
  secrets: [secret],
  header: 'WorkOS-Signature',
  unit: 'ms',
  window: { pastMs: 180_000, aheadMs: 180_000 },
} as const;
const delivery = (header: string, now = signedAt) => signed({ body, headers: { 'workos-signature': header } }, { now });
const genuine = `t=1700000000000, v1=${signature}`;

test.each([
  ['as WorkOS writes it', genuine],
  ['without the space', `t=1700000000000,v1=${signature}`],
  ['with the signature of a secret to come', `t=1700000000000, v1=${other}, v1=${signature}`],
  ['with a version unknown here', `t=1700000000000, v2=${other}, v1=${signature}`],
])('accepts a header %s', async (_what, header) => {
  expect(await outcome(timedHmac(scheme), delivery(header))).toBe('ok');
});

test('accepts any of several secrets', async () => {
  expect(await outcome(timedHmac({ ...scheme, secrets: ['the new one', secret] }), delivery(genuine))).toBe('ok');
});

test.each([
  ['another signature', `t=1700000000000, v1=${other}`, 'secret'],
  ['another time', `t=1700000000001, v1=${signature}`, 'secret'],
  ['the time in seconds', `t=1700000000, v1=${signature}`, 'header'],
  ['no time', `v1=${signature}`, 'header'],
  ['two times', `t=1700000000000, t=1700000000001, v1=${signature}`, 'header'],
  ['no signature', 't=1700000000000', 'header'],
  ['a signature of another version alone', `t=1700000000000, v2=${signature}`, 'header'],
])('refuses %s', async (_what, header, wrong) => {
  expect(await outcome(timedHmac(scheme), delivery(header))).toBe(wrong);
});

test.each([
  [180_000, 'ok'],
  [180_001, 'clock'],
  [-180_001, 'clock'],
])('signed %d ms ago is %s', async (age, expected) => {
  expect(await outcome(timedHmac(scheme), delivery(genuine, signedAt + age))).toBe(expected);
});

test('refuses any single bit that differs', async () => {
  expect(await acceptedFlips(timedHmac(scheme), delivery(genuine), ['workos-signature'])).toEqual([]);
});

test('refuses anything a stranger sends', async () => {
  await neverAccepts(timedHmac(scheme), ['workos-signature']);
});
