// Events that a provider's listener writes into a topic of its own on a real Kafka: sent as `signalfold trigger --to kafka`
// sends them, they change a card as over HTTP.
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin } from '@platformatic/kafka';
import type { Surroundings } from '../../services/cli/adapters.ts';
import { trigger } from '../../services/cli/trigger.ts';
import { CardWire } from '../../services/core/derive/card.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { readConfig } from '../../services/runtime/config.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import { type HttpService, startService, until, untilFolded } from './service.ts';
import { openWorld, type World } from './world.ts';

const shownMsMax = 60_000;
const quiet = { line: () => undefined, result: () => undefined };

let world: World | null = null;
let around: Surroundings;
let dev: HttpService;
beforeAll(async () => {
  world = await openWorld('kafka-dynamodb');
  if (world === null) return;
  const { environment, brokers, group } = world;
  const topics = { keycloak: `${group}-keycloak-events`, twilio: `${group}-twilio-events` };
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...brokers] });
  await admin.createTopics({ topics: Object.values(topics), partitions: 2, replicas: 1 });
  await admin.close();
  const sources = join(tmpdir(), `${group}.yaml`);
  const lines = Object.entries(topics).map(
    ([provider, topic]) => `  ${provider}: { provider: ${provider}, kafka: ${topic}, firm: firm-1, client: userId }`,
  );
  writeFileSync(sources, `sources:\n${lines.join('\n')}\n`);
  const settings = { ...environment, SIGNALFOLD_SOURCES: sources };
  const { config } = readConfig(settings, tmpdir());
  if (config === null) throw new Error('the settings of the test are wrong');
  around = { config, clock: systemClock, logger: createLogger('silent') };
  dev = await startService('dev', settings);
  for (const clientId of ['client-1', '+15005550006']) {
    const granted = {
      ...{ eventId: `granted-${clientId}`, firmId: 'firm-1', clientId, occurredAt: '2026-01-01T00:00:00Z' },
      ...{ email: 'client-1@example.org', change: 'granted' },
    };
    expect((await dev.send('POST', '/v1/events/portal-access', granted)).status).toBe(202);
  }
  await untilFolded(dev);
}, 240_000);
afterAll(async () => {
  if (world !== null) await dev.kill('SIGTERM');
  await world?.close();
}, 60_000);

async function cardOf(clientId: string) {
  const reply = await dev.send('GET', `/v1/firms/firm-1/clients/${encodeURIComponent(clientId)}`);
  return CardWire.parse(reply.json());
}

const send = (event: string) => trigger(around, event, { to: 'kafka', override: [], add: [] }, quiet);

test('given a login of Keycloak in its topic, then the card shows a login', async () => {
  if (world === null) return;
  expect(await send('keycloak.LOGIN')).toBe(true);
  await until(
    async () => (await cardOf('client-1')).logins?.d30 === 1,
    shownMsMax,
    () => `no login shows:\n${dev.output()}`,
  );
}, 90_000);

test('given what Twilio would send as a form, in a topic, then the card shows a message', async () => {
  if (world === null) return;
  expect(await send('twilio.message.delivered')).toBe(true);
  await until(
    async () => (await cardOf('+15005550006')).lastSignals?.message != null,
    shownMsMax,
    () => `no message shows:\n${dev.output()}`,
  );
}, 90_000);

test('given a topic that is not there, then trigger says so and nothing is made', async () => {
  if (world === null) return;
  const { config } = around;
  const missing = { ...around, config: { ...config, sourcesFile: join(tmpdir(), `${world.group}-missing.yaml`) } };
  const line = `  keycloak: { provider: keycloak, kafka: ${world.group}-none, firm: firm-1, client: userId }`;
  writeFileSync(join(tmpdir(), `${world.group}-missing.yaml`), `sources:\n${line}\n`);
  const options = { to: 'kafka', override: [], add: [] } as const;
  await expect(trigger(missing, 'keycloak.LOGIN', options, quiet)).rejects.toMatchObject({ code: 'topic_missing' });
});
