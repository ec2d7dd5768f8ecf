// A firm of ten clients in a running service. What must be known of them is worked out by hand, here, beside what happens.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Answer, type HttpService, startService, untilFolded } from '../e2e/service.ts';

const firmId = 'firm-a';
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const macChrome =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36';

type Cast = {
  readonly clientId: string;
  readonly lastName: string;
  readonly adviser: string | null;
  /** Days before the tests began at which each happened. */
  readonly logins?: readonly number[];
  readonly emails?: readonly number[];
  readonly messages?: readonly number[];
  /** Absent: no portal record. */
  readonly access?: 'granted' | 'revoked';
};

/** Green up to 14 days, amber up to 42. */
const cast: readonly Cast[] = [
  // Green for 5 days: the email then came 35 days after the login before it, so that it had been amber.
  {
    ...{ clientId: 'ann', lastName: 'Archer', adviser: 'a1', access: 'granted' },
    ...{ logins: [1, 3, 40, 100], emails: [5], messages: [2] },
  },
  // Amber for 5 days.
  { clientId: 'bob', lastName: 'Baker', adviser: 'a1', access: 'granted', logins: [19] },
  // Red for 3 days.
  { clientId: 'cid', lastName: 'Cook', adviser: 'a2', access: 'granted', logins: [45] },
  // Not engaged, and never logged in.
  { clientId: 'dee', lastName: 'Dyer', adviser: 'a2', access: 'granted' },
  // Green for 2 days, but without portal access.
  { clientId: 'eve', lastName: 'Eaves', adviser: 'a2', emails: [2] },
  // Green for one more day, by an email.
  { clientId: 'fay', lastName: 'Fisher', adviser: 'a1', access: 'granted', emails: [13] },
  // Had access once.
  { clientId: 'gus', lastName: 'Glover', adviser: 'a1', access: 'revoked', logins: [10] },
  // Came back an hour ago, out of red.
  { clientId: 'hal', lastName: 'Hunter', adviser: 'a2', access: 'granted', logins: [100, 1 / 24] },
  // Neither a portal record nor a signal.
  { clientId: 'ida', lastName: 'Ironside', adviser: null },
  // Amber for one more day, by our own email alone.
  { clientId: 'jon', lastName: 'Joiner', adviser: 'a1', access: 'granted', emails: [41] },
];

export const known = {
  total: 10,
  rating: { green: 5, amber: 2, red: 1, none: 1 },
  access: { has_portal_access: 7, logged_in_recently: 3, never_logged_in: 3, no_portal_access: 3 },
  /** Ann, Bob, Gus and Hal logged in within 30 days. */
  activeInMonth: 4,
  logins90: 7,
  logins365: 9,
  changed: [
    { from: 'amber', to: 'red', clients: ['cid'] },
    { from: 'green', to: 'amber', clients: ['bob'] },
    { from: 'none', to: 'green', clients: ['eve'] },
    { from: 'red', to: 'green', clients: ['hal'] },
    { from: 'amber', to: 'green', clients: ['ann'] },
  ],
  expected: [
    { from: 'amber', to: 'red', clients: ['jon'] },
    { from: 'green', to: 'amber', clients: ['fay', 'gus', 'eve', 'ann', 'hal'] },
  ],
} as const;

export type KnownFirm = {
  readonly service: HttpService;
  /** Where its log and its store are. */
  readonly folder: string;
  /** The address of a page of the firm. */
  page(path: string): string;
  /** What the API answers about the firm. */
  get(path: string): Promise<unknown>;
  /** Sends one event; resolves when it is durable, not when it shows. */
  send(topic: string, event: Readonly<Record<string, unknown>>): Promise<void>;
  login(clientId: string, sessionId: string): Promise<void>;
  close(): Promise<void>;
};

/** With a key the service asks everybody for one; `keys` as its setting has them, and `key` may do everything. */
export async function openKnownFirm(asking?: { readonly keys: string; readonly key: string }): Promise<KnownFirm> {
  const folder = mkdtempSync(join(tmpdir(), 'signalfold-known-firm-'));
  const service = await startService('dev', {
    SIGNALFOLD_DATA_DIR: folder,
    SIGNALFOLD_PORT: '0',
    SIGNALFOLD_LOG_LEVEL: 'warn',
    ...(asking === undefined ? {} : { SIGNALFOLD_API_KEYS: asking.keys }),
  });
  const headers: Readonly<Record<string, string>> =
    asking === undefined ? {} : { authorization: `Bearer ${asking.key}` };
  const now = Date.now();
  const send = async (topic: string, events: readonly object[]) => {
    const reply = await service.send('POST', `/v1/events/${topic}`, events, headers);
    const { rejected } = Answer.parse(reply.json());
    if (rejected.length > 0) throw new Error(JSON.stringify(rejected));
  };
  const firm: KnownFirm = {
    service,
    folder,
    page: (path) => `${service.url}/firms/${firmId}/${path}`,
    get: async (path) => (await service.send('GET', `/v1/firms/${firmId}/${path}`, undefined, headers)).json(),
    send: (topic, event) => send(topic, [{ eventId: 'more', firmId, ...event }]),
    login: (clientId, sessionId) => {
      const occurredAt = new Date().toISOString();
      const of = { clientId, eventId: sessionId, occurredAt, sessionId };
      return firm.send('login', { ...of, outcome: 'success', userAgent: macChrome });
    },
    close: async () => {
      await service.kill('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await service.send('PUT', `/v1/firms/${firmId}/settings`, { timeZone: 'Europe/London' }, headers);
  for (const [topic, events] of Object.entries(eventsAt(now))) await send(topic, events);
  await untilFolded(service, headers);
  return firm;
}

/** By topic. `now`: epoch ms. */
function eventsAt(now: number): Readonly<Record<string, readonly object[]>> {
  const daysAgo = (days: number) => new Date(now - days * dayMs).toISOString();
  const each = (some: (client: Cast) => readonly number[] | undefined, make: (id: string) => object) =>
    cast.flatMap((client) =>
      (some(client) ?? []).map((days, index) => ({
        ...make(`${client.clientId}-${index}`),
        eventId: `e${index}`,
        firmId,
        clientId: client.clientId,
        occurredAt: daysAgo(days),
      })),
    );
  return {
    client: cast.map(({ clientId, lastName, adviser }) => ({
      firmId,
      clientId,
      version: 1,
      firstName: clientId.charAt(0).toUpperCase() + clientId.slice(1),
      lastName,
      type: 'individual',
      status: 'active',
      adviser: adviser === null ? null : { id: adviser, name: `Adviser ${adviser.toUpperCase()}` },
      emails: [`${clientId}@example.org`],
      createdAt: daysAgo(110),
      updatedAt: daysAgo(110),
    })),
    'portal-access': cast.flatMap(({ clientId, access }) => {
      const of = { firmId, clientId, email: `${clientId}@example.org` };
      const granted = { ...of, eventId: 'grant', occurredAt: daysAgo(110), change: 'granted' };
      const opens = { permissions: { write: true, delete: false }, features: { wealth: true, goals: true } };
      if (access === undefined) return [];
      const revoked = { ...of, eventId: 'revoke', occurredAt: daysAgo(5), change: 'revoked' };
      return [{ ...granted, ...opens }, ...(access === 'revoked' ? [revoked] : [])];
    }),
    login: each(
      ({ logins }) => logins,
      (sessionId) => ({ sessionId, outcome: 'success', userAgent: macChrome }),
    ),
    email: each(
      ({ emails }) => emails,
      (messageId) => ({ messageId, status: 'sent' }),
    ),
    message: each(
      ({ messages }) => messages,
      (messageId) => ({ messageId, direction: 'outbound', channel: 'sms' }),
    ),
  };
}
