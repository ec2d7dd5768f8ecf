// Record batches as kafkajs writes them, and as it reads them itself: ours are held against it, not against our own idea.
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import lz4 from 'lz4-napi';
import snappy from 'snappy';
import { batchesIn, type RecordBatch, RecordReader } from '../../services/log/kafka-records.ts';
import type { LogMessage } from '../../services/log/port.ts';
import { unreadableHeader } from '../../services/log/port.ts';

const place = { topic: 'login', incarnation: 'one', partition: 3 };
const firstTime = 1_790_000_000_000;

type Outgoing = {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly delta: number;
};

const blocks = fc.option(fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)));
const outgoing: fc.Arbitrary<Outgoing> = fc.record({
  key: blocks,
  value: blocks,
  headers: fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.string({ maxLength: 12 }), { maxKeys: 3 }),
  delta: fc.integer({ min: -2_000_000_000_000, max: 2_000_000_000_000 }),
});
const codecs = [0, 1, 2, 3, 4] as const;
const pack: Readonly<Record<(typeof codecs)[number], (bytes: Buffer) => Buffer>> = {
  0: (bytes) => bytes,
  1: gzipSync,
  2: (bytes) => Buffer.from(snappy.compressSync(bytes)),
  3: lz4.compressFrameSync,
  4: zstdCompressSync,
};

test('given any records under any compression, when a batch is read, then they are what kafkajs reads', () => {
  const batches = fc.record({
    records: fc.array(outgoing, { minLength: 1, maxLength: 20 }),
    gaps: fc.infiniteStream(fc.integer({ min: 0, max: 300 })),
    baseOffset: fc.integer({ min: 0, max: 2 ** 48 }),
    codec: fc.constantFrom(...codecs),
  });
  fc.assert(
    fc.property(batches, ({ records, gaps, baseOffset, codec }) => {
      let delta = -1;
      const deltas = records.map(() => {
        delta += 1 + Number(gaps.next().value);
        return delta;
      });
      const bytes = batchOf({ baseOffset, codec, records, deltas });
      const [batch] = batchesIn(bytes, []);
      expect(readAll(batch).map(told)).toEqual(
        records.map(({ key, value, headers, delta: timeDelta }, index) => {
          const { decodeRecord, Decoder } = inside;
          const one = decodeRecord(new Decoder(bodyOf(records[index], deltas[index] ?? 0)), {
            firstOffset: String(baseOffset),
            firstTimestamp: String(firstTime),
          });
          expect([one.key, one.value]).toEqual([key, value]);
          expect(Number(one.timestamp)).toBe(firstTime + timeDelta);
          return { offset: Number(one.offset), appendedAt: Number(one.timestamp), key, value, headers };
        }),
      );
    }),
  );
});

test('given the time of appending in the batch, then every message has that', () => {
  const records = [some('a', 5), some('b', 7)];
  const bytes = batchOf({ records, attributes: 0x08, maxTime: firstTime + 99 });
  expect(readAll(batchesIn(bytes, [])[0]).map(({ appendedAt }) => appendedAt)).toEqual([
    firstTime + 99,
    firstTime + 99,
  ]);
});

test('given a fetch that ends within a batch, then the whole ones are read and the rest is left', () => {
  const first = batchOf({ records: [some('a'), some('b')], baseOffset: 10 });
  const second = batchOf({ records: [some('c')], baseOffset: 12 });
  for (let length = 0; length <= second.length; length += 1) {
    const batches = batchesIn(Buffer.concat([first, second.subarray(0, length)]), []);
    const offsets = batches.flatMap(readAll).map(({ offset }) => offset);
    expect(offsets).toEqual(length === second.length ? [10, 11, 12] : [10, 11]);
  }
});

test('given a batch that begins before what was asked for, then what stands before is passed over', () => {
  const bytes = batchOf({ records: ['a', 'b', 'c', 'd'].map((text) => some(text)), baseOffset: 100 });
  for (let from = 99; from <= 105; from += 1) {
    const [batch] = batchesIn(bytes, []);
    if (batch === undefined) throw new Error('there is no batch');
    const reader = new RecordReader(batch, place);
    reader.skipTo(from);
    const offsets: number[] = [];
    while (reader.left > 0) offsets.push(reader.next().offset);
    expect(offsets).toEqual([100, 101, 102, 103].filter((offset) => offset >= from));
  }
});

test('given bytes that are not what the batch says, then it becomes empty messages that say so, at its offsets', () => {
  const whole = batchOf({ records: [some('a'), some('b'), some('c')], baseOffset: 100, codec: 4 });
  whole.fill(0x55, 61);
  expect(readAll(batchesIn(whole, [])[0]).map(({ offset, key, value }) => [offset, key, value?.length])).toEqual([
    [100, null, 0],
    [101, null, 0],
    [102, null, 0],
  ]);
  expect(readAll(batchesIn(whole, [])[0]).map(({ headers }) => Object.keys(headers))).toEqual([
    [unreadableHeader],
    [unreadableHeader],
    [unreadableHeader],
  ]);
});

test('given a batch damaged anywhere in its records, then as many messages come, in order, at its offsets', () => {
  const records = Array.from({ length: 5 }, (_, index) => some(`message ${index}`));
  const damage = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }), codec: fc.constantFrom(...codecs) });
  fc.assert(
    fc.property(damage, ({ at, byte, codec }) => {
      const bytes = batchOf({ records, codec, baseOffset: 50 });
      bytes[61 + (at % (bytes.length - 61))] = byte;
      const [batch] = batchesIn(bytes, []);
      const messages = readAll(batch);
      expect(messages).toHaveLength(5);
      const offsets = messages.map((message) => told(message).offset);
      expect(offsets).toEqual([...new Set(offsets)].sort((one, other) => one - other));
      expect(offsets.every((offset) => offset >= 50 && offset <= 54)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test('marks of transactions, and what belongs to an aborted one, are hidden; what comes after it is not', () => {
  const transactional = 0x10;
  const control = 0x30;
  const mark = (type: number) => ({ ...some(''), key: Buffer.from([0, 0, 0, type]) });
  const bytes = Buffer.concat([
    batchOf({ baseOffset: 0, records: [some('plain')] }),
    batchOf({ baseOffset: 1, records: [some('aborted'), some('aborted')], attributes: transactional, producer: 7 }),
    batchOf({ baseOffset: 3, records: [some('committed')], attributes: transactional, producer: 8 }),
    batchOf({ baseOffset: 4, records: [mark(0)], attributes: control, producer: 7 }),
    batchOf({ baseOffset: 5, records: [some('of the next')], attributes: transactional, producer: 7 }),
    batchOf({ baseOffset: 6, records: [mark(1)], attributes: control, producer: 7 }),
  ]);
  const producer = Buffer.from([0, 0, 0, 0, 0, 0, 0, 7]).toString('latin1');
  const batches = batchesIn(bytes, [{ producer, firstOffset: 1 }]);
  expect(batches.map(({ baseOffset, isHidden }) => [baseOffset, isHidden])).toEqual([
    [0, false],
    [1, true],
    [3, false],
    [4, true],
    [5, false],
    [6, true],
  ]);
});

test('a format of before 2017 is told', () => {
  const bytes = batchOf({ records: [some('a')] });
  bytes[16] = 1;
  expect(() => batchesIn(bytes, [])).toThrow(/format 1/);
});

test.each([-12, 0, 48])('a batch with a length of %d, shorter than its own head, is told', (length) => {
  const bytes = batchOf({ records: [some('a')] });
  bytes.writeInt32BE(length, 8);
  expect(() => batchesIn(bytes, [])).toThrow(/length that cannot be/);
});

function some(text: string, delta = 0): Outgoing {
  return { key: Buffer.from('f/c'), value: Buffer.from(text), headers: {}, delta };
}

function readAll(batch: RecordBatch | undefined): LogMessage[] {
  if (batch === undefined) throw new Error('there is no batch');
  const reader = new RecordReader(batch, place);
  const messages: LogMessage[] = [];
  while (reader.left > 0) messages.push(reader.next());
  return messages;
}

function told({ topic, incarnation, partition, offset, appendedAt, key, value, headers }: LogMessage) {
  expect({ topic, incarnation, partition }).toEqual(place);
  return { offset, appendedAt, key, value, headers };
}

type Batch = {
  readonly records: readonly Outgoing[];
  readonly deltas?: readonly number[];
  readonly baseOffset?: number;
  readonly codec?: (typeof codecs)[number];
  readonly attributes?: number;
  readonly maxTime?: number;
  readonly producer?: number;
};

/** The head by hand, after Kafka's documentation; the records by kafkajs. */
function batchOf({
  records,
  deltas,
  baseOffset = 0,
  codec = 0,
  attributes = 0,
  maxTime,
  producer = -1,
}: Batch): Buffer {
  const all = records.map((_record, index) => deltas?.[index] ?? index);
  const packed = pack[codec](
    Buffer.concat(records.map((record, index) => lengthened(bodyOf(record, all[index] ?? 0)))),
  );
  const head = Buffer.alloc(61);
  head.writeBigInt64BE(BigInt(baseOffset), 0);
  head.writeInt32BE(61 - 12 + packed.length, 8);
  head.writeInt8(2, 16);
  head.writeInt16BE(codec | attributes, 21);
  head.writeInt32BE(all.at(-1) ?? 0, 23);
  head.writeBigInt64BE(BigInt(firstTime), 27);
  head.writeBigInt64BE(BigInt(maxTime ?? firstTime), 35);
  head.writeBigInt64BE(BigInt(producer), 43);
  head.writeInt32BE(records.length, 57);
  return Buffer.concat([head, packed]);
}

/** A record without the length in front of it. */
function bodyOf(record: Outgoing | undefined, offsetDelta: number): Buffer {
  if (record === undefined) throw new Error('there is no such record');
  const { key, value, headers, delta } = record;
  const { buffer } = inside.encodeRecord({ offsetDelta, timestampDelta: delta, key, value, headers });
  const decoder = new inside.Decoder(buffer);
  return decoder.readVarIntBytes();
}

function lengthened(body: Buffer): Buffer {
  return new inside.Encoder().writeVarIntBytes(body).buffer;
}

type Decoded = { offset: string; timestamp: string; key: Buffer | null; value: Buffer | null };
type DecoderClass = new (bytes: Buffer) => { readVarIntBytes(): Buffer };
type EncoderClass = new () => { writeVarIntBytes(bytes: Buffer): { buffer: Buffer } };

const inside = {
  Decoder: jest.requireActual<DecoderClass>('kafkajs/src/protocol/decoder'),
  Encoder: jest.requireActual<EncoderClass>('kafkajs/src/protocol/encoder'),
  decodeRecord: jest.requireActual<(decoder: object, batch: object) => Decoded>(
    'kafkajs/src/protocol/recordBatch/record/v0/decoder',
  ),
  encodeRecord: jest.requireActual<(record: object) => { buffer: Buffer }>(
    'kafkajs/src/protocol/recordBatch/record/v0',
  ),
};
