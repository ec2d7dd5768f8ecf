// Avro values as producers write them, by the library's own writer, in both framings.
import avsc from 'avsc';
import type { RecordShape, Shape } from '../../../services/core/avro/shape.ts';
import { avroTwins, clearedField, topicShapes } from '../../../services/core/avro/twin.ts';
import type { EventTopic } from '../../../services/core/topics.ts';
import { parseWriter, writerFingerprint } from '../../../services/log/avro/reader.ts';

/** An event written by any schema. */
export function encode(schema: object, value: unknown): Buffer {
  return avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: false }).toBuffer(value);
}

export function singleObject(schema: object, value: unknown): Buffer {
  const head = Buffer.from([0xc3, 0x01, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeBigUInt64LE(writerFingerprint(parseWriter(JSON.stringify(schema))), 2);
  return Buffer.concat([head, encode(schema, value)]);
}

export function framed(id: number, body: Uint8Array): Buffer {
  const head = Buffer.from([0, 0, 0, 0, 0]);
  head.writeUInt32BE(id, 1);
  return Buffer.concat([head, body]);
}

export function twinOf(topic: EventTopic): object {
  const twin = avroTwins.get(topic);
  if (twin === undefined) throw new Error(`${topic} has no twin`);
  return twin;
}

/** An event in JSON as our own schema of the topic has it: times as numbers, what is cleared by its name. */
export function asTwin(topic: EventTopic, event: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const written = fieldsOf(topicShapes[topic], event);
  const cleared = topic === 'portal-access' ? nullsOf(event, topicShapes[topic]) : [];
  return cleared.length === 0 ? written : { ...written, [clearedField]: cleared };
}

function fieldsOf({ fields }: RecordShape, event: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    fields.flatMap(({ name, shape }) => {
      const value = event[name];
      return value === undefined || value === null ? [] : [[name, asAvro(shape, value)]];
    }),
  );
}

function asAvro(shape: Shape, value: unknown): unknown {
  if (shape.kind === 'instant') return Date.parse(String(value).replace(/(\.\d{3})\d+/, '$1'));
  if (shape.kind === 'date') return Date.parse(`${value}T00:00:00Z`) / 86_400_000;
  return shape.kind === 'record' ? fieldsOf(shape, value as Record<string, unknown>) : value;
}

function nullsOf(event: Readonly<Record<string, unknown>>, { fields }: RecordShape, before = ''): readonly string[] {
  return fields.flatMap(({ name, shape }) => {
    const value = event[name];
    if (value === null) return [`${before}${name}`];
    return shape.kind === 'record' && typeof value === 'object'
      ? nullsOf(value as Record<string, unknown>, shape, `${name}.`)
      : [];
  });
}
