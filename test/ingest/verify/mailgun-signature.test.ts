// Mailgun's signature in the body. The constant comes from another implementation (Python's hmac).
import { createHmac } from 'node:crypto';
import { mailgunSignature } from '../../../services/ingest/verify/mailgun-signature.ts';
import { neverAccepts, outcome, secret, signed, signedAt } from './deliveries.ts';

const token = 'a'.repeat(50);
const signature = '01ac8e220d0fb80b3fc972c117ebaca98ca088dc003e01bc304fbbf59c2954dd';
const genuine = { timestamp: '1700000000', token, signature };
const window = { pastMs: 900_000, aheadMs: 900_000 };
const verify = mailgunSignature({ secrets: ['the new one', secret], window });
const json = (fields: object, now = signedAt) =>
  signed({ body: JSON.stringify({ signature: fields, 'event-data': { event: 'opened' } }), headers: {} }, { now });

test('accepts what was signed, and names it by what was', async () => {
  expect(await verify(json(genuine))).toEqual({ ok: true, replayId: `1700000000${token}` });
});

test('accepts a form, as older webhooks send it', async () => {
  const body = `${new URLSearchParams({ ...genuine, event: 'opened' })}`;
  expect(await outcome(verify, signed({ body, headers: {} }))).toBe('ok');
});

test('the event is not signed: only the token, once, tells a second one with another event', async () => {
  const first = await verify(json(genuine));
  const body = JSON.stringify({ signature: genuine, 'event-data': { event: 'clicked' } });
  expect(await verify(signed({ body, headers: {} }))).toEqual(first);
});

test('a token whose first digit became part of the time names the same delivery, if it passes at all', async () => {
  const moved = mailgunSignature({
    secrets: [secret],
    window: { pastMs: Number.MAX_VALUE, aheadMs: Number.MAX_VALUE },
  });
  const fields = (timestamp: string, rest: string) => ({
    timestamp,
    token: rest,
    signature: createHmac('sha256', secret)
      .update(timestamp + rest)
      .digest('hex'),
  });
  const genuinely = await moved(json(fields('1700000000', `9${token}`)));
  expect(await moved(json(fields('17000000009', token)))).toEqual(genuinely);
});

test.each([
  ['another signature', { ...genuine, signature: 'a'.repeat(64) }, 'secret'],
  ['another token', { ...genuine, token: 'b'.repeat(50) }, 'secret'],
  ['another time', { ...genuine, timestamp: '1700000001' }, 'secret'],
  ['a signature that is none', { ...genuine, signature: 'x' }, 'body'],
  ['no token', { timestamp: genuine.timestamp, signature }, 'body'],
  ['a time that is none', { ...genuine, timestamp: 'yesterday' }, 'body'],
])('refuses %s', async (_what, fields, wrong) => {
  expect(await outcome(verify, json(fields))).toBe(wrong);
});

test('refuses what was signed 15 minutes and 1 ms ago', async () => {
  expect(await outcome(verify, json(genuine, signedAt + 900_001))).toBe('clock');
});

test('refuses any single bit of what is signed that differs', async () => {
  for (const field of ['timestamp', 'token', 'signature'] as const) {
    for (let bit = 0; bit < genuine[field].length * 7; bit += 1) {
      const codes = Buffer.from(genuine[field]);
      const at = Math.floor(bit / 7);
      codes[at] = (codes[at] ?? 0) ^ (1 << (bit % 7));
      expect(await outcome(verify, json({ ...genuine, [field]: codes.toString() }))).not.toBe('ok');
    }
  }
});

test('refuses anything a stranger sends', async () => {
  await neverAccepts(verify, ['authorization']);
});
