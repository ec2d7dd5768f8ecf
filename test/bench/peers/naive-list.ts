// Lists the naive way: the whole firm is read from the store at every request, derived, filtered, counted and sorted.
import type { FastifyInstance } from 'fastify';
import { clientViews } from '../../../services/core/derive/client.ts';
import { frameOf } from '../../../services/core/derive/frame.ts';
import { type ListedClient, ListedReader } from '../../../services/core/derive/listed.ts';
import { accessFilters, matcherOf, matchesAccess, matchesRating, ratings } from '../../../services/core/filter.ts';
import { type ClientId, FirmId } from '../../../services/core/ids.ts';
import { ListQuery, listItemOf } from '../../../services/core/list.ts';
import { foldName } from '../../../services/core/names.ts';
import { readSettings } from '../../../services/core/settings.ts';
import type { Clock } from '../../../services/runtime/clock.ts';
import type { ViewStore } from '../../../services/store/port.ts';

/** Sorts by last name and by last login, which are enough to compare with. */
export function registerNaiveList(
  server: FastifyInstance,
  { store, clock }: { readonly store: ViewStore; readonly clock: Clock },
): void {
  server.get('/naive/:firmId', { config: { open: true } }, async (request) => {
    const firmId = FirmId.parse(Object(request.params).firmId);
    const { rating, access, adviser, name, type, sort, order, limit } = ListQuery.parse(request.query);
    const frame = frameOf(readSettings((await store.loadFirm(firmId))?.settings ?? null), clock.now());
    const matches = matcherOf({ rating, access, adviser, name });
    const counts: Record<string, number> = {};
    const found: { clientId: ClientId; listed: ListedClient; key: string | number | null }[] = [];
    const reader = new ListedReader(frame);
    for await (const clients of store.readFirm(firmId, clientViews)) {
      for (const { clientId, views } of clients) {
        const listed = reader.read(views);
        if (listed === null) continue;
        if (!matches(listed) || (type !== undefined && !type.includes(listed.profile.type))) continue;
        for (const one of ratings) if (matchesRating(listed, one)) counts[one] = (counts[one] ?? 0) + 1;
        for (const one of accessFilters) if (matchesAccess(listed, one)) counts[one] = (counts[one] ?? 0) + 1;
        const { lastName } = listed.profile;
        const key =
          sort === 'last_login' ? (listed.signals.lastLogin?.at.at ?? null) : foldName(lastName ?? '') || null;
        found.push({ clientId, listed, key });
      }
    }
    const direction = order === 'asc' ? 1 : -1;
    found.sort((one, other) => {
      if (one.key === other.key) return 0;
      if (one.key === null || other.key === null) return one.key === null ? 1 : -1;
      return (one.key < other.key ? -1 : 1) * direction;
    });
    const items = found.slice(0, limit).map(({ clientId, listed }) => {
      return listItemOf({ firmId, clientId }, listed, frame, null);
    });
    return { items, total: found.length, facets: counts };
  });
}
