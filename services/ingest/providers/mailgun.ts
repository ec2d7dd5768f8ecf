// Mailgun: what became of an email, one event a delivery, under `event-data`.
import { readWhen } from './instant.ts';
import { at, flagAt, flatFields, listAt, textAt, textOf } from './look.ts';
import { machineOpenBy } from './machine-open.ts';
import { addressOf, event, hashId, idOf, ignored, unusable } from './made.ts';
import type { Arrival, Mapped, Provider } from './provider.ts';

export const mailgun: Provider = {
  name: 'mailgun',
  title: 'Mailgun',
  documentation: 'https://documentation.mailgun.com/docs/mailgun/user-manual/events/event-types',
  map: (arrival) => [mapOne(at(arrival.body, 'event-data') ?? arrival.body, arrival)],
};

type Status = 'sent' | 'delivered' | 'opened' | 'clicked' | 'bounced' | 'complained';

const statuses: ReadonlyMap<string, Status> = new Map([
  ['accepted', 'sent'],
  ['delivered', 'delivered'],
  ['opened', 'opened'],
  ['clicked', 'clicked'],
  ['failed', 'bounced'],
  ['complained', 'complained'],
]);

function mapOne(told: unknown, arrival: Arrival): Mapped {
  const type = textAt(told, 'event');
  if (type === null) return unusable('event-data.event', 'missing: the type');
  const status = statuses.get(type);
  if (status === undefined) return ignored(`${type}: of no concern for engagement`);
  if (flagAt(told, 'flags', 'is-test-mode') === true) return ignored(`${type} in test mode: no email left Mailgun`);
  if (flagAt(told, 'flags', 'is-routed') === true)
    return ignored(`${type} of a route: an email to the firm, passed on`);
  if (type === 'failed' && textAt(told, 'severity') === 'temporary') {
    return ignored('failed with severity temporary: Mailgun tries again');
  }
  const messageId = textAt(told, 'message', 'headers', 'message-id');
  if (messageId === null) return unusable('event-data.message.headers.message-id', 'missing: the email');
  const when = readWhen('event-data.timestamp', at(told, 'timestamp'), arrival);
  if (when.kind === 'unusable') return when;
  const address = addressOf(at(told, 'recipient'));
  const variables = flatFields(at(told, 'user-variables'));
  const tag =
    listAt(told, 'tags')
      .map(textOf)
      .find((text) => text !== null) ?? null;
  const machine = machineOf(told);
  const warnings = [...when.warnings];
  if (status === 'clicked' && machine === true)
    warnings.push('event-data.client-info.bot: a machine clicked, not a person');
  return event(
    {
      topic: 'email',
      event: {
        eventId: eventIdOf(told, when.occurredAt),
        occurredAt: when.occurredAt,
        messageId: idOf(messageId.replace(/^<(.*)>$/, '$1')),
        status,
        address,
        category: variables['category'] ?? tag,
        machineOpen: status === 'opened' ? machine : null,
      },
    },
    { userId: null, email: address, fields: { ...variables, ...flatFields({ tag }) } },
    `event ${type}: the email was ${status}`,
    warnings,
  );
}

/** Mailgun promises unique ids within one day only. */
function eventIdOf(told: unknown, occurredAt: string): string {
  const [day = ''] = occurredAt.split('T');
  return hashId('mailgun', day, textAt(told, 'id'), textAt(told, 'event'), textAt(told, 'recipient'));
}

/** Mailgun says which machine it was (`apple`, `gmail`, `generic`); earlier it said so in the type of the client. */
function machineOf(told: unknown): boolean | null {
  const client = at(told, 'client-info');
  if (textAt(client, 'bot') !== null || textAt(client, 'client-type') === 'robot') return true;
  return machineOpenBy(textAt(client, 'user-agent'));
}
