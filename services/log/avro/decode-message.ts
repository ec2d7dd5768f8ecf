// Decodes a message of an event topic as the log delivered it, whether its value is JSON or Avro: for whoever reads the topics.
import { type Decoded, decode, decodeValue, eventBytesMax } from '../../core/decode.ts';
import { parseMessageKey } from '../../core/ids.ts';
import { type EventTopic, isEventTopic } from '../../core/topics.ts';
import { readText } from '../codec.ts';
import { type LogMessage, unreadableHeader } from '../port.ts';
import type { AvroValues, Need } from './values.ts';

type Needs = { readonly kind: 'needs'; readonly need: Need };

/** The key is only read where it matters: without a value, or when refused. */
export function decodeMessage(message: LogMessage, values: AvroValues): Decoded | Needs {
  const { topic, key, value, appendedAt } = message;
  if (!isEventTopic(topic)) throw new Error(`${topic} has no events to decode`);
  if (value === null) {
    return decode(topic, { value, sizeBytes: 0, key: key === null ? null : readText(key), appendedAt });
  }
  const unreadable = value.length === 0 && key === null ? message.headers[unreadableHeader] : undefined;
  if (unreadable !== undefined) {
    return { kind: 'dead-letter', reason: 'unreadable', detail: `bytes in the log: ${unreadable}`, client: null };
  }
  const decoded = decodeBytes(topic, value, appendedAt, values);
  if (decoded.kind !== 'dead-letter' || decoded.client !== null || key === null) return decoded;
  const keyText = readText(key);
  return keyText === null ? decoded : { ...decoded, client: parseMessageKey(keyText) };
}

function decodeBytes(topic: EventTopic, value: Uint8Array, appendedAt: number, values: AvroValues): Decoded | Needs {
  const sizeBytes = value.length;
  const read = sizeBytes > eventBytesMax ? null : values.read(topic, value);
  if (read === null) {
    const text = sizeBytes > eventBytesMax ? '' : readText(value);
    return decode(topic, { value: text === null ? 'not_utf8' : { text }, sizeBytes, key: null, appendedAt });
  }
  if (read.kind === 'value') return decodeValue(topic, read.value, appendedAt);
  return read.kind === 'needs' ? read : { kind: 'dead-letter', reason: read.reason, detail: read.detail, client: null };
}
