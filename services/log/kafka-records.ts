// Kafka's record batches (format 2), read record by record where they lie in the bytes of a fetch. kafkajs makes some forty
// objects of a record, most of them for sums of 64 bits; in a replay that and collecting them again took as long as all
// our folding.
import { decompress } from './compression.ts';
import { type LogMessage, unreadableHeader, type ValueReader } from './port.ts';

/** Of a batch: base offset (8), length (4), leader epoch (4), magic (1), checksum (4), then what `headAt` names. */
const lengthAt = 8;
const magicAt = 16;
const headAt = {
  attributes: 21,
  lastDelta: 23,
  firstTime: 27,
  maxTime: 35,
  producer: 43,
  count: 57,
  records: 61,
} as const;
const lengthEnd = 12;
const formatRead = 2;
const flags = { appendTime: 0x08, transactional: 0x10, control: 0x20 } as const;

const noHeaders: Readonly<Record<string, string>> = {};

/** Where the messages of a batch belong. */
export type BatchPlace = { readonly topic: string; readonly incarnation: string; readonly partition: number };

/** An aborted transaction, as a fetch names those that reach into what it brings. */
export type Aborted = { readonly producer: string; readonly firstOffset: number };

/** Passes through kafkajs in the place of a message: it looks at nothing but `offset` and what decides who may see it. */
export class RecordBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** How many records it holds; fewer than its offsets where the topic is compacted. */
  readonly count: number;
  /** Of the transaction's producer. */
  readonly producer: string;
  readonly isControl: boolean;
  readonly isTransactional: boolean;
  /** Nobody is to see a mark of a transaction, or what belongs to an aborted one. */
  isHidden: boolean;
  readonly attributes: number;
  readonly firstTime: number;
  readonly maxTime: number;
  /** The records as they were sent, compressed or not. */
  readonly packed: Buffer;

  /** The text of the last offset, for kafkajs. */
  readonly offset: string;
  readonly isControlRecord = false;

  /** `bytes`: exactly one batch. */
  constructor(bytes: Buffer) {
    this.attributes = bytes.readInt16BE(headAt.attributes);
    this.baseOffset = int64(bytes, 0);
    this.lastOffset = this.baseOffset + bytes.readInt32BE(headAt.lastDelta);
    this.count = Math.min(bytes.readInt32BE(headAt.count), this.lastOffset - this.baseOffset + 1);
    this.firstTime = int64(bytes, headAt.firstTime);
    this.maxTime = int64(bytes, headAt.maxTime);
    this.producer = bytes.toString('latin1', headAt.producer, headAt.producer + 8);
    this.isControl = (this.attributes & flags.control) !== 0;
    this.isTransactional = (this.attributes & flags.transactional) !== 0;
    this.isHidden = this.isControl;
    this.packed = bytes.subarray(headAt.records);
    this.offset = String(this.lastOffset);
  }
}

/**
 * The whole batches that begin at the start of `bytes`; a fetch may end within one. Throws for formats of before 2017, and
 * for a batch that says it is shorter than its own head.
 */
export function batchesIn(bytes: Buffer, aborted: readonly Aborted[]): RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (let at = 0; at + headAt.records <= bytes.length; ) {
    const end = at + lengthEnd + bytes.readInt32BE(at + lengthAt);
    const format = bytes.readInt8(at + magicAt);
    if (format !== formatRead) throw new Error(`a Kafka topic holds messages in format ${format}, which is not read`);
    if (end < at + headAt.records) throw new Error('a Kafka topic holds a batch with a length that cannot be');
    if (end > bytes.length) break;
    batches.push(new RecordBatch(bytes.subarray(at, end)));
    at = end;
  }
  hideAborted(batches, aborted);
  return batches;
}

/** As Kafka's own clients do: a transaction is open from its first offset to its producer's next abort mark. */
function hideAborted(batches: readonly RecordBatch[], aborted: readonly Aborted[]): void {
  if (aborted.length === 0) return;
  const coming = [...aborted].sort((one, other) => one.firstOffset - other.firstOffset);
  const open = new Set<string>();
  for (const batch of batches) {
    while (coming[0] !== undefined && coming[0].firstOffset <= batch.lastOffset)
      open.add(coming.shift()?.producer ?? '');
    if (batch.isControl && isAbort(batch)) open.delete(batch.producer);
    else if (batch.isTransactional && open.has(batch.producer)) batch.isHidden = true;
  }
}

/** The mark's key is a version and a type, two bytes each; 0 is an abort. */
function isAbort(batch: RecordBatch): boolean {
  const key = new RecordReader(batch, { topic: '', incarnation: '', partition: 0 }).next().key;
  return key !== null && key[2] === 0 && key[3] === 0;
}

/**
 * Reads the records of a batch one after the other. What cannot be read comes as messages with neither key nor content, whose
 * header says why, at the offsets of what was lost: they end as dead letters, and nothing behind them waits.
 */
export class RecordReader {
  private readonly batch: RecordBatch;
  private readonly place: BatchPlace;
  private readonly cursor: Cursor;
  private read = 0;
  private nextOffset: number;
  private pending: LogMessage | null = null;
  private reason: string | null = null;

  constructor(batch: RecordBatch, place: BatchPlace) {
    this.batch = batch;
    this.place = place;
    this.nextOffset = batch.baseOffset;
    let records: Buffer = Buffer.alloc(0);
    try {
      records = decompress(batch.attributes, batch.packed);
    } catch (cause) {
      this.reason = textOf(cause);
    }
    this.cursor = new Cursor(records, 0);
  }

  /** How many are still to be read. */
  get left(): number {
    return this.batch.count - this.read + (this.pending === null ? 0 : 1);
  }

  /** Of memory, roughly. */
  get bytes(): number {
    return this.cursor.bytes.length;
  }

  /** Passes over those before an offset: a fetch begins with the batch that holds what was asked for. */
  skipTo(offset: number): void {
    while (this.left > 0) {
      const message = this.next();
      if (message.offset < offset) continue;
      this.pending = message;
      return;
    }
  }

  /** Only while some are left. */
  next(): LogMessage {
    const { pending } = this;
    if (pending !== null) {
      this.pending = null;
      return pending;
    }
    this.read += 1;
    if (this.reason === null) {
      try {
        return this.readOne();
      } catch (cause) {
        this.reason = textOf(cause);
      }
    }
    return this.unreadable(this.reason);
  }

  private readOne(): LogMessage {
    const { cursor, batch } = this;
    const end = cursor.varint() + cursor.at;
    if (!(end > cursor.at && end <= cursor.bytes.length)) throw new RangeError('a record is longer than its batch');
    // A byte of attributes, of which none is in use.
    cursor.at += 1;
    const timeDelta = cursor.varint();
    const offset = batch.baseOffset + cursor.varint();
    const keyLength = cursor.varint();
    const keyAt = cursor.at;
    cursor.at += Math.max(0, keyLength);
    const valueLength = cursor.varint();
    const valueAt = cursor.at;
    cursor.at += Math.max(0, valueLength);
    if (cursor.at > end) throw new RangeError('a key or a value is longer than its record');
    // Each of those behind it needs an offset as well.
    const offsetMax = batch.lastOffset - (batch.count - this.read);
    if (!(offset >= this.nextOffset && offset <= offsetMax)) throw new RangeError('a record is out of its place');
    const headersAt = cursor.at;
    cursor.at = end;
    this.nextOffset = offset + 1;
    const appendedAt = (batch.attributes & flags.appendTime) === 0 ? batch.firstTime + timeDelta : batch.maxTime;
    const { bytes } = cursor;
    const { place } = this;
    return new KafkaRecord(place, offset, appendedAt, bytes, keyAt, keyLength, valueAt, valueLength, headersAt);
  }

  private unreadable(reason: string): LogMessage {
    const { batch, place } = this;
    const isLast = this.read === batch.count;
    const offset = isLast ? batch.lastOffset : Math.min(this.nextOffset, batch.lastOffset);
    this.nextOffset = offset + 1;
    const headers = { [unreadableHeader]: reason };
    return { ...placeOf(place), offset, appendedAt: batch.maxTime, key: null, value: new Uint8Array(), headers };
  }
}

/** Makes key, value and headers only for who asks, which in a replay nobody does. */
class KafkaRecord implements LogMessage {
  readonly topic: string;
  readonly incarnation: string;
  readonly partition: number;
  readonly offset: number;
  readonly appendedAt: number;
  private readonly bytes: Buffer;
  private readonly keyAt: number;
  private readonly keyLength: number;
  private readonly valueAt: number;
  private readonly valueLength: number;
  private readonly headersAt: number;

  constructor(
    { topic, incarnation, partition }: BatchPlace,
    offset: number,
    appendedAt: number,
    bytes: Buffer,
    keyAt: number,
    keyLength: number,
    valueAt: number,
    valueLength: number,
    headersAt: number,
  ) {
    this.topic = topic;
    this.incarnation = incarnation;
    this.partition = partition;
    this.offset = offset;
    this.appendedAt = appendedAt;
    this.bytes = bytes;
    this.keyAt = keyAt;
    this.keyLength = keyLength;
    this.valueAt = valueAt;
    this.valueLength = valueLength;
    this.headersAt = headersAt;
  }

  readWith(reader: ValueReader): boolean {
    return this.valueLength >= 0 && reader.read(this.topic, this.bytes, this.valueAt, this.valueAt + this.valueLength);
  }

  get value(): Uint8Array | null {
    return new Cursor(this.bytes, this.valueAt).block(this.valueLength);
  }

  get key(): Uint8Array | null {
    return new Cursor(this.bytes, this.keyAt).block(this.keyLength);
  }

  get headers(): Readonly<Record<string, string>> {
    try {
      return headersAt(new Cursor(this.bytes, this.headersAt));
    } catch {
      // The message itself could be read, which is what matters; damaged headers are none.
      return noHeaders;
    }
  }
}

/** Of a header given several times the last counts, as in Kafka's own lastHeader; without a value it is no header. */
function headersAt(cursor: Cursor): Readonly<Record<string, string>> {
  const count = cursor.varint();
  if (count === 0) return noHeaders;
  const headers: Record<string, string> = {};
  for (let index = 0; index < count; index += 1) {
    const name = cursor.block(cursor.varint())?.toString('utf8') ?? '';
    const value = cursor.block(cursor.varint());
    if (value === null) delete headers[name];
    else headers[name] = value.toString('utf8');
  }
  return headers;
}

class Cursor {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  /** A signed number of up to 64 bits in zigzag. */
  varint(): number {
    const first = this.bytes[this.at] ?? 0x80;
    if (first < 0x80) {
      // Nearly all are short.
      this.at += 1;
      return (first >>> 1) ^ -(first & 1);
    }
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.bytes[this.at];
      if (byte === undefined) throw new RangeError('the batch ends within a record');
      this.at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A view of the next bytes; null for a length below 0, which is how Kafka writes it. */
  block(length: number): Buffer | null {
    if (length < 0) return null;
    const block = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return block;
  }
}

function placeOf({ topic, incarnation, partition }: BatchPlace): BatchPlace {
  return { topic, incarnation, partition };
}

/** Offsets and times of ours are safe integers. */
function int64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
