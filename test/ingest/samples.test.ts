import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { dayMs } from '../../services/core/time.ts';
import type { Offer } from '../../services/ingest/providers/offer.ts';
import { offers } from '../../services/ingest/providers.ts';
import { deliveryOf } from '../../services/ingest/samples/delivery.ts';
import { overridden, readOverride } from '../../services/ingest/samples/override.ts';
import type { Sample } from '../../services/ingest/samples/sample.ts';
import { sesSamples, sesTopicArn } from '../../services/ingest/samples/ses.ts';
import { type Delivery, sign } from '../../services/ingest/samples/sign.ts';
import { twilioSamples } from '../../services/ingest/samples/twilio.ts';
import { samples } from '../../services/ingest/samples.ts';
import { snsScheme, twilioScheme } from '../../services/ingest/verify/schemes.ts';
import type { Scheme } from '../../services/ingest/verify/verification.ts';
import { moment } from './providers/mapping.ts';
import { selfSigned } from './verify/certificate.ts';

const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

/** A secret of each scheme, in the form that its provider shows it. */
const secrets: Readonly<Record<string, string>> = {
  hmac: 'a-secret',
  'timed-hmac': 'a-secret',
  'standard-webhooks': 'whsec_c2lnbmFsZm9sZC1zaWduYWxmb2xk',
  ecdsa: pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  twilio: 'a-token',
  mailgun: 'a-key',
  basic: 'user:a-password',
  bearer: 'a-token',
  header: 'a-value',
};

/** SNS is signed for by Amazon's certificate alone; test/ingest/verify has it with a certificate of its own. */
const signed = Object.entries(offers).flatMap(([name, offer]) =>
  offer.schemes.filter((scheme) => scheme.name !== 'sns').map((scheme) => [name, scheme.name, offer, scheme] as const),
);

function delivered(offer: Offer, scheme: Scheme, bytes: Uint8Array): Delivery {
  const options = scheme.options.parse({});
  const type = offer.bodies[0] === 'form' ? 'application/x-www-form-urlencoded' : 'application/json';
  const delivery = { bytes, headers: { 'content-type': type }, url: 'https://in.example/v1/webhooks/one' };
  const secret = scheme.secret === null ? null : (secrets[scheme.name] ?? '');
  return sign(delivery, { scheme: scheme.name, secret, options, privateKey: pair.privateKey }, moment);
}

function verifierOf(scheme: Scheme, secret = secrets[scheme.name] ?? '') {
  return scheme.open({ secrets: [secret], options: scheme.options.parse({}) }, { fetch });
}

describe.each(signed)('%s, signed by %s', (_, name, offer, scheme) => {
  const bodies = fc.dictionary(fc.string(), fc.string()).map((body) => Buffer.from(JSON.stringify(body)));

  test('given any body, then what was signed is verified', async () => {
    const verify = verifierOf(scheme);
    await fc.assert(
      fc.asyncProperty(bodies, async (bytes) => {
        expect(await verify({ ...delivered(offer, scheme, bytes), now: moment.now })).toMatchObject({ ok: true });
      }),
      { numRuns: 50 },
    );
  });

  test('given another secret at the sender, then it is refused', async () => {
    const delivery = delivered(offer, scheme, Buffer.from('{"a":1}'));
    const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey;
    const secret =
      name === 'ecdsa'
        ? other.export({ format: 'der', type: 'spki' }).toString('base64')
        : name === 'standard-webhooks'
          ? 'whsec_b3RoZXItb3RoZXItb3RoZXItb3RoZXI='
          : `${secrets[name]}-other`;
    expect(await verifierOf(scheme, secret)({ ...delivery, now: moment.now })).toMatchObject({
      ok: false,
      wrong: 'secret',
    });
  });
});

describe('what is not signed like the others', () => {
  const { privateKey, pem } = selfSigned({ from: new Date(moment.now - dayMs), to: new Date(moment.now + dayMs) });
  const answer = async () => new Response(pem);
  const unsigned = (sample: Sample) => deliveryOf(sample, moment, 'https://in.example/v1/webhooks/one?source=1');

  test.each(sesSamples.map((sample) => [sample.name, sample] as const))(
    'SES %s, by a certificate',
    async (_, sample) => {
      const signing = { scheme: 'sns', secret: null, options: {}, privateKey };
      const delivery = sign(unsigned(sample), signing, moment);
      const verify = snsScheme.open(
        { secrets: [], options: snsScheme.options.parse({ topicArns: [sesTopicArn] }) },
        { fetch: answer },
      );
      expect(await verify({ ...delivery, now: moment.now })).toMatchObject({ ok: true });
    },
  );

  test('Twilio’s JSON, by the address, which carries a digest of the body', async () => {
    const sample = twilioSamples.find(({ form }) => form !== true);
    if (sample === undefined) throw new Error('there is no sample in JSON');
    const signing = { scheme: 'twilio', secret: 'a-token', options: {}, privateKey: null };
    const delivery = sign(unsigned(sample), signing, moment);
    expect(delivery.url).toMatch(/^https:\/\/in\.example\/v1\/webhooks\/one\?source=1&bodySHA256=[0-9a-f]{64}$/);
    const verify = twilioScheme.open({ secrets: ['a-token'], options: {} }, { fetch });
    expect(await verify({ ...delivery, now: moment.now })).toMatchObject({ ok: true });
    const changed = { ...delivery, bytes: Buffer.from('[]'), now: moment.now };
    expect(await verify(changed)).toMatchObject({ ok: false, wrong: 'body' });
  });

  test.each([
    ['ecdsa', 'Give --private-key the file'],
    ['sns', 'Only Amazon can sign for SNS'],
    ['none-of-ours', 'cannot be signed for here'],
  ])('given no key for %s, then it says what to do', (scheme, text) => {
    const signing = { scheme, secret: 'public', options: {}, privateKey: null };
    expect(() => sign({ url: '', bytes: Buffer.from('{}'), headers: {} }, signing, moment)).toThrow(text);
  });
});

test('given the table of providers, then each has samples, and each sample a name of its own', () => {
  expect(Object.keys(samples)).toEqual(expect.arrayContaining(Object.keys(offers)));
  for (const list of Object.values(samples)) {
    expect(new Set(list.map((sample) => sample.name)).size).toBe(list.length);
  }
});

test.each(Object.entries(samples))('%s: given two moments, then no two deliveries are alike', (_, list) => {
  const other = { ...moment, now: moment.now + 1000, serial: 'fedcba9876543210fedcba9876543210' };
  for (const sample of list) expect(sample.body(moment)).not.toEqual(sample.body(other));
});

/** Twilio knows people by their numbers. */
const naming = Object.entries(samples).filter(([provider]) => provider !== 'twilio');
test.each(naming)('%s: given somebody else, then nobody else is named', (_, list) => {
  const person = { id: 'user-2', email: 'user-2@example.org' };
  for (const sample of list) {
    const text = JSON.stringify(sample.body({ ...moment, person }));
    expect(text).not.toMatch(/client-1@|"client-1"/);
    if (sample.ignored !== true) expect(text).toMatch(/user-2/);
  }
});

describe('an override', () => {
  const body = { a: { b: [{ c: 1 }] }, text: '{"d":{"e":2}}', plain: 'x' };
  const by = (text: string, adds = false) => overridden(body, readOverride(text, adds));

  test.each([
    ['a.b.0.c=2', { ...body, a: { b: [{ c: 2 }] } }],
    ['a.b=[]', { ...body, a: { b: [] } }],
    ['plain=x=y', { ...body, plain: 'x=y' }],
    ['plain="2"', { ...body, plain: '2' }],
    ['plain=null', { ...body, plain: null }],
    ['text.d.e=3', { ...body, text: '{"d":{"e":3}}' }],
  ])('%s changes that place', (text, expected) => {
    expect(by(text)).toEqual(expected);
  });

  test('given a batch of one, then its place need not be said', () => {
    expect(overridden([{ a: 1 }], readOverride('a=2', false))).toEqual([{ a: 2 }]);
  });

  test('given a member that is not there, then it can be added, and is not by mistake', () => {
    expect(by('a.z=1', true)).toMatchObject({ a: { z: 1 } });
    expect(() => by('a.z=1')).toThrow(
      'a.z: a has no z; perhaps b. It has b. A member that is not there yet is added with --add.',
    );
  });

  test.each(['z.b=1', 'a.b.1.c=1', 'plain.q=1', 'a.b.0.c.d=1'])('%s names no place, and says where it ends', (text) => {
    expect(() => by(text)).toThrow(/^[a-z.0-9]+: /);
  });

  test.each(['', 'a', '=1'])('%j is no override', (text) => {
    expect(() => readOverride(text, false)).toThrow('write path=value');
  });
});
