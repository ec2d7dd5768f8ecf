// GET /v1/waiting: how many events wait for a client that is not known yet, since when, and samples without addresses.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { FirmId } from '../../core/ids.ts';
import { formatInstant } from '../../core/time.ts';
import type { RouteDoc } from '../../runtime/openapi.ts';
import type { WaitingBounds } from '../sources/source.ts';
import type { Queue, WaitingPlace } from './waiting.ts';

/** Whoever waits longest comes first. */
const samplesMax = 50;

export function registerWaiting(
  server: FastifyInstance,
  { waiting, bounds }: { readonly waiting: WaitingPlace; readonly bounds: WaitingBounds },
): void {
  server.get('/v1/waiting', { config: { scope: 'ingest', audit: null, doc } }, async ({ principal }) => {
    const firmId = principal.firmId === null ? undefined : FirmId.parse(principal.firmId);
    return waitingWire(await waiting.list(firmId), bounds);
  });
}

const Instant = z.string().meta({ format: 'date-time' });
const WaitingWire = z
  .object({
    total: z.int(),
    oldestAt: Instant.nullable(),
    bounds: z.object({ count: z.int(), days: z.int() }).describe('What goes beyond becomes a dead letter.'),
    sources: z.record(z.string(), z.int()),
    samples: z.array(
      z.object({
        firmId: z.string(),
        waitsFor: z.string().describe('The address, or the provider’s id of the user, masked.'),
        events: z.int(),
        sources: z.array(z.string()),
        topics: z.array(z.string()),
        since: Instant,
      }),
    ),
  })
  .meta({ id: 'Waiting' });
type WaitingWire = z.infer<typeof WaitingWire>;

export function waitingWire(queues: readonly Queue[], bounds: WaitingBounds): WaitingWire {
  const sources: Record<string, number> = {};
  for (const { source } of queues.flatMap(({ entries }) => entries)) sources[source] = (sources[source] ?? 0) + 1;
  const samples = queues
    .filter(({ entries }) => entries.length > 0)
    .map(({ firmId, entries }) => ({
      firmId,
      waitsFor: masked(entries[0]?.address ?? entries[0]?.userId ?? ''),
      events: entries.length,
      sources: [...new Set(entries.map(({ source }) => source))].sort(),
      topics: [...new Set(entries.map(({ topic }) => topic))].sort(),
      since: entries.reduce((least, { since }) => Math.min(least, since), Number.POSITIVE_INFINITY),
    }))
    .sort((one, other) => one.since - other.since);
  const [oldest] = samples;
  return {
    total: queues.reduce((sum, { entries }) => sum + entries.length, 0),
    oldestAt: oldest === undefined ? null : formatInstant(oldest.since),
    bounds,
    sources,
    samples: samples.slice(0, samplesMax).map((sample) => ({ ...sample, since: formatInstant(sample.since) })),
  };
}

/** `a***@e***.org`: enough to find a mistake by, too little to know somebody by. */
function masked(text: string): string {
  const at = text.lastIndexOf('@');
  if (at < 1) return `${text.slice(0, 2)}***`;
  const domain = text.slice(at + 1);
  const dot = domain.lastIndexOf('.');
  return `${text.slice(0, 1)}***@${domain.slice(0, 1)}***${dot > 0 ? domain.slice(dot) : ''}`;
}

const doc: RouteDoc = {
  id: 'getWaiting',
  summary: 'Events that wait for their client',
  description:
    'Events of providers that name an address or a user whom no client has yet. Each is sent on when a profile or a portal ' +
    'login brings its client, and becomes a dead letter when none does.',
  responses: { 200: { description: 'How many, since when, and samples, the oldest first.', schema: WaitingWire } },
};
