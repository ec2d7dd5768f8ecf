// GET …/movements: who came to another rating since a day, and who will by a day if nothing happens.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { asOfWire, countedSince } from '../core/derive/card.ts';
import type { Rating } from '../core/derive/facts.ts';
import { endOfDay, type Frame } from '../core/derive/frame.ts';
import { nextChange, type RatingChange } from '../core/derive/rating-change.ts';
import { rate } from '../core/derive/signals.ts';
import { ratings } from '../core/filter.ts';
import type { ClientId, FirmId } from '../core/ids.ts';
import { adviserParameter } from '../core/list.ts';
import { queryParameters } from '../core/query-parameters.ts';
import { readSettings } from '../core/settings.ts';
import { CalendarDate, dayMs, formatDay, formatInstant, parseDate } from '../core/time.ts';
import { noteAudit } from '../runtime/audit.ts';
import type { Clock } from '../runtime/clock.ts';
import { readerOf } from '../runtime/principal.ts';
import { Problem, parseParameters } from '../runtime/problem.ts';
import type { FirmRecord, ViewStore } from '../store/port.ts';
import { pastInstantOf } from './as-of.ts';
import { chooser, scannedDaysMax } from './firm-scan.ts';
import { FirmPlace } from './places.ts';
import { readBook } from './profiles.ts';
import type { Snapshot, Snapshots } from './snapshots.ts';
import { type Movements, MovementsWire } from './wire/movements.ts';

/** Clients passed in one go: a few milliseconds. */
const turnClients = 8_192;
const namedMax = 100;
/** Unless asked otherwise: a week that ends today, and the two weeks after it. */
const sinceDaysPreset = 7;
const untilDaysPreset = 14;

const limitMessage = `must be a whole number from 0 to ${namedMax}`;
const MovementsQuery = queryParameters({
  since: CalendarDate.optional().meta({
    description: `Changes from that local day on, at most ${scannedDaysMax} days; without it, of ${sinceDaysPreset} days.`,
  }),
  until: CalendarDate.optional().meta({
    description: `What will change up to the end of that local day; without it, within ${untilDaysPreset} days more.`,
  }),
  adviser: adviserParameter,
  limit: z
    .string()
    .regex(/^\d{1,9}$/, limitMessage)
    .default('20')
    .transform(Number)
    .pipe(z.int().max(namedMax, limitMessage))
    .meta({ description: `How many clients of each group are named, at most ${namedMax}.` }),
  as_of: CalendarDate.optional().meta({ description: 'As it was at the end of that local day.' }),
});

type MovementsQuery = z.infer<typeof MovementsQuery>;

export function registerMovements(
  server: FastifyInstance,
  parts: { readonly store: ViewStore; readonly clock: Clock; readonly snapshots: Snapshots },
): void {
  server.get(
    '/v1/firms/:firmId/movements',
    {
      config: {
        scope: 'read',
        audit: 'movements.read',
        doc: {
          id: 'getMovements',
          summary: 'Whose rating changed, and whose will',
          description:
            'Grouped by the ratings before and after; of each group all are counted and the first are named. All clients ' +
            'of the list are looked at, with portal access or without. The rest of a group stands in the list: of one ' +
            'rating, sorted by engagement_rating.',
          params: FirmPlace,
          query: MovementsQuery,
          responses: { 200: { description: 'The groups.', schema: MovementsWire } },
        },
      },
    },
    async (request): Promise<Movements> => {
      const { firmId } = parseParameters(FirmPlace, request.params, 'path');
      const { book } = readerOf(request, firmId);
      const query = parseParameters(MovementsQuery, request.query, 'query');
      const firm = await parts.store.loadFirm(firmId);
      const at = pastInstantOf(query.as_of, readSettings(firm?.settings ?? null), parts.clock.now());
      const snapshot = await parts.snapshots.take(firmId, firm?.settings ?? null, at);
      const movements = await answer(parts.store, firmId, snapshot, firm, book, query);
      const named = [...movements.changed, ...movements.expected].map(({ clients }) => clients.length);
      noteAudit(request, { clients: named.reduce((sum, some) => sum + some, 0) });
      return movements;
    },
  );
}

async function answer(
  store: ViewStore,
  firmId: FirmId,
  snapshot: Snapshot,
  firm: FirmRecord | null,
  book: string | null,
  query: MovementsQuery,
): Promise<Movements> {
  const { frame } = snapshot;
  const days = daysOf(query, frame);
  const bounds = { from: frame.zone.startOf(days.since), until: endOfDay(frame.settings, days.until) };
  const since = countedSince(frame.settings.goLiveAt, firm?.dataSince ?? null);
  // Who changed last, and who will first.
  const [changed, expected] = [new Groups(-1, query.limit), new Groups(1, query.limit)];
  const isSure = await gather(snapshot, chooser(book, query.adviser), bounds, since, { changed, expected });
  const named = async (groups: Groups) =>
    Promise.all(groups.inOrder().map((group) => nameGroup(store, firmId, book, group)));
  return {
    since: formatDay(days.since),
    until: formatDay(days.until),
    changed: await named(changed),
    expected: await named(expected),
    partial: since === null || since > bounds.from || !isSure,
    evaluatedAt: formatInstant(frame.at),
    ...(query.as_of === undefined ? {} : { asOf: asOfWire(query.as_of) }),
  };
}

/** Local days from 1970-01-01. Throws the problem bad_parameter where they lie too far back, or on the wrong side of today. */
function daysOf({ since, until }: MovementsQuery, { today }: Frame) {
  const dayOf = (text: string | undefined, preset: number) =>
    text === undefined ? preset : Math.floor((parseDate(text) ?? 0) / dayMs);
  const days = { since: dayOf(since, today - sinceDaysPreset + 1), until: dayOf(until, today + untilDaysPreset) };
  const earliest = today - scannedDaysMax + 1;
  if (days.since < earliest || days.since > today) {
    throw new Problem(
      'bad_parameter',
      `In the query: since: must be from ${formatDay(earliest)} to ${formatDay(today)}.`,
    );
  }
  if (days.until < today) {
    throw new Problem('bad_parameter', `In the query: until: must not be before ${formatDay(today)}.`);
  }
  return days;
}

type Moved = { readonly clientId: ClientId; readonly at: number };
type Move = { readonly from: Rating; readonly to: Rating; total: number; readonly first: Moved[] };

/** Who made the same step: all are counted, and the first of each step kept, so that nothing as large as a firm is sorted. */
class Groups {
  private readonly groups = new Map<string, Move>();
  private readonly order: 1 | -1;
  private readonly firstMax: number;

  /** `order`: 1: the earliest are the first; -1: the latest. */
  constructor(order: 1 | -1, firstMax: number) {
    this.order = order;
    this.firstMax = firstMax;
  }

  /** Clients come ascending by their ids, so that of those at one instant the earlier id stays before. */
  add(clientId: ClientId, { from, to, at }: RatingChange): void {
    const key = `${from} ${to}`;
    const move = this.groups.get(key) ?? { from, to, total: 0, first: [] };
    this.groups.set(key, move);
    move.total += 1;
    const { first } = move;
    let place = first.length;
    while (place > 0 && (at - (first[place - 1]?.at ?? at)) * this.order < 0) place -= 1;
    if (place === this.firstMax) return;
    first.splice(place, 0, { clientId, at });
    if (first.length > this.firstMax) first.pop();
  }

  /** As a reader wants them: what has become worst first. */
  inOrder(): Move[] {
    const rank = (rating: Rating) => ratings.length - ratings.indexOf(rating);
    return [...this.groups.values()].sort(
      (one, other) => rank(one.to) - rank(other.to) || rank(one.from) - rank(other.from),
    );
  }
}

/** Whether all that came before what changed is remembered. */
async function gather(
  { clients, frame }: Snapshot,
  isChosen: ReturnType<typeof chooser>,
  bounds: { readonly from: number; readonly until: number },
  since: number | null,
  { changed, expected }: { readonly changed: Groups; readonly expected: Groups },
): Promise<boolean> {
  let isSure = true;
  for (let index = 0; index < clients.length; index += 1) {
    if (index > 0 && index % turnClients === 0) await nextTurn();
    const client = clients[index];
    if (client === undefined || !isChosen(client)) continue;
    const { clientId, lastChange, newestSignal } = client;
    if (lastChange !== null && lastChange.at >= bounds.from) {
      changed.add(clientId, lastChange);
      isSure &&= lastChange.unsureBefore === null || (since !== null && since >= lastChange.unsureBefore);
    }
    // Whether it is known to the millisecond is of no account here.
    const rating = rate(newestSignal === null ? null : { at: newestSignal, exact: false }, frame);
    const next = nextChange(rating, newestSignal, frame);
    if (next !== null && next.at <= bounds.until) expected.add(clientId, next);
  }
  return isSure;
}

/** Whoever was erased, or left the book, since the firm was read is counted for some seconds more, but not named. */
async function nameGroup(
  store: ViewStore,
  firmId: FirmId,
  book: string | null,
  { from, to, total, first }: Move,
): Promise<Movements['changed'][number]> {
  const there = await readBook(store, firmId, book, first);
  return {
    from,
    to,
    total,
    clients: there.map(({ item, profile }) => ({
      clientId: item.clientId,
      firstName: profile.firstName,
      lastName: profile.lastName,
      adviser: profile.adviser,
      at: formatInstant(item.at),
    })),
  };
}
