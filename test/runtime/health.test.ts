import { z } from 'zod';
import { type RunningServer, runServer } from './server.ts';

const servers: RunningServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.stop())));
async function running(...options: Parameters<typeof runServer>): Promise<RunningServer> {
  const server = await runServer(...options);
  servers.push(server);
  return server;
}
const passing = { name: 'log', check: async () => ({ ok: true, detail: 'at the head' }) };

describe('/readyz', () => {
  test('given parts that make progress, it is ready', async () => {
    const reply = await (await running({ readiness: [passing] })).send('GET', '/readyz');
    expect(reply.status).toBe(200);
    expect(JSON.parse(reply.text)).toEqual({ ready: true, checks: [{ name: 'log', ok: true, detail: 'at the head' }] });
  });

  test('given one part that does not, it is not, and says which', async () => {
    const stuck = { name: 'projector', check: async () => ({ ok: false, detail: 'no commit for 60 s' }) };
    const reply = await (await running({ readiness: [passing, stuck] })).send('GET', '/readyz');
    expect(reply.status).toBe(503);
    expect(JSON.parse(reply.text)).toMatchObject({
      ready: false,
      checks: [{ ok: true }, { name: 'projector', ok: false }],
    });
  });

  test.each([
    ['rejects', () => Promise.reject(new Error('secret address'))],
    [
      'throws',
      () => {
        throw new Error('secret address');
      },
    ],
    ['never answers', () => new Promise<never>(() => undefined)],
  ])('given a check that %s, it is not ready and tells no inside', async (_what, check) => {
    const reply = await (await running({ readiness: [{ name: 'store', check }] })).send('GET', '/readyz');
    expect(reply.status).toBe(503);
    expect(reply.text).not.toContain('secret');
  });
});

test('/livez answers though no part is ready', async () => {
  const stuck = { name: 'log', check: async () => ({ ok: false, detail: '' }) };
  const reply = await (await running({ readiness: [stuck] })).send('GET', '/livez');
  expect(JSON.parse(reply.text)).toEqual({ alive: true });
});

test('/metrics is Prometheus text', async () => {
  const reply = await (await running()).send('GET', '/metrics');
  expect(reply.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(reply.text).toContain('# TYPE signalfold_lag_messages gauge');
});

describe('/openapi.json', () => {
  test('lists a documented route with its parameters, body, answers and problems', async () => {
    const server = await running({
      routes: (fastify) => {
        const doc = {
          summary: 'Rename',
          params: z.object({ firmId: z.string().max(5) }),
          query: z.object({ dry: z.enum(['yes', 'no']).default('no'), note: z.string() }),
          body: { 'application/json': z.object({ name: z.string() }) },
          responses: { 200: { description: 'Done.', schema: z.object({ name: z.string() }) } },
        };
        fastify.put('/v1/firms/:firmId/name', { config: { scope: 'settings', audit: null, doc } }, () => ({}));
      },
    });
    const contract = JSON.parse((await server.send('GET', '/openapi.json')).text);
    expect(contract.openapi).toBe('3.1.1');
    expect(contract.paths['/v1/firms/{firmId}/name'].put).toMatchObject({
      summary: 'Rename',
      operationId: 'put_v1_firms_firmId_name',
      parameters: [
        { name: 'firmId', in: 'path', required: true, schema: { type: 'string', maxLength: 5 } },
        { name: 'dry', in: 'query', required: false, schema: { enum: ['yes', 'no'], default: 'no' } },
        { name: 'note', in: 'query', required: true, schema: { type: 'string' } },
      ],
      requestBody: { content: { 'application/json': { schema: { type: 'object', required: ['name'] } } } },
      responses: {
        200: { content: { 'application/json': { schema: { type: 'object' } } } },
        default: { content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
      },
    });
    expect(Object.keys(contract.paths)).toContain('/readyz');
  });
});
