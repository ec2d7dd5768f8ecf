// The Avro twin of a topic's schema: what producers write their events by, and what we read them by unless they say otherwise.
import { type EventTopic, eventSchemas, eventTopics } from '../topics.ts';
import { type RecordShape, type Shape, type ShapeField, shapeOf } from './shape.ts';

export const avroNamespace = 'signalfold';

export type AvroSchema =
  | string
  | readonly AvroSchema[]
  | { readonly type: 'array'; readonly items: AvroSchema }
  | { readonly type: 'enum'; readonly name: string; readonly symbols: readonly string[] }
  | { readonly type: 'long' | 'int'; readonly logicalType: string }
  | AvroRecord;

export type AvroRecord = {
  readonly type: 'record';
  readonly name: string;
  readonly namespace?: string;
  readonly doc?: string;
  readonly fields: readonly AvroField[];
};

export type AvroField = {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly doc?: string;
  readonly type: AvroSchema;
  readonly default?: null | readonly [];
};

/** Names the fields to be cleared: in JSON null clears and absence keeps, and Avro cannot tell the two apart. */
export const clearedField = 'cleared';

/** Avro takes no hyphen in the symbol of an enum. */
const symbolPattern = /^[A-Za-z_][A-Za-z0-9_]*$/;

export const topicShapes: Readonly<Record<EventTopic, RecordShape>> = {
  login: shapeOf(eventSchemas.login),
  impersonation: shapeOf(eventSchemas.impersonation),
  email: shapeOf(eventSchemas.email),
  message: shapeOf(eventSchemas.message),
  client: shapeOf(eventSchemas.client),
  'portal-access': clearable(shapeOf(eventSchemas['portal-access'])),
  'portal-activity': shapeOf(eventSchemas['portal-activity']),
  'support-request': shapeOf(eventSchemas['support-request']),
};

function clearable({ fields }: RecordShape): RecordShape {
  const about =
    'Fields that lose their value, as "expiresOn" or "permissions.write". A null elsewhere keeps what stood there.';
  const shape: Shape = { kind: 'list', of: { kind: 'text', allowed: null } };
  return { kind: 'record', fields: [...fields, { name: clearedField, shape, required: false, about }] };
}

export const avroTwins: ReadonlyMap<EventTopic, AvroRecord> = new Map(
  eventTopics.map((topic) => [topic, twinOf(topic)]),
);

function twinOf(topic: EventTopic): AvroRecord {
  const { description } = eventSchemas[topic].meta() ?? {};
  const { name, fields } = recordOf(pascal(topic), topicShapes[topic]);
  return {
    type: 'record',
    name,
    namespace: avroNamespace,
    ...(description === undefined ? {} : { doc: description }),
    fields,
  };
}

function recordOf(name: string, { fields }: RecordShape): AvroRecord {
  return { type: 'record', name, fields: fields.map((field) => fieldOf(name, field)) };
}

function fieldOf(owner: string, { name, shape, required, about }: ShapeField): AvroField {
  const aliases = aliasesOf(name);
  const type = typeOf(`${owner}${pascal(name)}`, shape);
  return {
    name,
    ...(aliases.length === 0 ? {} : { aliases }),
    ...(about === null ? {} : { doc: about }),
    ...(required ? { type } : { type: ['null', type], default: null }),
  };
}

/** As most Avro producers write names: "occurred_at". */
export function aliasesOf(name: string): readonly string[] {
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return snake === name ? [] : [snake];
}

function typeOf(name: string, shape: Shape): AvroSchema {
  switch (shape.kind) {
    case 'text':
      // "set-up" makes all of its kind plain text.
      return shape.allowed?.every((symbol) => symbolPattern.test(symbol)) === true
        ? { type: 'enum', name, symbols: shape.allowed }
        : 'string';
    case 'instant':
      return { type: 'long', logicalType: 'timestamp-millis' };
    case 'date':
      return { type: 'int', logicalType: 'date' };
    case 'whole':
      return 'long';
    case 'flag':
      return 'boolean';
    case 'list':
      return { type: 'array', items: typeOf(name, shape.of) };
    case 'record':
      return recordOf(name, shape);
  }
}

function pascal(name: string): string {
  return name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
