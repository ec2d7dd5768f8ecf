// The keys of view tokens: random, one a firm and day, and documents of the store, so that all processes on it agree. A new
// day brings a new key; the one before it stays for the tokens that are still about.
import { randomBytes } from 'node:crypto';
import { FirmId } from '../core/ids.ts';
import { dayMs } from '../core/time.ts';
import type { Clock } from '../runtime/clock.ts';
import type { ViewTokenKey, ViewTokenKeys } from '../runtime/view-tokens.ts';
import type { ViewStore } from '../store/port.ts';

const collection = 'view-token-keys';
const keyBytes = 32;
const keysKeptMax = 10_000;
/** A token lives for an hour at most; a day more leaves room for clocks that differ. */
const daysKept = 1;

export function openViewTokenKeys(store: ViewStore, clock: Clock): ViewTokenKeys {
  const known = new Map<string, ViewTokenKey>();
  const dayAt = (daysAway: number) => new Date(clock.now() + daysAway * dayMs).toISOString().slice(0, 10);

  const load = async (firmId: FirmId, id: string): Promise<ViewTokenKey | null> => {
    const name = `${id}/${firmId}`;
    const found = known.get(name);
    if (found !== undefined) return found;
    const stored = await store.loadDocument(collection, firmId, id);
    if (stored === null) return null;
    if (known.size >= keysKeptMax) known.clear();
    const key = { id, bytes: Buffer.from(stored.body, 'base64') };
    known.set(name, key);
    return key;
  };

  const removeOld = async (firmId: FirmId) => {
    for (const { id } of await store.listDocuments(collection, firmId)) {
      if (id < dayAt(-daysKept)) await store.deleteDocument(collection, firmId, id);
    }
  };

  return {
    newest: async (firm) => {
      const firmId = FirmId.parse(firm);
      const id = dayAt(0);
      const found = await load(firmId, id);
      if (found !== null) return found;
      const body = randomBytes(keyBytes).toString('base64');
      // Whoever was quicker made the day's key.
      if (await store.saveDocument({ collection, firmId, id, body }, 0)) await removeOld(firmId);
      const made = await load(firmId, id);
      if (made === null) throw new Error(`the key ${id} of ${firmId} was saved and is not there`);
      return made;
    },
    find: async (firm, id) => {
      const firmId = FirmId.safeParse(firm);
      // The store is asked for no more than three names a firm, whatever tokens say.
      if (!firmId.success || ![dayAt(-daysKept), dayAt(0), dayAt(1)].includes(id)) return null;
      return load(firmId.data, id);
    },
  };
}
