// Codecs that kafkajs lacks: snappy (raw, and in the framing that Java clients and librdkafka use), lz4, zstd.
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
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

const codecs: Readonly<Record<'Snappy' | 'LZ4' | 'ZSTD', Codec>> = {
  Snappy: {
    compress: async ({ buffer }) => snappy.compressSync(buffer),
    decompress: async (bytes) => decompressSnappy(bytes),
  },
  LZ4: {
    compress: async ({ buffer }) => lz4.compressFrameSync(buffer),
    decompress: async (bytes) => lz4.decompressFrameSync(bytes),
  },
  ZSTD: {
    compress: async ({ buffer }) => zstdCompressSync(buffer),
    decompress: async (bytes) => zstdDecompressSync(bytes),
  },
};

/** Makes kafkajs, which keeps its codecs globally, read every compression that Kafka knows. Repeating it is harmless. */
export function registerCodecs(): void {
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.Snappy] = () => codecs.Snappy;
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.LZ4] = () => codecs.LZ4;
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => codecs.ZSTD;
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
