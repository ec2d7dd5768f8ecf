// Whether bytes can be a value of an Avro type at all. The library believes the lengths and counts it reads, so a few bytes
// that claim a billion elements would take all memory before anything is noticed.
import type { Type, types } from 'avsc';

/** No event nests deeper; a recursive schema might. */
const depthMax = 32;
/** Elements of a value without any bytes (nulls) are bounded by nothing else. */
const emptyElementsMax = 10_000;
/** Of one value, however deep they lie. */
type Empties = { left: number };

/** True when a value of the type takes exactly these bytes. */
export function fits(type: Type, bytes: Uint8Array): boolean {
  return skip(type, bytes, 0, 0, { left: emptyElementsMax }) === bytes.length;
}

const broken = -1;

/** Where the value ends that begins at `at`; `broken` when there is none. */
function skip(type: Type, bytes: Uint8Array, at: number, depth: number, empties: Empties): number {
  if (at < 0 || depth > depthMax) return broken;
  switch (type.typeName) {
    case 'null':
      return at;
    case 'boolean':
      return within(bytes, at + 1);
    case 'float':
      return within(bytes, at + 4);
    case 'double':
      return within(bytes, at + 8);
    case 'fixed':
      return within(bytes, at + (type as types.FixedType).size);
    case 'int':
    case 'long':
    case 'enum':
      return readLong(bytes, at).end;
    case 'string':
    case 'bytes': {
      const length = readLong(bytes, at);
      return length.value < 0 ? broken : within(bytes, length.end + length.value);
    }
    case 'array':
      return skipBlocks(bytes, at, empties, (from) =>
        skip((type as types.ArrayType).itemsType, bytes, from, depth + 1, empties),
      );
    case 'map':
      return skipBlocks(bytes, at, empties, (from) => {
        const key = readLong(bytes, from);
        const end = key.value < 0 ? broken : within(bytes, key.end + key.value);
        return skip((type as types.MapType).valuesType, bytes, end, depth + 1, empties);
      });
    case 'record':
    case 'error': {
      let end = at;
      for (const field of (type as types.RecordType).fields) end = skip(field.type, bytes, end, depth + 1, empties);
      return end;
    }
    default: {
      if (type.typeName.startsWith('logical:'))
        return skip((type as types.LogicalType).underlyingType, bytes, at, depth, empties);
      if (!type.typeName.startsWith('union:')) return broken;
      const index = readLong(bytes, at);
      const branch = (type as types.UnwrappedUnionType).types[index.value];
      return branch === undefined ? broken : skip(branch, bytes, index.end, depth + 1, empties);
    }
  }
}

/** Blocks of elements, each led by how many it holds; a negative number is followed by the size of the block. */
function skipBlocks(bytes: Uint8Array, at: number, empties: Empties, skipOne: (from: number) => number): number {
  for (let end = at; end >= 0; ) {
    const count = readLong(bytes, end);
    if (count.end < 0) return broken;
    end = count.end;
    if (count.value === 0) return end;
    if (count.value < 0) end = readLong(bytes, end).end;
    for (let left = Math.abs(count.value); left > 0 && end >= 0; left -= 1) {
      const next = skipOne(end);
      if (next === end) empties.left -= 1;
      if (empties.left < 0) return broken;
      end = next;
    }
  }
  return broken;
}

function within(bytes: Uint8Array, end: number): number {
  return end <= bytes.length ? end : broken;
}

const longBytesMax = 10;

/** Zigzag varint. As a number: what it loses beyond 2^53 is far beyond any length. */
function readLong(bytes: Uint8Array, at: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let index = 0, scale = 1; at >= 0 && index < longBytesMax; index += 1, scale *= 128) {
    const byte = bytes[at + index];
    if (byte === undefined) break;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value: value % 2 === 0 ? value / 2 : -(value + 1) / 2, end: at + index + 1 };
  }
  return { value: broken, end: broken };
}
