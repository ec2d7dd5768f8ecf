// A real schema registry: Apicurio, by Confluent's API, with schemas registered as producers do, and the projector behind it.
import { randomUUID } from 'node:crypto';
import { registryForTests } from '../../../infra/local/registry.ts';
import { openRegistry } from '../../../services/log/avro/registry.ts';
import { openAvroValues } from '../../../services/log/avro/values.ts';
import { OperatingError } from '../../../services/runtime/errors.ts';
import { createMetrics } from '../../../services/runtime/metrics.ts';
import type { Fetch } from '../../../services/runtime/pinned-fetch.ts';
import { hourMs, login, metric, openStage, type Stage, start } from '../../projector/stage.ts';
import { asTwin, encode, framed, singleObject, twinOf } from './written.ts';

const startMsMax = 300_000;

const server = registryForTests();
const opened = server.then((registry) => registry?.url ?? null);
afterAll(async () => (await server)?.stop());

/** A test with the registry's address; left out where it cannot be started. */
function withRegistry(name: string, run: (url: string) => Promise<void>): void {
  test(
    name,
    async () => {
      const url = await opened;
      if (url === null) process.stderr.write(`LEFT OUT: ${name}\n`);
      else await run(url);
    },
    startMsMax,
  );
}

const registryAt = (url: string, fetched: Fetch = fetch) => openRegistry({ url, authorization: null, fetch: fetched });

type Reference = { readonly name: string; readonly subject: string; readonly version: number };

/** Answers the number under which the registry knows it. */
async function register(
  url: string,
  subject: string,
  schema: object,
  more: { references?: readonly Reference[]; schemaType?: string } = {},
) {
  const reply = await fetch(`${url}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: JSON.stringify(schema), ...more }),
  });
  if (!reply.ok) throw new Error(`${subject}: ${await reply.text()}`);
  const { id }: { id: number } = JSON.parse(await reply.text());
  return id;
}

const unique = (name: string) => `${name}-${randomUUID().slice(0, 8)}`;
const person = {
  type: 'record',
  name: unique('Person').replaceAll('-', '_'),
  namespace: 'org',
  fields: [{ name: 'id', type: 'string' }],
};

withRegistry('gives schemas by their number, with all that they refer to', async (url) => {
  const subject = unique('person');
  await register(url, subject, person);
  const name = `org.${person.name}`;
  const referring = {
    type: 'record',
    name: unique('R').replaceAll('-', '_'),
    fields: [{ name: 'impersonatedBy', type: name }],
  };
  const id = await register(url, unique('login'), referring, { references: [{ name, subject, version: 1 }] });
  const registered = await registryAt(url).schema(id);
  if (registered?.kind !== 'avro') throw new Error(JSON.stringify(registered));
  expect(JSON.parse(registered.schema)).toMatchObject({ name: referring.name });
  expect(registered.references.map((text) => JSON.parse(text).name)).toEqual([person.name]);
});

withRegistry('gives the versions of a subject, the newest first', async (url) => {
  const subject = unique('versions');
  const version = (name: string) => ({
    type: 'record',
    name: 'V',
    fields: [{ name, type: ['null', 'string'], default: null }],
  });
  await register(url, subject, version('a'));
  await register(url, subject, version('b'));
  const versions = await registryAt(url).versions(subject);
  expect(versions.map((one) => one.kind === 'avro' && JSON.parse(one.schema).fields[0].name)).toEqual(['b', 'a']);
});

withRegistry('tells other kinds of schemas apart', async (url) => {
  const id = await register(
    url,
    unique('json'),
    { $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' },
    { schemaType: 'JSON' },
  );
  expect(await registryAt(url).schema(id)).toEqual({ kind: 'json' });
});

withRegistry('knows no such number, and no such subject', async (url) => {
  expect(await registryAt(url).schema(2_000_000_000)).toBeNull();
  expect(await registryAt(url).versions(unique('nobody'))).toEqual([]);
});

test.each([400, 404, 410, 422])(
  'an answer of %d says that there is no such schema, and holds nothing up',
  async (status) => {
    const registry = registryAt('http://registry.invalid', async () => new Response('{"error_code":1}', { status }));
    expect(await registry.schema(7)).toBeNull();
  },
);

describe('a registry that is away, or refuses us', () => {
  test.each([
    ['gives no answer', async () => Promise.reject(new Error('no route'))],
    ['has a fault', async () => new Response('{}', { status: 500 })],
    ['refuses our credentials', async () => new Response('{}', { status: 401 })],
    ['answers with something else', async () => new Response('<html>', { status: 200 })],
  ] as readonly (readonly [string, Fetch])[])(
    '%s: that may pass, and nothing is known of the schema',
    async (_what, fetched) => {
      const failed = await registryAt('http://registry.invalid', fetched)
        .schema(1)
        .catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(OperatingError);
      expect(failed).toMatchObject({ code: 'registry_unreachable', retryable: true });
    },
  );

  test('is asked with the credentials it was given', async () => {
    const asked: unknown[] = [];
    const fetched: Fetch = async (url, { headers }) => {
      asked.push([url, headers['authorization']]);
      return new Response('{"schema":"\\"null\\""}');
    };
    await openRegistry({ url: 'http://registry.invalid', authorization: 'Bearer t', fetch: fetched }).schema(7);
    expect(asked).toEqual([['http://registry.invalid/schemas/ids/7', 'Bearer t']]);
  });
});

describe('the projector, with Avro in its topics', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.close());

  const valuesAt = (url: string, fetched?: Fetch) =>
    openAvroValues({ registry: registryAt(url, fetched), topicPrefix: '', clock: stage.clock });
  const written = (session: string) => asTwin('login', login(session, start - hourMs));

  withRegistry('folds it beside JSON, in either framing', async (url) => {
    const id = await register(url, unique('login'), twinOf('login'));
    const body = encode(twinOf('login'), written('s1'));
    await stage.append('login', [framed(id, body), login('s2', start), singleObject(twinOf('login'), written('s3'))]);
    await stage.fold({ values: valuesAt(url) });
    expect((await stage.signals())?.logins.d30).toBe(3);
    expect(await stage.deadLetters()).toEqual([]);
  });

  withRegistry('puts away what clashes and what nobody knows, and folds the rest', async (url) => {
    const clash = {
      type: 'record',
      name: unique('Clash').replaceAll('-', '_'),
      fields: [{ name: 'sessionId', type: 'double' }],
    };
    const id = await register(url, unique('clash'), clash);
    const messages = [
      framed(id, encode(clash, { sessionId: 1 })),
      framed(2_000_000_000, Buffer.of(0)),
      login('s1', start),
    ];
    await stage.append('login', messages);
    const metrics = createMetrics();
    await stage.fold({ values: valuesAt(url), metrics });
    const letters = await stage.deadLetters();
    expect(letters.map(({ headers }) => headers['reason'])).toEqual(['schema_clash', 'unknown_schema']);
    expect(letters[0]?.headers['detail']).toContain('sessionId');
    expect(await metric(metrics, 'signalfold_dead_letters_total{topic="login",reason="schema_clash"}')).toBe(1);
    expect((await stage.signals())?.logins.d30).toBe(1);
  });

  withRegistry('waits while the registry is away, and loses nothing', async (url) => {
    const id = await register(url, unique('login'), twinOf('login'));
    await stage.append('login', [framed(id, encode(twinOf('login'), written('s1'))), login('s2', start)]);
    let failures = 3;
    const faulty: Fetch = (address, init) => {
      failures -= 1;
      return failures >= 0 ? Promise.reject(new Error('no route')) : fetch(address, init);
    };
    await stage.fold({ values: valuesAt(url, faulty) });
    expect(failures).toBeLessThan(0);
    expect((await stage.signals())?.logins.d30).toBe(2);
    expect(await stage.deadLetters()).toEqual([]);
  });
});
