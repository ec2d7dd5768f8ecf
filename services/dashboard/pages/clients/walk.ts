// A walk through a list: its pages one after the other as they are needed, all of one instant; its rows kept as they are
// now, in the places they had then. What would stand elsewhere by now is counted and told, never moved under one's eyes.
import type { List, ListItem } from '../../../query/wire.ts';
import { ApiProblem } from '../../api/ask.ts';
import { type ChangesListener, followChanges } from '../../api/changes.ts';
import { batchClientsMax, listClients, readTiles } from '../../api/clients.ts';
import { type ListState, listQuery } from './list-fields.ts';
import { mayAppear, mayMove } from './may-move.ts';

export type Row = {
  readonly item: ListItem;
  /** How often it changed since it is shown: a change is pointed out for a moment. */
  readonly changes: number;
  /** Erased, or in another book than the reader's by now. */
  readonly isGone: boolean;
};

export type WalkView = {
  readonly rows: readonly Row[];
  /** Null before the first page. `total` as the walk began. */
  readonly first: Pick<List, 'total' | 'evaluatedAt'> | null;
  /** As it is now. */
  readonly now: Pick<List, 'total' | 'facets'> | null;
  readonly isLoading: boolean;
  readonly error: unknown;
  /** Clients that may stand elsewhere by now. */
  readonly moved: number;
};

export type Walk = {
  readonly key: string;
  view(): WalkView;
  subscribe(listener: () => void): () => void;
  /** Loads the next page, unless one is loading or all are there. After a failure it tries again. */
  more(): void;
  /** Reads rows again, at most batchClientsMax: what they say of "ago" grows old without anything happening. */
  refresh(clientIds: readonly string[]): void;
  close(): void;
};

/** The first page is there soon; later ones are few. */
const firstPageRows = 100;
const laterPageRows = 200;
/** Counts on the filters, beside those that there always are. */
const facetsWanted = 'type,status';
/** Changes of one login arrive in two or three notices. */
const gatherMs = 150;
/** A page that could not be had, though it may be there soon, is asked for again. */
const tryAgainMs = 2_000;
/** Totals are asked for again at most this often. */
const countAgainMs = 1_500;

export function openWalk(firmId: string, state: ListState): Walk {
  const closing = new AbortController();
  const { signal } = closing;
  const listeners = new Set<() => void>();
  const places = new Map<string, number>();
  const moved = new Set<string>();
  const waiting = new Map<string, Set<string>>();
  let cursor: string | null = null;
  let gathering: number | null = null;
  let counting: number | null = null;
  let trying: number | null = null;
  let view: WalkView = { rows: [], first: null, now: null, isLoading: false, error: null, moved: 0 };

  const show = (changed: Partial<WalkView>): void => {
    view = { ...view, ...changed };
    for (const listener of listeners) listener();
  };

  const more = (): void => {
    if (view.isLoading || (view.first !== null && cursor === null)) return;
    // What was said of a failure stands until there is an answer, so that it is not said again and again.
    show({ isLoading: true });
    const query = listQuery(state);
    query.set('limit', String(cursor === null ? firstPageRows : laterPageRows));
    if (cursor === null) query.set('facets', facetsWanted);
    else query.set('cursor', cursor);
    listClients(firmId, query, signal).then(
      ({ items, total, facets, nextCursor, evaluatedAt }) => {
        cursor = nextCursor;
        const start = view.rows.length;
        items.forEach(({ clientId }, index) => {
          places.set(clientId, start + index);
        });
        const rows = [...view.rows, ...items.map((item) => ({ item, changes: 0, isGone: false }))];
        const first = view.first ?? { total, evaluatedAt };
        show({ rows, first, now: view.now ?? { total, facets }, isLoading: false, error: null });
      },
      (error: unknown) => {
        if (signal.aborted) return;
        show({ isLoading: false, error });
        if (error instanceof ApiProblem && error.mayPass) trying = window.setTimeout(more, tryAgainMs);
      },
    );
  };

  /** Null: nobody said that they changed, so what differs is only how long ago things were. */
  const readAgain = async (ids: readonly string[], views: ReadonlyMap<string, ReadonlySet<string>> | null) => {
    for (let start = 0; start < ids.length; start += batchClientsMax) {
      const some = ids.slice(start, start + batchClientsMax);
      const tiles = await readTiles(firmId, some, signal);
      const rows = [...view.rows];
      for (const clientId of some) {
        const place = places.get(clientId);
        const row = place === undefined ? undefined : rows[place];
        if (place === undefined || row === undefined) continue;
        const item = tiles.get(clientId);
        const changed = views?.get(clientId) ?? null;
        if (item === undefined) rows[place] = { ...row, isGone: true };
        else rows[place] = { item, changes: row.changes + (changed === null ? 0 : 1), isGone: false };
        if (item === undefined || mayMove(state, row.item, item, changed ?? new Set())) moved.add(clientId);
      }
      show({ rows, moved: moved.size });
    }
  };

  const countAgain = (): void => {
    counting ??= window.setTimeout(() => {
      counting = null;
      const query = listQuery(state);
      query.set('limit', '1');
      query.set('facets', facetsWanted);
      listClients(firmId, query, signal).then(
        ({ total, facets }) => show({ now: { total, facets } }),
        () => undefined,
      );
    }, countAgainMs);
  };

  const takeChanges = async (): Promise<void> => {
    const changed = new Map(waiting);
    waiting.clear();
    const ids = [...changed.keys()];
    for (const id of ids) if (!places.has(id) && mayAppear(state, changed.get(id) ?? new Set())) moved.add(id);
    show({ moved: moved.size });
    countAgain();
    await readAgain(
      ids.filter((id) => places.has(id)),
      changed,
    );
  };

  const listener: ChangesListener = {
    changed: (_clientIds, views) => {
      for (const [id, names] of views) waiting.set(id, new Set([...(waiting.get(id) ?? []), ...names]));
      gathering ??= window.setTimeout(() => {
        gathering = null;
        // What cannot be read now is read with the next change, or when the list is refreshed.
        takeChanges().catch(() => undefined);
      }, gatherMs);
    },
    // Everything that is shown may be old, and what is not shown too.
    missed: () => {
      for (const { item } of view.rows) moved.add(item.clientId);
      show({ moved: moved.size });
      countAgain();
    },
    begun: () => refresh(view.rows.slice(0, batchClientsMax).map(({ item }) => item.clientId)),
  };

  const refresh = (clientIds: readonly string[]): void => {
    if (clientIds.length === 0) return;
    readAgain(clientIds.slice(0, batchClientsMax), null).catch(() => undefined);
  };

  const stopFollowing = followChanges(firmId, listener);
  more();
  return {
    key: keyOf(firmId, state),
    view: () => view,
    subscribe: (told) => {
      listeners.add(told);
      return () => listeners.delete(told);
    },
    more: () => {
      // A cursor that is too old never becomes valid again; the list is begun anew instead.
      if (view.error instanceof ApiProblem && view.error.code === 'bad_cursor') return;
      more();
    },
    refresh,
    close: () => {
      closing.abort();
      stopFollowing();
      for (const timer of [gathering, counting, trying]) if (timer !== null) window.clearTimeout(timer);
    },
  };
}

export function keyOf(firmId: string, state: ListState): string {
  return JSON.stringify([firmId, state]);
}
