// Under which keys the index keeps addresses, users and clients. Hashes, so that no key of the store shows an address.
import { createHash } from 'node:crypto';
import type { Asked } from './rules.ts';

/** An address, or a user of one source's provider, as the index and the waiting place know it: never in clear. */
export type LookupKey = string & { readonly brand: 'LookupKey' };

/** Letters that no base64url has, so an address is never taken for a user. */
const marks = { address: 'a.', user: 'u.' } as const;

/** `address` must be normalised. */
export function addressKey(address: string): LookupKey {
  return keyOf('address', address);
}

/** A provider's ids are its own: two sources may have the same ones for different people. */
export function userKey(source: string, userId: string): LookupKey {
  return keyOf('user', `${source}\t${userId}`);
}

/** What an event waits for: its address, which a profile can bring, or else its user. */
export function waitedFor(source: string, { address, userId }: Asked): LookupKey | null {
  if (address !== null) return addressKey(address);
  return userId === null ? null : userKey(source, userId);
}

export function isLookupKey(text: string): text is LookupKey {
  return text.startsWith(marks.address) || text.startsWith(marks.user);
}

function keyOf(kind: keyof typeof marks, text: string): LookupKey {
  const key = marks[kind] + digest(text).toString('base64url').slice(0, 24);
  if (!isLookupKey(key)) throw new RangeError(`"${key}" is no key of the index`);
  return key;
}

/** One DynamoDB partition takes 1,000 writes a second, so the index is spread over this many. Stored: never changes. */
const shards = 16;

/** The collection in which a key of the index, or a client's own entry in it, stands. */
export function shardOf(name: string, key: string): string {
  const shard = (digest(key)[0] ?? 0) % shards;
  return `${name}-${shard.toString(16)}`;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
