// The example page as it would really be: its own back end on an origin of its own, beside a service that asks for keys and
// knows 50 clients of every rating.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HttpService, type Service, startProgram, startService, untilFolded } from '../e2e/service.ts';
import { mintedIn } from '../e2e/views.ts';

export const firmId = 'harbour';
export const backEndKey = 'a-key-of-the-back-end';
const senderKey = 'a-key-of-a-sender';
const dayMs = 86_400_000;
const twoHoursMs = 7_200_000;
const clients = 50;

export type Example = {
  readonly service: HttpService;
  /** Where the page is, by an origin that is allowed. */
  readonly url: string;
  /** The same page by an origin that is not. */
  readonly strangeUrl: string;
  send(topic: string, events: readonly unknown[]): Promise<void>;
  /** One that this service made, and that lived for an hour. */
  expiredToken(): Promise<string>;
  close(): Promise<void>;
};

export function clientId(number: number): string {
  return `client-${String(number).padStart(5, '0')}`;
}

/** What is rated how: each number of days since the only signal, in turn; null for none. */
const silences = [1, 20, 60, null, 1] as const;
export const labels = ['Engaged', 'At Risk', 'Disengaged', 'Not Engaged', 'Engaged'] as const;

export async function openExample(): Promise<Example> {
  const dataDir = mkdtempSync(join(tmpdir(), 'signalfold-example-'));
  const port = await freePort();
  const service = await startService('dev', {
    SIGNALFOLD_DATA_DIR: dataDir,
    SIGNALFOLD_PORT: '0',
    SIGNALFOLD_LOG_LEVEL: 'warn',
    SIGNALFOLD_API_KEYS: `${hashOf(backEndKey)}:name=crm:scopes=read:firm=${firmId},${hashOf(senderKey)}:scopes=ingest`,
    SIGNALFOLD_ALLOWED_ORIGINS: `http://localhost:${port}`,
  });
  const page: Service = await startProgram(join(__dirname, '..', '..', 'examples', 'lozenges.ts'), [], {
    SIGNALFOLD_URL: service.url,
    SIGNALFOLD_KEY: backEndKey,
    PORT: String(port),
  });
  const headers = { authorization: `Bearer ${senderKey}` };
  const send = async (topic: string, events: readonly unknown[]) => {
    const reply = await service.send('POST', `/v1/events/${topic}`, events, headers);
    if (reply.status !== 202) throw new Error(`${topic}: ${reply.status} ${reply.text}`);
  };
  await sendClients(send);
  await untilFolded(service, headers);
  // Who is the first to listen waits for the notices to be followed.
  await service.send('GET', `/v1/firms/${firmId}/changes`, undefined, { authorization: `Bearer ${backEndKey}` });
  return {
    service,
    url: `http://localhost:${port}`,
    strangeUrl: `http://127.0.0.1:${port}`,
    send,
    expiredToken: () => mintedIn(join(dataDir, 'store'), -twoHoursMs, firmId),
    close: async () => {
      await Promise.all([service.kill('SIGTERM'), page.kill('SIGTERM')]);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function sendClients(send: Example['send']): Promise<void> {
  const numbers = Array.from({ length: clients }, (_, index) => index + 1);
  const at = (days: number) => new Date(Date.now() - days * dayMs - 60_000).toISOString();
  await send(
    'client',
    numbers.map((number) => ({
      ...{ firmId, clientId: clientId(number), version: 1, firstName: `First ${number}`, lastName: `Last ${number}` },
      ...{ type: 'individual', status: 'active', adviser: { id: 'adv-1', name: 'Adviser North' } },
      ...{ emails: [`${number}@example.org`], createdAt: at(500), updatedAt: at(500) },
    })),
  );
  // The last of each five has no access.
  const withAccess = numbers.filter((number) => number % 5 !== 0);
  await send(
    'portal-access',
    withAccess.map((number) => ({
      ...{ eventId: `grant-${number}`, firmId, clientId: clientId(number), occurredAt: at(400) },
      ...{ email: `${number}@example.org`, change: 'granted' },
    })),
  );
  const logins = numbers.flatMap((number) => {
    const silence = silences[(number - 1) % silences.length] ?? null;
    return silence === null ? [] : [loginOf(number, at(silence))];
  });
  await send('login', logins);
}

export function loginOf(number: number, occurredAt: string) {
  return {
    ...{ eventId: `login-${number}-${occurredAt}`, firmId, clientId: clientId(number), occurredAt },
    ...{ sessionId: `session-${number}-${occurredAt}`, outcome: 'success' },
    userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15',
  };
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** For whoever has to know the address of something before it is there. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port }: AddressInfo = Object(server.address());
  await new Promise((resolve) => server.close(resolve));
  return port;
}
