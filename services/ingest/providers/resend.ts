// Resend: what became of an email, one event a delivery, by Svix; one canonical event for each address it went to.
import { readWhen } from './instant.ts';
import { at, flatFields, isObject, listAt, textAt } from './look.ts';
import { machineOpenBy } from './machine-open.ts';
import { addressOf, event, hashId, idOf, ignored, unusable } from './made.ts';
import type { Arrival, Mapped, Provider } from './provider.ts';

export const resend: Provider = {
  name: 'resend',
  title: 'Resend',
  documentation: 'https://resend.com/docs/dashboard/webhooks/event-types',
  map: mapDelivery,
};

type Status = 'sent' | 'delivered' | 'opened' | 'clicked' | 'bounced' | 'complained';

const statuses: ReadonlyMap<string, Status> = new Map([
  ['email.sent', 'sent'],
  ['email.delivered', 'delivered'],
  ['email.opened', 'opened'],
  ['email.clicked', 'clicked'],
  ['email.bounced', 'bounced'],
  ['email.complained', 'complained'],
]);

function mapDelivery(arrival: Arrival): readonly Mapped[] {
  const { body } = arrival;
  const type = textAt(body, 'type');
  if (type === null) return [unusable('type', 'missing')];
  const status = statuses.get(type);
  if (status === undefined) return [ignored(`${type}: of no concern for engagement`)];
  const messageId = textAt(body, 'data', 'email_id');
  if (messageId === null) return [unusable('data.email_id', 'missing: the email')];
  // `data.created_at` is when the email was made; an open of today must not be told of that day.
  const when = readWhen('created_at', at(body, 'created_at'), arrival);
  if (when.kind === 'unusable') return [when];
  const tags = tagsOf(at(body, 'data', 'tags'));
  const told = textAt(body, 'created_at') ?? arrival.arrivedAt;
  const delivery = arrival.headers['svix-id'] ?? arrival.headers['webhook-id'] ?? null;
  const recipients = recipientsOf(body);
  return recipients.map((address) => {
    // A delivery about several addresses is several events, each with an id of its own.
    const alone = recipients.length === 1 && delivery !== null && delivery !== '';
    return event(
      {
        topic: 'email',
        event: {
          eventId: alone ? idOf(delivery) : hashId('resend', delivery, messageId, type, told, address),
          occurredAt: when.occurredAt,
          messageId: idOf(messageId),
          status,
          address,
          category: tags['category'] ?? null,
          machineOpen: status === 'opened' ? machineOpenBy(textAt(body, 'data', 'open', 'userAgent')) : null,
        },
      },
      { userId: null, email: address, fields: tags },
      `${type}: the email was ${status}`,
      when.warnings,
    );
  });
}

/** The addresses it went to, each once; null stands for none that can be read, so that tags can still say who it is. */
function recipientsOf(body: unknown): readonly (string | null)[] {
  const to = at(body, 'data', 'to');
  const list = Array.isArray(to) ? to.map(addressOf) : [addressOf(to)];
  const addresses = new Map(list.flatMap((one) => (one === null ? [] : [[one.toLowerCase(), one] as const])));
  return addresses.size === 0 ? [null] : [...addresses.values()];
}

/** Tags come as an object; as a list of names and values where they are given back as they were sent. */
function tagsOf(tags: unknown): Readonly<Record<string, string>> {
  if (isObject(tags)) return flatFields(tags);
  const pairs = listAt({ tags }, 'tags').flatMap((tag) => {
    const [name, value] = [textAt(tag, 'name'), textAt(tag, 'value')];
    return name === null || value === null ? [] : [[name, value] as const];
  });
  return Object.fromEntries(pairs);
}
