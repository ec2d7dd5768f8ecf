// What Kafka's producers compress: gzip, snappy (raw, and in the framing that Java clients and librdkafka use), lz4, zstd.
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import lz4 from 'lz4-napi';
import snappy from 'snappy';

// The xerial framing: a magic, two version numbers, then blocks of {length, raw snappy}.
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const xerialHeaderBytes = 16;
const xerialLengthBytes = 4;

/** The codec's number stands in these bits of a batch's attributes. */
const codecMask = 0x07;

/** Records as they were before compression; the same bytes when they were not. Throws for bytes that are not what they say. */
export function decompress(attributes: number, bytes: Buffer): Buffer {
  const codec = attributes & codecMask;
  switch (codec) {
    case 0:
      return bytes;
    case 1:
      return gunzipSync(bytes);
    case 2:
      return decompressSnappy(bytes);
    case 3:
      return lz4.decompressFrameSync(bytes);
    case 4:
      return zstdDecompressSync(bytes);
    default:
      throw new RangeError(`Kafka has no compression of number ${codec}`);
  }
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
