// How an Avro value says which schema it was written by: Avro's single-object encoding, or the framing of schema registries.

export type Framed =
  /** C3 01, then the CRC-64-AVRO fingerprint of the schema. */
  | { readonly kind: 'single-object'; readonly fingerprint: bigint; readonly body: Uint8Array }
  /** 00, then the number under which the registry knows the schema. */
  | { readonly kind: 'registry'; readonly id: number; readonly body: Uint8Array };

const singleObjectHead = 10;
const registryHead = 5;

/** Null for what is neither, as JSON: it begins with neither byte. */
export function framingOf(bytes: Uint8Array): Framed | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[0] === 0xc3 && bytes[1] === 0x01 && bytes.length >= singleObjectHead) {
    return { kind: 'single-object', fingerprint: view.getBigUint64(2, true), body: bytes.subarray(singleObjectHead) };
  }
  if (bytes[0] === 0x00 && bytes.length >= registryHead) {
    return { kind: 'registry', id: view.getUint32(1), body: bytes.subarray(registryHead) };
  }
  return null;
}

const emptyFingerprint = 0xc15d213aa4d7a795n;

const table = Array.from({ length: 256 }, (_, byte) => {
  let crc = BigInt(byte);
  for (let bit = 0; bit < 8; bit += 1) crc = (crc >> 1n) ^ (emptyFingerprint & -(crc & 1n));
  return BigInt.asUintN(64, crc);
});

/** CRC-64-AVRO of a schema in its parsing canonical form, as the Avro specification has it. */
export function fingerprintOf(canonicalForm: string): bigint {
  let crc = emptyFingerprint;
  for (const byte of Buffer.from(canonicalForm, 'utf8')) {
    crc = (crc >> 8n) ^ (table[Number((crc ^ BigInt(byte)) & 0xffn)] ?? 0n);
  }
  return crc;
}
