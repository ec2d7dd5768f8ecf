// GET …/clients: the firm's clients, filtered and sorted, a page at a time, with totals and facets.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { clientViews, deriveClient, readClient } from '../core/derive/client.ts';
import { type Frame, frameOf } from '../core/derive/frame.ts';
import { isInBook } from '../core/filter.ts';
import type { ClientId, FirmId } from '../core/ids.ts';
import { type List, type ListItem, ListQuery, ListWire, listItemOf, withoutBlanks } from '../core/list.ts';
import { readSettings } from '../core/settings.ts';
import { formatInstant } from '../core/time.ts';
import { noteAudit } from '../runtime/audit.ts';
import type { Clock } from '../runtime/clock.ts';
import { type Reader, readerOf } from '../runtime/principal.ts';
import { parseParameters } from '../runtime/problem.ts';
import type { FirmRecord, ViewStore } from '../store/port.ts';
import { type Cursors, openCursors } from './list-cursor.ts';
import { FirmPlace } from './places.ts';
import type { Rosters } from './roster/rosters.ts';
import type { ListFilter } from './roster/scan.ts';

/** Clients of a page derived in one go: a few milliseconds. */
const deriveClientsMax = 64;

export type ListParts = { readonly store: ViewStore; readonly clock: Clock; readonly rosters: Rosters };

export function registerList(server: FastifyInstance, parts: ListParts): void {
  const cursors = openCursors(parts.store);
  server.get(
    '/v1/firms/:firmId/clients',
    {
      config: {
        scope: 'read',
        audit: 'list.read',
        doc: {
          summary: "A firm's clients, filtered and sorted",
          description:
            'Values of one filter are alternatives, by comma or repeated; filters combine. Missing values come last in ' +
            'both orders, ties ascend by client id. A walk through the pages is of one instant: a client that does not ' +
            'change meanwhile appears exactly once.',
          params: FirmPlace,
          query: ListQuery,
          responses: { 200: { description: 'A page.', schema: ListWire } },
        },
      },
    },
    async (request): Promise<List> => {
      const { firmId } = parseParameters(FirmPlace, request.params, 'path');
      const reader = readerOf(request, firmId);
      const query = parseParameters(ListQuery, withoutBlanks(request.query), 'query');
      const list = await readList(parts, cursors, firmId, reader, query);
      noteAudit(request, { clients: list.items.length });
      return list;
    },
  );
}

async function readList(
  parts: ListParts,
  cursors: Cursors,
  firmId: FirmId,
  reader: Reader,
  query: ListQuery,
): Promise<List> {
  const { store, clock, rosters } = parts;
  const bound = { firmId, reader, query };
  const cursor = query.cursor === undefined ? null : await cursors.open(bound, query.cursor, clock.now());
  const firm = await store.loadFirm(firmId);
  if (firm === null) return nobody(clock.now());
  // A walk keeps the instant and the settings it began with: under others a client might appear twice, or not at all.
  const settingsText = cursor === null ? firm.settings : cursor.settings;
  const settings = readSettings(settingsText);
  let frame = frameOf(settings, cursor?.at ?? clock.now());
  const { sort, order, limit } = query;
  const found = await rosters.query(firmId, () => {
    if (cursor === null) frame = frameOf(settings, clock.now());
    return { filter: filterOf(query, reader.book), sort, order, limit, frame, after: cursor?.end ?? null };
  });
  const next = found.end;
  return {
    items: await readItems(store, firm, reader.book, found.clientIds, frame),
    total: found.total,
    facets: found.facets,
    nextCursor: next === null ? null : await cursors.seal(bound, { at: frame.at, settings: settingsText, end: next }),
    evaluatedAt: formatInstant(frame.at),
  };
}

function filterOf(query: ListQuery, book: string | null): ListFilter {
  const { name, adviser, access, rating, type, status } = query;
  const [only, another] = status ?? [];
  const isOne = another === undefined && only !== undefined && only !== 'all';
  return { book, name, adviser, access, rating, type, status: isOne ? only : null };
}

/**
 * The clients as the store has them now, derived at the page's instant. One that changed since the page was put together
 * keeps its place and shows what is known; one that was erased, or that left the book, is left out.
 */
async function readItems(
  store: ViewStore,
  { firmId, dataSince }: FirmRecord,
  book: string | null,
  clientIds: readonly ClientId[],
  frame: Frame,
): Promise<ListItem[]> {
  const keys = clientIds.flatMap((clientId) => clientViews.map((view) => ({ firmId, clientId, view })));
  const stored = await store.load(keys);
  const items: ListItem[] = [];
  for (const [index, clientId] of clientIds.entries()) {
    if (index > 0 && index % deriveClientsMax === 0) await nextTurn();
    const views = stored.slice(index * clientViews.length, (index + 1) * clientViews.length);
    const facts = deriveClient(readClient(views.filter((view) => view !== null)), frame);
    if (facts === null || facts.profile === null || !isInBook(facts, book)) continue;
    items.push(listItemOf({ firmId, clientId }, { ...facts, profile: facts.profile }, frame, dataSince));
  }
  return items;
}

/** Of a firm of which nothing has arrived. */
function nobody(at: number): List {
  return {
    items: [],
    total: 0,
    facets: {
      rating: { green: 0, amber: 0, red: 0, none: 0 },
      access: { has_portal_access: 0, logged_in_recently: 0, never_logged_in: 0, no_portal_access: 0 },
      adviser: [],
    },
    nextCursor: null,
    evaluatedAt: formatInstant(at),
  };
}
