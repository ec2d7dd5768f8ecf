// Profiles of clients as they stand in the store now.
import { readClient } from '../core/derive/client.ts';
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
