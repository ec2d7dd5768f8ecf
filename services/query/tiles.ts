// Tiles: clients as list items, by their ids, read from the store as they are now and derived at one instant.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { clientViews, deriveClient, readClient } from '../core/derive/client.ts';
import type { Frame } from '../core/derive/frame.ts';
import { isInBook } from '../core/filter.ts';
import type { ClientId } from '../core/ids.ts';
import { type ListItem, listItemOf } from '../core/list.ts';
import type { FirmRecord, ViewStore } from '../store/port.ts';

/** Clients derived in one go: a few milliseconds. */
const deriveClientsMax = 64;

/** In the order asked; null for whoever has no profile, was erased, or is in another book than `book` (null: any). */
export async function readTiles(
  store: ViewStore,
  { firmId, dataSince }: Pick<FirmRecord, 'firmId' | 'dataSince'>,
  book: string | null,
  clientIds: readonly ClientId[],
  frame: Frame,
): Promise<readonly (ListItem | null)[]> {
  const keys = clientIds.flatMap((clientId) => clientViews.map((view) => ({ firmId, clientId, view })));
  const stored = await store.load(keys);
  const tiles: (ListItem | null)[] = [];
  for (const [index, clientId] of clientIds.entries()) {
    if (index > 0 && index % deriveClientsMax === 0) await nextTurn();
    const views = stored.slice(index * clientViews.length, (index + 1) * clientViews.length);
    const facts = deriveClient(readClient(views.filter((view) => view !== null)), frame);
    const profile = facts?.profile ?? null;
    if (facts === null || profile === null || !isInBook(facts, book)) tiles.push(null);
    else tiles.push(listItemOf({ firmId, clientId }, { ...facts, profile }, frame, dataSince));
  }
  return tiles;
}
