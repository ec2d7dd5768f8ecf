// ECDSA: signed here with node's own signer, by a key made for the test.
import { generateKeyPairSync, sign } from 'node:crypto';
import { ecdsa } from '../../../services/ingest/verify/ecdsa.ts';
import { acceptedFlips, neverAccepts, outcome, signed, signedAt } from './deliveries.ts';

const keyPair = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });
const shown = ({ publicKey }: ReturnType<typeof keyPair>) =>
  publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
const [pair, other] = [keyPair('P-256'), keyPair('P-256')];
const signatureHeader = 'X-Twilio-Email-Event-Webhook-Signature';
const timestampHeader = 'X-Twilio-Email-Event-Webhook-Timestamp';
const window = { pastMs: 600_000, aheadMs: 600_000 };
const schemeOf = (...publicKeys: string[]) => ecdsa({ publicKeys, signatureHeader, timestampHeader, window });
const verify = schemeOf(shown(pair));

// SendGrid's bodies end so.
const body = '[{"event":"open","sg_event_id":"e-1"}]\r\n';

function delivery({ sent = body, stamp = '1700000000', key = pair, now = signedAt } = {}) {
  const signature = sign('sha256', Buffer.from(`1700000000${body}`), key.privateKey).toString('base64');
  const headers = { [signatureHeader.toLowerCase()]: signature, [timestampHeader.toLowerCase()]: stamp };
  return signed({ body: sent, headers }, { now });
}

test('accepts what was signed', async () => {
  expect(await outcome(verify, delivery())).toBe('ok');
});

test('accepts any of several keys', async () => {
  expect(await outcome(schemeOf(shown(other), shown(pair)), delivery())).toBe('ok');
});

test('two signatures of one delivery name the same delivery', async () => {
  const [first, second] = [delivery(), delivery()];
  expect(first.headers).not.toEqual(second.headers);
  expect(await verify(first)).toEqual(await verify(second));
});

test.each([
  ['the signature of another key', delivery({ key: other }), 'secret'],
  ['another body', delivery({ sent: '[]' }), 'secret'],
  ['another time', delivery({ stamp: '1700000001' }), 'secret'],
  ['a body that lost its last line end', delivery({ sent: body.trimEnd() }), 'body'],
  ['a time in milliseconds', delivery({ stamp: '1700000000000' }), 'header'],
  ['what was signed 10 minutes and 1 ms ago', delivery({ now: signedAt + 600_001 }), 'clock'],
  ['no signature', signed({ body, headers: {} }), 'header'],
  ['a signature that is no DER', signed({ body, headers: { [signatureHeader.toLowerCase()]: 'AAAA' } }), 'header'],
])('refuses %s', async (_what, sent, wrong) => {
  expect(await outcome(verify, sent)).toBe(wrong);
});

test('refuses any single bit that differs', async () => {
  const headers = [signatureHeader.toLowerCase(), timestampHeader.toLowerCase()];
  expect(await acceptedFlips(verify, delivery(), headers)).toEqual([]);
});

test('refuses anything a stranger sends', async () => {
  await neverAccepts(verify, [signatureHeader.toLowerCase(), timestampHeader.toLowerCase()]);
});

test.each([
  ['no key', 'whsec_AAAA'],
  ['a key of another curve', shown(keyPair('P-384'))],
])('%s is refused at start', (_what, key) => {
  expect(() => schemeOf(key)).toThrow(RangeError);
});
