// Sealing: values that callers carry for us, as cursors and positions, so that nobody reads them, forges them, or uses them
// where they were not made for.
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { FirmId } from '../core/ids.ts';
import type { ViewStore } from '../store/port.ts';

const keyCollection = 'cursor-keys';
const keyId = 'lists';
const keyBytes = 32;
const saltBytes = 16;
const tagBytes = 16;
const cipherName = 'aes-256-gcm';
/** Each salt makes a key of its own, so the nonce need not differ. */
const nonce = Buffer.alloc(12);
const keysKeptMax = 10_000;

export type Sealing = {
  /** What seals for the firm. */
  sealerOf(firmId: FirmId): Promise<Sealer>;
  /** The value; undefined for what was not sealed for that firm and bound. */
  open(firmId: FirmId, bound: string, text: string): Promise<unknown>;
};

/** A value as base64url; `bound` is what it may be opened with alone. */
export type Sealer = (bound: string, value: unknown) => string;

/** Keys are random, one a firm, and documents of the store, so that all processes on it agree. */
export function openSealing(store: ViewStore): Sealing {
  const keys = new Map<FirmId, Buffer>();
  const keyOf = async (firmId: FirmId, create: boolean): Promise<Buffer | null> => {
    const known = keys.get(firmId);
    if (known !== undefined) return known;
    const body = randomBytes(keyBytes).toString('base64');
    if (create) await store.saveDocument({ collection: keyCollection, firmId, id: keyId, body }, 0);
    const stored = await store.loadDocument(keyCollection, firmId, keyId);
    if (stored === null) return null;
    if (keys.size >= keysKeptMax) keys.clear();
    const key = Buffer.from(stored.body, 'base64');
    keys.set(firmId, key);
    return key;
  };

  return {
    sealerOf: async (firmId) => {
      const key = await keyOf(firmId, true);
      if (key === null) throw new Error(`the sealing key of ${firmId} was saved and is not there`);
      return (bound, value) => seal(key, bound, value);
    },
    open: async (firmId, bound, text) => {
      const key = await keyOf(firmId, false);
      return key === null ? undefined : unseal(key, text, Buffer.from(bound));
    },
  };
}

function seal(key: Buffer, bound: string, value: unknown): string {
  const salt = randomBytes(saltBytes);
  const cipher = createCipheriv(cipherName, saltedKey(key, salt), nonce);
  cipher.setAAD(Buffer.from(bound));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
  return Buffer.concat([salt, cipher.getAuthTag(), sealed]).toString('base64url');
}

function unseal(key: Buffer, text: string, bound: Buffer): unknown {
  const bytes = Buffer.from(text, 'base64url');
  // Decoding passes over what is not base64url, and over spare bits; a text is taken only as it was given.
  if (bytes.length <= saltBytes + tagBytes || bytes.toString('base64url') !== text) return undefined;
  const decipher = createDecipheriv(cipherName, saltedKey(key, bytes.subarray(0, saltBytes)), nonce);
  decipher.setAAD(bound);
  decipher.setAuthTag(bytes.subarray(saltBytes, saltBytes + tagBytes));
  try {
    const opened = Buffer.concat([decipher.update(bytes.subarray(saltBytes + tagBytes)), decipher.final()]);
    return JSON.parse(opened.toString('utf8'));
  } catch {
    return undefined;
  }
}

function saltedKey(key: Buffer, salt: Buffer): Buffer {
  return createHmac('sha256', key).update(salt).digest();
}
