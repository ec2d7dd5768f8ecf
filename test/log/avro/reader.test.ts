// Producers' own schemas, read by Avro's rules as events of ours.

import avsc from 'avsc';
import fc from 'fast-check';
import type { EventTopic } from '../../../services/core/topics.ts';
import { fits } from '../../../services/log/avro/bounds.ts';
import { type EventReader, openReader, parseWriter } from '../../../services/log/avro/reader.ts';
import { asTwin, encode, twinOf } from './written.ts';

type Field = { readonly name: string; readonly type: unknown; readonly default?: unknown };

const head: readonly Field[] = [
  { name: 'eventId', type: 'string' },
  { name: 'firmId', type: 'string' },
  { name: 'clientId', type: 'string' },
  { name: 'occurredAt', type: { type: 'long', logicalType: 'timestamp-millis' } },
];
const at = Date.parse('2026-03-01T08:15:30.123Z');
const said = { eventId: 'e-1', firmId: 'firm-a', clientId: 'client-1', occurredAt: at };
const rest = [
  { name: 'sessionId', type: 'string' },
  { name: 'outcome', type: 'string' },
];
const signIn = { sessionId: 's-1', outcome: 'success' };

function recordOf(fields: readonly Field[], name = 'com.example.portal.SignIn'): object {
  return { type: 'record', name, fields };
}

const readerOf = (topic: EventTopic, schema: object): EventReader =>
  openReader(topic, parseWriter(JSON.stringify(schema)));

/** What a value of a schema reads as. */
function read(schema: object, value: unknown, topic: EventTopic = 'login'): unknown {
  return readerOf(topic, schema).read(encode(schema, value))?.value;
}

const event = { ...said, ...signIn, occurredAt: '2026-03-01T08:15:30.123Z' };

describe('a schema that differs from ours resolves', () => {
  test('whatever its record is called, with fields in any order, and more of them', () => {
    const schema = recordOf([...rest, { name: 'trace', type: { type: 'map', values: ['null', 'double'] } }, ...head]);
    expect(read(schema, { ...said, ...signIn, trace: { a: 1.5, b: null } })).toEqual(event);
  });

  test('by aliases: with names as Avro producers write them', () => {
    const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const schema = recordOf([...head, ...rest].map((field) => ({ ...field, name: snake(field.name) })));
    const value = Object.fromEntries(Object.entries({ ...said, ...signIn }).map(([name, one]) => [snake(name), one]));
    expect(read(schema, value)).toEqual(event);
  });

  test('by promotion: an int as long, bytes as text', () => {
    const schema = recordOf([
      { name: 'version', type: 'int' },
      { name: 'clientId', type: 'bytes' },
    ]);
    expect(read(schema, { version: 7, clientId: Buffer.from('client-1') }, 'client')).toEqual({
      version: 7,
      clientId: 'client-1',
    });
  });

  test('by unions: what may be null and is not', () => {
    const schema = recordOf(
      [...head, ...rest].map((field) => ({ ...field, type: ['null', field.type], default: null })),
    );
    expect(read(schema, { ...said, ...signIn })).toEqual(event);
  });

  test('by defaults: what it does not have is absent, for decode to tell', () => {
    expect(read(recordOf(head), said)).toEqual({ ...said, occurredAt: event.occurredAt });
  });

  test.each([
    ['text', 'string', '2026-03-01T09:15:30+01:00', '2026-03-01T09:15:30+01:00'],
    ['milliseconds', { type: 'long', logicalType: 'timestamp-millis' }, at, event.occurredAt],
    ['microseconds', { type: 'long', logicalType: 'timestamp-micros' }, at * 1000 + 999, event.occurredAt],
    [
      'microseconds or nothing',
      ['null', { type: 'long', logicalType: 'timestamp-micros' }],
      at * 1000,
      event.occurredAt,
    ],
    ['a long that says no unit, taken for milliseconds', 'long', at, event.occurredAt],
  ])('times: %s', (_what, type, value, expected) => {
    const fields = head.map((field) => (field.name === 'occurredAt' ? { ...field, type } : field));
    expect(read(recordOf([...fields, ...rest]), { ...said, ...signIn, occurredAt: value })).toMatchObject({
      occurredAt: expected,
    });
  });

  test.each([
    ['text', 'string', '2027-01-31'],
    ['days', { type: 'int', logicalType: 'date' }, Date.parse('2027-01-31') / 86_400_000],
  ])('dates: %s', (_what, type, value) => {
    expect(read(recordOf([{ name: 'expiresOn', type }]), { expiresOn: value }, 'portal-access')).toEqual({
      expiresOn: '2027-01-31',
    });
  });

  test('enums of its own, spelt as enums are', () => {
    const change = { type: 'enum', name: 'Change', symbols: ['GRANTED', 'SET_UP', 'other'] };
    const schema = recordOf([{ name: 'change', type: change }]);
    const changes = ['GRANTED', 'SET_UP', 'other'].map((symbol) => read(schema, { change: symbol }, 'portal-access'));
    expect(changes).toEqual([{ change: 'granted' }, { change: 'set-up' }, { change: 'other' }]);
  });

  test('records within, by any name', () => {
    const adviser = {
      type: 'record',
      name: 'Person',
      fields: [
        { name: 'id', type: 'string' },
        { name: 'name', type: 'string' },
      ],
    };
    const schema = recordOf([{ name: 'adviser', type: ['null', adviser] }]);
    expect(read(schema, { adviser: { id: 'a-1', name: 'Adviser 1' } }, 'client')).toEqual({
      adviser: { id: 'a-1', name: 'Adviser 1' },
    });
  });

  test('what is cleared, by its name', () => {
    const schema = recordOf([{ name: 'cleared', type: { type: 'array', items: 'string' } }]);
    const value = { cleared: ['expiresOn', 'permissions.write', '__proto__', 'nothing'] };
    expect(read(schema, value, 'portal-access')).toEqual({ expiresOn: null, permissions: { write: null } });
  });

  test('with schemas that it refers to', () => {
    const person = { type: 'record', name: 'org.Person', fields: [{ name: 'name', type: 'string' }] };
    const schema = recordOf([{ name: 'impersonatedBy', type: 'org.Person' }]);
    const writer = parseWriter(JSON.stringify(schema), [JSON.stringify(person)]);
    const body = encode(recordOf([{ name: 'impersonatedBy', type: person }]), {
      impersonatedBy: { name: 'Colleague 1' },
    });
    expect(openReader('login', writer).read(body)?.value).toEqual({ impersonatedBy: { name: 'Colleague 1' } });
  });
});

describe('a schema that cannot be read as ours', () => {
  test.each([
    ['sessionId', { name: 'sessionId', type: 'double' }],
    ['interactive', { name: 'interactive', type: 'string' }],
    ['impersonatedBy', { name: 'impersonatedBy', type: 'string' }],
  ])('names the field: %s', (name, field) => {
    expect(() => readerOf('login', recordOf([...head, field]))).toThrow(`${name}: `);
  });

  test('names all of them', () => {
    const fields = [
      { name: 'sessionId', type: 'double' },
      { name: 'outcome', type: 'boolean' },
    ];
    expect(() => readerOf('login', recordOf(fields))).toThrow(/sessionId: .*outcome: /);
  });

  test.each([['"string"'], ['{"type":"array","items":"string"}']])('is no record: %s', (schema) => {
    expect(() => openReader('login', parseWriter(schema))).toThrow('not a record');
  });

  test.each(['{', '{"type":"record"}', '"no.such.type"'])('is no schema: %s', (schema) => {
    expect(() => parseWriter(schema)).toThrow(Error);
  });
});

describe('bytes that are not of their schema', () => {
  const twin = readerOf('client', twinOf('client'));
  const profile = asTwin('client', {
    ...{ firmId: 'firm-a', clientId: 'c-1', version: 1, type: 'individual', status: 'active' },
    ...{
      emails: ['a@example.org', 'b@example.org'],
      createdAt: '2026-01-01T00:00:00Z',
      updatedAt: '2026-01-01T00:00:00Z',
    },
  });
  const body = encode(twinOf('client'), profile);

  test('cut anywhere, or with more behind, are told', () => {
    expect(twin.read(body)).not.toBeNull();
    for (let length = 0; length < body.length; length += 1) expect(twin.read(body.subarray(0, length))).toBeNull();
    expect(twin.read(Buffer.concat([body, Buffer.of(0)]))).toBeNull();
  });

  test('a few bytes that claim a billion elements, or a gigabyte, take no memory', () => {
    const list = avsc.Type.forSchema({ type: 'array', items: 'string' });
    const nulls = avsc.Type.forSchema({ type: 'array', items: 'null' });
    const billion = Buffer.from('80a8d6b90700', 'hex');
    expect([fits(list, billion), fits(nulls, billion)]).toEqual([false, false]);
    expect(fits(avsc.Type.forSchema('string'), Buffer.from('80a8d6b907', 'hex'))).toBe(false);
  });

  test('counts of nothing within others are bounded together', () => {
    const nested = avsc.Type.forSchema({ type: 'array', items: { type: 'array', items: 'null' } });
    const bytes = nested.toBuffer(Array.from({ length: 3 }, () => new Array(5_000).fill(null)));
    expect(fits(nested, bytes)).toBe(false);
    expect(fits(nested, nested.toBuffer([new Array(5_000).fill(null)]))).toBe(true);
  });

  test('a schema that holds itself ends somewhere', () => {
    const type = avsc.Type.forSchema(
      { type: 'record', name: 'Node', fields: [{ name: 'next', type: ['null', 'Node'] }] },
      { wrapUnions: true },
    );
    expect(fits(type, Buffer.alloc(10_000, 2))).toBe(false);
    expect(fits(type, Buffer.of(2, 2, 0))).toBe(true);
  });

  test('whatever is damaged, reading gives a value or null, soon', () => {
    fc.assert(
      fc.property(fc.nat(body.length - 1), fc.uint8Array({ maxLength: 12 }), (place, bytes) => {
        const damaged = Buffer.concat([body.subarray(0, place), bytes, body.subarray(place + bytes.length)]);
        try {
          twin.read(damaged);
        } catch (error) {
          // Numbers beyond JavaScript's; told as not_avro by whoever asks.
          expect(String(error)).toContain('precision');
        }
      }),
    );
  });

  test('every value that the library writes fits its type', () => {
    const type = avsc.Type.forSchema({
      type: 'record',
      name: 'All',
      fields: [
        ...['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'].map((one, index) => ({
          name: `f${index}`,
          type: one as 'int',
        })),
        { name: 'a', type: { type: 'array', items: ['null', 'string'] } },
        { name: 'm', type: { type: 'map', values: 'long' } },
        { name: 'e', type: { type: 'enum', name: 'E', symbols: ['A', 'B'] } },
        { name: 'x', type: { type: 'fixed', name: 'X', size: 3 } },
      ],
    });
    for (let round = 0; round < 200; round += 1) expect(fits(type, type.toBuffer(type.random()))).toBe(true);
  });
});
