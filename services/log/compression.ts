// Codecs for kafkajs: gzip, snappy (raw, and in the framing that Java clients and librdkafka use), lz4, zstd. A batch that
// cannot be decompressed becomes empty messages, because kafkajs would stop at it for ever, and all other partitions too.
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import kafkajs from 'kafkajs';
import lz4 from 'lz4-napi';
import snappy from 'snappy';

/** What a kafkajs encoder offers us. */
type Encoder = { readonly buffer: Buffer };
type Codec = { compress(encoder: Encoder): Promise<Buffer>; decompress(bytes: Buffer): Promise<Buffer> };

// The xerial framing: a magic, two version numbers, then blocks of {length, raw snappy}.
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const xerialHeaderBytes = 16;
const xerialLengthBytes = 4;

/** Tells messages that stand in for ones whose batch could not be decompressed; its value says why. */
export const unreadableHeader = 'signalfold-unreadable';

// From a batch's last offset delta to its records: two times, the producer's id, epoch and sequence, the record count.
const headBytes = 38;

const codecs: Readonly<Record<'GZIP' | 'Snappy' | 'LZ4' | 'ZSTD', Codec>> = {
  GZIP: codec(gzipSync, gunzipSync),
  Snappy: codec(snappy.compressSync, decompressSnappy),
  LZ4: codec(lz4.compressFrameSync, lz4.decompressFrameSync),
  ZSTD: codec(zstdCompressSync, zstdDecompressSync),
};

/** Makes kafkajs, which keeps its codecs globally, read every compression that Kafka knows. Repeating it is harmless. */
export function registerCodecs(): void {
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.GZIP] = () => codecs.GZIP;
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.Snappy] = () => codecs.Snappy;
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.LZ4] = () => codecs.LZ4;
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => codecs.ZSTD;
}

function codec(compress: (plain: Buffer) => Buffer, decompress: (bytes: Buffer) => Buffer): Codec {
  return {
    compress: async ({ buffer }) => compress(buffer),
    decompress: async (bytes) => {
      try {
        return decompress(bytes);
      } catch (cause) {
        return emptyRecords(bytes, cause);
      }
    },
  };
}

/**
 * Records with neither key nor content in place of those of a batch that cannot be read; a header says why. They come out
 * as dead letters at the offsets of what was lost. How many there are stands in the batch's head, in front of `bytes`.
 */
function emptyRecords(bytes: Buffer, cause: unknown): Buffer {
  if (bytes.byteOffset < headBytes) throw cause;
  const head = Buffer.from(bytes.buffer, bytes.byteOffset - headBytes, headBytes);
  const lastOffsetDelta = head.readInt32BE(0);
  const count = head.readInt32BE(headBytes - 4);
  if (count < 1 || count > lastOffsetDelta + 1) throw cause;
  const reason = Buffer.from(cause instanceof Error ? cause.message : String(cause));
  const name = Buffer.from(unreadableHeader);
  const header = [...zigzag(1), ...zigzag(name.length), ...name, ...zigzag(reason.length), ...reason];
  const records: Buffer[] = [];
  for (let index = 0; index < count; index += 1) {
    const offsetDelta = index === count - 1 ? lastOffsetDelta : index;
    // Attributes, time since the batch's first, offset since the batch's first, no key, an empty value, headers.
    const record = [0, ...zigzag(0), ...zigzag(offsetDelta), ...zigzag(-1), ...zigzag(0), ...header];
    records.push(Buffer.from([...zigzag(record.length), ...record]));
  }
  return Buffer.concat(records);
}

/** A signed 32-bit integer as Kafka's records hold it. */
function zigzag(value: number): number[] {
  const bytes: number[] = [];
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return bytes;
}

/** Throws for bytes that are not snappy in either form. */
export function decompressSnappy(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic)) return decompressBlock(bytes);
  const blocks: Buffer[] = [];
  let at = xerialHeaderBytes;
  while (at < bytes.length) {
    const length = bytes.readInt32BE(at);
    at += xerialLengthBytes;
    blocks.push(decompressBlock(bytes.subarray(at, at + length)));
    at += length;
  }
  return Buffer.concat(blocks);
}

function decompressBlock(bytes: Buffer): Buffer {
  const plain = snappy.uncompressSync(bytes, { asBuffer: true });
  return typeof plain === 'string' ? Buffer.from(plain) : plain;
}
