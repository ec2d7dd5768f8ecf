// Reads what follows a schema several times faster than the schema does. It is compiled once from the schema itself, so
// there is nothing to keep in step; it only ever says "here it is" or "not sure", and for what is not plainly right the
// schema is asked, which also says what is wrong. In a replay zod took more time and memory than folding.
import { z } from 'zod';

/** Not plainly right: the schema has to be asked. */
export const unsure = Symbol('unsure');

type Reader = (value: unknown) => unknown;

const compiled = new WeakMap<z.ZodType, Reader>();

/** Answers what `schema.parse` would, or that it is not sure. Compiles the schema at its first use. */
export function readBy<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> | typeof unsure {
  let read = compiled.get(schema);
  if (read === undefined) {
    read = readerOf(schema);
    compiled.set(schema, read);
  }
  const found = read(value);
  return isOutput(schema, found) ? found : unsure;
}

/** What a reader compiled from the schema found is what the schema gives: its tests hold the two against each other. */
function isOutput<Schema extends z.ZodType>(_schema: Schema, found: unknown): found is z.output<Schema> {
  return found !== unsure;
}

function readerOf(schema: z.core.$ZodType): Reader {
  // Checks of anything but strings (sizes, refinements) are left to the schema.
  const isChecked = (schema._zod.def.checks ?? []).length > 0;
  if (schema instanceof z.ZodString) return stringReader(schema) ?? asking(schema);
  if (isChecked) return asking(schema);
  if (schema instanceof z.ZodObject && schema.def.catchall === undefined) return objectReader(schema);
  if (schema instanceof z.ZodOptional) return optionalReader(schema.def.innerType);
  if (schema instanceof z.ZodNullable) return sparingNull(readerOf(schema.def.innerType));
  if (schema instanceof z.ZodBoolean) return (value) => (typeof value === 'boolean' ? value : unsure);
  if (schema instanceof z.ZodEnum) return oneOf(Object.values(schema.def.entries));
  if (schema instanceof z.ZodLiteral) return oneOf(schema.def.values);
  if (schema instanceof z.ZodPipe && schema.def.out instanceof z.ZodTransform) {
    return transforming(readerOf(schema.def.in), schema.def.out);
  }
  return asking(schema);
}

function asking(schema: z.core.$ZodType): Reader {
  return (value) => {
    const parsed = z.core.safeParse(schema, value);
    return parsed.success ? parsed.data : unsure;
  };
}

function sparingNull(read: Reader): Reader {
  return (value) => (value === null ? value : read(value));
}

/** What may be absent may nearly always be null too. */
function optionalReader(inner: z.core.$ZodType): Reader {
  if (inner instanceof z.ZodNullable) {
    const read = readerOf(inner.def.innerType);
    return (value) => (value === undefined || value === null ? value : read(value));
  }
  const read = readerOf(inner);
  return (value) => (value === undefined ? value : read(value));
}

function oneOf(allowed: readonly unknown[]): Reader {
  return (value) => (allowed.includes(value) ? value : unsure);
}

/**
 * Writes out a function for the very fields of this object, as zod does too: reading and setting fields by computed names
 * would take three times as long. The text is made of the schema's own field names, quoted; nothing of a message gets in.
 */
function objectReader(schema: z.ZodObject): Reader {
  if (!z.core.util.allowsEval.value) return asking(schema);
  const fields = Object.entries(schema.def.shape).map(([name, field], index) => {
    const isOptional = field instanceof z.ZodOptional;
    return { name: JSON.stringify(name), variable: `field${index}`, read: readerOf(field), isOptional };
  });
  const lines = [
    `const [${fields.map((_field, index) => `read${index}`).join(', ')}] = readers;`,
    'return (value) => {',
    "if (typeof value !== 'object' || value === null || Array.isArray(value)) return unsure;",
    ...fields.flatMap(({ name, variable, isOptional }, index) => [
      `const ${variable} = read${index}(value[${name}]);`,
      `if (${variable} === unsure${isOptional ? '' : ` || ${variable} === undefined`}) return unsure;`,
    ]),
    `const found = { ${fields
      .filter((field) => !field.isOptional)
      .map(({ name, variable }) => `${name}: ${variable}`)
      .join(', ')} };`,
    ...fields.flatMap(({ name, variable, isOptional }) =>
      isOptional ? [`if (${variable} !== undefined || ${name} in value) found[${name}] = ${variable};`] : [],
    ),
    'return found;',
    '};',
  ];
  const write = new Function('readers', 'unsure', lines.join('\n'));
  const reader: Reader = write(
    fields.map(({ read }) => read),
    unsure,
  );
  return reader;
}

/** Of text with at most one pattern, which is all that most of it has; null for other checks. */
function stringReader(schema: z.ZodString): Reader | null {
  const [check, ...more] = schema.def.checks ?? [];
  if (check === undefined) return (value) => (typeof value === 'string' ? value : unsure);
  if (more.length > 0 || !(check instanceof z.core.$ZodCheckRegex)) return null;
  const { pattern } = check._zod.def;
  return (value) => (typeof value === 'string' && pattern.test(value) ? value : unsure);
}

/** A transform that finds fault says so through its context. */
function transforming(read: Reader, out: z.ZodTransform): Reader {
  const { transform } = out.def;
  let isFaulty = false;
  const addIssue = () => {
    isFaulty = true;
  };
  return (value) => {
    const found = read(value);
    if (found === unsure) return unsure;
    isFaulty = false;
    const payload = { value: found, issues: [], addIssue };
    const transformed = transform(found, payload);
    return isFaulty || payload.issues.length > 0 ? unsure : transformed;
  };
}
