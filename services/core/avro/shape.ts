// What the events of a topic hold, told without zod: what Avro schemas are made of, and values read by them.
import { z } from 'zod';

export type Shape =
  /** `allowed`: the only texts there may be; null for any. */
  | { readonly kind: 'text'; readonly allowed: readonly string[] | null }
  | { readonly kind: 'instant' | 'date' | 'whole' | 'flag' }
  | { readonly kind: 'list'; readonly of: Shape }
  | RecordShape;

export type RecordShape = { readonly kind: 'record'; readonly fields: readonly ShapeField[] };

export type ShapeField = {
  readonly name: string;
  readonly shape: Shape;
  readonly required: boolean;
  /** A sentence for people; null where the name says it all. */
  readonly about: string | null;
};

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** The shape of what goes over the wire. Throws for a schema that is not an object of such things; ours all are. */
export function shapeOf(schema: z.ZodType): RecordShape {
  const shape = read(z.toJSONSchema(schema, { io: 'input' }));
  if (shape.kind !== 'record') throw new TypeError('the schema of a topic must be an object');
  return shape;
}

function read(schema: JsonSchema): Shape {
  const branches = (schema.anyOf ?? schema.oneOf ?? []).flatMap((branch) =>
    typeof branch === 'object' && branch.type !== 'null' ? [branch] : [],
  );
  if (branches.length > 1) return merge(branches.map(read));
  if (branches[0] !== undefined) return read(branches[0]);
  if (schema.properties !== undefined) return { kind: 'record', fields: fieldsOf(schema) };
  switch (typeOf(schema)) {
    case 'string':
      return schema.format === 'date-time'
        ? { kind: 'instant' }
        : schema.format === 'date'
          ? { kind: 'date' }
          : textOf(schema);
    case 'integer':
    case 'number':
      return { kind: 'whole' };
    case 'boolean':
      return { kind: 'flag' };
    case 'array':
      if (typeof schema.items === 'object' && !Array.isArray(schema.items))
        return { kind: 'list', of: read(schema.items) };
  }
  throw new TypeError(`no shape is known of ${JSON.stringify(schema)}`);
}

function typeOf({ type }: JsonSchema): string | undefined {
  const types: readonly string[] = Array.isArray(type) ? type : type === undefined ? [] : [type];
  return types.find((one) => one !== 'null');
}

function textOf(schema: JsonSchema): Shape {
  return { kind: 'text', allowed: schema.enum === undefined ? null : schema.enum.map(String) };
}

function fieldsOf({ properties = {}, required = [] }: JsonSchema): readonly ShapeField[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    if (typeof schema !== 'object') return [];
    return [{ name, shape: read(schema), required: required.includes(name), about: schema.description ?? null }];
  });
}

/** One record for several that stand for each other: what all of them ask for is required. */
function merge(shapes: readonly Shape[]): Shape {
  const records = shapes.filter((shape) => shape.kind === 'record');
  if (records.length < shapes.length) throw new TypeError('only objects may stand for each other');
  const merged = new Map<string, ShapeField>();
  for (const { fields } of records)
    for (const field of fields) if (!merged.has(field.name)) merged.set(field.name, field);
  const isRequired = (name: string) =>
    records.every(({ fields }) => fields.some((field) => field.name === name && field.required));
  const fields = [...merged.values()].map((field) => ({ ...field, required: isRequired(field.name) }));
  return { kind: 'record', fields };
}
