// A view as a DynamoDB item. Names that nobody reads are short, because a write is billed by the KB, names included.
import { ClientId } from '../core/ids.ts';
import { type Item, numberOf, textOf } from './dynamodb-connection.ts';
import { parseSortKey, partitionKey, sortKey } from './keys.ts';
import type { StoredView, ViewKey, ViewWrite } from './port.ts';

/** pk, sk: the key. v: the version. b: the view's bytes. t: the token of the write, by which its writer knows it again. */
const names = { partition: 'pk', sort: 'sk', version: 'v', bytes: 'b', token: 't' } as const;
const reserved: ReadonlySet<string> = new Set(Object.values(names));

/** Names stand between quotes in statements, so nothing in them may end the quotes. */
const plainName = /^[A-Za-z][A-Za-z0-9]*$/;

/** What reading a view needs, as a projection. */
export const viewProjection = [names.partition, names.sort, names.version, names.bytes].join(', ');
/** The same, and what tells who wrote it. */
export const signedProjection = `${viewProjection}, ${names.token}`;

export const tokenBytes = 8;

export function keyOf({ firmId, clientId, view }: ViewKey): Item {
  return { pk: { S: partitionKey(firmId, clientId) }, sk: { S: sortKey(clientId, view) } };
}

export function viewItem(write: ViewWrite, token: Uint8Array): Item {
  return { ...keyOf(write), ...attributesOf(write, token) };
}

/** All but the key. */
export function attributesOf(write: ViewWrite, token: Uint8Array): Item {
  const attributes: Item = { v: { N: String(write.expected + 1) }, b: { B: write.bytes }, t: { B: token } };
  for (const [name, value] of Object.entries(write.readable)) {
    if (reserved.has(name))
      throw new RangeError(`the readable attribute "${name}" has the name of one of the store's own`);
    if (!plainName.test(name)) throw new RangeError(`the readable attribute "${name}" is not a plain word`);
    if (value !== null) attributes[name] = typeof value === 'number' ? { N: String(value) } : { S: value };
  }
  return attributes;
}

export function parseView(item: Item): StoredView {
  return {
    view: parseSortKey(textOf(item, names.sort)).view,
    version: numberOf(item, names.version),
    bytes: bytesOf(item),
  };
}

export function clientOf(item: Item): string {
  return parseSortKey(textOf(item, names.sort)).clientId;
}

export function brandedClientOf(item: Item): ClientId {
  return ClientId.parse(clientOf(item));
}

/** Tells items of one table apart. */
export function identityOf(item: Item): string {
  return `${textOf(item, names.partition)}\n${textOf(item, names.sort)}`;
}

export function hasToken(item: Item, token: Uint8Array): boolean {
  const stored = item[names.token]?.B;
  return stored !== undefined && Buffer.compare(stored, token) === 0;
}

function bytesOf(item: Item): Uint8Array {
  const bytes = item[names.bytes]?.B;
  if (bytes === undefined) throw new RangeError('a stored view lacks its bytes; was it written by something else?');
  return bytes;
}

/** The size DynamoDB bills an item by: names and values in UTF-8, numbers at two digits a byte and one more. */
export function itemBytes(item: Item): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) {
    bytes += Buffer.byteLength(name);
    if (value.S !== undefined) bytes += Buffer.byteLength(value.S);
    else if (value.N !== undefined) bytes += 1 + Math.ceil(value.N.replace(/\D/g, '').length / 2);
    else if (value.B !== undefined) bytes += value.B.length;
    else throw new RangeError(`the attribute "${name}" is of a type the store does not write`);
  }
  return bytes;
}
