// Addresses folded as bytes, because nearly all of them are plain letters and none is needed as a text.
import { foldName } from '../../../core/names.ts';

let folded = Buffer.allocUnsafe(2048);

/** The address in `bytes` from `start` to `end`, folded. What is answered is valid until the next call. */
export function foldedAddress(
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly bytes: Uint8Array; readonly length: number } {
  const length = end - start;
  if (length > folded.length) folded = Buffer.allocUnsafe(length * 2);
  for (let index = 0; index < length; index += 1) {
    const byte = bytes[start + index] ?? 0;
    // White space folds, too.
    if (byte <= 0x20 || byte >= 0x7f) return foldedSlowly(bytes, start, end);
    folded[index] = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
  }
  return { bytes: folded, length };
}

function foldedSlowly(bytes: Uint8Array, start: number, end: number) {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString();
  const encoded = Buffer.from(foldName(text));
  return { bytes: encoded, length: encoded.length };
}
