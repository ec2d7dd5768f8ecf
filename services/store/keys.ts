// Keys of the store, in one place: where a view, a firm and a document stand. Ids hold no control characters, so a tab
// parts them, and sorts below every character of an id: items sort by client id, and a client's views stand together.
import { hash53 } from '../core/hash.ts';
import type { ClientId, FirmId } from '../core/ids.ts';
import type { ViewName } from './port.ts';

const tab = '\t';

/** One DynamoDB partition takes 1,000 writes a second, so a firm's clients are spread over this many. Stored: never changes. */
export const firmRanges = 16;

/** `firmId#nn`; a `#` cannot stand in an id, so no firm's ranges are another's. */
export function partitionKey(firmId: FirmId, clientId: ClientId): string {
  return rangeKey(firmId, hash53(clientId) % firmRanges);
}

export function rangeKey(firmId: FirmId, range: number): string {
  return `${firmId}#${String(range).padStart(2, '0')}`;
}

export function sortKey(clientId: ClientId, view: ViewName): string {
  return clientId + tab + view;
}

/** What all sort keys of a client begin with, and no others. */
export function clientPrefix(clientId: ClientId): string {
  return clientId + tab;
}

/** Client id and view of a sort key. Throws for a key that we did not write. */
export function parseSortKey(key: string): { readonly clientId: string; readonly view: ViewName } {
  const end = key.indexOf(tab);
  if (end < 1) throw new RangeError(`the sort key "${key}" names no client and view`);
  return { clientId: key.slice(0, end), view: key.slice(end + 1) };
}
