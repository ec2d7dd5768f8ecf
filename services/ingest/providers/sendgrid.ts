// SendGrid's event webhook: what became of an email, one object an event, several to a delivery.
import { readWhen } from './instant.ts';
import { at, flagAt, flatFields, isObject, textAt } from './look.ts';
import { machineOpenBy } from './machine-open.ts';
import { addressOf, event, hashId, idOf, ignored, unusable } from './made.ts';
import type { Arrival, Mapped, Provider } from './provider.ts';

export const sendgrid: Provider = {
  name: 'sendgrid',
  title: 'SendGrid',
  documentation: 'https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event',
  map(arrival) {
    const { body } = arrival;
    return Array.isArray(body) && body.length > 0 ? body.map((one) => mapOne(one, arrival)) : [mapOne(body, arrival)];
  },
};

type Status = 'sent' | 'delivered' | 'opened' | 'clicked' | 'bounced' | 'complained';

const statuses: ReadonlyMap<string, Status> = new Map([
  ['processed', 'sent'],
  ['delivered', 'delivered'],
  ['open', 'opened'],
  ['click', 'clicked'],
  ['bounce', 'bounced'],
  ['dropped', 'bounced'],
  ['spamreport', 'complained'],
]);

/** Reasons to drop an email that say something of its address; the others (unsubscribed, quota, content) do not. */
const deadAddress = /^(?:bounced address|invalid)/i;

function mapOne(told: unknown, arrival: Arrival): Mapped {
  const name = textAt(told, 'event');
  if (name === null) return unusable('event', 'missing');
  const status = statuses.get(name);
  if (status === undefined) return ignored('event: of no concern for engagement');
  if (name === 'dropped' && !deadAddress.test(textAt(told, 'reason') ?? '')) {
    return ignored('event dropped: SendGrid did not send it, for a reason that is not the address');
  }
  const messageId = messageIdOf(told);
  if (messageId === null) return unusable('sg_message_id', 'missing, and smtp-id too: the email');
  const when = readWhen('timestamp', at(told, 'timestamp'), arrival);
  if (when.kind === 'unusable') return when;
  const address = addressOf(at(told, 'email'));
  const given = textAt(told, 'sg_event_id');
  const moment = textAt(told, 'timestamp') ?? arrival.arrivedAt;
  const category = categoryOf(told);
  return event(
    {
      topic: 'email',
      event: {
        eventId:
          given === null ? hashId('sendgrid', messageId, name, address, moment, textAt(told, 'url')) : idOf(given),
        occurredAt: when.occurredAt,
        messageId: idOf(messageId),
        status,
        address,
        category,
        machineOpen: status === 'opened' ? machineOpenOf(told) : null,
      },
    },
    { userId: null, email: address, fields: customFields(told, category) },
    `event ${name}: the email was ${status}`,
    when.warnings,
  );
}

function machineOpenOf(told: unknown): boolean | null {
  return flagAt(told, 'sg_machine_open') === true ? true : machineOpenBy(textAt(told, 'useragent'));
}

// What the API answers as X-Message-Id: 22 characters today, once three parts with dots between. Then come the names of
// the machines it went through, which are the recipient's and not the email's.
const messageIdHead = /^([A-Za-z0-9_-]{22})(?:\.|$)/;
const machines = /\.(?:filter|recvd)/;

/** The one id that all events of an email share. Opens and clicks have no smtp-id, some bounces no sg_message_id. */
function messageIdOf(told: unknown): string | null {
  const whole = textAt(told, 'sg_message_id');
  if (whole !== null) return messageIdHead.exec(whole)?.[1] ?? (whole.split(machines)[0] || whole);
  const smtp = textAt(told, 'smtp-id')?.replace(/^<|>$/g, '') ?? null;
  if (smtp === null) return null;
  // Where SendGrid gave the id, the same stands before the `@`; where the sender did, all of it is the id.
  return /^([^@]+)@[^@]*ismtpd/.exec(smtp)?.[1] ?? smtp;
}

/** Categories are the sender's; where an invitation is one of them, that says the most. */
function categoryOf(told: unknown): string | null {
  const listed = at(told, 'category');
  const categories = (Array.isArray(listed) ? listed : [listed]).filter(
    (one) => typeof one === 'string' && one.trim() !== '',
  );
  const [first = null] = categories;
  return categories.includes('portal-invite') ? 'portal-invite' : first;
}

/** SendGrid's own members; whatever else stands there the sender put there (custom arguments). */
const ownMembers: ReadonlySet<string> = new Set(
  `email timestamp event category sg_event_id sg_message_id smtp-id ip useragent url url_offset response reason status type
  attempt tls cert_err asm_group_id sg_machine_open sg_content_type sg_user_id sg_template_id sg_template_name pool newsletter
  bounce_classification domain from send_at`.split(/\s+/),
);

function customFields(told: unknown, category: string | null): Readonly<Record<string, string>> {
  if (!isObject(told)) return {};
  const custom = Object.entries(told).filter(([name]) => !ownMembers.has(name));
  return { ...flatFields(Object.fromEntries(custom)), ...(category === null ? {} : { category }) };
}
