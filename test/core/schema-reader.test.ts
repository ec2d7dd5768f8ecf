// The compiled reader against the schemas it is compiled from: it gives exactly what they give, or is not sure.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { z } from 'zod';
import { readBy, unsure } from '../../services/core/schema-reader.ts';
import { type EventTopic, eventSchemas, eventTopics } from '../../services/core/topics.ts';
import { messagesOf, uniformReplay } from '../bench/workload.ts';

/** Throws when the reader gives anything but what the schema gives. */
function agree(schema: z.ZodType, value: unknown): void {
  const read = readBy(schema, value);
  if (read === unsure) return;
  const parsed = schema.safeParse(value);
  expect({ success: parsed.success, data: parsed.data }).toStrictEqual({ success: true, data: read });
}

const folder = path.join(__dirname, '..', '..', 'schemas');

function examplesOf(topic: EventTopic): { name: string; value: unknown }[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.split(path.sep).includes(topic) && file.endsWith('.json'))
    .flatMap((file) => {
      try {
        const value: unknown = JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
        return [{ name: file, value }];
      } catch {
        return [];
      }
    });
}

const odd = fc.oneof(
  fc.constantFrom(
    null,
    '',
    ' ',
    'a/b',
    '2026-02-30T00:00:00Z',
    '2026-02-28T23:59:60Z',
    'x'.repeat(129),
    [],
    {},
    0,
    true,
  ),
  fc.jsonValue(),
);

describe.each(eventTopics.map((topic) => [topic] as const))('%s', (topic) => {
  const schema = eventSchemas[topic];
  const examples = examplesOf(topic);

  test('has examples to compare with', () => {
    expect(examples.length).toBeGreaterThan(0);
  });

  test('every example is read as the schema reads it', () => {
    for (const { value } of examples) agree(schema, value);
  });

  test('examples with odd fields, fields too many and fields missing are read as the schema reads them', () => {
    const changed = fc
      .record({
        example: fc.constantFrom(...examples.map(({ value }) => value)),
        name: fc.oneof(fc.constantFrom(...namesOf(examples)), fc.string()),
        change: fc.oneof(
          fc.constant('leave out' as const),
          odd.map((value) => ({ value })),
        ),
      })
      .map(({ example, name, change }) => {
        if (typeof example !== 'object' || example === null) return example;
        const fields = new Map(Object.entries(example));
        if (change === 'leave out') fields.delete(name);
        else fields.set(name, change.value);
        return Object.fromEntries(fields);
      });
    fc.assert(
      fc.property(changed, (value) => agree(schema, value)),
      { numRuns: 2_000 },
    );
  });

  test('what is no object is read as the schema reads it', () => {
    fc.assert(fc.property(odd, (value) => agree(schema, value)));
  });
});

function namesOf(examples: readonly { value: unknown }[]): string[] {
  const names = new Set(['schemaVersion']);
  for (const { value } of examples) {
    if (typeof value === 'object' && value !== null) for (const name of Object.keys(value)) names.add(name);
  }
  return [...names];
}

test('the reader is sure of the events that make up a replay', () => {
  for (const { topic, text } of messagesOf({ ...uniformReplay, events: 2_000, impersonatedShare: 0.2 })) {
    expect(readBy(eventSchemas[topic], JSON.parse(text))).not.toBe(unsure);
  }
});

test.each([
  ['a default', z.object({ a: z.string().default('b') }), {}],
  ['a refinement', z.object({ a: z.string() }).refine(({ a }) => a === 'b'), { a: 'c' }],
  ['a trimmed text', z.object({ a: z.string().trim() }), { a: ' b ' }],
  ['a refined text', z.object({ a: z.string().refine((a) => a === 'b') }), { a: 'c' }],
  ['unknown fields kept', z.looseObject({ a: z.string() }), { a: 'b', c: 'd' }],
  ['unknown fields refused', z.strictObject({ a: z.string() }), { a: 'b', c: 'd' }],
  ['coercion', z.object({ a: z.coerce.string() }), { a: 1 }],
  ['an email address', z.object({ a: z.email() }), { a: 'b' }],
  [
    'a transform that fails',
    z.object({
      a: z.string().transform((_a, context) => {
        context.issues.push({ code: 'custom', input: _a, message: 'no' });
        return z.NEVER;
      }),
    }),
    { a: 'b' },
  ],
  ['a catch', z.object({ a: z.string().catch('b') }), { a: 1 }],
  ['a field of any value', z.object({ a: z.unknown() }), {}],
  ['a field that may be absent but not undefined', z.object({ a: z.exactOptional(z.string()) }), { a: undefined }],
  ['a field given as undefined', z.object({ a: z.string().optional() }), { a: undefined }],
  ['an array for an object', z.object({ a: z.string().optional() }), []],
] as const)('a schema with %s is read as the schema reads it', (_name, schema, value) => {
  agree(schema, value);
});
