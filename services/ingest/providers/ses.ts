// Amazon SES, through SNS or as SNS delivers raw: what became of an email, for each of its recipients.

import { confirmSubscription, subscriptionOf } from '../verify/sns-subscription.ts';
import { readWhen } from './instant.ts';
import { at, isObject, listAt, textAt } from './look.ts';
import { machineOpenBy } from './machine-open.ts';
import { addressOf, event, hashId, idOf, ignored, unusable } from './made.ts';
import type { Handshake } from './offer.ts';
import type { Arrival, Mapped, Provider, Subject } from './provider.ts';

export const ses: Provider = {
  name: 'ses',
  title: 'Amazon SES',
  documentation: 'https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html',
  map: (arrival) => mapNotification(arrival),
};

/** Confirms the subscription that SNS asks about; nothing comes before that. Rejects where SNS does not take it just now. */
export const sesHandshake: Handshake = async ({ method, body }, { fetch }) => {
  const subscription = method === 'POST' ? subscriptionOf(body) : null;
  if (subscription === null) return null;
  if (!(await confirmSubscription(fetch, subscription))) throw new Error('Amazon SNS did not take the confirmation');
  return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'confirmed' };
};

type Status = 'sent' | 'delivered' | 'opened' | 'clicked' | 'bounced' | 'complained';

type Meaning = {
  readonly status: Status;
  /** The member that tells more of it, with its time. */
  readonly part: string;
  /** Where the recipients it is about stand within the part; null where only those of the whole email are known. */
  readonly recipients: string | null;
};

/** By `eventType` (event publishing) or `notificationType` (feedback notifications), which say the same. */
const meanings: ReadonlyMap<string, Meaning> = new Map([
  ['Send', { status: 'sent', part: 'mail', recipients: null }],
  ['Delivery', { status: 'delivered', part: 'delivery', recipients: 'recipients' }],
  ['Open', { status: 'opened', part: 'open', recipients: null }],
  ['Click', { status: 'clicked', part: 'click', recipients: null }],
  ['Bounce', { status: 'bounced', part: 'bounce', recipients: 'bouncedRecipients' }],
  ['Complaint', { status: 'complained', part: 'complaint', recipients: 'complainedRecipients' }],
]);

/** What SES says besides, and why it says nothing of engagement. */
const unconcerning: ReadonlyMap<string, string> = new Map([
  ['DeliveryDelay', 'SES tries again'],
  ['Reject', 'SES found a virus and sent nothing'],
  ['Rendering Failure', 'a template failed and nothing was sent'],
  ['RenderingFailure', 'a template failed and nothing was sent'],
  ['Subscription', 'a preference was changed'],
  ['Received', 'an email to us, not to a client'],
]);

function mapNotification(arrival: Arrival): readonly Mapped[] {
  const { body } = arrival;
  const kind = textAt(body, 'Type');
  if (kind === 'SubscriptionConfirmation' || kind === 'UnsubscribeConfirmation') {
    return [ignored(`${kind}: about the subscription itself`)];
  }
  if (kind !== 'Notification') return mapEvent(body, arrival);
  const message = at(body, 'Message');
  if (typeof message !== 'string') return [unusable('Message', 'must be text')];
  const inner = parse(message);
  // SES says by a sentence that it may publish to the topic.
  return inner === null ? [ignored('Message: a sentence, no event')] : mapEvent(inner.value, arrival);
}

function parse(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

function mapEvent(told: unknown, arrival: Arrival): readonly Mapped[] {
  const type = textAt(told, 'eventType') ?? textAt(told, 'notificationType');
  if (type === null) return [unusable('eventType', 'missing')];
  const meaning = meanings.get(type);
  if (meaning === undefined) return [ignored(`eventType: ${unconcerning.get(type) ?? 'of no concern for engagement'}`)];
  const messageId = textAt(told, 'mail', 'messageId');
  if (messageId === null) return [unusable('mail.messageId', 'missing: the email')];
  const when = readWhen(`${meaning.part}.timestamp`, at(told, meaning.part, 'timestamp'), arrival);
  if (when.kind === 'unusable') return [when];

  const tags = tagsOf(told);
  const { status } = meaning;
  const moment = [textAt(told, meaning.part, 'timestamp') ?? arrival.arrivedAt, textAt(told, meaning.part, 'link')];
  const agent = textAt(told, meaning.part, 'userAgent');
  return recipientsOf(told, meaning).map((address) => {
    if (address === null && Object.keys(tags).every((name) => name.startsWith(ownTags))) {
      return ignored(
        `eventType ${type}: which of several recipients it was is not told, and no tag says whose email it is`,
      );
    }
    const subject: Subject = { userId: null, email: address, fields: tags };
    return event(
      {
        topic: 'email',
        event: {
          eventId: hashId('ses', messageId, type, address, ...moment),
          occurredAt: when.occurredAt,
          messageId: idOf(messageId),
          status,
          address,
          category: tags['category'] ?? null,
          machineOpen: status === 'opened' ? machineOpenBy(agent) : null,
        },
      },
      subject,
      `eventType ${type}: the email was ${status}`,
      when.warnings,
    );
  });
}

/** Tags that SES puts on by itself begin so; the others are the sender's. */
const ownTags = 'ses:';

/** The first value of each tag: a tag has one, though SES writes a list. */
function tagsOf(told: unknown): Readonly<Record<string, string>> {
  const tags = at(told, 'mail', 'tags');
  if (!isObject(tags)) return {};
  return Object.fromEntries(
    Object.entries(tags).flatMap(([name, values]) => {
      const first: unknown = Array.isArray(values) ? values[0] : values;
      return typeof first === 'string' && first.trim() !== '' ? [[name, first.trim()] as const] : [];
    }),
  );
}

/** More than SES takes in one email. */
const recipientsMax = 100;

/**
 * The addresses it is about, each once. One null where there is none to name: an open or a click does not say which of
 * several recipients it was, so it is about the email and not about one of them.
 */
function recipientsOf(told: unknown, { part, recipients, status }: Meaning): readonly (string | null)[] {
  const named = recipients === null ? [] : listAt(told, part, recipients);
  const listed = named.length > 0 ? named : listAt(told, 'mail', 'destination');
  const addresses = listed.slice(0, recipientsMax).flatMap((one) => {
    const address = addressOf(isObject(one) ? at(one, 'emailAddress') : one);
    return address === null ? [] : [address];
  });
  const distinct = [...new Set(addresses)];
  const unknowable = (status === 'opened' || status === 'clicked') && distinct.length > 1;
  return distinct.length === 0 || unknowable ? [null] : distinct;
}
