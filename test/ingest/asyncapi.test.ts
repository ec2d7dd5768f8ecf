// The AsyncAPI document: valid by AsyncAPI's own schema, and about the very topics there are.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import specs from '@asyncapi/specs';
import { Ajv, type AnySchemaObject } from 'ajv';
import addFormats from 'ajv-formats';
import avsc from 'avsc';
import { asyncApiOf } from '../../services/ingest/asyncapi.ts';
import { topicSpecs } from '../../services/log/topics.ts';

const text = readFileSync(join(__dirname, '..', '..', 'schemas', 'asyncapi.json'), 'utf8');
const document: Record<string, Record<string, Record<string, unknown>>> = JSON.parse(text);

test('is valid by the schema of AsyncAPI 3', () => {
  const ajv = new Ajv({ meta: false, strict: false, allErrors: true, unicodeRegExp: false });
  addFormats.default(ajv);
  const schema: AnySchemaObject = JSON.parse(JSON.stringify(specs.schemas['3.0.0']));
  ajv.validate(schema, document);
  expect(ajv.errors).toBeNull();
});

test('every reference leads somewhere', () => {
  const references = [...text.matchAll(/"\$ref": "#\/([^"]+)"/g)].map(([, path = '']) => path);
  expect(references.length).toBeGreaterThan(topicSpecs.length);
  for (const path of references) {
    const found = path
      .split('/')
      .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], document);
    expect([path, typeof found]).toEqual([path, 'object']);
  }
});

test('has a channel for every topic, and an operation on each', () => {
  const topics = topicSpecs.map(({ topic }) => topic);
  expect(Object.keys(document['channels'] ?? {})).toEqual(topics);
  const channels = Object.values(document['operations'] ?? {}).map(({ channel }) => channel);
  expect(channels).toEqual(topics.map((topic) => ({ $ref: `#/channels/${topic}` })));
});

test('its Avro schemas are schemas', () => {
  const messages = Object.entries(document['components']?.['messages'] ?? {}).filter(([name]) =>
    name.endsWith('-avro'),
  );
  expect(messages).toHaveLength(8);
  for (const [, message] of messages) {
    const { payload } = message as { payload: { schema: avsc.Schema } };
    expect(avsc.Type.forSchema(payload.schema).typeName).toBe('record');
  }
});

test('names the topics as they are called where it is served', () => {
  expect(asyncApiOf('prod.')).toMatchObject({ channels: { login: { address: 'prod.login' } } });
});
