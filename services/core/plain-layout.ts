// How the fields of a schema are read from plain bytes, taken from the schema itself, so that there is nothing to keep in
// step: a schema with a field that is not known here is never read plainly.
import { z } from 'zod';
import { Address } from './events/parts.ts';
import { EventId } from './ids.ts';
import { Instant } from './time.ts';

/** The fields that somebody asks a plain event for, numbered; the others are read over. */
export const plainFields = {
  firmId: 0,
  clientId: 1,
  sessionId: 2,
  messageId: 3,
  outcome: 4,
  interactive: 5,
  userAgent: 6,
  impersonatedBy: 7,
  status: 8,
  category: 9,
  direction: 10,
} as const;
export type PlainField = keyof typeof plainFields;

/** `texts`: an object in which the words name the fields that must be text or null; `flag` and the like: a word alone. */
export type ReadAs = 'id' | 'instant' | 'address' | 'text' | 'choice' | 'flag' | 'one' | 'texts';

export type Field = {
  readonly name: string;
  readonly readAs: ReadAs;
  /** What may be chosen from, or the fields of an object of texts. */
  readonly words: readonly string[];
  readonly mayBeNull: boolean;
  /** Its place among the fields of the event, counted from 1, and a bit of its own. */
  readonly place: number;
  readonly bit: number;
  /** Its place among the plain fields; -1 when nobody asks for it. */
  readonly number: number;
};

export type Layout = {
  readonly fields: readonly Field[];
  /** The bits of the fields that must be there. */
  readonly required: number;
  /** Which field came after which in the events before, by the place of the first in `fields`; at 0 the one that led. */
  readonly followers: (Field | undefined)[];
};

const fieldsMax = 31;

/** Null for a schema that is not read plainly. */
export function layoutOf(schema: z.ZodType): Layout | null {
  if (!(schema instanceof z.ZodObject) || schema.def.catchall !== undefined) return null;
  if ((schema.def.checks ?? []).length > 0 || Object.keys(schema.shape).length > fieldsMax) return null;
  const fields: Field[] = [];
  let required = 0;
  for (const [name, value] of Object.entries(schema.shape)) {
    const read = readingOf(value);
    if (read === null) return null;
    const bit = 1 << fields.length;
    const number = Object.entries(plainFields).find(([field]) => field === name)?.[1] ?? -1;
    const place = fields.length + 1;
    fields.push({ name, readAs: read.readAs, words: read.words, mayBeNull: read.mayBeNull, place, bit, number });
    if (!read.mayBeAbsent) required |= bit;
  }
  return { fields, required, followers: [] };
}

type Reading = Pick<Field, 'readAs' | 'words' | 'mayBeNull'> & { readonly mayBeAbsent: boolean };

function readingOf(schema: z.core.$ZodType): Reading | null {
  if (schema instanceof z.ZodOptional) {
    const inner = readingOf(schema.def.innerType);
    return inner === null ? null : { ...inner, mayBeAbsent: true };
  }
  if (schema instanceof z.ZodNullable) {
    const inner = readingOf(schema.def.innerType);
    return inner === null ? null : { ...inner, mayBeNull: true };
  }
  const known = (readAs: ReadAs, words: readonly string[] = []) => {
    return { readAs, words, mayBeNull: false, mayBeAbsent: false };
  };
  // A description makes another schema of the same definition.
  const { def } = schema._zod;
  if (def === EventId.def) return known('id');
  if (def === Instant.def) return known('instant');
  if (def === Address.def) return known('address');
  if ((def.checks ?? []).length > 0) return null;
  if (schema instanceof z.ZodString) return known('text');
  if (schema instanceof z.ZodBoolean) return known('flag');
  if (schema instanceof z.ZodLiteral)
    return schema.def.values.length === 1 && schema.def.values[0] === 1 ? known('one') : null;
  if (schema instanceof z.ZodEnum) return known('choice', Object.values(schema.def.entries).map(String));
  if (schema instanceof z.ZodObject) return textsIn(schema) ? known('texts', Object.keys(schema.shape)) : null;
  // What becomes of a flag that is absent is for whoever asks for it to know.
  if (schema instanceof z.ZodPipe && schema.def.out instanceof z.ZodTransform) {
    const inner = readingOf(schema.def.in);
    return inner?.readAs === 'flag' ? inner : null;
  }
  return null;
}

function textsIn(schema: z.ZodObject): boolean {
  if (schema.def.catchall !== undefined) return false;
  return Object.values(schema.shape).every((value) => {
    const inner = readingOf(value);
    return inner?.readAs === 'text' && inner.mayBeNull && inner.mayBeAbsent;
  });
}
