// Changes a small document of the store though others change it too: loads, changes, saves, until nobody came in between.
import { randomInt } from 'node:crypto';
import type { z } from 'zod';
import type { FirmId } from '../core/ids.ts';
import { OperatingError } from '../runtime/errors.ts';
import type { ViewStore } from '../store/port.ts';

export type DocumentPlace = { readonly collection: string; readonly firmId: FirmId; readonly id: string };

/** A document removed and made again starts at another version, so that a save held up for long is refused. */
const firstVersionMax = 2 ** 40;

/** After so many tries something is wrong. */
const triesMax = 50;

/**
 * `change` answers what is to stand there: null removes it, the body itself leaves it. Where there is no document it gets
 * `empty`. Resolves to what stands then. Throws view_contended (retryable) when others never let us.
 */
export async function changeDocument<Body>(
  store: ViewStore,
  place: DocumentPlace,
  schema: z.ZodType<Body>,
  empty: Body,
  change: (body: Body) => Body | null,
): Promise<Body> {
  const { collection, firmId, id } = place;
  for (let tries = 0; tries < triesMax; tries += 1) {
    const stored = await store.loadDocument(collection, firmId, id);
    const body = stored === null ? empty : schema.parse(JSON.parse(stored.body));
    const changed = change(body);
    if (changed === body) return body;
    if (changed === null) {
      if (stored === null || (await store.deleteDocument(collection, firmId, id, stored.version))) return empty;
      continue;
    }
    const document = { collection, firmId, id, body: JSON.stringify(changed) };
    if (await store.saveDocument(document, stored?.version ?? 0, randomInt(1, firstVersionMax))) return changed;
  }
  const message = `Others keep saving the document ${collection}/${id} first.`;
  throw new OperatingError('view_contended', message, { retryable: true });
}
