// GET …/clients: the firm's clients, filtered and sorted, a page at a time, with totals and facets.
import type { FastifyInstance } from 'fastify';
import { asOfWire } from '../core/derive/card.ts';
import type { FirmId } from '../core/ids.ts';
import { type List, ListQuery, ListWire, type MoreFacet, withoutBlanks } from '../core/list.ts';
import { readSettings } from '../core/settings.ts';
import { formatInstant } from '../core/time.ts';
import { noteAudit } from '../runtime/audit.ts';
import type { Clock } from '../runtime/clock.ts';
import { type Reader, readerOf } from '../runtime/principal.ts';
import { parseParameters } from '../runtime/problem.ts';
import type { FirmRecord, ViewStore } from '../store/port.ts';
import { instantOf } from './as-of.ts';
import { type Cursors, openCursors } from './list-cursor.ts';
import { finishPage, readPage, writePage } from './page.ts';
import { listPast, type PastAsk } from './past-list.ts';
import { FirmPlace } from './places.ts';
import type { ListFilter } from './roster/answer/scan.ts';
import type { RosterPage, Rosters } from './roster/rosters.ts';
import type { Snapshots } from './snapshots.ts';

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
            'instant: a client that does not change meanwhile appears exactly once. While changes flood in, an answer may ' +
            'be of half a second before. With as_of, profile and adviser are as they are today, and so are the ' +
            'settings; what changes meanwhile may take some seconds to show.',
          problems: ['bad_cursor'],
          params: FirmPlace,
          query: ListQuery,
          responses: { 200: { description: 'A page.', schema: ListWire } },
        },
      },
    },
    async (request, reply) => {
      const { firmId } = parseParameters(FirmPlace, request.params, 'path');
      const reader = readerOf(request, firmId);
      const query = parseParameters(ListQuery, withoutBlanks(request.query), 'query');
      const { clients, json } = await readList(parts, cursors, firmId, reader, query);
      noteAudit(request, { clients });
      return reply.type('application/json; charset=utf-8').send(json);
    },
  );
}

/** A list as JSON in UTF-8, and how many clients it shows. */
type Written = { readonly clients: number; readonly json: Buffer };

async function readList(
  parts: ListParts,
  cursors: Cursors,
  firmId: FirmId,
  reader: Reader,
  query: ListQuery,
): Promise<Written> {
  const { store, clock, rosters } = parts;
  const bound = { firmId, reader, query };
  const cursor = query.cursor === undefined ? null : await cursors.open(bound, query.cursor, clock.now());
  const firm = await store.loadFirm(firmId);
  if (firm === null) return nobody(clock.now(), query.facets ?? []);
  // A walk keeps the instant and the settings it began with: under others a client might appear twice, or not at all.
  const settingsText = cursor === null ? firm.settings : cursor.settings;
  const settings = readSettings(settingsText);
  const begunAt = cursor?.begunAt ?? clock.now();
  const { sort, order, limit, as_of: asOf, facets: more } = query;
  const at = cursor?.at ?? (asOf === undefined ? begunAt : instantOf(asOf, settings, begunAt, 'as_of'));
  const ask = { filter: filterOf(query, reader.book), sort, order, limit, after: cursor?.end ?? null, more };
  const isPast = at < begunAt;
  const found: FoundPage = isPast
    ? await readPast(parts, firm, settingsText, at, ask)
    : await rosters.page({ firmId, dataSince: firm.dataSince }, { ...ask, settings, at: cursor?.at ?? null });
  const walk = { at: found.at, begunAt: isPast ? begunAt : found.at, settings: settingsText };
  return {
    clients: found.page.clients,
    json: finishPage(found.page, {
      nextCursor: found.end === null ? null : await cursors.seal(bound, { ...walk, end: found.end }),
      evaluatedAt: formatInstant(found.at),
      ...(asOf === undefined ? {} : { asOf: { ...asOfWire(asOf), partial: found.partial ?? false } }),
    }),
  };
}

/** `partial` is told of past days alone. */
type FoundPage = RosterPage & { readonly partial?: boolean };

async function readPast(
  { store, snapshots }: ListParts,
  firm: FirmRecord,
  settingsText: string | null,
  at: number,
  ask: PastAsk,
): Promise<FoundPage> {
  const { frame, clients } = await snapshots.take(firm.firmId, settingsText, at);
  const { end, partial, ...found } = await listPast(clients, ask);
  return { at, page: await readPage(store, firm, ask.filter.book, found, frame), end, partial };
}

function filterOf(query: ListQuery, book: string | null): ListFilter {
  const { name, adviser, access, rating, type, status } = query;
  const [only, another] = status ?? [];
  const isOne = another === undefined && only !== undefined && only !== 'all';
  return { book, name, adviser, access, rating, type, status: isOne ? only : null };
}

/** Of a firm of which nothing has arrived. */
function nobody(at: number, more: readonly MoreFacet[]): Written {
  const facets: List['facets'] = {
    rating: { green: 0, amber: 0, red: 0, none: 0 },
    access: { has_portal_access: 0, logged_in_recently: 0, never_logged_in: 0, no_portal_access: 0 },
    adviser: [],
    ...(more.includes('type') ? { type: [] } : {}),
    ...(more.includes('status') ? { status: { active: 0, inactive: 0 } } : {}),
  };
  const page = writePage([], 0, facets);
  return { clients: 0, json: finishPage(page, { nextCursor: null, evaluatedAt: formatInstant(at) }) };
}
