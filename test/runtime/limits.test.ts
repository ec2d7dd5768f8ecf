// How often one may call, and fail to say who calls, over real HTTP.
import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { parseApiKeys } from '../../services/runtime/api-keys.ts';
import type { HttpConfig } from '../../services/runtime/http.ts';
import { failuresPerMinuteMax } from '../../services/runtime/limits.ts';
import { type Reply, type RunningServer, runServer } from './server.ts';

const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');
const { keys } = parseApiKeys(`${hashOf('one')}:name=first,${hashOf('two')}:scopes=none`);
const auth = { keys, oidc: null };

function routes(server: FastifyInstance): void {
  const config = { scope: 'read', audit: null, doc: { id: 'test', summary: 'For a test', responses: {} } } as const;
  server.get('/v1/something', { config }, () => ({}));
}

const servers: RunningServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));

/** Answers to a key, or to none, from an address. */
async function opened(config: Partial<HttpConfig>): Promise<(key: string | null, from?: string) => Promise<Reply>> {
  const server = await runServer({ config, routes });
  servers.push(server);
  return (key, from) =>
    server.send('GET', '/v1/something', {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(from === undefined ? {} : { 'x-forwarded-for': from }),
    });
}

async function statuses(times: number, send: () => Promise<Reply>): Promise<number[]> {
  const found: number[] = [];
  for (let count = 0; count < times; count += 1) found.push((await send()).status);
  return found;
}

const Refusal = z.object({ code: z.literal('too_many_requests'), status: z.literal(429), detail: z.string() });

describe('a caller', () => {
  test('beyond the limit is told to wait, whatever it asks for, and others are not', async () => {
    const send = await opened({ auth, requestsPerMinuteMax: 3 });
    expect(await statuses(4, () => send('one'))).toEqual([200, 200, 200, 429]);
    const refused = await send('one');
    Refusal.parse(JSON.parse(refused.text));
    expect(refused.headers['content-type']).toContain('application/problem+json');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect((await send('two')).status).toBe(403);
  });

  test('that lacks the scope is counted all the same', async () => {
    const send = await opened({ auth, requestsPerMinuteMax: 2 });
    expect(await statuses(3, () => send('two'))).toEqual([403, 403, 429]);
  });

  test('given a limit of 0, may call as often as it likes', async () => {
    const send = await opened({ auth, requestsPerMinuteMax: 0 });
    expect(new Set(await statuses(50, () => send('one')))).toEqual(new Set([200]));
  });

  test('of an open loopback has no limit', async () => {
    const send = await opened({ requestsPerMinuteMax: 3 });
    expect(new Set(await statuses(50, () => send(null)))).toEqual(new Set([200]));
  });
});

describe('an address', () => {
  const proxied = { auth, trustedProxies: ['127.0.0.0/8'] };

  test('from which too many fail to say who they are is told to wait, but whoever has a key is let in', async () => {
    const send = await opened({ auth });
    const failed = await statuses(failuresPerMinuteMax + 2, () => send('wrong'));
    expect(failed.filter((status) => status === 401)).toHaveLength(failuresPerMinuteMax);
    expect(failed.slice(-2)).toEqual([429, 429]);
    expect((await send(null)).status).toBe(429);
    expect((await send('one')).status).toBe(200);
  });

  test('is the one that a trusted proxy tells', async () => {
    const send = await opened(proxied);
    await statuses(failuresPerMinuteMax, () => send('wrong', '192.0.2.1'));
    expect((await send('wrong', '192.0.2.1')).status).toBe(429);
    expect((await send('wrong', '192.0.2.2')).status).toBe(401);
  });

  test('cannot be chosen by whoever comes through no trusted proxy', async () => {
    const send = await opened({ auth });
    for (let host = 1; host <= failuresPerMinuteMax; host += 1) await send('wrong', `192.0.2.${host}`);
    expect((await send('wrong', '192.0.2.200')).status).toBe(429);
  });
});
