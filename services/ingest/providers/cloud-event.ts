// Reads a CloudEvent 1.0 however it travels: structured (all in the body) or binary (attributes in headers, data in the
// body), over HTTP (`ce-…`) or Kafka (`ce_…`). Batches are arrays, which were cut before.
import { at, isObject, textAt, textOf } from './look.ts';

export type CloudEvent = {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** All attributes by name, these three and extensions too. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly data: unknown;
};

/** `fault` names what is missing or wrong. */
export function readCloudEvent(
  body: unknown,
  headers: Readonly<Record<string, string>>,
): CloudEvent | { readonly fault: string } {
  const isBinary = headers['ce-specversion'] !== undefined || headers['ce_specversion'] !== undefined;
  const attributes = isBinary ? attributesOfHeaders(headers) : attributesOfBody(body);
  if (attributes === null)
    return { fault: 'body: must be a CloudEvent, an object, or its data with the rest in headers' };
  const version = attributes['specversion'];
  if (version === undefined) return { fault: 'specversion: is missing' };
  if (!/^1\.\d+$/.test(version)) return { fault: 'specversion: must be 1.0' };
  const { id, source, type } = attributes;
  if (id === undefined) return { fault: 'id: is missing' };
  if (source === undefined) return { fault: 'source: is missing' };
  if (type === undefined) return { fault: 'type: is missing' };
  return { id, source, type, attributes, data: isBinary ? dataOf(body) : dataOfStructured(body) };
}

function attributesOfBody(body: unknown): Readonly<Record<string, string>> | null {
  if (!isObject(body)) return null;
  const found = Object.entries(body).flatMap(([name, value]) => {
    if (name === 'data' || name === 'data_base64') return [];
    const text = typeof value === 'boolean' ? String(value) : textOf(value);
    return text === null ? [] : [[name, text] as const];
  });
  return Object.fromEntries(found);
}

/** HTTP writes what is not plain ASCII with percent signs; a value that is not written so stays as it is. */
function attributesOfHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const found = Object.entries(headers).flatMap(([name, value]) => {
    const http = name.startsWith('ce-');
    if (!http && !name.startsWith('ce_')) return [];
    const text = (http ? decoded(value) : value).trim();
    return text === '' ? [] : [[name.slice(3), text] as const];
  });
  return Object.fromEntries(found);
}

function decoded(value: string): string {
  const text = value.startsWith('"') && value.endsWith('"') && value.length > 1 ? value.slice(1, -1) : value;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function dataOfStructured(body: unknown): unknown {
  const packed = textAt(body, 'data_base64');
  return dataOf(packed === null ? at(body, 'data') : Buffer.from(packed, 'base64').toString('utf8'));
}

/** JSON that was sent as text reads as what it says; what its content type claims does not matter. */
function dataOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
