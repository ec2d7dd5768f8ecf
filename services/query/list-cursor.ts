// Cursors: where a page ended, at which instant and under which settings the walk began. Sealed, because they hold
// names and addresses and stand in URLs, and bound to what was asked for.
import { z } from 'zod';
import type { FirmId } from '../core/ids.ts';
import type { ListQuery } from '../core/list.ts';
import { dayMs } from '../core/time.ts';
import type { Reader } from '../runtime/principal.ts';
import { Problem } from '../runtime/problem.ts';
import type { ViewStore } from '../store/port.ts';
import { openSealing } from './sealing.ts';

const cursorMsMax = dayMs;

const Cursor = z.object({
  /** The walk's instant, epoch ms, and settings, as they are stored. */
  at: z.number(),
  /** When the walk began: later than its instant when it is about a past day. */
  begunAt: z.number(),
  settings: z.string().nullable(),
  end: z.object({ clientId: z.string(), value: z.union([z.string(), z.number(), z.null()]) }),
});
export type Cursor = z.infer<typeof Cursor>;

/** Whose walk it is, and through what: a cursor serves no other. */
export type Bound = { readonly firmId: FirmId; readonly reader: Reader; readonly query: ListQuery };

export type Cursors = {
  seal(bound: Bound, cursor: Cursor): Promise<string>;
  /** Throws the problem bad_cursor. `now` in epoch ms. */
  open(bound: Bound, text: string, now: number): Promise<Cursor>;
};

export function openCursors(store: ViewStore): Cursors {
  const sealing = openSealing(store);
  return {
    seal: async (bound, cursor) => (await sealing.sealerOf(bound.firmId))(boundTo(bound), cursor),
    open: async (bound, text, now) => {
      const opened = Cursor.safeParse(await sealing.open(bound.firmId, boundTo(bound), text));
      if (!opened.success) {
        const detail =
          'It is not one of ours, or belongs to another firm, reader, day, filter, sort or order. Start again without a cursor.';
        throw new Problem('bad_cursor', detail);
      }
      const cursor = opened.data;
      if (now - cursor.begunAt > cursorMsMax) {
        throw new Problem('bad_cursor', 'It is older than 24 hours. Start again without a cursor.');
      }
      return cursor;
    },
  };
}

/** Whatever decides which clients a walk passes, and in which order; the page's size may change on the way. */
function boundTo({ firmId, reader, query }: Bound): string {
  const { access, rating, adviser, name, type, status, sort, order, as_of: asOf } = query;
  const filters = [access, rating, adviser, name, type, status].map((values) => values?.toSorted() ?? null);
  return JSON.stringify([firmId, reader.id, reader.book, sort, order, asOf ?? null, filters]);
}
