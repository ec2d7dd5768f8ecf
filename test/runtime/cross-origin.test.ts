// Calls from pages of other origins, over real HTTP: which origins, which routes, and what browsers are told.
import type { FastifyInstance } from 'fastify';
import { Problem } from '../../services/runtime/problem.ts';
import { type RunningServer, runServer } from './server.ts';

const crm = 'https://crm.example.com';
const stranger = 'https://crm.example.com.evil.example';
const doc = { id: 'test', summary: 'For a test', responses: {} };

function addRoutes(server: FastifyInstance): void {
  const config = { scope: 'read', audit: null, doc } as const;
  server.post('/v1/tiles', { config: { ...config, crossOrigin: true } }, () => ({ text: 'abc'.repeat(1_000) }));
  server.get('/v1/refused', { config: { ...config, crossOrigin: true } }, () => {
    throw new Problem('conflict', 'Read it again.');
  });
  server.post('/v1/other', { config }, () => ({}));
}

let server: RunningServer;
beforeAll(async () => {
  server = await runServer({ routes: addRoutes, config: { allowedOrigins: [crm, 'http://localhost:3000'] } });
});
afterAll(() => server.stop());

const json = { 'content-type': 'application/json' };
const asks = (path: string, origin: string) =>
  server.send('OPTIONS', path, { origin, 'access-control-request-method': 'POST' });

test('an allowed origin that asks first may send a token, and is told for how long not to ask again', async () => {
  const { status, headers } = await asks('/v1/tiles', crm);
  expect(status).toBe(204);
  expect(headers).toMatchObject({
    'access-control-allow-origin': crm,
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'authorization, content-type, last-event-id',
    'access-control-max-age': '7200',
    vary: 'Origin',
  });
});

test('an allowed origin reads the answer, packed or not, and its cache knows that it depends on the origin', async () => {
  const plain = await server.send('POST', '/v1/tiles', { ...json, origin: crm }, '{}');
  expect([plain.status, plain.headers['access-control-allow-origin'], plain.headers['vary']]).toEqual([
    200,
    crm,
    expect.stringContaining('Origin'),
  ]);
  const packed = await server.send('POST', '/v1/tiles', { ...json, origin: crm, 'accept-encoding': 'gzip' }, '{}');
  expect([packed.headers['content-encoding'], packed.headers['vary']]).toEqual(['gzip', 'Origin, accept-encoding']);
});

test('an allowed origin reads problems too', async () => {
  const { status, headers } = await server.send('GET', '/v1/refused', { origin: crm });
  expect([status, headers['access-control-allow-origin']]).toEqual([409, crm]);
});

test('never with credentials', async () => {
  for (const { headers } of [
    await asks('/v1/tiles', crm),
    await server.send('POST', '/v1/tiles', { origin: crm }, ''),
  ]) {
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
  }
});

test.each([stranger, 'http://crm.example.com', `${crm}:8443`, 'null', '*', ''])(
  'the origin "%s" is refused, and told nothing',
  async (origin) => {
    for (const reply of [
      await asks('/v1/tiles', origin),
      await server.send('POST', '/v1/tiles', { ...json, origin }, '{}'),
    ]) {
      expect([reply.status, JSON.parse(reply.text).code]).toEqual([403, 'origin_forbidden']);
      expect(reply.headers).not.toHaveProperty('access-control-allow-origin');
    }
  },
);

test('other routes stay closed to it', async () => {
  expect(JSON.parse((await server.send('POST', '/v1/other', { ...json, origin: crm }, '{}')).text).code).toBe(
    'origin_forbidden',
  );
  expect((await asks('/v1/other', crm)).headers).not.toHaveProperty('access-control-allow-origin');
});

test('a page under another name than loopback gets nothing, whatever its origin', async () => {
  const { text } = await server.send('POST', '/v1/tiles', { ...json, origin: crm, host: 'crm.example.com' }, '{}');
  expect(JSON.parse(text).code).toBe('host_forbidden');
});
