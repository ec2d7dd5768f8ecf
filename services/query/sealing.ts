// Sealing: values that callers carry for us, as cursors and positions, so that nobody reads them, forges them, or uses them
// where they were not made for.
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import type { FirmId } from '../core/ids.ts';
import type { ViewStore } from '../store/port.ts';

const keyCollection = 'cursor-keys';
const keyId = 'lists';
const keyBytes = 32;
const saltBytes = 16;
const tagBytes = 16;
const cipherName = 'aes-256-gcm';
const nonceBytes = 12;
/** Before what is sealed. */
const headBytes = saltBytes + nonceBytes + tagBytes;
const keysKeptMax = 10_000;
/** Nonces are random, which is safe for 2^32 values under one key (NIST SP 800-38D, 8.3); a new salt makes another key. */
const sealsASaltMax = 2 ** 24;

export type Sealing = {
  /** What seals for the firm. */
  sealerOf(firmId: FirmId): Promise<Sealer>;
  /** The value; undefined for what was not sealed for that firm and bound. */
  open(firmId: FirmId, bound: string, text: string): Promise<unknown>;
};

/** A value as base64url; `bound` is what it may be opened with alone. */
export type Sealer = (bound: string, value: unknown) => string;

/** A key for some of the values, made of the firm's own and a salt, which they carry. */
type SaltedKey = { readonly salt: Buffer; readonly key: KeyObject; seals: number };

type FirmKey = { readonly own: KeyObject; current: SaltedKey };

/** Keys are random, one a firm, and documents of the store, so that all processes on it agree. */
export function openSealing(store: ViewStore): Sealing {
  const keys = new Map<FirmId, FirmKey>();
  const keyOf = async (firmId: FirmId, create: boolean): Promise<FirmKey | null> => {
    const known = keys.get(firmId);
    if (known !== undefined) return known;
    const body = randomBytes(keyBytes).toString('base64');
    if (create) await store.saveDocument({ collection: keyCollection, firmId, id: keyId, body }, 0);
    const stored = await store.loadDocument(keyCollection, firmId, keyId);
    if (stored === null) return null;
    if (keys.size >= keysKeptMax) keys.clear();
    const own = createSecretKey(Buffer.from(stored.body, 'base64'));
    const key = { own, current: saltedKey(own, randomBytes(saltBytes)) };
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

function seal(firm: FirmKey, bound: string, value: unknown): string {
  if (firm.current.seals >= sealsASaltMax) firm.current = saltedKey(firm.own, randomBytes(saltBytes));
  const { salt, key } = firm.current;
  firm.current.seals += 1;
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(cipherName, key, nonce);
  cipher.setAAD(Buffer.from(bound));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
  return Buffer.concat([salt, nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

function unseal({ own, current }: FirmKey, text: string, bound: Buffer): unknown {
  const bytes = Buffer.from(text, 'base64url');
  // Decoding passes over what is not base64url, and over spare bits; a text is taken only as it was given.
  if (bytes.length <= headBytes || bytes.toString('base64url') !== text) return undefined;
  const salt = bytes.subarray(0, saltBytes);
  const { key } = salt.equals(current.salt) ? current : saltedKey(own, salt);
  const decipher = createDecipheriv(cipherName, key, bytes.subarray(saltBytes, saltBytes + nonceBytes));
  decipher.setAAD(bound);
  decipher.setAuthTag(bytes.subarray(saltBytes + nonceBytes, headBytes));
  try {
    const opened = Buffer.concat([decipher.update(bytes.subarray(headBytes)), decipher.final()]);
    return JSON.parse(opened.toString('utf8'));
  } catch {
    return undefined;
  }
}

function saltedKey(own: KeyObject, salt: Buffer): SaltedKey {
  return { salt, key: createSecretKey(createHmac('sha256', own).update(salt).digest()), seals: 0 };
}
