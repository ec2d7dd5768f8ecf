// Twilio's signature. The constants come from another implementation (Python's hmac) of what Twilio documents.
import { createHmac } from 'node:crypto';
import { twilioSignature } from '../../../services/ingest/verify/twilio-signature.ts';
import { acceptedFlips, body, neverAccepts, outcome, refusal, secret, signed } from './deliveries.ts';

const verify = twilioSignature({ secrets: ['the old one', secret] });
const form = 'To=%2B441632960001&MessageSid=SM1&MessageStatus=delivered&Body=caf%C3%A9+%26+co&Tag=b&Tag=a&Tag=b';
const url = 'https://hooks.example.org/v1/webhooks/sms?x=1';
const withoutPort = 'Ow5rnO4ih6QDgL9luBkKy1SSEno=';
const withPort = 'NxWrFM0BGlXIaccgH2YMxksLv6c=';
const withOtherPort = 'u4ls3/g3KsW0xx8Iy5GrU706MZ4=';

const delivery = (signature: string, address = url, sent = form) =>
  signed({ body: sent, headers: { 'x-twilio-signature': signature } }, { url: address });

describe('a form', () => {
  test.each([
    ['the address without its port', withoutPort, url],
    ['the address with the port that https has', withPort, url],
    ['the address with another port', withOtherPort, url.replace('.org', '.org:8443')],
    ['the address without the port that it has', withoutPort, url.replace('.org', '.org:8443')],
  ])('is accepted when Twilio signed %s', async (_what, signature, address) => {
    expect(await outcome(verify, delivery(signature, address))).toBe('ok');
  });

  test.each([
    ['another path', delivery(withoutPort, url.replace('sms', 'smt')), 'secret'],
    ['another query', delivery(withoutPort, `${url}&y=2`), 'secret'],
    ['another scheme', delivery(withoutPort, url.replace('https', 'http')), 'secret'],
    ['another field', delivery(withoutPort, url, `${form}&Extra=1`), 'secret'],
    ['a signature that is none', delivery('abc'), 'header'],
    ['no signature', signed({ body: form, headers: {} }, { url }), 'header'],
    ['an address that is none', delivery(withoutPort, '/v1/webhooks/sms'), 'header'],
  ])('is refused with %s', async (_what, sent, wrong) => {
    expect(await outcome(verify, sent)).toBe(wrong);
  });

  test('a refusal names the address as a reason', async () => {
    expect((await refusal(verify, delivery(withPort, url.replace('sms', 'smt')))).detail).toContain('address');
  });

  // A bit of an escape's letter case changes no field, so there are none in this one.
  test('is refused when any single bit differs', async () => {
    const plain = 'MessageSid=SM1&MessageStatus=delivered';
    const signature = createHmac('sha1', secret).update(`${url}MessageSidSM1MessageStatusdelivered`).digest('base64');
    expect(await outcome(verify, delivery(signature, url, plain))).toBe('ok');
    expect(await acceptedFlips(verify, delivery(signature, url, plain), ['x-twilio-signature'])).toEqual([]);
  });
});

describe('JSON, whose digest stands in the address', () => {
  const digest = 'fd6183b0525b509dcadc95ed18f70a2040468ba7ca6abaab65b27a3c07f9727c';
  const address = `https://hooks.example.org/v1/webhooks/sms?bodySHA256=${digest}`;
  const signature = 'qVu9yKcP3/ux86byg7/uqdr5uSE=';

  test('is accepted', async () => {
    expect(await outcome(verify, delivery(signature, address, body))).toBe('ok');
  });

  test('of another body is refused as that, for the address is signed', async () => {
    expect(await outcome(verify, delivery(signature, address, '{}'))).toBe('body');
  });

  test('is refused when any single bit differs', async () => {
    expect(await acceptedFlips(verify, delivery(signature, address, body), ['x-twilio-signature'])).toEqual([]);
  });
});

test('refuses anything a stranger sends', async () => {
  await neverAccepts(verify, ['x-twilio-signature']);
});
