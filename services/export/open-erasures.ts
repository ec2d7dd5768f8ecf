// Erasures that no projector has taken in yet, and what they keep out of a file.
import { carriesErasure, erasureNoteCollection, readErasureNote } from '../core/erasure-note.ts';
import { type FirmId, knownClientId } from '../core/ids.ts';
import type { ClientViews, ViewStore } from '../store/port.ts';

/** Tells of a client of the firm, as its views stand, whether it is still to be erased. */
export async function openErasures(store: ViewStore, firmId: FirmId): Promise<(client: ClientViews) => boolean> {
  const notes = await store.listDocuments(erasureNoteCollection, firmId);
  if (notes.length === 0) return () => false;
  const noted = new Map(notes.map(({ id, body }) => [id, readErasureNote(body).at]));
  return ({ clientId, views }) => {
    const at = noted.get(clientId);
    return at !== undefined && !carriesErasure(views, at);
  };
}

/** Deletes the notes of what was taken in since. */
export async function sweepErasures(store: ViewStore): Promise<void> {
  for (const { collection, firmId, id, version, body } of await store.listDocuments(erasureNoteCollection)) {
    const views = await store.loadClient({ firmId, clientId: knownClientId(id) });
    if (carriesErasure(views, readErasureNote(body).at)) await store.deleteDocument(collection, firmId, id, version);
  }
}
