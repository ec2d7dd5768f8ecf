// GET …/changes: which client changed which view, as it happens, as server-sent events. Never what is in it.
import type { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { FirmId } from '../../core/ids.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { RouteDoc } from '../../runtime/openapi.ts';
import { readerOf } from '../../runtime/principal.ts';
import { Problem, parseParameters } from '../../runtime/problem.ts';
import type { ViewStore } from '../../store/port.ts';
import { FirmPlace } from '../places.ts';
import type { Place } from '../roster/follower.ts';
import { openSealing, type Sealing } from '../sealing.ts';
import type { Feed } from './feed.ts';
import { createChangeStream } from './stream.ts';

/** A stream ends after this long, so that whoever may no longer listen does not; the others come again where they were. */
const streamMsMax = 30 * 60_000;
/** Whoever does not even read the end of a stream is cut off. */
const endMsMax = 30_000;
const bound = 'changes';

const lastEventId = z.string().max(8_000).optional();
const ChangesQuery = z.object({
  last_event_id: lastEventId.meta({ description: 'For those who cannot send the header; the header goes before.' }),
});
const ChangesHeaders = z.object({ 'last-event-id': lastEventId });

/** As it is sealed into an event id. */
const SealedPlace = z.object({ incarnation: z.string(), next: z.array(z.tuple([z.int(), z.int()])) });

const changesDoc: RouteDoc = {
  id: 'followChanges',
  summary: 'Changes as they happen',
  description:
    'Server-sent events. `change` {clientId, view, version}: that view of the client now has at least that version; ' +
    'repeats are left out and may all the same occur. `reset` {reason}: something was missed, so load anew what you ' +
    'show; what follows is complete again. Come again with the last id (EventSource does it by itself) and hear what ' +
    'was missed, for as long as notices are kept (7 days) and it is not too much. Ids may come without an event, ' +
    'heartbeats as comments. The server ends every stream after half an hour at most; too slow a reader gets a ' +
    '`reset` and the end. An adviser hears only of clients that are in the own book at that moment: a client that ' +
    'leaves it is no longer told of, and …/clients/batch names it missing.',
  params: FirmPlace,
  query: ChangesQuery,
  headers: ChangesHeaders,
  responses: { 200: { description: 'Events.', schema: z.string(), mediaType: 'text/event-stream' } },
};

export function registerChanges(
  server: FastifyInstance,
  parts: { readonly store: ViewStore; readonly clock: Clock; readonly feed: Feed },
): void {
  const { store, feed } = parts;
  const sealing = openSealing(store);
  // Streams would keep the server from closing.
  server.addHook('preClose', feed.close);
  server.get(
    '/v1/firms/:firmId/changes',
    {
      compress: false,
      exposeHeadRoute: false,
      config: { scope: 'read', view: true, crossOrigin: true, audit: 'changes.read', doc: changesDoc },
    },
    async (request, reply) => {
      const { firmId } = parseParameters(FirmPlace, request.params, 'path');
      const { book, view } = readerOf(request, firmId);
      const query = parseParameters(ChangesQuery, request.query, 'query');
      const headers = parseParameters(ChangesHeaders, request.headers, 'headers');
      if ((await store.loadFirm(firmId)) === null) throw new Problem('firm_unknown', 'There is no such firm.');
      const given = headers['last-event-id'] || query.last_event_id;
      const from = given ? await openPlace(sealing, firmId, given) : null;
      const listener = { firmId, book, sees: view?.sees ?? null, until: request.principal.until };
      const readable = await listen(parts, sealing, listener, from);
      return (
        reply
          .type('text/event-stream; charset=utf-8')
          // Whatever stands in between is to hand events on as they come, neither kept, nor packed, nor gathered.
          .headers({ 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' })
          .send(readable)
      );
    },
  );
}

type Listener = {
  readonly firmId: FirmId;
  readonly book: string | null;
  /** Null: it may hear of every client of the book. */
  readonly sees: ((clientId: string) => boolean) | null;
  readonly until: number | null;
};

/** The events as they come; ends when it is time to, or with its reader. */
async function listen(
  { feed, clock }: { readonly feed: Feed; readonly clock: Clock },
  sealing: Sealing,
  { firmId, book, sees, until }: Listener,
  from: Place | null,
): Promise<Readable> {
  const sealer = await sealing.sealerOf(firmId);
  const idOf = ({ incarnation, next }: Place) => sealer(bound, { incarnation, next: [...next] });
  const over = new AbortController();
  const stream = createChangeStream(() => over.abort());
  const end = () => {
    stream.end();
    void clock.sleep(endMsMax, over.signal).then(() => stream.readable.destroy());
  };
  const leave = await feed.subscribe(
    {
      firmId,
      book,
      take: (changes, place) => {
        const own = sees === null ? changes : changes.filter(({ clientId }) => sees(clientId));
        const isReading = stream.changes(own, idOf(place));
        if (!isReading) end();
        return isReading;
      },
      reset: (reason, place) => stream.reset(reason, idOf(place)),
      heartbeat: (place) => stream.heartbeat(idOf(place)),
      end,
    },
    from,
  );
  over.signal.addEventListener('abort', leave, { once: true });
  const ms = Math.min(streamMsMax, until === null ? streamMsMax : until - clock.now());
  void clock.sleep(Math.max(0, ms), over.signal).then(end);
  return stream.readable;
}

async function openPlace(sealing: Sealing, firmId: FirmId, text: string): Promise<Place> {
  const opened = SealedPlace.safeParse(await sealing.open(firmId, bound, text));
  // No topic has it, so that whoever sent it is reset.
  if (!opened.success) return { incarnation: '', next: new Map() };
  return { incarnation: opened.data.incarnation, next: new Map(opened.data.next) };
}
