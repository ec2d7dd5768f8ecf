// How the embedded log lays out its keys and messages as bytes.
import { ByteReader, ByteWriter } from '../core/bytes.ts';
import type { LogMessage, OutgoingMessage, Position } from './port.ts';

const formatNumber = 1;
const hasKey = 1;
const hasValue = 2;
const keyBytes = 16;
const high = 2 ** 32;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const noHeaders: Readonly<Record<string, string>> = {};

/** Sorts by topic number, partition, offset. */
export function messageKey(topicNumber: number, partition: number, offset: number): Buffer {
  const key = Buffer.allocUnsafe(keyBytes);
  key.writeUInt32BE(topicNumber, 0);
  key.writeUInt32BE(partition, 4);
  key.writeUInt32BE(Math.floor(offset / high), 8);
  key.writeUInt32BE(offset % high, 12);
  return key;
}

export function offsetOfKey(key: Uint8Array): number {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  return view.getUint32(8) * high + view.getUint32(12);
}

/** format, appendedAt, flags, [key length, key], header count, {name length, name, value length, value}…, value. */
export function encodeRecord(message: OutgoingMessage, appendedAt: number): Uint8Array {
  const out = new ByteWriter();
  out.byte(formatNumber);
  out.varint(appendedAt);
  out.byte((message.key === null ? 0 : hasKey) | (message.value === null ? 0 : hasValue));
  if (message.key !== null) writeText(out, message.key);
  const headers = Object.entries(message.headers ?? noHeaders);
  out.varint(headers.length);
  for (const [name, value] of headers) {
    writeText(out, name);
    writeText(out, value);
  }
  if (message.value !== null) out.block(message.value);
  return out.take();
}

/** Key and value are views into `bytes`. */
export function decodeRecord(bytes: Uint8Array, position: Position): LogMessage {
  const input = new ByteReader(bytes);
  const format = input.byte();
  if (format !== formatNumber)
    throw new RangeError(`log record has format ${format}, this version reads ${formatNumber}`);
  const appendedAt = input.varint();
  const flags = input.byte();
  const key = (flags & hasKey) === 0 ? null : input.block(input.varint());
  const headers = readHeaders(input);
  const value = (flags & hasValue) === 0 ? null : input.rest();
  const { topic, incarnation, partition, offset } = position;
  return { topic, incarnation, partition, offset, appendedAt, key, value, headers };
}

/** Only the time of a record, for retention. */
export function appendedAtOf(bytes: Uint8Array): number {
  const input = new ByteReader(bytes);
  input.byte();
  return input.varint();
}

function writeText(out: ByteWriter, text: string): void {
  const bytes = encoder.encode(text);
  out.varint(bytes.length);
  out.block(bytes);
}

function readHeaders(input: ByteReader): Readonly<Record<string, string>> {
  const count = input.varint();
  if (count === 0) return noHeaders;
  const headers: Record<string, string> = {};
  for (let index = 0; index < count; index += 1) {
    const name = decoder.decode(input.block(input.varint()));
    headers[name] = decoder.decode(input.block(input.varint()));
  }
  return headers;
}
