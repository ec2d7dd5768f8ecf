import { sendgrid } from '../../../services/ingest/providers/sendgrid.ts';
import { sendgridSamples } from '../../../services/ingest/samples/sendgrid.ts';
import { bodyOf, eventOf, having, map } from './mapping.ts';

/** The one event of a sample's batch. */
function one(name: string): Record<string, unknown> {
  const [first] = Object.values(bodyOf(sendgridSamples, name)) as Record<string, unknown>[];
  return first ?? {};
}
const emailOf = (body: unknown) => eventOf(map(sendgrid, body)).draft.event;
const messageIdOf = (body: Record<string, unknown>) => (emailOf(body) as { messageId: string }).messageId;

test('given that SendGrid took an email to send, then it was sent to the client of its custom arguments', () => {
  const { draft, subject } = eventOf(map(sendgrid, [one('processed')]));
  expect(draft).toEqual({
    topic: 'email',
    event: {
      eventId: one('processed')['sg_event_id'],
      occurredAt: '2026-03-01T09:30:00.000Z',
      messageId: '0123456789abcdef012345',
      status: 'sent',
      address: 'client-1@example.org',
      category: 'review-reminder',
      machineOpen: null,
    },
  });
  expect(subject).toEqual({
    userId: null,
    email: 'client-1@example.org',
    fields: { client_id: 'client-1', category: 'review-reminder' },
  });
});

test.each([
  ['delivered', 'delivered'],
  ['open', 'opened'],
  ['click', 'clicked'],
  ['bounce', 'bounced'],
  ['spamreport', 'complained'],
])('given %s, then the email was %s', (name, status) => {
  expect(emailOf([one(name)])).toMatchObject({ status, address: 'client-1@example.org' });
});

test('a batch is as many events, in its order', () => {
  const mapped = map(sendgrid, [one('processed'), one('deferred'), one('open')]);
  expect(mapped.map(({ kind }) => kind)).toEqual(['event', 'ignored', 'event']);
});

describe('the one id of an email', () => {
  const id = 'wrfRRvF7Q0GgwUo2CvDmEA';

  test.each([
    ['today’s, with the machines it went through', { sg_message_id: `${id}.recvd-5f54b5d587-pczjm-1-5FFF-1.0` }],
    ['that of some years ago', { sg_message_id: `${id}.filter0425p1mdw1.13037.57168B4A1D.0` }],
    ['without machines, as the API answers it', { sg_message_id: id }],
    [
      'of an event that has only the address within SMTP',
      { sg_message_id: null, 'smtp-id': `<${id}@ismtpd0006p1sjc2.sendgrid.net>` },
    ],
  ])('is the same: %s', (_what, ids) => {
    expect(messageIdOf({ ...one('delivered'), ...ids })).toBe(id);
  });

  test('of the oldest kind has dots itself', () => {
    const old = '14c5d75ce93.dfd.64b469';
    const events = [
      { sg_message_id: `${old}.filter0001.16648.5515E0B88.0` },
      { sg_message_id: null, 'smtp-id': `<${old}@ismtpd-555>` },
    ];
    expect(events.map((ids) => messageIdOf({ ...one('delivered'), ...ids }))).toEqual([old, old]);
  });

  test('where the sender gave its own and SendGrid none, is the sender’s', () => {
    const ids = { sg_message_id: undefined, 'smtp-id': '<m-1@firm.example>' };
    expect(messageIdOf({ ...one('delivered'), ...ids })).toBe('m-1@firm.example');
  });
});

describe('an open', () => {
  test.each([
    ['that SendGrid knows to be a machine’s', { sg_machine_open: true }, true],
    ['by what names itself a machine', { sg_machine_open: false, useragent: 'Mozilla/5.0' }, true],
    ['by a usual mail program', {}, null],
  ])('%s', (_what, changes, machineOpen) => {
    expect(emailOf({ ...one('open'), ...changes })).toMatchObject({ machineOpen });
  });
});

test.each([
  ['Bounced Address', 'event'],
  ['Invalid', 'event'],
  ['Unsubscribed Address', 'ignored'],
  ['Spam Reporting Address', 'ignored'],
])('given that it was dropped for %s: %s', (reason, kind) => {
  expect(map(sendgrid, { ...one('processed'), event: 'dropped', reason })[0]?.kind).toBe(kind);
});

test.each(['deferred', 'unsubscribe', 'group_unsubscribe', 'group_resubscribe', 'account_status_change'])(
  'given %s, then it is ignored',
  (event) => {
    expect(map(sendgrid, { ...one('processed'), event })[0]?.kind).toBe('ignored');
  },
);

test.each([
  ['a text', 'newsletter', 'newsletter'],
  ['the first of several', ['a', 'b'], 'a'],
  ['an invitation wherever it stands', ['a', 'portal-invite'], 'portal-invite'],
  ['none', undefined, null],
  ['nothing usable', [7, ''], null],
])('the category is %s', (_what, category, expected) => {
  expect(emailOf(having(one('processed'), 'category', category))).toMatchObject({ category: expected });
});

test('what SendGrid adds by itself is no custom argument', () => {
  const { subject } = eventOf(
    map(sendgrid, { ...one('open'), firm: 'firm-1', ip: '203.0.113.7', tls: 1, asm_group_id: 5 }),
  );
  expect(subject.fields).toEqual({ client_id: 'client-1', firm: 'firm-1', category: 'review-reminder' });
});

test('given no id of the event, then it is named by what it says', () => {
  const ids = ['processed', 'processed', 'delivered'].map(
    (name) => emailOf({ ...one(name), sg_event_id: undefined }).eventId,
  );
  expect(ids[0]).toBe(ids[1]);
  expect(ids[0]).not.toBe(ids[2]);
});

test.each([
  [{}, 'event: missing'],
  [[], 'event: missing'],
  [{ event: 'open' }, 'sg_message_id: missing, and smtp-id too: the email'],
  [{ ...one('open'), timestamp: '0' }, 'timestamp: lies before the year 2000'],
])('given %#, then it is unusable, by the field', (body, detail) => {
  expect(map(sendgrid, body)).toEqual([{ kind: 'unusable', detail }]);
});
