import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { parseApiKeys } from '../../services/runtime/api-keys.ts';
import type { AuthConfig } from '../../services/runtime/config-auth.ts';
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
          id: 'rename',
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
      operationId: 'rename',
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

  describe('where callers say who they are', () => {
    const hash = 'ab'.repeat(32);
    const claims = { firm: 'f', role: 'r', adviser: 'a', roleNames: [], scopePrefix: null };
    const oidc = { issuer: 'https://id.example.org/realm/', audiences: ['x'], jwksUrl: null, claims, signIn: null };
    const routes = (fastify: FastifyInstance) => {
      const doc = { id: 'erase', summary: 'Erase', responses: { 200: { description: 'Done.' } } };
      fastify.delete('/v1/thing', { config: { scope: 'erase', audit: 'client.erase', doc } }, () => ({}));
    };
    const contractOf = async (auth: AuthConfig | null) => {
      const reply = await (await running({ config: { auth }, routes })).send('GET', '/openapi.json');
      return JSON.parse(reply.text);
    };

    test('given keys and tokens, either will do, with the scope; health needs neither', async () => {
      const contract = await contractOf({ keys: parseApiKeys(hash).keys, oidc });
      expect(contract.components.securitySchemes).toMatchObject({
        key: { type: 'http', scheme: 'bearer' },
        token: {
          type: 'openIdConnect',
          openIdConnectUrl: 'https://id.example.org/realm/.well-known/openid-configuration',
        },
      });
      expect(contract.paths['/v1/thing'].delete.security).toEqual([{ key: ['erase'] }, { token: ['erase'] }]);
      expect(contract.paths['/livez'].get.security).toEqual([]);
    });

    test('the answers to those who may not are described', async () => {
      const { paths, components } = await contractOf({ keys: parseApiKeys(hash).keys, oidc: null });
      expect(Object.keys(paths['/v1/thing'].delete.responses)).toEqual(['200', '401', '403', '429', '503', 'default']);
      for (const status of [401, 403, 429]) {
        const name = paths['/v1/thing'].delete.responses[status].$ref.split('/').at(-1);
        expect(components.responses[name].content).toHaveProperty(['application/problem+json']);
      }
    });

    test('given nobody needs to, there are none', async () => {
      const { paths, components } = await contractOf(null);
      expect(components.securitySchemes).toEqual({});
      expect(paths['/v1/thing'].delete.security).toEqual([]);
      expect(Object.keys(paths['/v1/thing'].delete.responses)).toEqual(['200', '503', 'default']);
    });
  });
});
