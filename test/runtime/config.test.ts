import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeConfig, type Environment, loadConfig, readConfig } from '../../services/runtime/config.ts';
import { isLoopback } from '../../services/runtime/loopback.ts';
import { runServer } from './server.ts';

const somewhere = () => mkdtempSync(join(tmpdir(), 'signalfold-config-'));
const mistakesOf = (environment: Environment, directory = somewhere()) =>
  readConfig(environment, directory).mistakes.map(({ name }) => name);

describe('configuration', () => {
  test('given nothing, everything is embedded and listens on loopback', () => {
    const directory = somewhere();
    const config = loadConfig({}, directory);
    expect(config).toMatchObject({
      kafka: null,
      dynamodbTable: null,
      host: '127.0.0.1',
      port: 4400,
      auth: null,
    });
    expect(config.dataDir).toBe(join(directory, 'data'));
  });

  test('given brokers and a table, the log is Kafka and the store DynamoDB', () => {
    const config = loadConfig({ KAFKA_BROKERS: 'a:9092, b:9093', DYNAMODB_TABLE: 'views' }, somewhere());
    expect(config.kafka).toEqual({
      brokers: ['a:9092', 'b:9093'],
      ssl: false,
      sasl: null,
      partitions: 6,
      replication: 1,
    });
    expect(config.dynamodbTable).toBe('views');
  });

  test.each([
    ['no credentials', undefined, null],
    ['user and password', 'ann:pass:word', 'Basic YW5uOnBhc3M6d29yZA=='],
    ['a token', 'abc', 'Bearer abc'],
  ])('given a schema registry with %s, they are sent so', (_what, given, authorization) => {
    const registry = { SIGNALFOLD_SCHEMA_REGISTRY_URL: 'https://registry.example/apis/ccompat/v7/' };
    const config = loadConfig({ ...registry, SIGNALFOLD_SCHEMA_REGISTRY_AUTH: given }, somewhere());
    expect(config.schemaRegistry).toEqual({ url: 'https://registry.example/apis/ccompat/v7', authorization });
  });

  test('given what is no schema registry, or credentials for none, it is told', () => {
    expect(mistakesOf({ SIGNALFOLD_SCHEMA_REGISTRY_URL: 'registry:8081' })).toEqual(['SIGNALFOLD_SCHEMA_REGISTRY_URL']);
    expect(mistakesOf({ SIGNALFOLD_SCHEMA_REGISTRY_AUTH: 'abc' })).toEqual(['SIGNALFOLD_SCHEMA_REGISTRY_URL']);
  });

  test('given SASL in full, it is taken', () => {
    const config = loadConfig(
      {
        KAFKA_BROKERS: 'a:9092',
        KAFKA_SSL: 'true',
        KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
        KAFKA_SASL_USERNAME: 'reader',
        KAFKA_SASL_PASSWORD: 'secret',
      },
      somewhere(),
    );
    expect(config.kafka?.sasl).toEqual({ mechanism: 'scram-sha-512', username: 'reader', password: 'secret' });
  });

  test('given SASL in part, what is missing is named', () => {
    const names = mistakesOf({ KAFKA_BROKERS: 'a:9092', KAFKA_SASL_USERNAME: 'reader' });
    expect(names).toEqual(['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_PASSWORD']);
  });

  test('given several mistakes, all are told at once with what is expected', () => {
    const environment = {
      SIGNALFOLD_PORT: '70000',
      SIGNALFOLD_LOG_LEVEL: 'loud',
      SIGNALFOLD_PROT: '1',
      KAFKA_BROKERS: 'a',
    };
    const { config, mistakes } = readConfig(environment, somewhere());
    expect(config).toBeNull();
    expect(mistakes.map(({ name }) => name).sort()).toEqual(Object.keys(environment).sort());
    expect(mistakes.find(({ name }) => name === 'SIGNALFOLD_PORT')).toEqual({
      name: 'SIGNALFOLD_PORT',
      wrong: 'cannot be "70000"',
      expected: 'a port, 0 to 65535',
    });
  });

  test('given an unknown name, the nearest known one is suggested', () => {
    const { mistakes } = readConfig({ SIGNALFOLD_DATADIR: 'x' }, somewhere());
    expect(mistakes).toEqual([
      { name: 'SIGNALFOLD_DATADIR', wrong: 'there is no such setting', expected: 'perhaps SIGNALFOLD_DATA_DIR' },
    ]);
  });

  test('given names of other programs, they are left alone', () => {
    expect(mistakesOf({ KAFKA_HEAP_OPTS: '-Xmx1g', PATH: '/bin' })).toEqual([]);
  });

  test('given mistakes, loading throws one coded error that lists them', () => {
    const load = () => loadConfig({ SIGNALFOLD_PORT: 'x', SIGNALFOLD_GROUP: 'a b' }, somewhere());
    expect(load).toThrow(expect.objectContaining({ code: 'config_invalid' }));
    expect(load).toThrow(/SIGNALFOLD_PORT: .*\n.*SIGNALFOLD_GROUP: /);
  });

  test('given an empty value, the default stands', () => {
    expect(loadConfig({ SIGNALFOLD_PORT: ' ', KAFKA_BROKERS: '' }, somewhere())).toMatchObject({
      port: 4400,
      kafka: null,
    });
  });

  test('given a wrong secret, the message does not repeat it', () => {
    const { mistakes } = readConfig({ SIGNALFOLD_API_KEYS: 'my-plain-key' }, somewhere());
    expect(mistakes).toHaveLength(1);
    expect(JSON.stringify(mistakes)).not.toContain('my-plain-key');
  });

  test('given a configuration, nothing in it can be changed', () => {
    const config = loadConfig({ KAFKA_BROKERS: 'a:1' }, somewhere());
    expect(Object.isFrozen(config) && Object.isFrozen(config.flush) && Object.isFrozen(config.kafka?.brokers)).toBe(
      true,
    );
  });

  test.each(['0.0.0.0', '::', '192.168.1.5', 'example.org'])('given host %s without keys, it refuses', (host) => {
    expect(mistakesOf({ SIGNALFOLD_HOST: host })).toEqual(['SIGNALFOLD_HOST']);
  });

  test('given host 0.0.0.0 with keys, it is taken', () => {
    const hash = 'AB'.repeat(32);
    const config = loadConfig({ SIGNALFOLD_HOST: '0.0.0.0', SIGNALFOLD_API_KEYS: hash }, somewhere());
    expect(config.auth?.keys.map(({ sha256 }) => sha256)).toEqual([hash.toLowerCase()]);
  });

  test.each(['127.0.0.1', '127.8.8.8', 'localhost', '::1', '[::1]'])('%s is loopback', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  test.each(['127.0.0.1.example.org', 'localhost.example.org', '128.0.0.1', ''])('%j is not loopback', (host) => {
    expect(isLoopback(host)).toBe(false);
  });

  test('every setting is described', () => {
    const names = describeConfig().map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['KAFKA_BROKERS', 'SIGNALFOLD_PORT', 'SIGNALFOLD_CONFIG']));
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('who may call', () => {
  const hash = 'ab'.repeat(32);
  const oidc = {
    SIGNALFOLD_OIDC_ISSUER: 'https://id.example.org/realm',
    SIGNALFOLD_OIDC_AUDIENCE: 'signalfold, other',
  };

  test('given nothing, everybody on loopback', () => {
    const config = loadConfig({}, somewhere());
    expect(config).toMatchObject({ auth: null, requestsPerMinuteMax: 6000, trustedProxies: [], auditLog: null });
  });

  test('given keys with parts, each is narrowed to them', () => {
    const config = loadConfig({ SIGNALFOLD_API_KEYS: `${hash}:name=crm:scopes=ingest:firm=firm-1` }, somewhere());
    expect(config.auth).toMatchObject({ keys: [{ sha256: hash, principal: { id: 'key:crm', firmId: 'firm-1' } }] });
  });

  test('given an issuer and its audience, tokens count, and any address may be listened on', () => {
    const config = loadConfig({ ...oidc, SIGNALFOLD_HOST: '0.0.0.0' }, somewhere());
    expect(config.auth).toEqual({
      keys: [],
      oidc: {
        issuer: 'https://id.example.org/realm',
        audiences: ['signalfold', 'other'],
        jwksUrl: null,
        claims: {
          firm: 'firm_id',
          role: 'roles',
          adviser: 'adviser_id',
          roleNames: [
            { name: 'owner', role: 'owner' },
            { name: 'manager', role: 'manager' },
            { name: 'adviser', role: 'adviser' },
          ],
          scopePrefix: null,
        },
        signIn: null,
      },
    });
  });

  test('given a client of the issuer, people sign in with it, and what the issuer wants to know goes along', () => {
    const { auth } = loadConfig(
      {
        ...oidc,
        SIGNALFOLD_OIDC_CLIENT_ID: 'dashboard',
        SIGNALFOLD_OIDC_SIGN_IN_PARAMETERS: 'audience=signalfold, resource=https://api.example.org/?a=b',
      },
      somewhere(),
    );
    expect(auth?.oidc?.signIn).toEqual({
      clientId: 'dashboard',
      scope: 'openid',
      parameters: { audience: 'signalfold', resource: 'https://api.example.org/?a=b' },
    });
  });

  test('given a client without its issuer, or parameters without a client, what is missing is named', () => {
    const names = mistakesOf({ SIGNALFOLD_OIDC_CLIENT_ID: 'dashboard' });
    expect(names).toEqual(['SIGNALFOLD_OIDC_ISSUER', 'SIGNALFOLD_OIDC_AUDIENCE']);
    const { mistakes } = readConfig({ ...oidc, SIGNALFOLD_OIDC_SIGN_IN_PARAMETERS: 'audience=a' }, somewhere());
    expect(mistakes).toEqual([expect.objectContaining({ expected: expect.stringContaining('CLIENT_ID') })]);
  });

  test('given origins, each is exact: with https, or on loopback, and without a path', () => {
    const set = (origins: string) => ({ SIGNALFOLD_ALLOWED_ORIGINS: origins });
    const { allowedOrigins } = loadConfig(set('https://crm.example.com, http://localhost:5173'), somewhere());
    expect(allowedOrigins).toEqual(['https://crm.example.com', 'http://localhost:5173']);
    for (const wrong of [
      '*',
      'null',
      'crm.example.com',
      'https://crm.example.com/',
      'https://*.example.com',
      'http://crm.example.com',
    ]) {
      expect(mistakesOf(set(wrong))).toEqual(['SIGNALFOLD_ALLOWED_ORIGINS']);
    }
  });

  test('given names of roles, with whatever is in them, they are taken', () => {
    const roles = 'cn=owners=owner,urn:firm:adviser=adviser';
    const { auth } = loadConfig({ ...oidc, SIGNALFOLD_OIDC_ROLES: roles }, somewhere());
    expect(auth?.oidc?.claims.roleNames).toEqual([
      { name: 'cn=owners', role: 'owner' },
      { name: 'urn:firm:adviser', role: 'adviser' },
    ]);
  });

  test.each([
    ['SIGNALFOLD_OIDC_ISSUER', 'http://id.example.org'],
    ['SIGNALFOLD_OIDC_ISSUER', 'http://127.0.0.1.example.org'],
    ['SIGNALFOLD_OIDC_ISSUER', 'id.example.org'],
    ['SIGNALFOLD_OIDC_JWKS_URL', 'http://10.0.0.1/keys'],
    ['SIGNALFOLD_OIDC_JWKS_URL', 'file:///etc/keys'],
  ])('given %s=%s, it says that only https counts, or http on loopback', (name, value) => {
    const { mistakes } = readConfig({ ...oidc, [name]: value }, somewhere());
    expect(mistakes).toEqual([{ name, wrong: expect.any(String), expected: expect.stringMatching(/https.*loopback/) }]);
  });

  test.each(['http://localhost:8080/realm', 'http://127.0.0.1:1', 'http://[::1]:2/x'])(
    'given %s, it is taken',
    (url) => {
      expect(mistakesOf({ ...oidc, SIGNALFOLD_OIDC_ISSUER: url, SIGNALFOLD_OIDC_JWKS_URL: url })).toEqual([]);
    },
  );

  test.each(['SIGNALFOLD_OIDC_ISSUER', 'SIGNALFOLD_OIDC_AUDIENCE'])('given all but %s, that is named', (name) => {
    expect(mistakesOf({ ...oidc, [name]: '' })).toEqual([name]);
  });

  test('given where keys are and nothing else, issuer and audience are asked for', () => {
    const names = mistakesOf({ SIGNALFOLD_OIDC_JWKS_URL: 'https://id.example.org/keys' });
    expect(names).toEqual(['SIGNALFOLD_OIDC_ISSUER', 'SIGNALFOLD_OIDC_AUDIENCE']);
  });

  test.each(['owner', '=owner', 'boss=director'])(
    'given SIGNALFOLD_OIDC_ROLES=%s, it says which there are',
    (value) => {
      const { mistakes } = readConfig({ ...oidc, SIGNALFOLD_OIDC_ROLES: value }, somewhere());
      expect(mistakes).toEqual([
        {
          name: 'SIGNALFOLD_OIDC_ROLES',
          wrong: expect.any(String),
          expected: expect.stringContaining('owner, manager'),
        },
      ]);
    },
  );

  test('given mistaken keys, each is told by its place, and none is repeated', () => {
    const { mistakes } = readConfig({ SIGNALFOLD_API_KEYS: `${hash},my-plain-key,${hash}:scopes=all` }, somewhere());
    expect(mistakes.map(({ wrong }) => wrong)).toEqual([
      expect.stringContaining('entry 2'),
      expect.stringContaining('entry 3'),
    ]);
    expect(JSON.stringify(mistakes)).not.toContain('my-plain-key');
  });

  test.each([
    ['SIGNALFOLD_TRUSTED_PROXIES', 'proxy.example.org'],
    ['SIGNALFOLD_TRUSTED_PROXIES', '10.0.0.0/8,999.0.0.1'],
    ['SIGNALFOLD_TRUSTED_PROXIES', '10.0.0.0/33'],
    ['SIGNALFOLD_TRUSTED_PROXIES', '10.0.0.0/0'],
    ['SIGNALFOLD_RATE_LIMIT', '-1'],
    ['SIGNALFOLD_METRICS_OPEN', 'maybe'],
  ])('given %s=%s, it is a mistake', (name, value) => {
    expect(mistakesOf({ [name]: value })).toEqual([name]);
  });

  test('given DynamoDB and no more, the audit log is standard output, because there may be no data folder', () => {
    expect(loadConfig({ DYNAMODB_TABLE: 'views' }, somewhere()).auditLog).toBe('stdout');
  });

  test('given proxies to trust, by address or range, the server takes them', async () => {
    const proxies = '10.0.0.1, 10.0.0.0/8, ::1, fd00::/8';
    const { trustedProxies } = loadConfig({ SIGNALFOLD_TRUSTED_PROXIES: proxies }, somewhere());
    const server = await runServer({ config: { trustedProxies } });
    expect((await server.send('GET', '/livez')).status).toBe(200);
    await server.stop();
  });

  test('given a file for the audit log, it starts at the folder; stdout is no file', () => {
    const directory = somewhere();
    expect(loadConfig({ SIGNALFOLD_AUDIT_LOG: 'logs/audit.jsonl' }, directory).auditLog).toBe(
      join(directory, 'logs/audit.jsonl'),
    );
    expect(loadConfig({ SIGNALFOLD_AUDIT_LOG: 'stdout' }, directory).auditLog).toBe('stdout');
  });
});

describe('configuration file', () => {
  test('given one in the folder, its settings count, and the environment wins', () => {
    const directory = somewhere();
    const content = { SIGNALFOLD_PORT: 5000, SIGNALFOLD_GROUP: 'mine', KAFKA_BROKERS: ['a:1', 'b:2'], KAFKA_SSL: true };
    writeFileSync(join(directory, 'signalfold.config.json'), JSON.stringify(content));
    const config = loadConfig({ SIGNALFOLD_PORT: '6000' }, directory);
    expect(config).toMatchObject({ port: 6000, group: 'mine', kafka: { brokers: ['a:1', 'b:2'], ssl: true } });
  });

  test('given one by name, it is read', () => {
    const directory = somewhere();
    writeFileSync(join(directory, 'other.json'), '{"SIGNALFOLD_PORT":"5001"}');
    expect(loadConfig({ SIGNALFOLD_CONFIG: 'other.json' }, directory).port).toBe(5001);
  });

  test('given a name without a file, that is a mistake, told with the others', () => {
    expect(mistakesOf({ SIGNALFOLD_CONFIG: 'gone.json', SIGNALFOLD_PORT: 'x' })).toEqual([
      'SIGNALFOLD_CONFIG',
      'SIGNALFOLD_PORT',
    ]);
  });

  test.each(['{', '[]', '{"SIGNALFOLD_PORT":{}}'])('given %s, the file is named as the mistake', (content) => {
    const directory = somewhere();
    const path = join(directory, 'signalfold.config.json');
    writeFileSync(path, content);
    expect(mistakesOf({}, directory)).toEqual([path]);
  });

  test('given an unknown name of any kind in it, it is told', () => {
    const directory = somewhere();
    writeFileSync(join(directory, 'signalfold.config.json'), '{"kafkaBrokers":"a:1"}');
    expect(mistakesOf({}, directory)).toEqual(['kafkaBrokers']);
  });
});
