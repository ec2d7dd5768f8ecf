import { createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { readSources } from '../../../services/ingest/sources/read-sources.ts';
import { registerWebhooks } from '../../../services/ingest/webhooks/routes.ts';
import { type Reply, type RunningServer, runServer } from '../../runtime/server.ts';
import { crashingAt, keycloakEvent, openStage, type Stage } from '../stage.ts';

const secret = 'a-secret';
const lines = [
  'sources:',
  '  signed: { provider: keycloak, secret: env:SECRET, firm: firm-1, client: userId, only: { clientId: portal } }',
  '  open: { provider: keycloak, firm: firm-1, client: userId }',
  '  hook: { provider: okta, secret: env:SECRET, firm: firm-1, client: userId }',
  '  text: { provider: twilio, secret: env:SECRET, firm: firm-1, client: userId, url: "https://in.example/v1/webhooks/text" }',
  '  topic: { provider: keycloak, kafka: events, firm: firm-1, client: userId }',
].join('\n');

let stage: Stage;
let server: RunningServer;
beforeEach(async () => {
  stage = await openStage();
  await start(null);
});
/** `diesAt`: the call of log or store at which both are gone. */
async function start(diesAt: number | null) {
  const read = readSources(lines, '/', { environment: { SECRET: secret }, host: '127.0.0.1', hasKafka: true, fetch });
  const crash = diesAt === null ? null : crashingAt(diesAt, 'before');
  const { parts } = stage.actor((port) => (crash === null ? port : crash.around(port)));
  const sources = read.sources?.sources ?? [];
  server = await runServer({ routes: (fastify) => registerWebhooks(fastify, { ...parts, sources, fetch }) });
}
afterEach(async () => {
  await server.stop();
  await stage.close();
});

const login = JSON.stringify(keycloakEvent('LOGIN'));
const signatureOf = (body: string | Uint8Array, by = secret) => createHmac('sha256', by).update(body).digest('hex');
const send = (body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}, source = 'signed') =>
  server.send('POST', `/v1/webhooks/${source}`, { 'x-keycloak-signature': signatureOf(body), ...headers }, body);
const answerOf = (reply: Reply) => [reply.status, JSON.parse(reply.text)];
const problemOf = (reply: Reply) => {
  const { code, detail } = z.object({ code: z.string(), detail: z.string() }).parse(JSON.parse(reply.text));
  return [reply.status, code, detail];
};
const counts = (given: Readonly<Record<string, unknown>> = {}) => ({
  ...{ accepted: 0, ignored: 0, waiting: 0, unusable: 0, repeated: false },
  ...given,
});
const logins = async () => (await stage.logged('login')).map(({ value }) => value);

test('given a signed event, then it is durable as the client’s when it is answered', async () => {
  expect(answerOf(await send(login))).toEqual([200, counts({ accepted: 1 })]);
  expect(await logins()).toEqual([
    {
      ...{ firmId: 'firm-1', clientId: 'user-1', eventId: 'signed:kc-LOGIN', sessionId: 'session-1' },
      ...{ occurredAt: '2026-03-01T11:59:00.000Z', outcome: 'success', ip: '203.0.113.7' },
    },
  ]);
});

test.each([
  ['no signature', {}, 'header'],
  ['a signature by another secret', { 'x-keycloak-signature': signatureOf(login, 'another') }, 'secret|body'],
  ['the signature of another body', { 'x-keycloak-signature': signatureOf(`${login} `) }, 'secret|body'],
  ['a signature that is none', { 'x-keycloak-signature': 'x' }, 'header'],
])('given %s, then it is refused, says what is wrong, and nothing is taken', async (_, headers, wrong) => {
  const reply = await server.send('POST', '/v1/webhooks/signed', headers, login);
  const [status, code, detail] = problemOf(reply);
  expect([status, code]).toEqual([401, 'bad_signature']);
  expect(detail).toMatch(new RegExp(`^The (${wrong}) is wrong\\. `));
  expect(reply.text).not.toContain(secret);
  expect(reply.text).not.toContain('session-1');
  expect(await logins()).toEqual([]);
});

test('given the wrong signature on a body that cannot be read, then the signature is told and not the body', async () => {
  const reply = await server.send('POST', '/v1/webhooks/signed', { 'x-keycloak-signature': signatureOf('x') }, '{');
  expect(problemOf(reply).slice(0, 2)).toEqual([401, 'bad_signature']);
});

test('given a packed body, then it counts whether the packed or the unpacked bytes were signed', async () => {
  const packed = gzipSync(login);
  const encoding = { 'content-encoding': 'gzip' };
  expect(answerOf(await send(packed, encoding))).toEqual([200, counts({ accepted: 1 })]);
  const headers = { ...encoding, 'x-keycloak-signature': signatureOf(login) };
  expect(answerOf(await send(packed, headers))).toEqual([200, counts({ accepted: 1 })]);
  expect((await send(packed, { ...encoding, 'x-keycloak-signature': signatureOf('x') })).status).toBe(401);
});

test('given a copy of a delivery, then it is only answered', async () => {
  await send(login);
  expect(answerOf(await send(login))).toEqual([200, counts({ repeated: true })]);
  expect(await logins()).toHaveLength(1);
});

test('given several events in an array or in lines, then each is taken for itself, whatever the content type says', async () => {
  const events = [keycloakEvent('LOGIN'), keycloakEvent('LOGOUT'), { type: 'LOGIN', id: 'x' }, 7];
  const array = JSON.stringify(events);
  expect(answerOf(await send(array, { 'content-type': 'text/plain' }))).toEqual([
    200,
    counts({ accepted: 1, ignored: 1, unusable: 2 }),
  ]);
  const text = events.map((event) => JSON.stringify(event)).join('\r\n');
  expect(answerOf(await send(text))).toEqual([200, counts({ accepted: 1, ignored: 1, unusable: 2 })]);
});

test('given what cannot be used, then it is a dead letter with its very bytes, the same each time, and the rest is taken', async () => {
  const broken = '{"type": "LOGIN", "id":"x",  "time": 1772366400000}';
  const body = `[${login},${broken}]`;
  await send(body);
  await send(`${body} `);
  // Under one key the topic keeps one letter.
  const letters: string[] = [];
  for await (const { value, headers } of stage.log.scan('dead-letter')) {
    letters.push(Buffer.from(value ?? []).toString());
    expect(headers).toMatchObject({ reason: 'cannot_map', source: 'signed', step: 'map', topic: 'sources/signed' });
    expect(headers['detail']).toMatch(/^userId: /);
  }
  expect(letters).toEqual([broken]);
});

test('given a body that is no JSON, then it is a dead letter, and is not asked for again', async () => {
  expect(answerOf(await send('{"type"'))).toEqual([200, counts({ unusable: 1 })]);
});

test('given an event of another application, then it is ignored; one that names none is not', async () => {
  const other = JSON.stringify(keycloakEvent('LOGIN', { clientId: 'intranet' }));
  expect(answerOf(await send(other))).toEqual([200, counts({ ignored: 1 })]);
  const none = JSON.stringify(keycloakEvent('IMPERSONATE', { clientId: null }));
  expect(answerOf(await send(none))).toEqual([200, counts({ accepted: 1 })]);
});

test('given a log that takes nothing, then the provider is asked to send again, and when it does it counts', async () => {
  await server.stop();
  await start(1);
  const reply = await send(login);
  expect([reply.status, reply.headers['retry-after']]).toEqual([503, '2']);
  await server.stop();
  await start(null);
  expect(answerOf(await send(login))).toEqual([200, counts({ accepted: 1 })]);
});

test('given a source that is none, or is no webhook, then there is nothing', async () => {
  for (const source of ['nobody', 'topic', '__proto__', 'constructor']) {
    expect(problemOf(await send(login, {}, source)).slice(0, 2)).toEqual([404, 'source_unknown']);
  }
});

test('given a challenge, then it is answered to whoever has the secret', async () => {
  const ask = (authorization: string) =>
    server.send('GET', '/v1/webhooks/hook', { authorization, 'x-okta-verification-challenge': 'abc' });
  expect(answerOf(await ask(secret))).toEqual([200, { verification: 'abc' }]);
  expect((await ask('another')).status).toBe(401);
});

test('given a method that its provider does not use, then it is told which there are', async () => {
  const reply = await server.send('GET', '/v1/webhooks/signed');
  expect([reply.status, reply.headers.allow]).toEqual([405, 'POST']);
});

test('given a provider that reads answers as instructions, then it gets none', async () => {
  const form = 'MessageSid=SM1&MessageStatus=delivered&To=%2B15005550006&From=%2B15005550001';
  const url = 'https://in.example/v1/webhooks/text';
  const signed =
    url +
    [...new URLSearchParams(form)]
      .sort()
      .map(([name, value]) => name + value)
      .join('');
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-twilio-signature': createHmac('sha1', secret).update(signed).digest('base64'),
  };
  const reply = await server.send('POST', '/v1/webhooks/text', headers, form);
  expect([reply.status, reply.text]).toEqual([204, '']);
  expect(await stage.logged('message')).toHaveLength(1);
});

describe('given a source without a secret', () => {
  test('then this machine may send', async () => {
    expect(answerOf(await send(login, {}, 'open'))).toEqual([200, counts({ accepted: 1 })]);
  });

  test.each([
    ['another Host', { host: 'evil.example' }, 'host_forbidden'],
    ['a page of another origin', { origin: 'https://evil.example' }, 'origin_forbidden'],
  ])('then %s may not', async (_, headers, code) => {
    expect(problemOf(await send(login, headers, 'open')).slice(0, 2)).toEqual([403, code]);
    expect(await logins()).toEqual([]);
  });
});

test('given a signed delivery through a tunnel, then its Host does not matter', async () => {
  expect((await send(login, { host: 'something.tunnel.example' })).status).toBe(200);
});
