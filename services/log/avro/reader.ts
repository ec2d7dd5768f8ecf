// Reads values of a producer's schema as events of a topic, by Avro's rules of resolution: fields by name or alias, defaults,
// promotions, unions. Names of records are not compared: the topic says what a message is.
import avsc, { type Type } from 'avsc';
import type { RecordShape, Shape } from '../../core/avro/shape.ts';
import { aliasesOf, avroTwins, clearedField, topicShapes } from '../../core/avro/twin.ts';
import { dayMs, formatInstant, instantMax, instantMin } from '../../core/time.ts';
import type { EventTopic } from '../../core/topics.ts';
import { fits } from './bounds.ts';
import { fingerprintOf } from './framing.ts';

/** Of each schema, what reads it. */
export type EventReader = {
  /** The event as JSON would have it, for decode to judge; null when the bytes are not of that schema. */
  read(body: Uint8Array): { readonly value: unknown } | null;
};

export type Writer = { readonly type: Type; readonly schema: unknown; readonly names: readonly Type[] };

/** `references`: schemas that the schema names, each before whoever names it. Throws an Error that says what is wrong. */
export function parseWriter(schema: string, references: readonly string[] = []): Writer {
  const registry: Record<string, Type> = {};
  const parse = (text: string) => avsc.Type.forSchema(JSON.parse(text), { registry, wrapUnions: true });
  for (const reference of references) parse(reference);
  return { type: parse(schema), schema: JSON.parse(schema), names: Object.values(registry) };
}

export function writerFingerprint({ type }: Writer): bigint {
  return fingerprintOf(JSON.stringify(type.schema()));
}

/** Our own schemas, as producers write by them. */
export function twinWriter(topic: EventTopic): Writer {
  return parseWriter(JSON.stringify(avroTwins.get(topic)));
}

/** Throws an Error that names the clash. */
export function openReader(topic: EventTopic, writer: Writer): EventReader {
  const shape = topicShapes[topic];
  if (writer.type.typeName !== 'record')
    throw new Error(`the writer's schema is of type ${writer.type.typeName}, not a record`);
  const reader = readerType(shape, writer);
  const resolver = resolve(reader, shape, writer);
  const units = unitsOf(writer.schema);
  return {
    read(body) {
      if (!fits(writer.type, body)) return null;
      const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
      const fields: unknown = reader.fromBuffer(buffer, resolver);
      const event = recordValue(shape, fields, units);
      return { value: clear(shape, event) };
    },
  };
}

type ReaderSchema = Type | string | readonly ReaderSchema[] | { readonly [key: string]: unknown };

/**
 * What we read as: our fields, each of which may be missing, because it is decode that tells what a message lacks; and the
 * writer's own enums wherever we take text. It goes by all of the writer's names.
 */
function readerType(shape: RecordShape, writer: Writer): Type {
  const namesOf = (kind: string) => writer.names.filter(({ typeName }) => typeName === kind);
  const aliases = namesOf('record').map(({ name }) => name);
  const enums = namesOf('enum');
  let records = 0;
  const typeOf = (of: Shape): readonly ReaderSchema[] => {
    switch (of.kind) {
      case 'text':
        return ['null', 'string', ...enums];
      case 'instant':
        return ['null', 'string', 'long'];
      case 'date':
        return ['null', 'string', 'int'];
      case 'whole':
        return ['null', 'long'];
      case 'flag':
        return ['null', 'boolean'];
      case 'list':
        return ['null', { type: 'array', items: typeOf(of.of) }];
      case 'record':
        return ['null', recordOf(of)];
    }
  };
  const recordOf = ({ fields }: RecordShape): { readonly [key: string]: unknown } => {
    records += 1;
    return {
      type: 'record',
      name: `SignalfoldRecord${records}`,
      aliases,
      fields: fields.map(({ name, shape: of }) => ({
        name,
        aliases: aliasesOf(name),
        type: typeOf(of),
        default: null,
      })),
    };
  };
  return avsc.Type.forSchema(recordOf(shape) as avsc.Schema, { wrapUnions: true });
}

function resolve(reader: Type, shape: RecordShape, writer: Writer): avsc.Resolver {
  try {
    return reader.createResolver(writer.type);
  } catch (error) {
    // The library names types and not the field; each alone tells.
    const clashes = shape.fields.filter((field) => !resolves({ kind: 'record', fields: [field] }, writer));
    const named = clashes.map(({ name, shape: { kind } }) => `${name}: the writer's type cannot be read as ${kind}`);
    throw new Error(named.length > 0 ? named.join('; ') : messageOf(error));
  }
}

function resolves(shape: RecordShape, writer: Writer): boolean {
  try {
    readerType(shape, writer).createResolver(writer.type);
    return true;
  } catch {
    return false;
  }
}

/** What the whole numbers of the writer's fields count, by the field's name. */
type Units = ReadonlyMap<string, string>;

function unitsOf(schema: unknown): Units {
  const fields = fieldOf(schema, 'fields');
  const listed: readonly unknown[] = Array.isArray(fields) ? fields : [];
  return new Map(
    listed.flatMap((field) => {
      const [name, type] = [fieldOf(field, 'name'), fieldOf(field, 'type')];
      const branches: readonly unknown[] = Array.isArray(type) ? type : [type];
      const logical = branches.map((branch) => fieldOf(branch, 'logicalType')).find((one) => typeof one === 'string');
      return typeof name === 'string' && typeof logical === 'string' ? [[name, logical] as const] : [];
    }),
  );
}

/** Null is absent: Avro has no other word for it. */
function recordValue({ fields }: RecordShape, held: unknown, units: Units): Record<string, unknown> {
  return Object.fromEntries(
    fields.flatMap(({ name, shape }) => {
      const unit = [name, ...aliasesOf(name)].map((one) => units.get(one)).find((one) => one !== undefined);
      const value = plain(shape, fieldOf(held, name), unit);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** Out of the wrapping of its union, `{string: …}`. */
function plain(shape: Shape, wrapped: unknown, unit: string | undefined): unknown {
  if (typeof wrapped !== 'object' || wrapped === null) return undefined;
  const [value]: readonly unknown[] = Object.values(wrapped);
  switch (shape.kind) {
    case 'text':
      return typeof value === 'string' ? spelt(value, shape.allowed) : value;
    case 'instant':
      return typeof value === 'number' ? instantText(value, unit) : value;
    case 'date':
      return typeof value === 'number' ? (instantText(value * dayMs, undefined).split('T')[0] ?? '') : value;
    case 'whole':
    case 'flag':
      return value;
    case 'list':
      return Array.isArray(value) ? value.map((one) => plain(shape.of, one, undefined)) : value;
    case 'record':
      return recordValue(shape, value, new Map());
  }
}

/** "SET_UP" is how enums write "set-up". */
function spelt(value: string, allowed: readonly string[] | null): string {
  if (allowed === null || allowed.includes(value)) return value;
  const other = value.toLowerCase().replaceAll('_', '-');
  return allowed.includes(other) ? other : value;
}

function instantText(value: number, unit: string | undefined): string {
  const ms = unit?.endsWith('-micros') === true ? Math.floor(value / 1000) : value;
  return ms >= instantMin && ms <= instantMax ? formatInstant(ms) : String(value);
}

/** Puts null where `cleared` names a field, as JSON clears one. */
function clear({ fields }: RecordShape, { [clearedField]: cleared, ...event }: Record<string, unknown>): unknown {
  if (!Array.isArray(cleared)) return event;
  for (const { name, shape } of fields) {
    if (cleared.includes(name)) event[name] = null;
    else if (shape.kind === 'record') {
      const inner = shape.fields.filter((field) => cleared.includes(`${name}.${field.name}`));
      const nulls = Object.fromEntries(inner.map((field) => [field.name, null]));
      if (inner.length > 0) event[name] = { ...(event[name] ?? {}), ...nulls };
    }
  }
  return event;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
