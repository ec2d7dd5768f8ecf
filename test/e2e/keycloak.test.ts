// A real Keycloak, pulled by the service: failed logins, good ones, silent sign-ons and a colleague acting as clients go in,
// and the cards show exactly the genuine logins.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { TestServer } from '../../infra/local/servers.ts';
import { CardWire } from '../../services/core/derive/card.ts';
import {
  impersonate,
  keycloakForTests,
  makeRealm,
  openBrowser,
  portal,
  pulling,
  realmName,
  wrongPassword,
} from './keycloak-realm.ts';
import { type HttpService, startService, until, untilFolded } from './service.ts';

const firmId = 'firm-1';
/** By the logins that are the client's own. The marker signs in last: once it shows, everything before it was pulled. */
const genuine = { anna: 1, bert: 1, cora: 1, dora: 0, marker: 1 } as const;
const names = Object.keys(genuine);
const addressOf = (name: string) => `${name}@example.org`;

let folder: string;
let keycloak: TestServer | null = null;
let service: HttpService | null = null;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signalfold-keycloak-e2e-'));
  keycloak = await keycloakForTests();
}, 400_000);
afterAll(async () => {
  await service?.kill('SIGTERM');
  await keycloak?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

test('given a realm in which clients sign in and a colleague acts as two of them, then the cards show the genuine logins', async () => {
  if (keycloak === null) return;
  const [url = ''] = keycloak.addresses;
  await makeRealm(url, names.map(addressOf));
  service = await startIngest(url);
  // The profiles of two come before anything of theirs, the others' after it: those events wait.
  await bring(service, ['anna', 'bert']);

  expect(await openBrowser(url).signIn(addressOf('anna'))).toBe(true);
  const bert = openBrowser(url);
  expect(await bert.signIn(addressOf('bert'), wrongPassword)).toBe(false);
  expect(await bert.signIn(addressOf('bert'))).toBe(true);
  const cora = openBrowser(url);
  expect(await cora.signIn(addressOf('cora'))).toBe(true);
  expect([await cora.signOnSilently(), await cora.signOnSilently()]).toEqual([true, true]);
  for (const name of ['dora', 'anna']) {
    const colleague = await impersonate(url, addressOf(name));
    expect(await colleague.signOnSilently()).toBe(true);
  }
  expect(await openBrowser(url).signIn(addressOf('marker'))).toBe(true);

  const running = service;
  await until(
    // Three of cora, two of dora, of whom only her user is known at first, and the marker.
    async () => (await waitingNow(running)).sources['realm'] === 6,
    60_000,
    () => `what belongs to clients not known yet did not come to wait:\n${running.output()}`,
  );
  await bring(running, ['cora', 'dora', 'marker']);
  await until(
    async () => (await waitingNow(running)).total === 0 && (await loginsOf(running, 'marker')) === genuine.marker,
    60_000,
    () => `what waited was not released:\n${running.output()}`,
  );
  await untilFolded(running);
  const found = await Promise.all(names.map(async (name) => [name, await loginsOf(running, name)] as const));
  expect(Object.fromEntries(found)).toEqual(genuine);
}, 240_000);

async function startIngest(url: string): Promise<HttpService> {
  const sources = join(folder, 'sources.yaml');
  writeFileSync(join(folder, 'secret'), pulling.secret);
  const pull = JSON.stringify({ url, realm: realmName, clientId: pulling.clientId, everySeconds: 1 });
  writeFileSync(
    sources,
    `sources:\n  realm: { provider: keycloak, pull: ${pull}, secret: "file:secret", firm: ${firmId}, client: email, only: { clientId: ${portal} } }\n`,
  );
  return startService('dev', {
    SIGNALFOLD_DATA_DIR: join(folder, 'data'),
    SIGNALFOLD_PORT: '0',
    SIGNALFOLD_LOG_LEVEL: 'warn',
    SIGNALFOLD_SOURCES: sources,
  });
}

/** Their profiles and portal access. */
async function bring(to: HttpService, clients: readonly string[]): Promise<void> {
  const longAgo = '2026-01-01T00:00:00Z';
  const profiles = clients.map((clientId) => ({
    ...{ firmId, clientId, version: 1, type: 'individual', status: 'active', emails: [addressOf(clientId)] },
    ...{ createdAt: longAgo, updatedAt: longAgo },
  }));
  const grants = clients.map((clientId) => ({
    ...{ eventId: `granted-${clientId}`, firmId, clientId, occurredAt: longAgo },
    ...{ email: addressOf(clientId), change: 'granted' },
  }));
  expect((await to.send('POST', '/v1/events/client', profiles)).status).toBe(202);
  expect((await to.send('POST', '/v1/events/portal-access', grants)).status).toBe(202);
}

async function loginsOf(from: HttpService, clientId: string): Promise<number | null> {
  const reply = await from.send('GET', `/v1/firms/${firmId}/clients/${clientId}`);
  return reply.status === 404 ? null : (CardWire.parse(reply.json()).logins?.d30 ?? null);
}

async function waitingNow(from: HttpService) {
  const Waiting = z.object({ total: z.int(), sources: z.record(z.string(), z.int()) });
  return Waiting.parse((await from.send('GET', '/v1/waiting')).json());
}
