// Profiles of clients as they stand in the store now.
import { readClient } from '../core/derive/client.ts';
import { isInBook } from '../core/filter.ts';
import type { ClientId, FirmId } from '../core/ids.ts';
import { type ClientProfile, profileView } from '../core/views/profile/view.ts';
import type { ViewStore } from '../store/port.ts';

/** In the order asked; null for whoever has none, or was erased. */
export async function readProfiles(
  store: ViewStore,
  firmId: FirmId,
  clientIds: readonly ClientId[],
): Promise<readonly (ClientProfile | null)[]> {
  const stored = await store.load(clientIds.map((clientId) => ({ firmId, clientId, view: profileView.name })));
  return stored.map((view) => (view === null ? null : (readClient([view]).profile?.profile ?? null)));
}

/** In the order given, without those that were erased or have left the book (null: any) since they were found. */
export async function readBook<Item extends { readonly clientId: ClientId }>(
  store: ViewStore,
  firmId: FirmId,
  book: string | null,
  items: readonly Item[],
): Promise<{ readonly item: Item; readonly profile: ClientProfile }[]> {
  const profiles = await readProfiles(
    store,
    firmId,
    items.map(({ clientId }) => clientId),
  );
  return items.flatMap((item, index) => {
    const profile = profiles[index] ?? null;
    return profile === null || !isInBook({ profile }, book) ? [] : [{ item, profile }];
  });
}
