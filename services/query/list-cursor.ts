// Cursors: where a page ended, at which instant and under which settings the walk began. Sealed, because they hold
// names and addresses and stand in URLs, and bound to what was asked for.
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { FirmId } from '../core/ids.ts';
import type { ListQuery } from '../core/list.ts';
import { dayMs } from '../core/time.ts';
import type { Reader } from '../runtime/principal.ts';
import { Problem } from '../runtime/problem.ts';
import type { ViewStore } from '../store/port.ts';

const cursorMsMax = dayMs;
const keyCollection = 'cursor-keys';
const keyId = 'lists';
const keyBytes = 32;
const saltBytes = 16;
const tagBytes = 16;
const cipherName = 'aes-256-gcm';
/** Each salt makes a key of its own, so the nonce need not differ. */
const nonce = Buffer.alloc(12);
const keysKeptMax = 10_000;

const Cursor = z.object({
  /** The walk's instant, epoch ms, and settings, as they are stored. */
  at: z.number(),
  /** When the walk began: later than its instant when it is about a past day. */
  begunAt: z.number(),
  settings: z.string().nullable(),
  end: z.object({ clientId: z.string(), value: z.union([z.string(), z.number(), z.null()]) }),
});
export type Cursor = z.infer<typeof Cursor>;

/** Whose walk it is, and through what: a cursor serves no other. */
export type Bound = { readonly firmId: FirmId; readonly reader: Reader; readonly query: ListQuery };

export type Cursors = {
  seal(bound: Bound, cursor: Cursor): Promise<string>;
  /** Throws the problem bad_cursor. `now` in epoch ms. */
  open(bound: Bound, text: string, now: number): Promise<Cursor>;
};

/** Keys are random, one a firm, and documents of the store, so that all processes on it agree. */
export function openCursors(store: ViewStore): Cursors {
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
    seal: async (bound, cursor) => {
      const key = await keyOf(bound.firmId, true);
      if (key === null) throw new Error(`the cursor key of ${bound.firmId} was saved and is not there`);
      const salt = randomBytes(saltBytes);
      const cipher = createCipheriv(cipherName, saltedKey(key, salt), nonce);
      cipher.setAAD(boundTo(bound));
      const sealed = Buffer.concat([cipher.update(JSON.stringify(cursor), 'utf8'), cipher.final()]);
      return Buffer.concat([salt, cipher.getAuthTag(), sealed]).toString('base64url');
    },
    open: async (bound, text, now) => {
      const key = await keyOf(bound.firmId, false);
      const cursor = key === null ? null : unseal(key, text, boundTo(bound));
      if (cursor === null) {
        const detail =
          'It is not one of ours, or belongs to another firm, reader, day, filter, sort or order. Start again without a cursor.';
        throw new Problem('bad_cursor', detail);
      }
      if (now - cursor.begunAt > cursorMsMax) {
        throw new Problem('bad_cursor', 'It is older than 24 hours. Start again without a cursor.');
      }
      return cursor;
    },
  };
}

function unseal(key: Buffer, text: string, bound: Buffer): Cursor | null {
  const bytes = Buffer.from(text, 'base64url');
  // Decoding passes over what is not base64url, and over spare bits; a cursor is taken only as it was given.
  if (bytes.length <= saltBytes + tagBytes || bytes.toString('base64url') !== text) return null;
  const decipher = createDecipheriv(cipherName, saltedKey(key, bytes.subarray(0, saltBytes)), nonce);
  decipher.setAAD(bound);
  decipher.setAuthTag(bytes.subarray(saltBytes, saltBytes + tagBytes));
  try {
    const opened = Buffer.concat([decipher.update(bytes.subarray(saltBytes + tagBytes)), decipher.final()]);
    return Cursor.parse(JSON.parse(opened.toString('utf8')));
  } catch {
    return null;
  }
}

function saltedKey(key: Buffer, salt: Buffer): Buffer {
  return createHmac('sha256', key).update(salt).digest();
}

/** Whatever decides which clients a walk passes, and in which order; the page's size may change on the way. */
function boundTo({ firmId, reader, query }: Bound): Buffer {
  const { access, rating, adviser, name, type, status, sort, order, as_of: asOf } = query;
  const filters = [access, rating, adviser, name, type, status].map((values) => values?.toSorted() ?? null);
  return Buffer.from(JSON.stringify([firmId, reader.id, reader.book, sort, order, asOf ?? null, filters]));
}
