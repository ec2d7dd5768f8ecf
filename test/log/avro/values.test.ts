// Which schema a value names, where it is looked for, and what is told when nobody has it.

import type { Registered, Registry } from '../../../services/log/avro/registry.ts';
import { openAvroValues, ownAvroValues, type ReadValue, unknownMsMax } from '../../../services/log/avro/values.ts';
import { asTwin, encode, framed, singleObject, twinOf } from './written.ts';

const login = {
  eventId: 'e-1',
  firmId: 'f',
  clientId: 'c',
  occurredAt: '2026-03-01T08:15:30.123Z',
  sessionId: 's',
  outcome: 'success',
};
const bySchema = (schema: object) => encode(schema, asTwin('login', login));
const other = { type: 'record', name: 'Other', fields: [{ name: 'eventId', type: 'string' }] };
const avro = (schema: object): Registered => ({ kind: 'avro', schema: JSON.stringify(schema), references: [] });

/** A registry of these schemas; it counts what it is asked, and its clock is moved by hand. */
function world(
  byId: Record<number, Registered>,
  subjects: Record<string, readonly Registered[]> = {},
  topicPrefix = '',
) {
  const asked: (number | string)[] = [];
  const clock = { time: 0, now: () => clock.time };
  const registry: Registry = {
    schema: async (id) => {
      asked.push(id);
      return byId[id] ?? null;
    },
    versions: async (subject) => {
      asked.push(subject);
      return subjects[subject] ?? [];
    },
  };
  const values = openAvroValues({ registry, topicPrefix, clock });
  /** Reads, and fetches what is needed, as the projector does. */
  const read = async (bytes: Uint8Array): Promise<ReadValue | null> => {
    for (;;) {
      const answer = values.read('login', bytes);
      if (answer?.kind !== 'needs') return answer;
      await values.fetch(answer.need);
    }
  };
  return { asked, clock, byId, read };
}

test.each([['{"eventId":"e"}'], [' {}'], [''], ['\u0001'], ['é']])('%j is no Avro', (text) => {
  expect(ownAvroValues().read('login', Buffer.from(text))).toBeNull();
});

describe('by fingerprint', () => {
  test('our own schemas need no registry', () => {
    expect(ownAvroValues().read('login', singleObject(twinOf('login'), asTwin('login', login)))).toEqual({
      kind: 'value',
      value: login,
    });
  });

  test('without a registry another is refused, saying what to do', () => {
    const read = ownAvroValues().read('login', singleObject(other, { eventId: 'e-1' }));
    expect(read).toMatchObject({
      reason: 'unknown_schema',
      detail: expect.stringContaining('SIGNALFOLD_SCHEMA_REGISTRY_URL'),
    });
  });

  test('another is looked for among the versions of the topic’s subject, once for all of them', async () => {
    const { read, asked } = world(
      {},
      { 'prod.login-value': [{ kind: 'json' }, avro(other), avro(twinOf('login'))] },
      'prod.',
    );
    expect(await read(singleObject(other, { eventId: 'e-1' }))).toEqual({ kind: 'value', value: { eventId: 'e-1' } });
    await read(singleObject(other, { eventId: 'e-2' }));
    expect(asked).toEqual(['prod.login-value']);
  });

  test('one that nobody has is refused, and asked for again after a minute', async () => {
    const { read, asked, clock } = world({});
    const bytes = singleObject(other, { eventId: 'e-1' });
    expect(await read(bytes)).toMatchObject({
      reason: 'unknown_schema',
      detail: expect.stringContaining('login-value'),
    });
    await read(bytes);
    expect(asked).toHaveLength(1);
    clock.time = unknownMsMax;
    await read(bytes);
    expect(asked).toHaveLength(2);
  });
});

describe('by the number in a registry', () => {
  test('a schema is asked for once', async () => {
    const { read, asked } = world({ 7: avro(twinOf('login')) });
    const bytes = framed(7, bySchema(twinOf('login')));
    expect([await read(bytes), await read(bytes)]).toEqual(Array(2).fill({ kind: 'value', value: login }));
    expect(asked).toEqual([7]);
  });

  test('without a registry it is refused, saying what to do', () => {
    const read = ownAvroValues().read('login', framed(7, bySchema(twinOf('login'))));
    expect(read).toMatchObject({
      reason: 'unknown_schema',
      detail: expect.stringContaining('SIGNALFOLD_SCHEMA_REGISTRY_URL'),
    });
  });

  test('one that it does not have is refused until it has it', async () => {
    const { read, byId, clock } = world({});
    const bytes = framed(7, bySchema(twinOf('login')));
    expect(await read(bytes)).toMatchObject({ kind: 'refused', reason: 'unknown_schema' });
    byId[7] = avro(twinOf('login'));
    expect(await read(bytes)).toMatchObject({ kind: 'refused' });
    clock.time = unknownMsMax;
    expect(await read(bytes)).toMatchObject({ kind: 'value' });
  });

  test('one that clashes is refused, naming the field', async () => {
    const clash = { type: 'record', name: 'Clash', fields: [{ name: 'sessionId', type: 'double' }] };
    const { read } = world({ 7: avro(clash) });
    expect(await read(framed(7, encode(clash, { sessionId: 1.5 })))).toMatchObject({
      reason: 'schema_clash',
      detail: expect.stringContaining('sessionId'),
    });
  });

  test.each([
    [
      'JSON Schema: the JSON behind it is read',
      { kind: 'json' },
      Buffer.from('{"eventId":"e-1"}'),
      { kind: 'value', value: { eventId: 'e-1' } },
    ],
    ['JSON Schema, and what follows is no JSON', { kind: 'json' }, Buffer.from('{'), { reason: 'not_json' }],
    ['Protobuf', { kind: 'other', type: 'PROTOBUF' }, Buffer.of(0), { reason: 'schema_clash' }],
    ['no Avro at all', { kind: 'avro', schema: '{', references: [] }, Buffer.of(0), { reason: 'schema_clash' }],
    ['Avro, and the bytes are not of it', avro(other), Buffer.of(200), { reason: 'not_avro' }],
    [
      'Avro, and a number is beyond JavaScript’s',
      avro({ type: 'record', name: 'V', fields: [{ name: 'schemaVersion', type: 'long' }] }),
      Buffer.from('feffffffffffffffff01', 'hex'),
      { reason: 'not_avro' },
    ],
  ] as readonly (readonly [string, Registered, Buffer, object])[])('%s', async (_what, registered, body, expected) => {
    expect(await world({ 7: registered }).read(framed(7, body))).toMatchObject(expected);
  });
});

describe('numbers that no registry gives', () => {
  test('beyond those of a registry it is not asked, and the value is refused', async () => {
    const { read, asked } = world({});
    expect(await read(framed(0xffff_ffff, Buffer.from('rubbish')))).toMatchObject({ reason: 'unknown_schema' });
    expect(asked).toEqual([]);
  });
});
