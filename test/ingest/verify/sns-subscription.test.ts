// Confirming a subscription of Amazon SNS, and whose addresses are visited for it.
import { confirmSubscription, subscriptionOf } from '../../../services/ingest/verify/sns-subscription.ts';

const topic = 'arn:aws:sns:eu-west-2:000000000000:mail';
const address = `https://sns.eu-west-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${topic}&Token=t-1`;

function body(SubscribeURL: string, changes: object = {}) {
  const message = {
    Type: 'SubscriptionConfirmation',
    MessageId: 'm-2',
    Token: 't-1',
    TopicArn: topic,
    Message: 'You have chosen to subscribe …',
    SubscribeURL,
    Timestamp: '2023-11-14T22:13:20.000Z',
    SignatureVersion: '2',
    Signature: 'AAAA',
    SigningCertURL: 'https://sns.eu-west-2.amazonaws.com/SimpleNotificationService-0a1b2c.pem',
    ...changes,
  };
  return message;
}

test('the address that SNS gives is visited', () => {
  expect(subscriptionOf(body(address))).toEqual({ topicArn: topic, url: address });
});

test('in China as well', () => {
  const TopicArn = 'arn:aws-cn:sns:cn-north-1:000000000000:mail';
  const url = address.replace(topic, TopicArn).replace('eu-west-2.amazonaws.com', 'cn-north-1.amazonaws.com.cn');
  expect(subscriptionOf(body(url, { TopicArn }))).toEqual({ topicArn: TopicArn, url });
});

test.each([
  ['of another host', address.replace('amazonaws.com', 'example.org')],
  ['of another region', address.replace('https://sns.eu-west-2', 'https://sns.eu-west-1')],
  ['of another port', address.replace('.com/', '.com:8443/')],
  ['with a user', address.replace('https://', 'https://x@')],
  ['without TLS', address.replace('https', 'http')],
  ['of another path', address.replace('.com/', '.com/x')],
  ['of another action', address.replace('ConfirmSubscription', 'Unsubscribe')],
  ['of another topic', address.replace('mail', 'other')],
  ['of another token', address.replace('t-1', 't-2')],
  ['that is none', 'x'],
])('an address %s is not', (_what, url) => {
  expect(subscriptionOf(body(url))).toBeNull();
});

test.each([body(address, { Type: 'UnsubscribeConfirmation' }), {}, 'x', null])(
  'what does not ask for it is not confirmed: %#',
  (other) => {
    expect(subscriptionOf(other)).toBeNull();
  },
);

test.each([
  ['taken', 200, true],
  ['refused', 403, false],
  ['broken', 500, false],
])('SNS tells whether it was %s', async (_what, status, confirmed) => {
  const asked: string[] = [];
  const fetch = async (url: string) => {
    asked.push(url);
    return new Response('', { status });
  };
  expect(await confirmSubscription(fetch, { topicArn: topic, url: address })).toBe(confirmed);
  expect(asked).toEqual([address]);
});
