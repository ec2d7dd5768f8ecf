import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ClientId, FirmId } from '../../services/core/ids.ts';
import { parseApiKeys } from '../../services/runtime/api-keys.ts';
import { OperatingError } from '../../services/runtime/errors.ts';
import { bodyBytesMax } from '../../services/runtime/http.ts';
import { Problem, parseParameters } from '../../services/runtime/problem.ts';
import { type Reply, type RunningServer, runServer } from './server.ts';

const json = { 'content-type': 'application/json' };
const Place = z.object({ firmId: FirmId, clientId: ClientId });

function addRoutes(server: FastifyInstance): void {
  const config = { scope: 'read', audit: null, doc: { id: 'test', summary: 'For a test', responses: {} } } as const;
  server.post('/v1/echo', { config }, (request) => ({ body: request.body }));
  server.get('/v1/firms/:firmId/clients/:clientId', { config }, (request) =>
    parseParameters(Place, request.params, 'path'),
  );
  server.get('/v1/broken', { config }, () => {
    throw new Error('secret inside');
  });
  server.get('/v1/unreachable', { config }, () => {
    throw new OperatingError('store_unreachable', 'secret address', { retryable: true });
  });
  server.get('/v1/refused', { config }, () => {
    throw new Problem('conflict', 'Read it again.');
  });
  server.get('/pages/*', { config: { open: true } }, () => 'a page');
  server.get('/v1/long', { config }, () => ({ text: 'abc'.repeat(10_000) }));
}

function problem(reply: Reply): { status: number; code: string; detail: string; instance?: string } {
  expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
  const body = z
    .strictObject({
      type: z.string(),
      title: z.string(),
      status: z.literal(reply.status),
      detail: z.string(),
      code: z.string().regex(/^[a-z_]+$/),
      instance: z.string().optional(),
    })
    .parse(JSON.parse(reply.text));
  return {
    status: body.status,
    code: body.code,
    detail: body.detail,
    ...(body.instance && { instance: body.instance }),
  };
}

let server: RunningServer;
beforeAll(async () => {
  server = await runServer({ routes: addRoutes });
});
afterAll(() => server.stop());

describe('problems', () => {
  test('an unknown path is not_found', async () => {
    expect(problem(await server.send('GET', '/v1/nothing'))).toMatchObject({ status: 404, code: 'not_found' });
  });

  test('a known path with another method is method_not_allowed and says what it takes', async () => {
    const reply = await server.send('DELETE', '/v1/firms/f/clients/c');
    expect(problem(reply)).toMatchObject({ status: 405, code: 'method_not_allowed' });
    expect(reply.headers['allow']).toBe('GET, HEAD');
    const page = await server.send('DELETE', '/pages/firms/f');
    expect([page.status, page.headers['allow']]).toEqual([405, 'GET, HEAD']);
    expect(problem(await server.send('DELETE', '/pagesque')).status).toBe(404);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'nonsense'])('%s is not read', async (type) => {
    const reply = await server.send('POST', '/v1/echo', { 'content-type': type }, 'a');
    expect(problem(reply)).toMatchObject({ status: 415, code: 'unsupported_media_type' });
  });

  test('broken JSON is not_json', async () => {
    expect(problem(await server.send('POST', '/v1/echo', json, '{"a":'))).toMatchObject({
      status: 400,
      code: 'not_json',
    });
  });

  test('JSON that reaches for a prototype is refused', async () => {
    expect(problem(await server.send('POST', '/v1/echo', json, '{"__proto__":{"a":1}}')).status).toBe(400);
  });

  test('no body where JSON was promised is empty_body', async () => {
    expect(problem(await server.send('POST', '/v1/echo', json, ''))).toMatchObject({ status: 400, code: 'empty_body' });
  });

  test('a percent sign without digits is bad_url', async () => {
    const reply = await server.send('GET', '/v1/firms/%zz/clients/c');
    expect(problem(reply)).toMatchObject({ status: 400, code: 'bad_url' });
  });

  test('an unforeseen error tells nothing of its inside', async () => {
    const reply = await server.send('GET', '/v1/broken');
    expect(problem(reply)).toMatchObject({ status: 500, code: 'internal_error' });
    expect(reply.text).not.toMatch(/secret|\.ts|at /);
  });

  test('a fault that may pass is unavailable, with a time to come again', async () => {
    const reply = await server.send('GET', '/v1/unreachable');
    expect(problem(reply)).toMatchObject({ status: 503, code: 'unavailable' });
    expect(reply.text).not.toContain('secret');
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
  });

  test('a problem thrown by a route is what the caller gets', async () => {
    expect(problem(await server.send('GET', '/v1/refused'))).toMatchObject({
      status: 409,
      code: 'conflict',
      detail: 'Read it again.',
    });
  });

  test('what is not HTTP is answered with a problem too', async () => {
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write('NOT HTTP AT ALL\r\n\r\n'));
      let received = '';
      socket.on('data', (chunk) => {
        received += chunk.toString('utf8');
      });
      socket.on('end', () => resolve(received));
      socket.on('error', reject);
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 [\s\S]*"code":"bad_request"/);
  });

  test("a caller's request id comes back and names the problem", async () => {
    const reply = await server.send('GET', '/v1/nothing', { 'x-request-id': 'abc-1' });
    expect(reply.headers['x-request-id']).toBe('abc-1');
    expect(problem(reply).instance).toBe('urn:signalfold:request:abc-1');
  });

  test('a request id that could break a log line is replaced', async () => {
    const reply = await server.send('GET', '/livez', { 'x-request-id': 'a b"c' });
    expect(reply.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('ids in paths', () => {
  test.each([
    ['spaces', 'Smith & Co', 'a b'],
    ['unicode', 'Müller', '客户'],
    ['128 characters of four bytes', '𝔸'.repeat(128), 'c'],
    ['a percent sign', '100%', 'c?d=e'],
  ])('%s arrive decoded', async (_what, firmId, clientId) => {
    const path = `/v1/firms/${encodeURIComponent(firmId)}/clients/${encodeURIComponent(clientId)}`;
    const reply = await server.send('GET', path);
    expect(JSON.parse(reply.text)).toEqual({ firmId, clientId });
  });

  test.each([
    ['a slash', 'a%2Fb'],
    ['a hash', 'a%23b'],
    ['129 characters', 'a'.repeat(129)],
    ['a line break', 'a%0Ab'],
    ['only a space', '%20'],
  ])('%s is bad_parameter', async (_what, part) => {
    const reply = await server.send('GET', `/v1/firms/${part}/clients/c`);
    expect(problem(reply)).toMatchObject({ status: 400, code: 'bad_parameter' });
    expect(problem(reply).detail).toContain('firmId');
  });

  test('every wrong part is named at once', async () => {
    expect(problem(await server.send('GET', '/v1/firms/%20/clients/%20')).detail).toMatch(/firmId.*clientId/);
  });
});

describe('body limits', () => {
  const filled = (length: number) => `"${'a'.repeat(length - 2)}"`;

  test('5 MiB exactly is read', async () => {
    expect((await server.send('POST', '/v1/echo', json, filled(bodyBytesMax))).status).toBe(200);
  });

  test('a byte more is too_large', async () => {
    const reply = await server.send('POST', '/v1/echo', json, filled(bodyBytesMax + 1));
    expect(problem(reply)).toMatchObject({ status: 413, code: 'too_large' });
  });

  test.each([
    ['as it is', 'application/json\r\ncontent-encoding: identity'],
    ['packed', 'application/json\r\ncontent-encoding: gzip'],
  ])('a caller may go on sending a body that is too_large, %s, and the connection lives', async (_what, type) => {
    const length = 2 * bodyBytesMax;
    const head = `POST /v1/echo HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`;
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write(head + 'a'.repeat(bodyBytesMax + 1)));
      let received = '';
      let isSent = false;
      socket.on('data', (chunk) => {
        received += chunk.toString('utf8');
        if (isSent) return;
        isSent = true;
        socket.write('a'.repeat(length - bodyBytesMax - 1));
        socket.write('GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
      });
      socket.on('end', () => resolve(received));
      socket.on('error', reject);
    });
    expect(text).toMatch(/^HTTP\/1\.1 413 [\s\S]*"code":"too_large"[\s\S]*HTTP\/1\.1 200 /);
  });

  const packed = { ...json, 'content-encoding': 'gzip' };

  test('gzip is unpacked', async () => {
    const reply = await server.send('POST', '/v1/echo', packed, gzipSync('{"a":1}'));
    expect(JSON.parse(reply.text)).toEqual({ body: { a: 1 } });
  });

  test('gzip without Content-Length is unpacked', async () => {
    // A stream has no length, so this goes out in chunks.
    const chunked: RequestInit = {
      method: 'POST',
      headers: packed,
      body: new Blob([new Uint8Array(gzipSync('[2]'))]).stream(),
      duplex: 'half',
    };
    const response = await fetch(`http://127.0.0.1:${server.port}/v1/echo`, chunked);
    expect(await response.json()).toEqual({ body: [2] });
  });

  test('gzip of 5 MiB exactly is read', async () => {
    expect((await server.send('POST', '/v1/echo', packed, gzipSync(filled(bodyBytesMax)))).status).toBe(200);
  });

  test('gzip of a byte more is too_large', async () => {
    const reply = await server.send('POST', '/v1/echo', packed, gzipSync(filled(bodyBytesMax + 1)));
    expect(problem(reply)).toMatchObject({ status: 413, code: 'too_large' });
  });

  test('a bomb of 2 GiB is too_large and takes little memory', async () => {
    const piece = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const bomb = Buffer.concat(Array.from({ length: 32 }, () => piece));
    const before = process.memoryUsage().rss;
    const reply = await server.send('POST', '/v1/echo', packed, bomb);
    expect(problem(reply)).toMatchObject({ status: 413, code: 'too_large' });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  });

  test.each([
    ['not gzip', Buffer.from('{"a":1}')],
    ['gzip cut short', gzipSync('{"a":1,"b":2}').subarray(0, 20)],
    ['nothing', Buffer.alloc(0)],
  ])('%s under Content-Encoding: gzip is refused', async (_what, body) => {
    const reply = await server.send('POST', '/v1/echo', packed, body);
    expect(problem(reply).status).toBe(400);
  });

  test('another encoding is unsupported_encoding', async () => {
    const reply = await server.send('POST', '/v1/echo', { ...json, 'content-encoding': 'br' }, 'x');
    expect(problem(reply)).toMatchObject({ status: 415, code: 'unsupported_encoding' });
  });
});

describe('on loopback', () => {
  test.each(['localhost', 'localhost:4400', '127.0.0.1:1', '[::1]:4400', 'LOCALHOST'])(
    'Host %s is served',
    async (host) => {
      expect((await server.send('GET', '/livez', { host })).status).toBe(200);
    },
  );

  test.each(['example.org', 'localhost.example.org', '127.0.0.1.example.org:4400', '::1', '0.0.0.0', 'user@localhost'])(
    'Host %s is host_forbidden',
    async (host) => {
      expect(problem(await server.send('GET', '/livez', { host }))).toMatchObject({
        status: 403,
        code: 'host_forbidden',
      });
    },
  );

  test('the own origin is served', async () => {
    const headers = { host: 'localhost:4400', origin: 'http://localhost:4400', ...json };
    expect((await server.send('POST', '/v1/echo', headers, '1')).status).toBe(200);
  });

  test.each(['http://example.org', 'null', 'http://localhost:3000', 'http://127.0.0.1:4400'])(
    'Origin %s is origin_forbidden',
    async (origin) => {
      const reply = await server.send('POST', '/v1/echo', { host: 'localhost:4400', origin, ...json }, '1');
      expect(problem(reply)).toMatchObject({ status: 403, code: 'origin_forbidden' });
    },
  );

  test('an unknown path is guarded as well', async () => {
    expect(problem(await server.send('GET', '/nothing', { host: 'example.org' })).code).toBe('host_forbidden');
  });
});

describe('with keys', () => {
  const hash = (key: string) => createHash('sha256').update(key).digest('hex');
  let keyed: RunningServer;
  beforeAll(async () => {
    const { keys } = parseApiKeys(`${hash('first')},${hash('second')}`);
    const config = { host: '0.0.0.0', auth: { keys, oidc: null } };
    keyed = await runServer({ config, routes: addRoutes });
  });
  afterAll(() => keyed.stop());

  test.each(['Bearer first', 'Bearer second', 'bearer second'])('%s is let in', async (authorization) => {
    expect((await keyed.send('GET', '/v1/long', { authorization })).status).toBe(200);
  });

  test.each(['', 'Bearer', 'Bearer third', `Bearer ${hash('first')}`, 'Basic first', 'first'])(
    '%j is unauthenticated',
    async (authorization) => {
      const reply = await keyed.send('GET', '/v1/long', { authorization });
      expect(problem(reply)).toMatchObject({ status: 401, code: 'unauthenticated' });
      expect(reply.headers['www-authenticate']).toMatch(/^Bearer/);
    },
  );

  test.each(['/v1/long', '/%761/long', '/v1/l%6Fng', '/v1/nothing'])(
    '%s needs a key however it is written',
    async (path) => {
      expect((await keyed.send('GET', path)).status).toBe(401);
    },
  );

  test('HEAD needs a key too', async () => {
    expect((await keyed.send('HEAD', '/v1/long')).status).toBe(401);
  });

  test.each(['/livez', '/readyz', '/metrics', '/openapi.json'])('%s needs none', async (path) => {
    expect((await keyed.send('GET', path)).status).toBe(200);
  });

  test('/metrics needs one where that is configured, of whatever scopes', async () => {
    const { keys } = parseApiKeys(`${hash('bare')}:scopes=none`);
    const closed = await runServer({ config: { auth: { keys, oidc: null }, metricsOpen: false } });
    expect((await closed.send('GET', '/metrics')).status).toBe(401);
    expect((await closed.send('GET', '/metrics', { authorization: 'Bearer bare' })).status).toBe(200);
    expect((await closed.send('GET', '/livez')).status).toBe(200);
    await closed.stop();
  });

  test('a body that nobody was let in with is read to its end, and the connection lives', async () => {
    const head =
      'POST /v1/echo HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 3000000\r\n\r\n';
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(keyed.port, '127.0.0.1', () => {
        socket.write(head + 'a'.repeat(3_000_000));
        socket.write('GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
      });
      let received = '';
      socket.on('data', (chunk) => {
        received += chunk.toString('utf8');
      });
      socket.on('end', () => resolve(received));
      socket.on('error', reject);
    });
    expect(text).toMatch(/^HTTP\/1\.1 401 [\s\S]*HTTP\/1\.1 200 /);
  });

  test('on another address than loopback any Host is served', async () => {
    expect((await keyed.send('GET', '/livez', { host: 'api.example.org' })).status).toBe(200);
  });
});

describe('a route', () => {
  const doc = { id: 'test', summary: 'For a test', responses: {} };

  test.each([
    ['nothing', {}],
    ['no scope', { audit: null, doc }],
    ['no word for the audit log', { scope: 'read' as const, doc }],
    ['no description', { scope: 'read' as const, audit: null }],
  ])('with %s cannot be added, so that none is left open by mistake', async (_what, config) => {
    const adding = runServer({
      routes: (fastify) => {
        fastify.get('/v1/firms/:firmId/secrets', { config }, () => ({}));
      },
    });
    await expect(adding).rejects.toThrow('GET /v1/firms/:firmId/secrets needs config');
  });
});

describe('answers', () => {
  test('carry the protective headers and are not cached', async () => {
    const { headers } = await server.send('GET', '/v1/long');
    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    });
    expect(headers['x-powered-by']).toBeUndefined();
  });

  test('are compressed for who asks', async () => {
    const reply = await server.send('GET', '/v1/long', { 'accept-encoding': 'gzip' });
    expect(reply.headers['content-encoding']).toBe('gzip');
  });

  test('are measured by route and status', async () => {
    await server.send('GET', '/v1/firms/f/clients/measured');
    const text = await server.metrics.text();
    expect(text).toContain(
      'signalfold_http_request_seconds_count{route="/v1/firms/:firmId/clients/:clientId",status="200"}',
    );
    expect(text).not.toContain('measured');
  });
});
