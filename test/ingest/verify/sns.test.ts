// Amazon SNS: messages signed here by the documented text, with a certificate made for the test.
import { sign } from 'node:crypto';
import fc from 'fast-check';
import { sns } from '../../../services/ingest/verify/sns.ts';
import { snsCertificates } from '../../../services/ingest/verify/sns-certificates.ts';
import type { Fetch } from '../../../services/runtime/pinned-fetch.ts';
import { selfSigned } from './certificate.ts';
import { neverAccepts, outcome, refusal, signed, signedAt } from './deliveries.ts';

const year = 365 * 24 * 3_600_000;
const certified = selfSigned({ from: new Date(signedAt - year), to: new Date(signedAt + year) });
const stranger = selfSigned({ from: new Date(signedAt - year), to: new Date(signedAt + year) });

const certificateUrl = 'https://sns.eu-west-2.amazonaws.com/SimpleNotificationService-0a1b2c.pem';
const topic = 'arn:aws:sns:eu-west-2:000000000000:mail';

const answer =
  (text: string, status = 200): Fetch =>
  async () =>
    new Response(text, { status });
const verifierOf = (fetch: Fetch) => sns({ topicArns: ['arn:other', topic], certificates: snsCertificates(fetch) });
const verify = verifierOf(answer(certified.pem));

type Fields = Readonly<Record<string, string>>;

const notification: Fields = {
  Type: 'Notification',
  MessageId: 'm-1',
  TopicArn: topic,
  Subject: 'Amazon SES Email Event Notification',
  Message: '{"eventType":"Send"}\n',
  Timestamp: '2023-11-14T22:13:20.000Z',
};
const confirmation: Fields = {
  Type: 'SubscriptionConfirmation',
  MessageId: 'm-2',
  Token: 't-1',
  TopicArn: topic,
  Message: 'You have chosen to subscribe …',
  SubscribeURL: 'https://sns.eu-west-2.amazonaws.com/?Action=ConfirmSubscription',
  Timestamp: '2023-11-14T22:13:20.000Z',
};

/** Signed by the documentation's words: these fields, in this order, name and value each on a line. */
function signedBy({ privateKey }: typeof certified, fields: Fields, version: '1' | '2' = '2') {
  const names =
    fields['Type'] === 'Notification'
      ? 'Message MessageId Subject Timestamp TopicArn Type'
      : 'Message MessageId SubscribeURL Timestamp Token TopicArn Type';
  const text = names
    .split(' ')
    .filter((name) => name in fields)
    .map((name) => `${name}\n${fields[name]}\n`)
    .join('');
  const signature = sign(version === '1' ? 'sha1' : 'sha256', Buffer.from(text), privateKey).toString('base64');
  return { ...fields, SignatureVersion: version, Signature: signature, SigningCertURL: certificateUrl };
}

const delivery = (message: object, now = signedAt) => signed({ body: JSON.stringify(message), headers: {} }, { now });
const genuine = signedBy(certified, notification);

describe('accepted', () => {
  const { Subject: _, ...withoutSubject } = notification;

  test.each([
    ['a notification', genuine],
    ['one without a subject', signedBy(certified, withoutSubject)],
    ['signature version 1', signedBy(certified, notification, '1')],
    ['a confirmation to subscribe', signedBy(certified, confirmation)],
    ['a confirmation of leaving', signedBy(certified, { ...confirmation, Type: 'UnsubscribeConfirmation' })],
  ])('%s', async (_what, message) => {
    expect(await outcome(verify, delivery(message))).toBe('ok');
  });

  test('a message is named by its id', async () => {
    expect(await verify(delivery(genuine))).toEqual({ ok: true, replayId: 'm-1' });
  });
});

describe('refused', () => {
  test.each([...Object.keys(notification), 'Signature'])('a change in %s', async (name) => {
    const message: Fields = genuine;
    expect(await outcome(verify, delivery({ ...message, [name]: `${message[name]}A` }))).toBe('body');
  });

  test('any single bit of a signed field that differs', async () => {
    const fields = fc.constantFrom('MessageId', 'Subject', 'Message', 'Timestamp');
    const changed = fc.tuple(fields, fc.nat(), fc.integer({ min: 0, max: 6 }));
    await fc.assert(
      fc.asyncProperty(changed, async ([name, place, bit]) => {
        const message: Fields = genuine;
        const bytes = Buffer.from(message[name] ?? '');
        bytes[place % bytes.length] = (bytes[place % bytes.length] ?? 0) ^ (1 << bit);
        return (await outcome(verify, delivery({ ...message, [name]: bytes.toString() }))) !== 'ok';
      }),
    );
  });

  test.each([
    ['the signature of another key', signedBy(stranger, notification)],
    [
      'a topic that is not ours, though SNS signed it',
      signedBy(certified, { ...notification, TopicArn: 'arn:aws:sns:eu-west-2:1:theirs' }),
    ],
    ['a subject taken away', { ...genuine, Subject: undefined }],
    ['a subject put in', { ...signedBy(certified, confirmation), Type: 'Notification' }],
    [
      'fields told by a line feed in one of them',
      signedBy(certified, { ...notification, MessageId: 'm-1\nTimestamp\nx' }),
    ],
    ['a signature version there is not', { ...genuine, SignatureVersion: '3' }],
    ['no message', []],
  ])('%s', async (_what, message) => {
    expect(await outcome(verify, delivery(message))).toBe('body');
  });

  test.each([
    [3_600_000, 'ok'],
    [3_600_001, 'clock'],
    [-300_001, 'clock'],
  ])('sent %d ms ago: %s', async (age, expected) => {
    expect(await outcome(verify, delivery(genuine, signedAt + age))).toBe(expected);
  });

  test('anything a stranger sends', async () => {
    await neverAccepts(verify, ['x-amz-sns-rawdelivery']);
  });
});

describe('the certificate', () => {
  test.each([
    'http://sns.eu-west-2.amazonaws.com/SimpleNotificationService-0a1b2c.pem',
    'https://sns.eu-west-2.amazonaws.com.example.org/SimpleNotificationService-0a1b2c.pem',
    'https://example.org/sns.eu-west-2.amazonaws.com/SimpleNotificationService-0a1b2c.pem',
    'https://sns.eu-west-2.amazonaws.com@example.org/SimpleNotificationService-0a1b2c.pem',
    'https://sns.eu-west-2.amazonaws.com:8443/SimpleNotificationService-0a1b2c.pem',
    'https://sns.eu-west-2.amazonaws.com/../SimpleNotificationService-0a1b2c.pem',
    'https://sns.eu-west-2.amazonaws.com/SimpleNotificationService-0a1b2c.pem?x=1',
    'https://sns.eu-west-2.amazonaws.com/mine.pem',
    'https://s3.eu-west-2.amazonaws.com/SimpleNotificationService-0a1b2c.pem',
    // A bucket of S3 that somebody called "sns", and SNS where the topic is not.
    'https://sns.s3-us-west-2.amazonaws.com/SimpleNotificationService-0a1b2c.pem',
    'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0a1b2c.pem',
    'https://SNS.eu-west-2.amazonaws.com/SimpleNotificationService-0a1b2c.pem',
    'https://sns.eu-west-2.amazonaws.com/SimpleNotificationService-0a1b2c.pem#.pem',
    'https://sns.eu-west-2.amazonaws.com/SimpleNotificationService-0a1b2c.pem\n',
  ])('is not fetched from %j', async (url) => {
    const asked: string[] = [];
    const fetch: Fetch = async (address) => {
      asked.push(address);
      return new Response(certified.pem);
    };
    expect(await outcome(verifierOf(fetch), delivery({ ...genuine, SigningCertURL: url }))).toBe('body');
    expect(asked).toEqual([]);
  });

  test('of a topic in China is fetched there', async () => {
    const url = 'https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0a1b2c.pem';
    const chinese = 'arn:aws-cn:sns:cn-north-1:000000000000:mail';
    const certificates = snsCertificates(answer(certified.pem));
    const message = { ...signedBy(certified, { ...notification, TopicArn: chinese }), SigningCertURL: url };
    expect(await outcome(sns({ topicArns: [chinese], certificates }), delivery(message))).toBe('ok');
  });

  test('is fetched once for many messages, without following redirects', async () => {
    const asked: unknown[] = [];
    const verifyOften = verifierOf(async (url, init) => {
      asked.push({ url, redirect: init.redirect });
      return new Response(certified.pem);
    });
    await Promise.all([verifyOften(delivery(genuine)), verifyOften(delivery(genuine))]);
    await verifyOften(delivery(genuine));
    expect(asked).toEqual([{ url: certificateUrl, redirect: 'error' }]);
  });

  test.each([
    ['cannot be reached', async () => Promise.reject(new Error('no route'))],
    ['has a fault', answer('', 503)],
  ] as readonly (readonly [string, Fetch])[])('is asked for again where SNS %s', async (_what, failing) => {
    const answers = [failing, answer(certified.pem)];
    const verifyAgain = verifierOf((url, init) => (answers.shift() ?? failing)(url, init));
    expect(await outcome(verifyAgain, delivery(genuine))).toBe('unreachable');
    expect(await outcome(verifyAgain, delivery(genuine))).toBe('ok');
  });

  test.each([
    ['that SNS does not have', answer('', 404)],
    ['that is none', answer('-----BEGIN CERTIFICATE-----')],
    ['that is larger than any', answer(certified.pem + ' '.repeat(32 * 1024))],
  ])('%s is refused', async (_what, fetch) => {
    expect(await outcome(verifierOf(fetch), delivery(genuine))).toBe('body');
  });

  test('that has run out is refused, by the clock', async () => {
    const old = selfSigned({ from: new Date(signedAt - year), to: new Date(signedAt - 1_000) });
    expect(await outcome(verifierOf(answer(old.pem)), delivery(signedBy(old, notification)))).toBe('clock');
  });
});

test('raw message delivery, which has no signature, is refused with what to do', async () => {
  const { wrong, detail } = await refusal(verify, signed({ body: '{}', headers: { 'x-amz-sns-rawdelivery': 'true' } }));
  expect(wrong).toBe('header');
  expect(detail).toContain('"basic"');
});

test('without a topic that is ours it is refused at start', () => {
  expect(() => sns({ topicArns: [], certificates: snsCertificates(answer('')) })).toThrow(RangeError);
});
