// Postmark: what became of an email, one record a delivery. It names no events, so they are named by what makes them unique.
import { readWhen } from './instant.ts';
import { at, flatFields, textAt } from './look.ts';
import { machineOpenBy } from './machine-open.ts';
import { addressOf, event, hashId, idOf, ignored, unusable } from './made.ts';
import type { Arrival, Mapped, Provider } from './provider.ts';

export const postmark: Provider = {
  name: 'postmark',
  title: 'Postmark',
  documentation: 'https://postmarkapp.com/developer/webhooks/webhooks-overview',
  map: (arrival) => [mapOne(arrival)],
};

type Status = 'delivered' | 'opened' | 'clicked' | 'bounced' | 'complained';

/** By type of record: what it means, and where its time and its address stand. */
const records: ReadonlyMap<string, { readonly status: Status; readonly time: string; readonly address: string }> =
  new Map([
    ['Delivery', { status: 'delivered', time: 'DeliveredAt', address: 'Recipient' }],
    ['Open', { status: 'opened', time: 'ReceivedAt', address: 'Recipient' }],
    ['Click', { status: 'clicked', time: 'ReceivedAt', address: 'Recipient' }],
    ['Bounce', { status: 'bounced', time: 'BouncedAt', address: 'Email' }],
    ['SpamComplaint', { status: 'complained', time: 'BouncedAt', address: 'Email' }],
  ]);

/** Records of type Bounce that do not say that the email came back. */
const noBounces: ReadonlySet<string> = new Set([
  'Transient',
  'AutoResponder',
  'Subscribe',
  'Unsubscribe',
  'AddressChange',
  'ChallengeVerification',
  'OpenRelayTest',
]);

function mapOne(arrival: Arrival): Mapped {
  const { body } = arrival;
  const type = textAt(body, 'RecordType');
  if (type === null && textAt(body, 'MessageStream') === 'inbound') return ignored('an email to the firm');
  if (type === null) return unusable('RecordType', 'missing');
  const record = records.get(type);
  if (record === undefined) return ignored(`${type}: of no concern for engagement`);
  const bounceType = textAt(body, 'Type') ?? '';
  if (type === 'Bounce' && noBounces.has(bounceType))
    return ignored(`Bounce of Type ${bounceType}: it did not come back`);
  const messageId = textAt(body, 'MessageID');
  if (messageId === null) return unusable('MessageID', 'missing: the email');
  const when = readWhen(record.time, at(body, record.time), arrival);
  if (when.kind === 'unusable') return when;
  const address = addressOf(at(body, record.address));
  const metadata = flatFields(at(body, 'Metadata'));
  const tag = textAt(body, 'Tag');
  const told = textAt(body, record.time) ?? arrival.arrivedAt;
  return event(
    {
      topic: 'email',
      event: {
        eventId: hashId('postmark', messageId, type, told, address, textAt(body, 'ID')),
        occurredAt: when.occurredAt,
        messageId: idOf(messageId),
        status: record.status,
        address,
        category: metadata['category'] ?? tag,
        machineOpen: record.status === 'opened' ? machineOpenBy(textAt(body, 'UserAgent')) : null,
      },
    },
    {
      userId: null,
      email: address,
      fields: { ...metadata, ...flatFields({ tag, server_id: textAt(body, 'ServerID') ?? textAt(body, 'ServerId') }) },
    },
    `RecordType ${type}: the email was ${record.status}`,
    when.warnings,
  );
}
