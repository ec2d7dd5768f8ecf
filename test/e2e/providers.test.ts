// Every provider's main event, sent as `signalfold trigger` sends it to a running service, changes a card; what is not as the
// provider signs it changes none.
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Surroundings } from '../../services/cli/adapters.ts';
import { trigger } from '../../services/cli/trigger.ts';
import { CardWire } from '../../services/core/derive/card.ts';
import { offers } from '../../services/ingest/providers.ts';
import { deliveryOf } from '../../services/ingest/samples/delivery.ts';
import { somebody } from '../../services/ingest/samples/sample.ts';
import { sign } from '../../services/ingest/samples/sign.ts';
import { samples } from '../../services/ingest/samples.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { readConfig } from '../../services/runtime/config.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import { type Main, mains, writeSources } from './providers.ts';
import { type HttpService, ProblemAnswer, startService, until, untilFolded } from './service.ts';

const shownMsMax = 30_000;
const all = Object.entries(mains);
const quiet = { line: () => undefined, result: () => undefined };

let folder: string;
let privateKey: string;
let around: Surroundings;
let dev: HttpService;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signalfold-providers-'));
  const written = writeSources(folder);
  privateKey = written.privateKey;
  const settings = {
    SIGNALFOLD_DATA_DIR: join(folder, 'data'),
    SIGNALFOLD_PORT: '0',
    SIGNALFOLD_LOG_LEVEL: 'warn',
    SIGNALFOLD_SOURCES: written.sources,
  };
  const { config } = readConfig(settings, folder);
  if (config === null) throw new Error('the settings of the test are wrong');
  around = { config, clock: systemClock, logger: createLogger('silent') };
  dev = await startService('dev', settings);
  for (const [firmId, main] of all) {
    const granted = {
      ...{ eventId: `granted-${firmId}`, firmId, clientId: clientOf(main), occurredAt: '2026-01-01T00:00:00Z' },
      ...{ email: 'client-1@example.org', change: 'granted' },
    };
    expect((await dev.send('POST', '/v1/events/portal-access', granted)).status).toBe(202);
  }
  await untilFolded(dev);
}, 120_000);
afterAll(async () => {
  await dev.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

function clientOf({ clientId = 'client-1' }: Main): string {
  return clientId;
}

async function cardOf(firmId: string, main: Main) {
  const reply = await dev.send('GET', `/v1/firms/${firmId}/clients/${encodeURIComponent(clientOf(main))}`);
  return CardWire.parse(reply.json());
}

/** What the card tells of each kind of signal. */
async function signalsOf(firmId: string, main: Main) {
  const { logins, lastSignals } = await cardOf(firmId, main);
  return {
    login: logins?.d30 ?? 0,
    email: lastSignals?.email == null ? 0 : 1,
    message: lastSignals?.message == null ? 0 : 1,
  };
}

const none = { login: 0, email: 0, message: 0 };

async function send(event: string, override: readonly string[] = []): Promise<boolean> {
  return trigger(around, event, { to: 'http', override, add: [], at: dev.url, privateKey }, quiet);
}

test('given the table of providers, then each is tried here', () => {
  expect(Object.keys(mains).toSorted()).toEqual(Object.keys(offers).toSorted());
});

/** Signs with another secret, or changes the body after signing. */
async function sendWrong(provider: string, main: Main, wrong: 'secret' | 'body') {
  const sample = samples[provider]?.find(({ name }) => `${provider}.${name}` === main.event);
  const offer = offers[provider];
  const scheme = main.more?.includes('verify: basic')
    ? offer?.schemes.find(({ name }) => name === 'basic')
    : offer?.schemes[0];
  if (sample === undefined || scheme === undefined) throw new Error(`${provider} has no such sample or scheme`);
  const path = `/v1/webhooks/${provider}`;
  const moment = { now: Date.now(), serial: 'abcdef0123456789abcdef0123456789', person: somebody };
  const delivery = deliveryOf(sample, moment, /url: (\S+)/.exec(main.more ?? '')?.[1] ?? `${dev.url}${path}`);
  const options = scheme.options.parse({});
  const secret = wrong === 'secret' ? otherThan(main.secret) : main.secret;
  const key = createPrivateKey(readFileSync(privateKey));
  const signed = sign(delivery, { scheme: scheme.name, secret, options, privateKey: key }, moment);
  const body = wrong === 'body' ? Buffer.from(`${Buffer.from(signed.bytes)} `.replace('1', '2')) : signed.bytes;
  // Another public key cannot be had by another secret of ours, so its signature is cut instead.
  const headers =
    wrong === 'secret' && scheme.name === 'ecdsa'
      ? Object.fromEntries(Object.entries(signed.headers).map(([name, value]) => [name, flipped(name, value)]))
      : signed.headers;
  const reply = await dev.send('POST', path, body, headers);
  const { code, detail } = ProblemAnswer.parse(reply.json());
  expect(detail).not.toContain(main.secret);
  return { status: reply.status, code };
}

describe.each(all)('%s', (provider, main) => {
  test('given another secret, then it is refused and nothing shows', async () => {
    expect(await sendWrong(provider, main, 'secret')).toEqual({ status: 401, code: 'bad_signature' });
    await untilFolded(dev);
    expect(await signalsOf(provider, main)).toEqual(none);
  });

  test(`given ${main.event}, then the card shows a ${main.counts}`, async () => {
    expect(await send(main.event)).toBe(true);
    // What is found by address may wait for a moment, until the portal login is in the index.
    const expected = { ...none, [main.counts]: 1 };
    await until(
      async () => isDeepStrictEqual(await signalsOf(provider, main), expected),
      shownMsMax,
      () => `no ${main.counts} shows:\n${dev.output()}`,
    );
  }, 60_000);
});

/** The others sign nothing of the body: a secret goes with it, or a token is signed. */
const signBodies = ['keycloak', 'sendgrid', 'twilio', 'clerk', 'workos', 'resend', 'stream', 'intercom'];
test.each(signBodies)(
  '%s: given a body changed after signing, then it is refused and nothing shows',
  async (provider) => {
    const before = await signalsOf(provider, mainOf(provider));
    expect(await sendWrong(provider, mainOf(provider), 'body')).toEqual({ status: 401, code: 'bad_signature' });
    await untilFolded(dev);
    expect(await signalsOf(provider, mainOf(provider))).toEqual(before);
  },
);

test('given no user and password where they are needed, then they are asked for, as Amazon SNS waits for', async () => {
  const { status, headers } = await dev.send('POST', '/v1/webhooks/postmark', { RecordType: 'Delivery' });
  expect([status, headers.get('www-authenticate')]).toEqual([401, 'Basic realm="postmark"']);
});

const idle = Object.entries(samples).flatMap(([provider, list]) =>
  list.filter(({ ignored }) => ignored === true).map(({ name }) => [`${provider}.${name}`, provider] as const),
);
test.each(idle)('given %s, then the card stays as it is', async (event, provider) => {
  const main = mainOf(provider);
  const before = await signalsOf(provider, main);
  expect(await send(event)).toBe(true);
  await untilFolded(dev);
  expect(await signalsOf(provider, main)).toEqual(before);
});

function mainOf(provider: string): Main {
  const main = mains[provider];
  if (main === undefined) throw new Error(`there is no ${provider}`);
  return main;
}

/** As the scheme wants one to look, and not the one given. */
function otherThan(secret: string): string {
  return secret.startsWith('whsec_') ? 'whsec_b3RoZXItb3RoZXItb3RoZXI=' : `${secret}-other`;
}

function flipped(name: string, value: string): string {
  if (!name.endsWith('signature')) return value;
  const bytes = Buffer.from(value, 'base64');
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return bytes.toString('base64');
}

describe('a colleague who acts as the client', () => {
  test.each([
    ['clerk', 'clerk.session.created-impersonated'],
    ['workos', 'workos.session.created-impersonated'],
  ])('%s: given a sign-in by somebody else, then it counts for nothing', async (provider, event) => {
    const before = await signalsOf(provider, mainOf(provider));
    expect(await send(event)).toBe(true);
    await untilFolded(dev);
    expect(await signalsOf(provider, mainOf(provider))).toEqual(before);
  });

  test.each([
    ['okta', 'okta.user.session.impersonation.initiate', 'data.events.0.authenticationContext.externalSessionId'],
    ['keycloak', 'keycloak.IMPERSONATE', 'sessionId'],
  ])(
    '%s: given a login that turns out to be an impersonation, then it is taken back',
    async (provider, event, path) => {
      const before = await signalsOf(provider, mainOf(provider));
      const inOneSession = [`${path}=session-of-${provider}`];
      await send(mainOf(provider).event, inOneSession);
      await untilFolded(dev);
      expect(await signalsOf(provider, mainOf(provider))).toEqual({ ...before, login: before.login + 1 });
      await send(event, inOneSession);
      await untilFolded(dev);
      expect(await signalsOf(provider, mainOf(provider))).toEqual(before);
    },
  );
});

describe('what providers ask before they send', () => {
  const challenge = { 'x-okta-verification-challenge': 'a-challenge' };

  test('Okta: given the secret, then the challenge is sent back', async () => {
    const headers = { ...challenge, authorization: 'okta-secret' };
    const reply = await dev.send('GET', '/v1/webhooks/okta', undefined, headers);
    expect([reply.status, reply.text]).toEqual([200, '{"verification":"a-challenge"}']);
  });

  test('Okta: given another secret, then it is found out when the hook is made', async () => {
    const headers = { ...challenge, authorization: 'another-secret' };
    expect((await dev.send('GET', '/v1/webhooks/okta', undefined, headers)).status).toBe(401);
  });

  test('Intercom: given a HEAD without a signature, then somebody is there', async () => {
    expect((await dev.send('HEAD', '/v1/webhooks/intercom')).status).toBe(200);
  });
});

test('given whoever listens, then it is told what becomes of deliveries, with ids and without secrets', async () => {
  const over = new AbortController();
  const answer = await fetch(`${dev.url}/v1/deliveries`, { signal: over.signal });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  await send('okta.user.session.start');
  await send('okta.user.authentication.sso');
  let heard = '';
  while ((heard.match(/^data: /gm) ?? []).length < 2) heard += (await reader?.read())?.value ?? '';
  over.abort();
  const told = heard.match(/^data: .*$/gm)?.map((line) => JSON.parse(line.slice('data: '.length)));
  expect(told).toMatchObject([
    { source: 'okta', outcome: 'accepted', topic: 'login', clients: [{ firmId: 'okta', clientId: 'client-1' }] },
    { source: 'okta', outcome: 'ignored', topic: null, clients: [] },
  ]);
  expect(heard).not.toContain('okta-secret');
});
