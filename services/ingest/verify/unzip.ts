// Bodies that a sender packs after signing them.
import { gunzipSync } from 'node:zlib';

/** As much as a request may hold unpacked; a body that grows beyond it is refused. */
export const unzippedBytesMax = 5 * 1024 * 1024;

/**
 * The body as its sender wrote it. Told by its first bytes and not by Content-Encoding, because some proxies unpack and
 * leave the header. Null when it begins as gzip does and is none, or is larger than 5 MiB inside.
 */
export function unzipped(bytes: Uint8Array): Uint8Array | null {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: unzippedBytesMax });
  } catch {
    return null;
  }
}
