import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSources, readSources } from '../../../services/ingest/sources/read-sources.ts';
import { OperatingError } from '../../../services/runtime/errors.ts';

const surroundings = {
  environment: { KEY: 'hunter2-hunter2', OTHER: 'hunter3-hunter3' },
  host: '127.0.0.1',
  hasKafka: true,
  fetch,
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalfold-sources-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (text: string, more: Partial<typeof surroundings> = {}) =>
  readSources(text, folder, { ...surroundings, ...more });
const mistakes = (text: string, more: Partial<typeof surroundings> = {}) =>
  read(text, more).mistakes.map(({ line, at, wrong }) => `${line} ${at}: ${wrong}`);
const one = (line: string) => `sources:\n  portal: ${line}\n`;
const good = 'provider: keycloak, secret: env:KEY, firm: firm-1, client: userId';

test('given one line a source, then each is read with its provider, its rules and how it is verified', () => {
  const { sources } = read(
    one('{ provider: okta, secret: env:KEY, firm: "field:org", client: [field:id, email], zone: Europe/London }'),
  );
  expect(sources?.sources).toMatchObject([
    {
      name: 'portal',
      provider: { name: 'okta' },
      rules: { firm: { kind: 'field', field: 'org' }, client: [{ kind: 'field', field: 'id' }, { kind: 'email' }] },
      zone: 'Europe/London',
      transport: { kind: 'webhook', signing: { scheme: { name: 'header' }, secrets: ['hunter2-hunter2'] } },
    },
  ]);
  expect(sources?.waiting).toEqual({ days: 30, count: 10_000 });
});

test('given JSON, then it is read as well', () => {
  const text = JSON.stringify({ sources: { a: { provider: 'keycloak', firm: 'f', client: 'userId' } } });
  expect(read(text).sources?.sources).toHaveLength(1);
});

test('given a file without sources, then there are none', () => {
  expect(read('sources: {}').sources?.sources).toEqual([]);
});

test('given two secrets, then either verifies', () => {
  const { sources } = read(one('{ provider: keycloak, secret: [env:KEY, env:OTHER], firm: f, client: userId }'));
  expect(sources?.sources[0]?.transport).toMatchObject({
    signing: { secrets: ['hunter2-hunter2', 'hunter3-hunter3'] },
  });
});

test('given a secret in a file, then it is read from where the sources stand', () => {
  writeFileSync(join(folder, 'key'), 'hunter2-hunter2\n');
  const { sources } = read(one('{ provider: keycloak, secret: "file:key", firm: f, client: userId }'));
  expect(sources?.sources[0]?.transport).toMatchObject({ signing: { secrets: ['hunter2-hunter2'] } });
});

test('given many mistakes, then all are told at once, each with its line', () => {
  const text = [
    'sources:',
    '  Portal: { provider: keycloak, firm: f, client: userId }',
    '  a: { provider: keyclock, firm: f, client: userId }',
    '  b:',
    '    provider: keycloak',
    '    client: mail',
    '    frim: f',
    '  c: { provider: keycloak, secret: env:NONE, firm: a/b, client: userId }',
    '  d: { provider: keycloak, firm: f, client: userId, zone: Mars }',
  ].join('\n');
  expect(mistakes(text)).toEqual([
    '2 Portal: must be named in lower case: a letter, then letters, digits and "-", 40 at most',
    expect.stringMatching(/^3 a\.provider: there is no such provider; perhaps keycloak\. There are keycloak, /),
    '4 b.firm: is missing; write the id of the firm, or field:NAME',
    '6 b.client: must be userId, email or field:NAME',
    '7 b.frim: is nothing a source has',
    '8 c.firm: must be 1–128 printable characters without "/" or "#", or field:NAME',
    '8 c.secret: the environment has no NONE; set it',
    '9 d.zone: must be an IANA time zone such as Europe/London',
  ]);
});

test.each([
  ['a secret instead of its name', '{ provider: keycloak, secret: swordfish, firm: f, client: userId }'],
  ['a secret that its scheme cannot use', '{ provider: clerk, secret: env:KEY, firm: f, client: userId }'],
  ['a file that is not there', '{ provider: keycloak, secret: "file:hunter2", firm: f, client: userId }'],
])('given %s, then the mistake does not repeat it', (_, line) => {
  const told = mistakes(one(line));
  expect(told).toHaveLength(1);
  expect(told.join().replaceAll(join(folder, 'hunter2'), '')).not.toMatch(/swordfish|hunter/);
});

test.each([
  ['YAML that breaks off', 'sources: {a: ', /^1 the file: /],
  ['another shape', '- a', /^1 the file: /],
  ['a source twice', 'sources:\n  a: {}\n  a: {}', /^3 the file: /],
  [
    'an unknown scheme',
    one(`{ ${good}, verify: hmak }`),
    /^2 portal\.verify: Keycloak has no scheme of that name; it has hmac, /,
  ],
  ['an unknown option of a scheme', one(`{ ${good}, verify: { heder: X } }`), /^2 portal\.verify\.heder: /],
  ['a map for a provider that needs none', one(`{ ${good}, map: {} }`), /^2 portal\.map: /],
  ['two ways in', one(`{ ${good}, kafka: t, pull: {} }`), /^2 portal\.pull: a source has one way in/],
  ['a secret for Kafka', one(`{ ${good}, kafka: t }`), /^2 portal\.secret: is not for Kafka/],
  [
    'a pull without what it needs',
    one(`{ ${good}, pull: { realm: r, clientId: c } }`),
    /^2 portal\.pull\.url: is missing/,
  ],
  [
    'a pull that would send a secret in clear',
    one(`{ ${good}, pull: { url: "http://id.example.org", realm: r, clientId: c } }`),
    /must be https/,
  ],
  [
    'a provider that cannot be pulled',
    one('{ provider: okta, secret: env:KEY, firm: f, client: userId, pull: {} }'),
    /^2 portal\.pull: Okta cannot be pulled/,
  ],
  [
    'two sources of one topic',
    'sources:\n  a: { provider: keycloak, firm: f, client: userId, kafka: t }\n  b: { provider: keycloak, firm: f, client: userId, kafka: t }',
    /^3 b\.kafka: is read by a already/,
  ],
  [
    'a CloudEvent type without a topic',
    one('{ provider: cloudevents, firm: f, client: userId, map: { x: logn } }'),
    /^2 portal\.map\.x: /,
  ],
  ['bounds that are none', 'waiting: { days: 0 }\nsources: {}', /^1 waiting\.days: /],
])('given %s, then it says so', (_, text, expected) => {
  expect(mistakes(text)).toEqual([expect.stringMatching(expected)]);
});

test('given Kafka topics without Kafka, then it says what is missing', () => {
  const text = one('{ provider: keycloak, firm: f, client: userId, kafka: t }');
  expect(mistakes(text, { hasKafka: false })).toEqual(['2 portal.kafka: needs KAFKA_BROKERS, which is not set']);
});

describe('given nothing to verify by', () => {
  const bare = one('{ provider: keycloak, firm: f, client: userId }');
  const none = one(`{ provider: keycloak, verify: none, firm: f, client: userId }`);

  test.each([bare, none])('on loopback it is open to this machine', (text) => {
    expect(read(text).sources?.sources[0]?.transport).toEqual({ kind: 'webhook', signing: null });
  });

  test.each([bare, none])('where others can reach it, it is a mistake', (text) => {
    expect(mistakes(text, { host: '0.0.0.0' })).toHaveLength(1);
  });
});

test('given a file that cannot be read, then the service does not start', () => {
  expect(() => loadSources(join(folder, 'none.yaml'), surroundings)).toThrow(OperatingError);
});

test('given mistakes, then the error names file and line', () => {
  const file = join(folder, 'sources.yaml');
  writeFileSync(file, one('{}'));
  expect(() => loadSources(file, surroundings)).toThrow(`${file}:2 portal.provider: `);
});
