// Reads plainly written events straight from their bytes, without a string or an object: in a replay most of the time and
// nearly all of the garbage went into making those of events of which a few numbers are kept.
//
// Plain is what nearly every producer writes: one JSON object in ASCII without escapes, every field at most once and just
// as its schema wants it, times in UTC. Whatever else there is, and whatever is wrong, is not plain: decode.ts reads that
// and tells. So nothing here has to say what is wrong, and decode.ts alone decides what is valid.
import type { z } from 'zod';
import { eventBytesMax } from './decode.ts';
import { addressCharactersMax } from './events/parts.ts';
import { hash40OfAscii } from './hash.ts';
import { idCharactersMax } from './ids.ts';
import { type Field, type Layout, layoutOf, type PlainField, plainFields, type ReadAs } from './plain-layout.ts';
import { asciiText, spells, type TextTable } from './text-table.ts';
import { noInstant, parsePlainInstant } from './time.ts';

const quote = 0x22;
const comma = 0x2c;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const space = 0x20;
const opening = 0x7b;
const closing = 0x7d;
const newline = 0x0a;
const [t, f, n] = [0x74, 0x66, 0x6e];

/** What a byte may be part of: nothing plain (0), a text, or an id as well. */
const ofText = 1;
const ofId = 2;
const partOf = new Uint8Array(256);
for (let byte = space; byte <= 0x7e; byte += 1) partOf[byte] = byte === 0x23 || byte === 0x2f ? ofText : ofId;
for (const byte of [quote, 0x5c]) partOf[byte] = 0;

const notPlain = -1;

const fieldsCount = Object.keys(plainFields).length;

/** Reads one event after the other; what it tells is of the last one, which must have been plain. */
export class PlainEvent {
  /** Epoch ms. */
  occurredAt = 0;
  private readonly layouts: ReadonlyMap<string, Layout>;
  private bytes: Uint8Array = new Uint8Array();
  /** Bits of the fields that were there. */
  private seen = 0;
  /** Where the value of each plain field stands; the start is 0 when it was absent or null. */
  private readonly starts = new Int32Array(fieldsCount);
  private readonly ends = new Int32Array(fieldsCount);

  /** By topic. */
  constructor(schemas: Readonly<Record<string, z.ZodType>>) {
    const layouts = Object.entries(schemas).map(([topic, schema]) => [topic, layoutOf(schema)] as const);
    this.layouts = new Map(layouts.flatMap(([topic, layout]) => (layout === null ? [] : [[topic, layout]])));
  }

  /**
   * Reads the value that stands in the bytes from `start` to `end` (exclusive). False when it is not plain, too large, or
   * of a topic that is not read plainly.
   */
  read(topic: string, bytes: Uint8Array, start: number, end: number): boolean {
    const layout = this.layouts.get(topic);
    if (layout === undefined || end - start > eventBytesMax) return false;
    this.bytes = bytes;
    this.seen = 0;
    this.starts.fill(0);
    let at = this.readFields(layout, start);
    if (at === notPlain || (this.seen & layout.required) !== layout.required) return false;
    while (at < end && (bytes[at] === newline || bytes[at] === space)) at += 1;
    // What is read beyond the end belongs to somebody else, so it counts for nothing.
    return at === end;
  }

  /** True when the field was there, and not null. */
  has(field: PlainField): boolean {
    return this.starts[plainFields[field]] !== 0;
  }

  is(field: PlainField, word: string): boolean {
    return spells(this.bytes, this.startOf(field), this.endOf(field), word);
  }

  /** The number of the field's text in a table, which takes it in when it is new. */
  numberIn(table: TextTable, field: PlainField): number {
    return table.numberOfAscii(this.bytes, this.startOf(field), this.endOf(field));
  }

  lengthOf(field: PlainField): number {
    return this.endOf(field) - this.startOf(field);
  }

  textOf(field: PlainField): string {
    return asciiText(this.bytes, this.startOf(field), this.endOf(field));
  }

  /** 40 bits, as of the field's text. */
  hashOf(field: PlainField): number {
    return hash40OfAscii(this.bytes, this.startOf(field), this.endOf(field));
  }

  private startOf(field: PlainField): number {
    return this.starts[plainFields[field]] ?? 0;
  }

  private endOf(field: PlainField): number {
    return this.ends[plainFields[field]] ?? 0;
  }

  /** Answers where the object ends. */
  private readFields(layout: Layout, start: number): number {
    const { bytes } = this;
    if (bytes[start] !== opening) return notPlain;
    for (let at = start + 1, before = 0; ; ) {
      at = skipSpaces(bytes, at);
      if (bytes[at] !== quote) return notPlain;
      const field = this.fieldAt(layout, before, at + 1);
      before = field?.place ?? before;
      const nameEnd = field === undefined ? endOfText(bytes, at + 1, ofText) : at + 1 + field.name.length;
      at = skipSpaces(bytes, nameEnd + 1);
      if (nameEnd === notPlain || bytes[at] !== colon) return notPlain;
      at = skipSpaces(bytes, at + 1);
      at = field === undefined ? endOfOther(bytes, at) : this.readValue(field, at);
      if (at === notPlain) return notPlain;
      at = skipSpaces(bytes, at) + 1;
      if (bytes[at - 1] === closing) return at;
      if (bytes[at - 1] !== comma) return notPlain;
    }
  }

  /**
   * The field whose name begins at `at`; undefined for one that no schema knows. `before`: the place of the one in front.
   * Producers write fields in one order, though some are left out: so what followed last time is tried first.
   */
  private fieldAt({ fields, followers }: Layout, before: number, at: number): Field | undefined {
    const expected = followers[before];
    if (expected !== undefined && isName(this.bytes, at, expected.name)) return expected;
    for (let index = 0; index < fields.length; index += 1) {
      const field = fields[index];
      if (field === undefined || !isName(this.bytes, at, field.name)) continue;
      followers[before] = field;
      return field;
    }
    return undefined;
  }

  /** Answers where the value ends. */
  private readValue({ readAs, words, mayBeNull, bit, number }: Field, at: number): number {
    const { bytes } = this;
    if ((this.seen & bit) !== 0) return notPlain;
    this.seen |= bit;
    const first = bytes[at];
    if (first === n) return mayBeNull ? endOfWord(bytes, at, 'null') : notPlain;
    let start = at;
    let end: number;
    if (first === quote) {
      start += 1;
      end = endOfText(bytes, start, readAs === 'id' ? ofId : ofText);
      if (end === notPlain || !this.takesText(readAs, words, start, end)) return notPlain;
    } else if (readAs === 'flag') {
      end = endOfWord(bytes, at, first === t ? 'true' : 'false');
    } else if (readAs === 'one') {
      end = endOfWord(bytes, at, '1');
    } else {
      end = readAs === 'texts' ? endOfTexts(bytes, at, words) : notPlain;
    }
    if (number >= 0) {
      this.starts[number] = start;
      this.ends[number] = end;
    }
    return first === quote ? end + 1 : end;
  }

  private takesText(readAs: ReadAs, words: readonly string[], start: number, end: number): boolean {
    switch (readAs) {
      case 'text':
        return true;
      case 'id':
        return end - start <= idCharactersMax && isFramed(this.bytes, start, end);
      case 'address':
        return end - start <= addressCharactersMax && isFramed(this.bytes, start, end);
      case 'choice':
        // By index: an iterator for each choice of each event is what garbage is made of.
        for (let index = 0; index < words.length; index += 1) {
          if (spells(this.bytes, start, end, words[index] ?? '')) return true;
        }
        return false;
      case 'instant':
        this.occurredAt = parsePlainInstant(this.bytes, start, end);
        return this.occurredAt !== noInstant;
      case 'flag':
      case 'one':
      case 'texts':
        return false;
    }
  }
}

function isName(bytes: Uint8Array, at: number, name: string): boolean {
  const end = at + name.length;
  return bytes[end] === quote && spells(bytes, at, end, name);
}

/** Not empty, and without a space at either end. */
function isFramed(bytes: Uint8Array, start: number, end: number): boolean {
  return end > start && bytes[start] !== space && bytes[end - 1] !== space;
}

function skipSpaces(bytes: Uint8Array, at: number): number {
  let next = at;
  while (bytes[next] === space) next += 1;
  return next;
}

/** Where the quote stands that ends a text of bytes that are `part` at least. */
function endOfText(bytes: Uint8Array, start: number, part: number): number {
  let at = start;
  while ((partOf[bytes[at] ?? 0] ?? 0) >= part) at += 1;
  return bytes[at] === quote ? at : notPlain;
}

function endOfWord(bytes: Uint8Array, at: number, word: string): number {
  const end = at + word.length;
  return spells(bytes, at, end, word) ? end : notPlain;
}

/** Of an object whose fields of these names, if they are there, are texts or null. */
function endOfTexts(bytes: Uint8Array, start: number, names: readonly string[]): number {
  if (bytes[start] !== opening) return notPlain;
  let at = skipSpaces(bytes, start + 1);
  if (bytes[at] === closing) return at + 1;
  for (;;) {
    if (bytes[at] !== quote) return notPlain;
    const name = at + 1;
    const nameEnd = endOfText(bytes, name, ofText);
    at = skipSpaces(bytes, nameEnd + 1);
    if (nameEnd === notPlain || bytes[at] !== colon) return notPlain;
    at = skipSpaces(bytes, at + 1);
    const isOurs = names.some((one) => isName(bytes, name, one));
    if (isOurs && bytes[at] !== quote && bytes[at] !== n) return notPlain;
    at = endOfOther(bytes, at);
    if (at === notPlain) return notPlain;
    at = skipSpaces(bytes, at) + 1;
    if (bytes[at - 1] === closing) return at;
    if (bytes[at - 1] !== comma) return notPlain;
    at = skipSpaces(bytes, at);
  }
}

/** Of a value that nobody asks for; objects and lists are not plain. */
function endOfOther(bytes: Uint8Array, at: number): number {
  switch (bytes[at]) {
    case quote: {
      const end = endOfText(bytes, at + 1, ofText);
      return end === notPlain ? notPlain : end + 1;
    }
    case t:
      return endOfWord(bytes, at, 'true');
    case f:
      return endOfWord(bytes, at, 'false');
    case n:
      return endOfWord(bytes, at, 'null');
    default:
      return endOfWhole(bytes, at);
  }
}

/** Of a whole number of 0 or more. */
function endOfWhole(bytes: Uint8Array, start: number): number {
  let at = start;
  while (isDigit(bytes[at])) at += 1;
  const isPadded = bytes[start] === zero && at > start + 1;
  return at === start || isPadded ? notPlain : at;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= nine;
}
