// The audit log of a real server, in a real file.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { parseApiKeys } from '../../services/runtime/api-keys.ts';
import { noteAudit, openAuditLog } from '../../services/runtime/audit.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { failuresPerMinuteMax } from '../../services/runtime/limits.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import { Problem } from '../../services/runtime/problem.ts';
import { type RunningServer, runServer } from './server.ts';

const hash = createHash('sha256').update('secret-key').digest('hex');
const auth = { keys: parseApiKeys(`${hash}:name=crm:scopes=read`).keys, oidc: null };
const headers = { authorization: 'Bearer secret-key', 'x-request-id': 'asked-1' };

let dir: string;
let server: RunningServer;
let isRunning: boolean;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'signalfold-audit-'));
  await start();
});
afterEach(async () => {
  if (isRunning) await server.stop();
  rmSync(dir, { recursive: true });
});

function routes(fastify: FastifyInstance): void {
  const doc = { id: 'test', summary: 'For a test', responses: {} };
  fastify.get(
    '/v1/firms/:firmId/clients/:clientId',
    { config: { scope: 'read', audit: 'card.read', doc } },
    (request) => {
      const { clientId } = { clientId: '', ...Object(request.params) };
      if (clientId === 'nobody') throw new Problem('client_unknown', 'Nothing is known.');
      return { firstName: 'Ann', email: 'ann@example.org' };
    },
  );
  fastify.get('/v1/firms/:firmId/clients', { config: { scope: 'read', audit: 'list.read', doc } }, (request) => {
    noteAudit(request, { clients: 3 });
    return {};
  });
  fastify.post('/v1/firms/:firmId/exports', { config: { scope: 'read', audit: 'export.ask', doc } }, (request) => {
    noteAudit(request, { export: 'export-1' });
    return {};
  });
  fastify.delete(
    '/v1/firms/:firmId/clients/:clientId',
    { config: { scope: 'erase', audit: 'client.erase', doc } },
    () => ({}),
  );
  fastify.get('/v1/plain', { config: { scope: 'read', audit: null, doc } }, () => ({}));
}

async function start(): Promise<void> {
  server = await runServer({ config: { auth }, auditLog: join(dir, 'deep', 'audit.log'), routes });
  isRunning = true;
}

/** The lines, once the server has stopped. */
async function written(): Promise<Record<string, unknown>[]> {
  await server.stop();
  isRunning = false;
  return lines();
}

function lines(): Record<string, unknown>[] {
  const text = readFileSync(join(dir, 'deep', 'audit.log'), 'utf8');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
}

test('tells who read which client when, and how it ended, by ids alone', async () => {
  await server.send('GET', '/v1/firms/firm-1/clients/c-1?name=Secret', headers);
  const lines = await written();
  expect(lines).toEqual([
    {
      time: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/),
      audit: 'card.read',
      principal: 'key:crm',
      firmId: 'firm-1',
      clientId: 'c-1',
      status: 200,
      requestId: 'asked-1',
    },
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/Ann|example\.org|Secret|secret-key/);
});

test('tells how many clients a list showed, and which export came of a request', async () => {
  await server.send('GET', '/v1/firms/firm-1/clients', headers);
  await server.send('POST', '/v1/firms/firm-1/exports', headers);
  expect(await written()).toMatchObject([
    { audit: 'list.read', firmId: 'firm-1', clients: 3, status: 200 },
    { audit: 'export.ask', firmId: 'firm-1', export: 'export-1', status: 200 },
  ]);
});

test('tells what was refused, and to whom: 404, 403 and 401', async () => {
  await server.send('GET', '/v1/firms/firm-1/clients/nobody', headers);
  await server.send('DELETE', '/v1/firms/firm-1/clients/c-1', headers);
  await server.send('DELETE', '/v1/firms/firm-1/clients/c-1');
  expect(await written()).toMatchObject([
    { audit: 'card.read', principal: 'key:crm', clientId: 'nobody', status: 404 },
    { audit: 'client.erase', principal: 'key:crm', clientId: 'c-1', status: 403 },
    { audit: 'client.erase', principal: null, clientId: 'c-1', status: 401 },
  ]);
});

test('is not filled by those who do not say who they are', async () => {
  for (let count = 0; count < failuresPerMinuteMax + 10; count += 1) {
    await server.send('GET', '/v1/firms/firm-1/clients/c-1');
  }
  expect(await written()).toHaveLength(failuresPerMinuteMax);
});

test('has no line for what shows nobody and changes nothing', async () => {
  await server.send('GET', '/v1/plain', headers);
  await server.send('GET', '/livez');
  expect(await written()).toEqual([]);
});

test('given ids that would break a line, one request is still one line', async () => {
  await server.send('GET', `/v1/firms/${encodeURIComponent('a\n{"audit":"forged"}')}/clients/c-1`, headers);
  expect(await written()).toMatchObject([{ audit: 'card.read', firmId: 'a\n{"audit":"forged"}' }]);
});

test('goes on where it ended, and is for its owner alone', async () => {
  await server.send('GET', '/v1/firms/firm-1/clients/c-1', headers);
  expect(await written()).toHaveLength(1);
  await start();
  await server.send('GET', '/v1/firms/firm-1/clients/c-2', headers);
  expect(await written()).toHaveLength(2);
  expect(statSync(join(dir, 'deep', 'audit.log')).mode & 0o077).toBe(0);
});

test('has its lines in the file soon, without being closed', async () => {
  for (const client of ['c-1', 'c-2']) await server.send('GET', `/v1/firms/firm-1/clients/${client}`, headers);
  while (lines().length < 2) await systemClock.sleep(5);
  expect(lines().map(({ clientId }) => clientId)).toEqual(['c-1', 'c-2']);
});

test('tells the log of a line that comes after it was closed, and ends nothing by it', async () => {
  const told = jest.fn();
  const logger = Object.assign(createLogger('silent'), { error: told });
  const audit = openAuditLog({ auditLog: join(dir, 'closed.log'), dataDir: dir }, { clock: systemClock, logger });
  audit.note('client.erase', 'somebody', { firmId: 'firm-1' });
  await audit.close();
  audit.note('client.erase', 'somebody', { firmId: 'firm-2' });
  expect(told).toHaveBeenCalledTimes(1);
  expect(readFileSync(join(dir, 'closed.log'), 'utf8')).toContain('firm-1');
});

test('that cannot be written keeps the service from starting, and says what to do', () => {
  const parts = { clock: systemClock, logger: createLogger('silent') };
  const open = () => openAuditLog({ auditLog: dir, dataDir: dir }, parts);
  expect(open).toThrow(expect.objectContaining({ code: 'file_unwritable' }));
  expect(open).toThrow(/SIGNALFOLD_AUDIT_LOG/);
});
