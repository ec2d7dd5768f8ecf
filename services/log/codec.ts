// Bytes of messages to text and back. What the text means is decided in core.

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });
const encoder = new TextEncoder();

/** The text of a message's value (a byte-order mark is taken off); null when the bytes are not UTF-8. */
export function readText(value: Uint8Array): string | null {
  try {
    return decoder.decode(value);
  } catch {
    return null;
  }
}

/** A value as compact JSON in UTF-8. Throws TypeError for what JSON cannot hold at its top, such as undefined. */
export function encodeJson(value: unknown): Uint8Array {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`a ${typeof value} has no JSON form`);
  return encoder.encode(text);
}
