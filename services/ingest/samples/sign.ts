// Signs a delivery as its provider would, by the scheme of the source it goes to: the counterpart of verify/.
import { createHash, createHmac, type KeyObject, sign as signBy } from 'node:crypto';
import { OperatingError } from '../../runtime/errors.ts';
import { at, isObject, textAt } from '../providers/look.ts';
import type { Moment } from './sample.ts';

export type Delivery = {
  readonly bytes: Uint8Array;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The address as the provider calls it; some schemes sign it, and some put a digest into it. */
  readonly url: string;
};

export type Signing = {
  /** The name of a scheme, as in verify/schemes.ts. */
  readonly scheme: string;
  /** Null for schemes that need none. */
  readonly secret: string | null;
  /** As the source has chosen them, with their presets. */
  readonly options: unknown;
  /** For schemes with a pair of keys, of which a source knows the public one alone. */
  readonly privateKey: KeyObject | null;
};

type Sign = (delivery: Delivery, signing: Signing, moment: Moment) => Delivery;

/** Throws usage where the scheme cannot be signed for from here. */
export function sign(delivery: Delivery, signing: Signing, moment: Moment): Delivery {
  const signer = signers.get(signing.scheme);
  if (signer === undefined)
    throw new OperatingError('usage', `The scheme ${signing.scheme} cannot be signed for here.`);
  return signer(delivery, signing, moment);
}

const hmac: Sign = (delivery, { secret, options }, moment) => {
  const option = (name: string) => textAt(options, name) ?? '';
  const timestamp = String(option('timestampUnit') === 'ms' ? moment.now : Math.floor(moment.now / 1000));
  const id = `msg_${moment.serial}`;
  const digest = createHmac(option('algorithm'), secret ?? '');
  for (const part of option('template').split(/(\{(?:body|timestamp|id)\})/)) {
    digest.update(
      part === '{body}' ? delivery.bytes : part === '{timestamp}' ? timestamp : part === '{id}' ? id : part,
    );
  }
  const signature = `${option('prefix')}${digest.digest(option('encoding') === 'base64' ? 'base64' : 'hex')}`;
  return withHeaders(delivery, {
    [option('header')]: signature,
    ...(option('timestampHeader') === '' ? {} : { [option('timestampHeader')]: timestamp }),
    ...(option('idHeader') === '' ? {} : { [option('idHeader')]: id }),
  });
};

const timedHmac: Sign = (delivery, { secret, options }, moment) => {
  const stamp = textAt(options, 'unit') === 's' ? Math.floor(moment.now / 1000) : moment.now;
  const digest = createHmac('sha256', secret ?? '')
    .update(`${stamp}.`)
    .update(delivery.bytes)
    .digest('hex');
  return withHeaders(delivery, { [textAt(options, 'header') ?? '']: `t=${stamp}, v1=${digest}` });
};

const standardWebhooks: Sign = (delivery, { secret, options }, moment) => {
  const name = textAt(options, 'headers') ?? 'webhook';
  const id = `msg_${moment.serial}`;
  const stamp = Math.floor(moment.now / 1000);
  const key = Buffer.from((secret ?? '').replace(/^whsec_/, ''), 'base64');
  const digest = createHmac('sha256', key).update(`${id}.${stamp}.`).update(delivery.bytes).digest('base64');
  return withHeaders(delivery, {
    [`${name}-id`]: id,
    [`${name}-timestamp`]: String(stamp),
    [`${name}-signature`]: `v1,${digest}`,
  });
};

const ecdsa: Sign = (delivery, { options, privateKey }, moment) => {
  if (privateKey === null) {
    throw new OperatingError(
      'usage',
      'The source knows the public key alone. Give --private-key the file (PEM) of the private key that belongs to it; ' +
        'a pair is made with: openssl ecparam -name prime256v1 -genkey -noout -out key.pem, and its public half for the ' +
        'source with: openssl ec -in key.pem -pubout -outform DER | base64 -w0',
    );
  }
  const stamp = String(Math.floor(moment.now / 1000));
  const signature = signBy('sha256', Buffer.concat([Buffer.from(stamp), delivery.bytes]), privateKey);
  return withHeaders(delivery, {
    [textAt(options, 'signatureHeader') ?? '']: signature.toString('base64'),
    [textAt(options, 'timestampHeader') ?? '']: stamp,
  });
};

/** RSA by the certificate at SigningCertURL, which is Amazon's alone; tests bring a certificate and a fetch of their own. */
const sns: Sign = (delivery, { privateKey }) => {
  if (privateKey === null) {
    throw new OperatingError(
      'usage',
      'Only Amazon can sign for SNS. Try the source with "verify: none" on loopback, or send to Kafka with --to kafka.',
    );
  }
  const message = { ...parsed(delivery.bytes), SignatureVersion: '2', SigningCertURL: snsCertificateUrl };
  const text = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
    .filter((name) => textAt(message, name) !== null)
    .map((name) => `${name}\n${String(at(message, name))}\n`)
    .join('');
  const Signature = signBy('sha256', Buffer.from(text), privateKey).toString('base64');
  return { ...delivery, bytes: Buffer.from(JSON.stringify({ ...message, Signature })) };
};

export const snsCertificateUrl =
  'https://sns.eu-west-2.amazonaws.com/SimpleNotificationService-00000000000000000000000000000000.pem';

/** Of a form its fields are signed; of JSON a digest of the body, which the address then carries. */
const twilio: Sign = (delivery, { secret }) => {
  const isForm = delivery.headers['content-type'] === 'application/x-www-form-urlencoded';
  const address = new URL(delivery.url);
  if (!isForm) address.searchParams.set('bodySHA256', createHash('sha256').update(delivery.bytes).digest('hex'));
  const url = isForm ? delivery.url : address.toString();
  const form = new URLSearchParams(isForm ? Buffer.from(delivery.bytes).toString('utf8') : '');
  const fields = [...form]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flat()
    .join('');
  const signature = createHmac('sha1', secret ?? '')
    .update(url + fields)
    .digest('base64');
  return withHeaders({ ...delivery, url }, { 'x-twilio-signature': signature });
};

/** Signs a time and a token, not the event; both stand in the body. */
const mailgun: Sign = (delivery, { secret }, moment) => {
  const timestamp = String(Math.floor(moment.now / 1000));
  const token = `${moment.serial}${moment.serial}`.slice(0, 50);
  const signature = createHmac('sha256', secret ?? '')
    .update(timestamp + token)
    .digest('hex');
  const body = { signature: { timestamp, token, signature }, ...parsed(delivery.bytes) };
  return { ...delivery, bytes: Buffer.from(JSON.stringify(body)) };
};

const basic: Sign = (delivery, { secret }) =>
  withHeaders(delivery, { authorization: `Basic ${Buffer.from(secret ?? '').toString('base64')}` });

const bearer: Sign = (delivery, { secret }) => withHeaders(delivery, { authorization: `Bearer ${secret ?? ''}` });

const header: Sign = (delivery, { secret, options }) =>
  withHeaders(delivery, { [textAt(options, 'header') ?? '']: secret ?? '' });

const signers: ReadonlyMap<string, Sign> = new Map([
  ['hmac', hmac],
  ['timed-hmac', timedHmac],
  ['standard-webhooks', standardWebhooks],
  ['ecdsa', ecdsa],
  ['sns', sns],
  ['twilio', twilio],
  ['mailgun', mailgun],
  ['basic', basic],
  ['bearer', bearer],
  ['header', header],
]);

function withHeaders(delivery: Delivery, more: Readonly<Record<string, string>>): Delivery {
  const lower = Object.entries(more).map(([name, value]) => [name.toLowerCase(), value] as const);
  return { ...delivery, headers: { ...delivery.headers, ...Object.fromEntries(lower) } };
}

function parsed(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const body: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
  return isObject(body) ? body : {};
}
