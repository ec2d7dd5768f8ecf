// `signalfold map`, `trigger` and `listen`: what they show, what they answer to scripts, and what they say when called wrongly.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { listenTo } from '../../services/cli/listen.ts';
import { type MapOptions, showMapping } from '../../services/cli/map.ts';
import { type Say, sayTo } from '../../services/cli/say.ts';
import { listSamples, type TriggerOptions, trigger } from '../../services/cli/trigger.ts';
import { oktaSamples } from '../../services/ingest/samples/okta.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { readConfig } from '../../services/runtime/config.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import { bodyOf } from '../ingest/providers/mapping.ts';

const signIn = JSON.stringify(bodyOf(oktaSamples, 'user.session.start'));
const sso = JSON.stringify(bodyOf(oktaSamples, 'user.authentication.sso'));
const aimless = JSON.stringify({ eventType: 'user.session.impersonation.initiate', target: null });

let folder: string;
let nobody: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signalfold-try-'));
  writeFileSync(join(folder, 'okta.secret'), 'a-long-secret-for-okta');
  const sources = [
    'sources:',
    '  sign-in: { provider: okta, secret: "file:okta.secret", firm: firm-1, client: userId }',
    '  by-email: { provider: workos, secret: "file:okta.secret", firm: field:organization_id, client: email }',
  ];
  writeFileSync(join(folder, 'sources.yaml'), sources.join('\n'));
  nobody = `http://127.0.0.1:${await freePort()}`;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function around() {
  const { config } = readConfig({ SIGNALFOLD_DATA_DIR: folder, SIGNALFOLD_SOURCES: 'sources.yaml' }, folder);
  if (config === null) throw new Error('the settings of the test are wrong');
  return { config, clock: systemClock, logger: createLogger('silent') };
}

function saying(json = false): { readonly say: Say; said(): string } {
  const written: string[] = [];
  return { say: sayTo({ write: (text) => written.push(text) }, json), said: () => written.join('') };
}

function mapped(provider: string, input: string, options: Partial<MapOptions> = {}, json = false) {
  const { say, said } = saying(json);
  const result = showMapping(around(), provider, Buffer.from(input), { header: [], ...options }, say);
  return { result, said: said() };
}

function triggered(event: string, options: Partial<TriggerOptions> = {}) {
  return trigger(around(), event, { to: 'http', override: [], add: [], ...options }, saying().say);
}

describe('map', () => {
  test('given a payload, then it shows the canonical event and why', () => {
    const { result, said } = mapped('okta', signIn);
    expect(result).toBe('events');
    expect(said).toContain('because user.session.start with outcome.result SUCCESS');
    expect(said).toContain('"sessionId": "idx0123456789abcdef0123"');
    expect(said).toContain('name one with --source');
  });

  test('given a source, then it shows whose it is by its rules', () => {
    expect(mapped('okta', signIn, { source: 'sign-in' }).said).toContain('whose   firm-1/client-1');
  });

  test('given a zone that there is not, then it says so', () => {
    expect(() => mapped('okta', signIn, { zone: 'Europe/Lundon' })).toThrow(/there is no such zone/);
  });

  test('given a failed login of nobody, then it is ignored, as when it arrives', () => {
    const failed = JSON.stringify({
      ...{ eventType: 'user.session.start', uuid: 'u-1', published: '2026-03-01T11:00:00Z' },
      ...{ outcome: { result: 'FAILURE' }, actor: { id: 'unknown' } },
    });
    const { result, said } = mapped('okta', failed, { source: 'sign-in' });
    expect([result, said]).toEqual(['nothing', expect.stringContaining('a failed login of nobody known')]);
  });

  test('given an array and --json, then scripts get each of it', () => {
    const { said } = mapped('okta', `[${signIn},${sso}]`, { source: 'sign-in' }, true);
    expect(JSON.parse(said)).toMatchObject([
      { kind: 'event', draft: { topic: 'login' }, owner: { kind: 'client', client: { clientId: 'client-1' } } },
      { kind: 'ignored' },
    ]);
  });

  test('given a form, then it is read as one where the provider sends forms', () => {
    const { said } = mapped('twilio', 'MessageSid=SM1&MessageStatus=delivered&To=%2B15005550006&From=%2B15005550001');
    expect(said).toContain('"channel": "sms"');
  });

  test.each([
    ['nothing comes', sso, 'nothing'],
    ['nothing can come', aimless, 'unusable'],
    ['not even JSON comes', '{', 'unusable'],
  ])('given a payload of which %s, then it says so', (_, input, result) => {
    expect(mapped('okta', input).result).toBe(result);
  });

  test('given none, then it asks for one', () => {
    expect(() => mapped('okta', ' ')).toThrow('give one on standard input');
  });

  test('as a command, its exit code tells', () => {
    const cli = resolve(__dirname, '../../services/cli.ts');
    const { PATH, HOME } = process.env;
    const run = { cwd: folder, env: { PATH, HOME }, input: sso, encoding: 'utf8', timeout: 60_000 } as const;
    const { status, stdout } = spawnSync(process.execPath, [cli, 'map', 'okta'], run);
    expect([status, stdout]).toEqual([4, expect.stringMatching(/^ignored {3}user\.authentication\.sso/)]);
  });
});

describe('trigger', () => {
  test.each<[string, Partial<TriggerOptions>, RegExp]>([
    ['octa.user.session.start', {}, /no provider octa; perhaps okta\. There are .*clerk/],
    ['okta.user.session.begin', {}, /no event user\.session\.begin.*perhaps user\.session\.start\. There are okta\./],
    ['okta', {}, /Which event of okta\?/],
    [
      'clerk.session.created',
      {},
      /No source takes events of clerk over HTTP\. There are sign-in \(okta\).*sources\.yaml:\n {2}sources:\n {4}clerk-in:/,
    ],
    ['okta.user.session.start', { source: 'by-email' }, /by-email is of workos, not of okta/],
    ['okta.user.session.start', { source: 'by-mail' }, /There is no source by-mail\. There are sign-in \(okta\)/],
    ['okta.user.session.start', { to: 'kafka' }, /takes events of okta from Kafka/],
    ['okta.user.session.start', { override: ['data.events.0.actr=1'] }, /has no actr; perhaps actor/],
    ['okta.user.session.start', { at: 'nowhere' }, /--at: "nowhere" is no address/],
    ['okta.user.session.start', { privateKey: 'missing.pem' }, /missing\.pem cannot be read/],
  ])('given %s %j, then it says what there is', async (event, options, expected) => {
    await expect(triggered(event, options)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(expected),
    });
  });

  test('given nothing that listens, then it says so, and how to start it', async () => {
    await expect(triggered('okta.user.session.start', { at: nobody })).rejects.toThrow(
      `${nobody}: Nothing listens there. Start the service`,
    );
  });

  test('--list names every event, with what it tells', () => {
    const { say, said } = saying();
    listSamples(say);
    expect(said()).toMatch(/^okta\.user\.session\.start +the client signs in$/m);
    expect(said()).toMatch(/^sendgrid\.delivered /m);
  });
});

test.each([
  [false, 'a-l… (22 characters; --show-secrets shows it)'],
  [true, 'a-long-secret-for-okta'],
])('listen, with --show-secrets %j, shows where each provider is to send', async (showSecrets, secret) => {
  const { say, said } = saying();
  await expect(listenTo(around(), { at: nobody, showSecrets }, say)).rejects.toThrow('Nothing listens there');
  expect(said()).toContain(`URL     ${nobody}/v1/webhooks/sign-in`);
  expect(said()).toContain(`secret  ${secret}`);
  expect(said().includes('a-long-secret-for-okta')).toBe(showSecrets);
});
