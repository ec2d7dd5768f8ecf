import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { changesTopic, deadLetterTopic, eventTopics, foldedTopics } from '../../services/core/topics.ts';
import { registerIngest, requestEventsMax } from '../../services/ingest/routes.ts';
import { openEmbeddedLog } from '../../services/log/embedded.ts';
import type { EventLog } from '../../services/log/port.ts';
import { parseApiKeys } from '../../services/runtime/api-keys.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { type Reply, type RunningServer, runServer } from '../runtime/server.ts';

const now = Date.UTC(2026, 2, 1, 12);
const clock = { ...systemClock, now: () => now };
const group = 'projector';
const json = { 'content-type': 'application/json' };
const lines = { 'content-type': 'application/x-ndjson' };

const AnswerBody = z.strictObject({
  accepted: z.int(),
  rejected: z.array(z.strictObject({ index: z.int(), code: z.string(), detail: z.string().min(1) })),
});
const answerOf = (reply: Reply) => AnswerBody.parse(JSON.parse(reply.text));
const codesOf = (reply: Reply) => answerOf(reply).rejected.map(({ index, code }) => [index, code]);
const codeOf = (reply: Reply) => z.object({ code: z.string() }).parse(JSON.parse(reply.text)).code;

function login(overrides: Readonly<Record<string, unknown>> = {}) {
  return {
    eventId: 'e1',
    firmId: 'firm',
    clientId: 'client',
    occurredAt: '2026-03-01T11:00:00Z',
    sessionId: 's1',
    outcome: 'success',
    ...overrides,
  };
}

let dir: string;
let log: EventLog;
let server: RunningServer;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'signalfold-ingest-'));
  log = await openEmbeddedLog({ dir, clock });
  const topics = [...eventTopics, changesTopic, deadLetterTopic];
  await log.createTopics(topics.map((topic) => ({ topic, retentionMs: null, compacted: false })));
  server = await runServer({
    routes: (fastify, metrics) => registerIngest(fastify, { log, clock, metrics, config: { group } }),
  });
});
afterEach(async () => {
  await server.stop();
  await log.close();
  rmSync(dir, { recursive: true });
});

async function logged(topic: string) {
  const found: { key: string; value: string }[] = [];
  for await (const { key, value } of log.scan(topic)) {
    found.push({ key: Buffer.from(key ?? []).toString('utf8'), value: Buffer.from(value ?? []).toString('utf8') });
  }
  return found;
}

describe('POST /v1/events/{topic}', () => {
  test('given one event, it is accepted and in the log as it was written, under its client', async () => {
    const body =
      '{"firmId":"firm","clientId":"client", "eventId":"e1","occurredAt":"2026-03-01T11:00:00.123456789+01:00",' +
      '"sessionId":"s","outcome":"success","extra":{"big":12345678901234567890}}';
    const reply = await server.send('POST', '/v1/events/login', json, body);
    expect(reply.status).toBe(202);
    expect(answerOf(reply)).toEqual({ accepted: 1, rejected: [] });
    expect(await logged('login')).toEqual([{ key: 'firm/client', value: body }]);
  });

  test('given an array, good events are accepted and bad ones rejected by index', async () => {
    const events = [
      login(),
      login({ outcome: 'maybe' }),
      login({ schemaVersion: 9 }),
      login({ occurredAt: '2026-03-01T12:05:00.001Z' }),
      login({ userAgent: 'a'.repeat(256 * 1024) }),
      null,
      login({ eventId: 'e7', occurredAt: '2026-03-01T12:05:00Z' }),
    ];
    const reply = await server.send('POST', '/v1/events/login', json, JSON.stringify(events));
    expect(reply.status).toBe(202);
    expect(answerOf(reply).accepted).toBe(2);
    expect(codesOf(reply)).toEqual([
      [1, 'wrong_shape'],
      [2, 'unknown_version'],
      [3, 'in_future'],
      [4, 'too_large'],
      [5, 'wrong_shape'],
    ]);
    expect((await logged('login')).map(({ value }) => value)).toEqual(
      [events[0], events[6]].map((e) => JSON.stringify(e)),
    );
  });

  test.each(['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'application/x-ndjson; charset=utf-8'])(
    'given %s, a bad line is rejected by its index and blank lines do not count',
    async (type) => {
      const [first, second] = [JSON.stringify(login()), JSON.stringify(login({ eventId: 'e2' }))];
      const body = `${first}\r\n\n{"broken\n  \n${second}`;
      const reply = await server.send('POST', '/v1/events/login', { 'content-type': type }, body);
      expect(reply.status).toBe(202);
      expect(answerOf(reply).accepted).toBe(2);
      expect(codesOf(reply)).toEqual([[1, 'not_json']]);
      expect((await logged('login')).map(({ value }) => value)).toEqual([first, second]);
    },
  );

  test('given gzip, it is unpacked', async () => {
    const body = gzipSync(JSON.stringify(login()));
    const reply = await server.send('POST', '/v1/events/login', { ...json, 'content-encoding': 'gzip' }, body);
    expect(answerOf(reply).accepted).toBe(1);
  });

  test('given only bad events, it answers 400 with the same body and the log stays empty', async () => {
    const reply = await server.send('POST', '/v1/events/login', json, JSON.stringify([login({ firmId: 'a/b' }), 5]));
    expect(reply.status).toBe(400);
    expect(answerOf(reply).accepted).toBe(0);
    expect(codesOf(reply)).toEqual([
      [0, 'wrong_shape'],
      [1, 'wrong_shape'],
    ]);
    expect(await logged('login')).toEqual([]);
  });

  test.each(['{"a":', `[${JSON.stringify(login())},{]`, 'eventId=1', '\u0000'])(
    'given a body that is not JSON as a whole (%j), nothing of it is accepted',
    async (body) => {
      const reply = await server.send('POST', '/v1/events/login', json, body);
      expect(reply.status).toBe(400);
      expect(codesOf(reply)).toEqual([[0, 'not_json']]);
      expect(await logged('login')).toEqual([]);
    },
  );

  test('given bytes that are not UTF-8, it is not_json', async () => {
    const reply = await server.send('POST', '/v1/events/login', json, Buffer.from([0x22, 0xc3, 0x28, 0x22]));
    expect(codesOf(reply)).toEqual([[0, 'not_json']]);
  });

  test.each([
    [json, ''],
    [json, '[]'],
    [json, ' \n'],
    [lines, '\n\r\n'],
    [{}, undefined],
  ])('given no event (%j %j), it is empty_body', async (headers, body) => {
    const reply = await server.send('POST', '/v1/events/login', headers, body);
    expect([reply.status, codeOf(reply)]).toEqual([400, 'empty_body']);
  });

  test.each(['changes', 'dead-letter', 'nothing', '__proto__', 'Login'])(
    'given topic %s, it is unknown_topic',
    async (topic) => {
      const reply = await server.send('POST', `/v1/events/${topic}`, json, JSON.stringify(login()));
      expect([reply.status, codeOf(reply)]).toEqual([404, 'unknown_topic']);
      for (const known of eventTopics) expect(reply.text).toContain(known);
    },
  );

  test('given text/plain, it is unsupported_media_type', async () => {
    const reply = await server.send(
      'POST',
      '/v1/events/login',
      { 'content-type': 'text/plain' },
      JSON.stringify(login()),
    );
    expect([reply.status, codeOf(reply)]).toEqual([415, 'unsupported_media_type']);
  });

  test('given another method, it is method_not_allowed', async () => {
    const reply = await server.send('GET', '/v1/events/login');
    expect([reply.status, reply.headers['allow']]).toEqual([405, 'POST']);
  });

  test('given more than 5 MiB, it is too_large and nothing is accepted', async () => {
    const body = `${JSON.stringify(login())}\n`.repeat(Math.ceil((5 * 1024 * 1024) / 120));
    const reply = await server.send('POST', '/v1/events/login', lines, body);
    expect([reply.status, codeOf(reply)]).toEqual([413, 'too_large']);
    expect(await logged('login')).toEqual([]);
  });

  test('given more events than any valid body holds, it is too_large', async () => {
    const reply = await server.send('POST', '/v1/events/login', lines, '1\n'.repeat(requestEventsMax + 1));
    expect([reply.status, codeOf(reply)]).toEqual([413, 'too_large']);
  });

  test('given nearly 5 MiB of good events, all are accepted in order', async () => {
    const events = Array.from({ length: 30_000 }, (_, i) =>
      JSON.stringify(login({ eventId: `e${i}`, clientId: `c${i % 9}` })),
    );
    const reply = await server.send('POST', '/v1/events/login', lines, events.join('\n'));
    expect(answerOf(reply)).toEqual({ accepted: 30_000, rejected: [] });
    expect((await logged('login')).map(({ value }) => value)).toEqual(events);
  });

  test('given unicode ids, the key holds them as they are', async () => {
    const event = login({ firmId: 'Müller & Söhne', clientId: '客户 𝔸' });
    await server.send('POST', '/v1/events/login', json, JSON.stringify(event));
    expect((await logged('login'))[0]?.key).toBe('Müller & Söhne/客户 𝔸');
  });

  test('given a log that fails, it is unavailable and nothing is said to be accepted', async () => {
    await log.close();
    log = await openEmbeddedLog({ dir: join(dir, 'other'), clock });
    const failing = await runServer({
      routes: (fastify, metrics) => registerIngest(fastify, { log, clock, metrics, config: { group } }),
    });
    const reply = await failing.send('POST', '/v1/events/login', json, JSON.stringify(login()));
    await failing.stop();
    expect([reply.status, codeOf(reply)]).toEqual([503, 'unavailable']);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    expect(reply.text).not.toContain('accepted');
  });

  test('given a log that hangs, then whoever posts is told after a while that nothing is certain', async () => {
    const hanging: EventLog = { ...log, append: () => new Promise(() => undefined) };
    const impatient = { ...clock, sleep: async () => undefined };
    const stuck = await runServer({
      routes: (fastify, metrics) =>
        registerIngest(fastify, { log: hanging, clock: impatient, metrics, config: { group } }),
    });
    const reply = await stuck.send('POST', '/v1/events/login', json, JSON.stringify(login()));
    await stuck.stop();
    expect([reply.status, codeOf(reply)]).toEqual([503, 'unavailable']);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
  });

  test('accepted and rejected events are counted', async () => {
    await server.send('POST', '/v1/events/login', json, JSON.stringify([login(), login(), {}]));
    const text = await server.metrics.text();
    expect(text).toContain('signalfold_ingest_accepted_total{topic="login"} 2');
    expect(text).toContain('signalfold_ingest_rejected_total{topic="login",code="wrong_shape"} 1');
  });

  test('the contract describes the path and every topic', async () => {
    const contract = JSON.parse((await server.send('GET', '/openapi.json')).text);
    const { parameters, requestBody } = contract.paths['/v1/events/{topic}'].post;
    expect(parameters[0].schema.enum).toEqual(eventTopics);
    expect(requestBody.content['application/json'].schema.anyOf[0]).toEqual({ $ref: '#/components/schemas/Event' });
    expect(contract.components.schemas.Event.anyOf).toHaveLength(eventTopics.length);
  });
});

describe('GET /v1/lag', () => {
  const lag = async () => JSON.parse((await server.send('GET', '/v1/lag')).text);
  const post = (topic: string, ...events: unknown[]) =>
    server.send('POST', `/v1/events/${topic}`, json, JSON.stringify(events));

  test('given an empty log, it is 0 in every topic that folds', async () => {
    expect(await lag()).toEqual({ total: 0, topics: Object.fromEntries(foldedTopics.map((topic) => [topic, 0])) });
  });

  test('given events nobody has committed, it counts them', async () => {
    await post('login', login(), login());
    await post('impersonation', { ...login(), phase: 'started', impersonator: {} });
    expect(await lag()).toMatchObject({ total: 3, topics: { login: 2, impersonation: 1, email: 0 } });
  });

  test('given topics that do not fold, it leaves them out', async () => {
    await post('portal-activity', { ...login(), action: 'download' });
    expect(await lag()).toMatchObject({ total: 0 });
  });

  test('given a reader, it falls with the commit and not with the reading', async () => {
    await post('login', login(), login());
    const reader = await log.join(group, ['login']);
    const { messages } = await reader.poll(5_000, 100);
    const last = messages.at(-1);
    expect((await lag()).total).toBe(2);
    if (last !== undefined) await reader.commit([{ ...last, offset: last.offset + 1 }]);
    expect((await lag()).total).toBe(0);
    await reader.close();
  });
});

describe('a caller of one firm', () => {
  const hash = createHash('sha256').update('key').digest('hex');
  const erasingHash = createHash('sha256').update('erasing').digest('hex');
  const entries = `${hash}:firm=firm:scopes=ingest,${erasingHash}:firm=firm:scopes=ingest+erase:name=crm`;
  const auth = { keys: parseApiKeys(entries).keys, oidc: null };
  const headers = { ...json, authorization: 'Bearer key' };
  let bound: RunningServer;
  let auditLog: string;
  const startBound = async () => {
    auditLog = join(dir, 'audit.log');
    bound = await runServer({
      config: { auth },
      auditLog,
      routes: (fastify, metrics) => registerIngest(fastify, { log, clock, metrics, config: { group } }),
    });
  };
  beforeEach(startBound);
  afterEach(() => bound.stop());

  test('sends events of that firm; those of others are firm_unknown, and do not reach the log', async () => {
    const events = [login(), login({ firmId: 'other' }), login({ firmId: 'nowhere' }), login({ firmId: 'Firm' })];
    const reply = await bound.send('POST', '/v1/events/login', headers, JSON.stringify(events));
    expect(reply.status).toBe(202);
    expect(codesOf(reply)).toEqual([1, 2, 3].map((index) => [index, 'firm_unknown']));
    expect((await logged('login')).map(({ key }) => key)).toEqual(['firm/client']);
  });

  test('is told what else is wrong with an event first', async () => {
    const events = [login({ firmId: 'other', outcome: 'maybe' })];
    const reply = await bound.send('POST', '/v1/events/login', headers, JSON.stringify(events));
    expect([reply.status, codesOf(reply)]).toEqual([400, [[0, 'wrong_shape']]]);
  });

  const erasure = (firmId: string) => ({ firmId, clientId: 'c', version: 1, erased: true, at: '2026-03-01T11:00:00Z' });

  test('erases by an event only with that scope, and only clients of that firm', async () => {
    const erasures = JSON.stringify([erasure('firm'), erasure('other')]);
    const refused = await bound.send('POST', '/v1/events/client', headers, erasures);
    expect([refused.status, codesOf(refused)]).toEqual([
      400,
      [
        [0, 'forbidden'],
        [1, 'firm_unknown'],
      ],
    ]);
    expect(await logged('client')).toEqual([]);
    const authorization = 'Bearer erasing';
    const taken = await bound.send('POST', '/v1/events/client', { ...json, authorization }, erasures);
    expect([taken.status, codesOf(taken)]).toEqual([202, [[1, 'firm_unknown']]]);
  });

  test('whose events erase somebody is in the audit log', async () => {
    await bound.send('POST', '/v1/events/login', headers, JSON.stringify(login()));
    const erasures = JSON.stringify([erasure('firm'), erasure('firm')]);
    await bound.send('POST', '/v1/events/client', { ...json, authorization: 'Bearer erasing' }, erasures);
    await bound.stop();
    const lines = readFileSync(auditLog, 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { audit: 'client.erase', principal: 'key:crm', clients: 2, status: 202 },
    ]);
    await startBound();
  });
});
