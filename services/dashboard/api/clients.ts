// Lists of clients, and single ones of them again.
import type { List, ListItem, Tiles } from '../../query/wire.ts';
import { ask, path } from './ask.ts';

/** Of what one request may name. */
export const batchClientsMax = 200;

export function listClients(firmId: string, query: URLSearchParams, signal: AbortSignal): Promise<List> {
  return ask<List>(path`/v1/firms/${firmId}/clients`, { query, signal });
}

/** As they are now, at most batchClientsMax; whoever is not in the answer is gone. */
export async function readTiles(
  firmId: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ListItem>> {
  const where = path`/v1/firms/${firmId}/clients/batch`;
  const answer = await ask<Tiles>(where, { method: 'POST', body: { ids }, signal });
  return new Map(answer.items.map((item) => [item.clientId, item]));
}
