// GET …/clients: the firm's clients, filtered and sorted, a page at a time, with totals and facets.
import type { FastifyInstance } from 'fastify';
import { asOfWire } from '../core/derive/card.ts';
import { frameOf } from '../core/derive/frame.ts';
import type { FirmId } from '../core/ids.ts';
import { type List, ListQuery, ListWire, withoutBlanks } from '../core/list.ts';
import { readSettings } from '../core/settings.ts';
import { formatInstant } from '../core/time.ts';
import { noteAudit } from '../runtime/audit.ts';
import type { Clock } from '../runtime/clock.ts';
import { type Reader, readerOf } from '../runtime/principal.ts';
import { parseParameters } from '../runtime/problem.ts';
import type { ViewStore } from '../store/port.ts';
import { instantOf } from './as-of.ts';
import { type Cursors, openCursors } from './list-cursor.ts';
import { listPast } from './past-list.ts';
import { FirmPlace } from './places.ts';
import type { RosterAnswer } from './roster/roster.ts';
import type { Rosters } from './roster/rosters.ts';
import type { ListFilter } from './roster/scan.ts';
import type { Snapshots } from './snapshots.ts';
import { readTiles } from './tiles.ts';

export type ListParts = {
  readonly store: ViewStore;
  readonly clock: Clock;
  readonly rosters: Rosters;
  readonly snapshots: Snapshots;
};

export function registerList(server: FastifyInstance, parts: ListParts): void {
  const cursors = openCursors(parts.store);
  server.get(
    '/v1/firms/:firmId/clients',
    {
      config: {
        scope: 'read',
        audit: 'list.read',
        doc: {
          id: 'listClients',
          summary: "A firm's clients, filtered and sorted",
          description:
            'Values of one filter are alternatives, by comma or repeated (a comma within a value: `\\,`); filters combine. ' +
            'Missing values come last in both orders, ties ascend by client id. A walk through the pages is of one ' +
            'instant: a client that does not change meanwhile appears exactly once. With as_of, profile and adviser are ' +
            'as they are today, and so are the settings; what changes meanwhile may take some seconds to show.',
          problems: ['bad_cursor'],
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
  const { store, clock, rosters, snapshots } = parts;
  const bound = { firmId, reader, query };
  const cursor = query.cursor === undefined ? null : await cursors.open(bound, query.cursor, clock.now());
  const firm = await store.loadFirm(firmId);
  if (firm === null) return nobody(clock.now());
  // A walk keeps the instant and the settings it began with: under others a client might appear twice, or not at all.
  const settingsText = cursor === null ? firm.settings : cursor.settings;
  const settings = readSettings(settingsText);
  const begunAt = cursor?.begunAt ?? clock.now();
  const { sort, order, limit, as_of: asOf } = query;
  const at = cursor?.at ?? (asOf === undefined ? begunAt : instantOf(asOf, settings, begunAt, 'as_of'));
  let frame = frameOf(settings, at);
  const ask = { filter: filterOf(query, reader.book), sort, order, limit, after: cursor?.end ?? null };
  let found: FoundPage;
  if (at < begunAt) {
    const { clients } = await snapshots.take(firmId, settingsText, at);
    found = await listPast(clients, ask);
  } else {
    const answer = await rosters.query(firmId, { ...ask, settings, at: cursor?.at ?? null });
    frame = frameOf(settings, answer.at);
    found = answer;
  }
  const walk = { at: frame.at, begunAt: at < begunAt ? begunAt : frame.at, settings: settingsText };
  return {
    // A client that changed since the page was put together keeps its place and shows what is known; one that was
    // erased, or that left the book, is left out.
    items: (await readTiles(store, firm, reader.book, found.clientIds, frame)).filter((tile) => tile !== null),
    total: found.total,
    facets: found.facets,
    nextCursor: found.end === null ? null : await cursors.seal(bound, { ...walk, end: found.end }),
    evaluatedAt: formatInstant(frame.at),
    ...(asOf === undefined ? {} : { asOf: { ...asOfWire(asOf), partial: found.partial ?? false } }),
  };
}

/** `partial` is told of past days alone. */
type FoundPage = Omit<RosterAnswer, 'at'> & { readonly partial?: boolean };

function filterOf(query: ListQuery, book: string | null): ListFilter {
  const { name, adviser, access, rating, type, status } = query;
  const [only, another] = status ?? [];
  const isOne = another === undefined && only !== undefined && only !== 'all';
  return { book, name, adviser, access, rating, type, status: isOne ? only : null };
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
