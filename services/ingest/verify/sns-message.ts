// A message as Amazon SNS posts it: its fields, and the text of them that is signed.
// https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
import { z } from 'zod';

// Fields are joined by line feeds for signing. One inside a field could stand for another field; only the message may have any.
const line = z.string().regex(/^[^\r\n]+$/);

const shared = {
  MessageId: line,
  TopicArn: line,
  Message: z.string(),
  Timestamp: line,
  SignatureVersion: line,
  Signature: line,
  SigningCertURL: line,
};

const confirmation = { ...shared, Token: line, SubscribeURL: line };

export const SnsMessage = z.discriminatedUnion('Type', [
  z.object({ ...shared, Type: z.literal('Notification'), Subject: line.nullish() }),
  z.object({ ...confirmation, Type: z.literal('SubscriptionConfirmation') }),
  z.object({ ...confirmation, Type: z.literal('UnsubscribeConfirmation') }),
]);
export type SnsMessage = z.infer<typeof SnsMessage>;

/** Null when the parsed body is no such message. */
export function readSnsMessage(body: unknown): SnsMessage | null {
  const read = SnsMessage.safeParse(body);
  return read.success ? read.data : null;
}

/** What SNS signs: names and values in the order of names, each ended by a line feed. */
export function signedText(message: SnsMessage): string {
  const { Message, MessageId, Timestamp, TopicArn, Type } = message;
  const fields: Readonly<Record<string, string | null | undefined>> =
    message.Type === 'Notification'
      ? { Message, MessageId, Subject: message.Subject, Timestamp, TopicArn, Type }
      : { Message, MessageId, SubscribeURL: message.SubscribeURL, Timestamp, Token: message.Token, TopicArn, Type };
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}\n${value}\n`)
    .join('');
}

/**
 * The host of SNS in the region of a topic, and no other: sns.<anything>.amazonaws.com would do for a bucket of S3 called
 * "sns" as well.
 */
export function snsHost(topicArn: string): string {
  const [, partition, , region] = topicArn.split(':');
  return `sns.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`;
}
