// GET …/clients/{clientId}/timeline: how the client's rating came to be what it is, as spans.
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { countedSince } from '../core/derive/card.ts';
import { frameOf } from '../core/derive/frame.ts';
import { timelineOf } from '../core/derive/timeline.ts';
import type { ClientKey } from '../core/ids.ts';
import { queryParameters } from '../core/query-parameters.ts';
import type { Settings } from '../core/settings.ts';
import { CalendarDate, dayMs, formatInstant, parseDate } from '../core/time.ts';
import { emptySignals } from '../core/views/signals/state.ts';
import { zoneOf } from '../core/zone.ts';
import type { Clock } from '../runtime/clock.ts';
import { type Reader, readerOf } from '../runtime/principal.ts';
import { Problem, parseParameters } from '../runtime/problem.ts';
import type { ViewStore } from '../store/port.ts';
import { instantOf } from './as-of.ts';
import { readOneClient } from './one-client.ts';
import { ClientPlace } from './places.ts';
import { type Timeline, TimelineWire } from './wire/timeline.ts';

const TimelineQuery = queryParameters({
  from: CalendarDate.optional().meta({
    description: 'The first local day; without it, the day from which signals count.',
  }),
  to: CalendarDate.optional().meta({ description: 'The last local day; without it, up to now.' }),
});

export function registerTimeline(
  server: FastifyInstance,
  { store, clock }: { readonly store: ViewStore; readonly clock: Clock },
): void {
  server.get(
    '/v1/firms/:firmId/clients/:clientId/timeline',
    {
      config: {
        scope: 'read',
        audit: 'timeline.read',
        doc: {
          id: 'getTimeline',
          summary: "The history of one client's rating",
          description:
            'A rating changes when a signal arrives and when it ages past the thresholds. Older signals are known to the ' +
            'quarter hour. The settings of today apply to all of it, and the rating is given whether or not the client ' +
            'had portal access.',
          problems: ['client_unknown'],
          params: ClientPlace,
          query: TimelineQuery,
          responses: { 200: { description: 'The spans.', schema: TimelineWire } },
        },
      },
    },
    async (request) => {
      const client = parseParameters(ClientPlace, request.params, 'path');
      const reader = readerOf(request, client.firmId);
      const query = parseParameters(TimelineQuery, request.query, 'query');
      return readTimeline(store, client, reader, query, clock.now());
    },
  );
}

async function readTimeline(
  store: ViewStore,
  client: ClientKey,
  reader: Pick<Reader, 'book'>,
  query: z.infer<typeof TimelineQuery>,
  now: number,
): Promise<Timeline> {
  const { states, frame, dataSince } = await readOneClient(store, client, reader, now);
  const { settings } = frame;
  const since = countedSince(settings.goLiveAt, dataSince);
  const to = query.to === undefined ? now : instantOf(query.to, settings, now, 'to');
  const from = query.from === undefined ? Math.min(since ?? to, to) : startOf(query.from, settings);
  if (from > to) throw new Problem('bad_parameter', 'In the query: from: the first day must not be after the last.');
  const { spans, exactFrom } = timelineOf(states.signals ?? emptySignals(), frameOf(settings, to), from, since);
  return {
    ...client,
    from: formatInstant(from),
    to: formatInstant(to),
    spans: spans.map((span) => ({
      from: formatInstant(span.from),
      to: textOf(span.to),
      rating: span.rating,
      decidedBy:
        span.decidedBy === null ? null : { signal: span.decidedBy.signal, at: formatInstant(span.decidedBy.at.at) },
    })),
    coverage: {
      since: textOf(since),
      exactFrom: textOf(exactFrom),
      partial: since === null || from < since || from < (exactFrom ?? from),
    },
    signals: 'to the quarter hour',
    evaluatedAt: formatInstant(now),
  };
}

function startOf(date: string, settings: Settings): number {
  return zoneOf(settings.timeZone).startOf(Math.floor((parseDate(date) ?? 0) / dayMs));
}

function textOf(instantMs: number | null): string | null {
  return instantMs === null ? null : formatInstant(instantMs);
}
