import { createHash } from 'node:crypto';
import { ClientId, FirmId } from '../../services/core/ids.ts';
import { type Deliveries, DeliveryTold, watchDeliveries } from '../../services/ingest/deliveries.ts';
import { okta } from '../../services/ingest/providers/okta.ts';
import type { Source } from '../../services/ingest/sources/source.ts';
import { parseApiKeys } from '../../services/runtime/api-keys.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { type RunningServer, runServer } from '../runtime/server.ts';

function source(name: string, firm: Source['rules']['firm']): Source {
  return {
    name,
    offer: { provider: okta, bodies: ['json'], schemes: [] },
    provider: okta,
    rules: { firm, client: [{ kind: 'userId' }] },
    only: {},
    zone: 'UTC',
    url: null,
    transport: { kind: 'webhook', signing: null },
  };
}

const ofNorth = source('of-north', { kind: 'fixed', firmId: FirmId.parse('north') });
const ofAll = source('of-all', { kind: 'field', field: 'org', firms: null });

const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');
const entries = [
  `${hashOf('everybody')}:scopes=ingest`,
  `${hashOf('north')}:firm=north:scopes=ingest`,
  `${hashOf('reader')}:scopes=read`,
];

let server: RunningServer;
let deliveries: Deliveries;
beforeEach(async () => {
  server = await runServer({
    config: { auth: { keys: parseApiKeys(entries.join(',')).keys, oidc: null } },
    routes: (fastify) => {
      deliveries = watchDeliveries(fastify, { clock: systemClock, sources: [ofNorth, ofAll] });
    },
  });
});
let stopped: Promise<void> | null = null;
/** Ends every stream, so that what was told can be read to its end. */
function stop(): Promise<void> {
  stopped ??= server.stop();
  return stopped;
}
afterEach(async () => {
  await stop();
  stopped = null;
});

function client(firmId: string) {
  return { firmId: FirmId.parse(firmId), clientId: ClientId.parse('client-1') };
}

/** Everything told to whoever has the key, once the stream has begun and until the server stops. */
async function watch(key: string): Promise<() => Promise<readonly DeliveryTold[]>> {
  const headers = { authorization: `Bearer ${key}` };
  const answer = await fetch(`http://127.0.0.1:${server.port}/v1/deliveries`, { headers });
  const text = answer.text();
  return async () => {
    const lines = (await text).match(/^data: .*$/gm) ?? [];
    return lines.map((line) => DeliveryTold.parse(JSON.parse(line.slice('data: '.length))));
  };
}

function tellAll(): void {
  const event = { outcome: 'accepted', topic: 'login', why: 'a sign-in', warnings: [] } as const;
  deliveries.tell({ ...event, source: 'of-north', clients: [client('north')] });
  deliveries.tell({ ...event, source: 'of-all', clients: [client('south'), client('north')] });
  deliveries.tell({ ...event, source: 'of-all', clients: [client('south')] });
  deliveries.tell({ source: 'of-north', outcome: 'refused', wrong: 'clock', why: 'too old' });
  deliveries.tell({ source: 'of-all', outcome: 'repeated' });
}

test('given somebody who may send for every firm, then all is told, with what is wrong and why', async () => {
  const told = await watch('everybody');
  tellAll();
  await stop();
  expect(await told()).toMatchObject([
    { source: 'of-north', outcome: 'accepted', topic: 'login', clients: [client('north')], why: 'a sign-in' },
    { source: 'of-all', clients: [client('south'), client('north')] },
    { source: 'of-all', clients: [client('south')] },
    { source: 'of-north', outcome: 'refused', wrong: 'clock', why: 'too old', clients: [] },
    { source: 'of-all', outcome: 'repeated', why: null },
  ]);
});

test('given somebody of one firm, then nothing is told of another, nor of sources that are not its own', async () => {
  const told = await watch('north');
  tellAll();
  await stop();
  expect(await told()).toMatchObject([
    { source: 'of-north', outcome: 'accepted' },
    { source: 'of-all', clients: [client('north')] },
    { source: 'of-north', outcome: 'refused' },
  ]);
  expect(JSON.stringify(await told())).not.toContain('south');
});

test('given nobody who watches, then telling is nothing', () => {
  expect(tellAll).not.toThrow();
});

test('given a key that may only read, then it is refused', async () => {
  const reply = await server.send('GET', '/v1/deliveries', { authorization: 'Bearer reader' });
  expect(reply.status).toBe(403);
});
