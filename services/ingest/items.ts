// Cuts a request body into its events, each with its original bytes, so that what a producer wrote reaches the log unchanged.
import { readText } from '../log/codec.ts';

/** One event of a body. `value` is missing where the bytes are not JSON. */
export type Item = { readonly bytes: Uint8Array; readonly parsed: { readonly value: unknown } | null };

const comma = 0x2c;
const quote = 0x22;
const backslash = 0x5c;
const lineFeed = 0x0a;
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d];

/** One event or an array of them. A body that is not JSON as a whole is one item that is not JSON. */
export function itemsOfJson(body: Uint8Array): readonly Item[] {
  const bytes = trim(withoutMark(body));
  if (bytes.length === 0) return [];
  const parsed = parse(bytes);
  if (parsed === null || !Array.isArray(parsed.value)) return [{ bytes, parsed }];
  const values: readonly unknown[] = parsed.value;
  const pieces = cutArray(bytes);
  if (pieces.length !== values.length) throw new Error(`cut ${pieces.length} events from an array of ${values.length}`);
  return pieces.map((piece, index) => ({ bytes: piece, parsed: { value: values[index] } }));
}

/** One event a line; blank lines are no events. Lines end with LF or CRLF. */
export function itemsOfLines(body: Uint8Array): readonly Item[] {
  const bytes = withoutMark(body);
  const items: Item[] = [];
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(lineFeed, start);
    const end = found === -1 ? bytes.length : found;
    const line = trim(bytes.subarray(start, end));
    if (line.length > 0) items.push({ bytes: line, parsed: parse(line) });
    start = end + 1;
  }
  return items;
}

function parse(bytes: Uint8Array): { readonly value: unknown } | null {
  const text = readText(bytes);
  if (text === null) return null;
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

/**
 * The bytes of each element of a JSON array. Only for bytes that JSON.parse has accepted, so brackets match; in UTF-8 no
 * part of a longer character looks like ASCII.
 */
function cutArray(bytes: Uint8Array): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let depth = 0;
  let inText = false;
  let start = 1;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (inText) {
      if (byte === backslash) at += 1;
      else if (byte === quote) inText = false;
    } else if (byte === quote) inText = true;
    else if (byte === openBracket || byte === openBrace) depth += 1;
    else if (byte === closeBracket || byte === closeBrace) depth -= 1;
    else if (byte === comma && depth === 1) {
      pieces.push(trim(bytes.subarray(start, at)));
      start = at + 1;
    }
  }
  const last = trim(bytes.subarray(start, bytes.length - 1));
  if (last.length > 0) pieces.push(last);
  return pieces;
}

/** Without JSON's white space around it. */
function trim(bytes: Uint8Array): Uint8Array {
  let [start, end] = [0, bytes.length];
  while (start < end && isSpace(bytes[start])) start += 1;
  while (end > start && isSpace(bytes[end - 1])) end -= 1;
  return bytes.subarray(start, end);
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

/** Some editors put a byte-order mark in front of UTF-8. */
function withoutMark(body: Uint8Array): Uint8Array {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body;
}
