// GET /v1/deliveries: what becomes of what the sources bring, as it happens, for whoever sets one up. Nothing is kept.
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { formatInstant } from '../core/time.ts';
import type { Clock } from '../runtime/clock.ts';
import type { RouteDoc } from '../runtime/openapi.ts';
import type { Principal } from '../runtime/principal.ts';
import { Problem } from '../runtime/problem.ts';
import type { IntakeParts } from './intake.ts';
import type { Source } from './sources/source.ts';

type Tell = NonNullable<IntakeParts['tell']>;
type Verdict = Parameters<Tell>[0];

/** What a watcher reads of one event, or of a delivery that was only answered. */
export const DeliveryTold = z.object({
  at: z.string().describe('RFC 3339.'),
  source: z.string(),
  outcome: z.enum(['accepted', 'ignored', 'waiting', 'unusable', 'refused', 'repeated']),
  topic: z.string().nullable(),
  clients: z.array(z.object({ firmId: z.string(), clientId: z.string() })),
  wrong: z.string().nullable().describe('Of what was refused: secret, body, clock, header or unreachable.'),
  why: z.string().nullable(),
  warnings: z.array(z.string()),
});
export type DeliveryTold = z.infer<typeof DeliveryTold>;

export type Deliveries = { readonly tell: Tell };

/** What may wait for a watcher to read it; whoever is slower is cut off. */
const waitingBytesMax = 256 * 1024;
const watchersMax = 50;
/** Proxies close what says nothing for a minute. */
const heartbeatMs = 15_000;
const streamMsMax = 30 * 60_000;

/** Adds the route. */
export function watchDeliveries(
  server: FastifyInstance,
  { clock, sources }: { readonly clock: Clock; readonly sources: readonly Source[] },
): Deliveries {
  const watchers = new Set<{ readonly principal: Principal; readonly readable: Readable }>();
  const firmOf = new Map(
    sources.map(({ name, rules }) => [name, rules.firm.kind === 'fixed' ? rules.firm.firmId : null]),
  );

  // Streams would keep the server from closing.
  server.addHook('preClose', async () => {
    for (const { readable } of watchers) readable.push(null);
  });
  server.get(
    '/v1/deliveries',
    { compress: false, exposeHeadRoute: false, config: { scope: 'ingest', audit: null, doc: deliveriesDoc } },
    async (request, reply) => {
      if (watchers.size >= watchersMax) throw new Problem('unavailable', 'Too many watch already. Come again later.');
      const readable = new Readable({ read: () => undefined });
      // A reader that goes away is no fault.
      readable.on('error', () => undefined);
      const watcher = { principal: request.principal, readable };
      const over = new AbortController();
      readable.once('close', () => {
        watchers.delete(watcher);
        over.abort();
      });
      watchers.add(watcher);
      readable.push(': what becomes of deliveries from now on\n\n');
      void keepUp(readable, clock, request.principal.until, over.signal);
      return (
        reply
          .type('text/event-stream; charset=utf-8')
          // Whatever stands in between is to hand events on as they come, neither kept, nor packed, nor gathered.
          .headers({ 'cache-control': 'no-store, no-transform', 'x-accel-buffering': 'no' })
          .send(readable)
      );
    },
  );

  return {
    tell(verdict) {
      if (watchers.size === 0) return;
      const told = toldOf(verdict, clock.now());
      for (const { principal, readable } of watchers) {
        const seen = seenBy(principal, told, firmOf.get(verdict.source) ?? null);
        if (seen === null) continue;
        readable.push(`event: delivery\ndata: ${JSON.stringify(seen)}\n\n`);
        if (readable.readableLength > waitingBytesMax) readable.destroy();
      }
    },
  };
}

/** Until the time is over, or the reader is gone. */
async function keepUp(readable: Readable, clock: Clock, until: number | null, over: AbortSignal): Promise<void> {
  const end = Math.min(clock.now() + streamMsMax, until ?? Number.POSITIVE_INFINITY);
  for (let left = end - clock.now(); left > 0; left = end - clock.now()) {
    await clock.sleep(Math.min(heartbeatMs, left), over);
    if (over.aborted) return;
    readable.push(': heartbeat\n\n');
  }
  readable.push(null);
}

function toldOf(verdict: Verdict, now: number): DeliveryTold {
  const none = { topic: null, clients: [], wrong: null, why: null, warnings: [] };
  const { source, outcome } = verdict;
  const head = { at: formatInstant(now), source, outcome };
  if (verdict.outcome === 'repeated') return { ...none, ...head };
  if (verdict.outcome === 'refused') return { ...none, ...head, wrong: verdict.wrong, why: verdict.why };
  const { topic, clients, why, warnings } = verdict;
  return { ...head, topic, clients: [...clients], wrong: null, why, warnings: [...warnings] };
}

/** A caller of one firm hears of that firm's clients, and of sources that are that firm's alone; null: nothing of this. */
function seenBy({ firmId }: Principal, told: DeliveryTold, firmOfSource: string | null): DeliveryTold | null {
  if (firmId === null || firmId === firmOfSource) return told;
  const clients = told.clients.filter((client) => client.firmId === firmId);
  return clients.length === 0 ? null : { ...told, clients };
}

const deliveriesDoc: RouteDoc = {
  id: 'watchDeliveries',
  summary: 'What becomes of deliveries, as it happens',
  description:
    'Server-sent events of type `delivery`, from now on: {at, source, outcome, topic, clients, wrong, why, warnings} for ' +
    'each event of a source, and for each delivery that was refused or had been taken before. `signalfold listen` shows ' +
    'them. Told is what this process takes; nothing is kept. A caller of one firm hears of that firm alone.',
  problems: ['unavailable'],
  responses: { 200: { description: 'Events.', schema: z.string(), mediaType: 'text/event-stream' } },
};
