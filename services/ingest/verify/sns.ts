// Amazon SNS: RSA over some of the message's fields, by a certificate that SNS publishes.
import { verify, type X509Certificate } from 'node:crypto';
import { parseInstant } from '../../core/time.ts';
import { decodeBase64 } from './compare.ts';
import type { SnsCertificates } from './sns-certificates.ts';
import { readSnsMessage, type SnsMessage, signedText } from './sns-message.ts';
import { accepted, assertSecrets, refused } from './verdicts.ts';
import type { Verify } from './verification.ts';
import { outsideWindow, type TimeWindow } from './window.ts';

export type SnsScheme = {
  /** Everybody can have SNS sign messages of a topic of theirs; only these are ours. */
  readonly topicArns: readonly string[];
  readonly certificates: SnsCertificates;
  readonly window?: TimeWindow;
};

/** SNS tries again for up to an hour, with the time of the first attempt. */
const oneHour: TimeWindow = { pastMs: 60 * 60_000, aheadMs: 5 * 60_000 };

const hashes: Readonly<Record<string, string>> = { '1': 'sha1', '2': 'sha256' };

export function sns(scheme: SnsScheme): Verify {
  assertSecrets(scheme.topicArns, 'TopicArn');
  return async (signed) => {
    if (signed.headers['x-amz-sns-rawdelivery'] === 'true') {
      const detail =
        'Raw message delivery carries no signature: turn it off for this subscription, or verify this source by "basic".';
      return refused('header', detail);
    }
    const message = readSnsMessage(parse(signed.bytes));
    if (message === null) return refused('body', 'The body is not a message of Amazon SNS with its signature.');
    if (!scheme.topicArns.includes(message.TopicArn)) return refused('body', 'TopicArn is not one of this source.');
    const sentAt = parseInstant(message.Timestamp);
    if (sentAt === null) return refused('body', 'Timestamp is not RFC 3339.');
    const hash = Object.hasOwn(hashes, message.SignatureVersion) ? hashes[message.SignatureVersion] : undefined;
    if (hash === undefined) return refused('body', 'SignatureVersion must be 1 or 2.');
    const signature = decodeBase64(message.Signature);
    if (signature === null) return refused('body', 'Signature must be base64.');

    const certificate = await scheme.certificates.find(message.SigningCertURL, message.TopicArn, signed.now);
    if ('ok' in certificate) return certificate;
    if (!fits(hash, message, certificate, signature)) {
      return refused(
        'body',
        'Signature does not fit: the message was changed, or it was not Amazon SNS that signed it.',
      );
    }
    return outsideWindow(sentAt, signed.now, scheme.window ?? oneHour) ?? accepted(message.MessageId);
  };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
}

function fits(hash: string, message: SnsMessage, certificate: X509Certificate, signature: Uint8Array): boolean {
  try {
    return verify(hash, Buffer.from(signedText(message)), certificate.publicKey, signature);
  } catch {
    return false;
  }
}
