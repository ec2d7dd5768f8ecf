// Tiles: clients as list items, by their ids, read from the store as they are now and derived at one instant.
import { clientViews } from '../core/derive/client.ts';
import type { Frame } from '../core/derive/frame.ts';
import { ListedReader } from '../core/derive/listed.ts';
import { isInBook } from '../core/filter.ts';
import type { ClientId } from '../core/ids.ts';
import { type ListItem, listItemOf } from '../core/list.ts';
import type { FirmRecord, ViewStore } from '../store/port.ts';

/**
 * At most some hundred: they are derived in one go, which takes five microseconds each. In the order asked; null for whoever has no profile, was erased, or is in another book than `book` (null: any).
 */
export async function readTiles(
  store: ViewStore,
  { firmId, dataSince }: Pick<FirmRecord, 'firmId' | 'dataSince'>,
  book: string | null,
  clientIds: readonly ClientId[],
  frame: Frame,
): Promise<readonly (ListItem | null)[]> {
  const keys = clientIds.flatMap((clientId) => clientViews.map((view) => ({ firmId, clientId, view })));
  const stored = await store.load(keys);
  const reader = new ListedReader(frame);
  return clientIds.map((clientId, index) => {
    const listed = reader.read(stored.slice(index * clientViews.length, (index + 1) * clientViews.length));
    return listed === null || !isInBook(listed, book)
      ? null
      : listItemOf({ firmId, clientId }, listed, frame, dataSince);
  });
}
