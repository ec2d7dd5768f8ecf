// The views loaded or saved last, as sealed bytes: a decoded view takes 15–50 KB of heap, its bytes under one.
import { type ClientKey, messageKey } from '../core/ids.ts';
import type { StoredView, ViewName } from '../store/port.ts';

/** What an entry costs besides its bytes: the key, the map's slot, the objects. */
export const entryOverheadBytes = 400;

/**
 * Bounded by bytes; the entries put longest ago go first. What it says may be out of date when another projector has
 * saved meanwhile: the conditional save finds out.
 */
export type ViewsCache = {
  /** Undefined: not known. Null: known to have no such view. */
  get(client: ClientKey, view: ViewName): StoredView | null | undefined;
  put(client: ClientKey, view: ViewName, stored: StoredView | null): void;
  forget(client: ClientKey, view: ViewName): void;
  bytes(): number;
};

export function openViewsCache(bytesMax: number): ViewsCache {
  // A map keeps the order of insertion, so the first entry is the one put longest ago.
  const entries = new Map<string, StoredView | null>();
  let bytes = 0;

  const keyOf = (client: ClientKey, view: ViewName) => `${messageKey(client)}/${view}`;
  const sizeOf = (stored: StoredView | null) => entryOverheadBytes + (stored?.bytes.length ?? 0);

  function remove(key: string): void {
    const stored = entries.get(key);
    if (stored !== undefined && entries.delete(key)) bytes -= sizeOf(stored);
  }

  return {
    // What is got is put again once it is saved, which makes it the newest; doing that twice would only take time.
    get: (client, view) => entries.get(keyOf(client, view)),
    put(client, view, stored) {
      const key = keyOf(client, view);
      remove(key);
      entries.set(key, stored);
      bytes += sizeOf(stored);
      for (const oldest of entries.keys()) {
        if (bytes <= bytesMax) return;
        remove(oldest);
      }
    },
    forget: (client, view) => remove(keyOf(client, view)),
    bytes: () => bytes,
  };
}
