// GET …/clients/{clientId}/activity: a year of one client by local day.
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { activityOf } from '../core/derive/activity.ts';
import { asOfWire, countedSince } from '../core/derive/card.ts';
import { daysUpTo } from '../core/derive/days.ts';
import type { ClientKey } from '../core/ids.ts';
import { queryParameters } from '../core/query-parameters.ts';
import { CalendarDate, formatDay, formatInstant } from '../core/time.ts';
import { emptySignals } from '../core/views/signals/state.ts';
import type { Clock } from '../runtime/clock.ts';
import { type Reader, readerOf } from '../runtime/principal.ts';
import { parseParameters } from '../runtime/problem.ts';
import type { ViewStore } from '../store/port.ts';
import { daysParameter } from './days.ts';
import { readOneClient } from './one-client.ts';
import { ClientPlace } from './places.ts';
import { type Activity, ActivityWire } from './wire/activity.ts';

const ActivityQuery = queryParameters({
  days: daysParameter(365),
  as_of: CalendarDate.optional().meta({ description: 'The last local day, up to today; without it, today.' }),
});

export function registerActivity(
  server: FastifyInstance,
  { store, clock }: { readonly store: ViewStore; readonly clock: Clock },
): void {
  server.get(
    '/v1/firms/:firmId/clients/:clientId/activity',
    {
      config: {
        scope: 'read',
        audit: 'activity.read',
        doc: {
          id: 'getActivity',
          summary: "One client's activity by day",
          description: 'Logins, and whether emails and messages were sent, by local day of the firm.',
          problems: ['client_unknown'],
          params: ClientPlace,
          query: ActivityQuery,
          responses: { 200: { description: 'The days.', schema: ActivityWire } },
        },
      },
    },
    async (request) => {
      const client = parseParameters(ClientPlace, request.params, 'path');
      const reader = readerOf(request, client.firmId);
      const query = parseParameters(ActivityQuery, request.query, 'query');
      return readActivity(store, client, reader, query, clock.now());
    },
  );
}

async function readActivity(
  store: ViewStore,
  client: ClientKey,
  reader: Pick<Reader, 'book'>,
  { days, as_of: asOf }: z.infer<typeof ActivityQuery>,
  now: number,
): Promise<Activity> {
  const { states, facts, frame, dataSince } = await readOneClient(store, client, reader, now, asOf);
  const { settings } = frame;
  const run = daysUpTo(frame, days);
  const activity = activityOf(states.signals ?? emptySignals(), frame, run);
  const since = countedSince(settings.goLiveAt, dataSince);
  return {
    ...client,
    timeZone: settings.timeZone,
    from: formatDay(run.first),
    to: formatDay(frame.today),
    days: facts.access.has ? activity.days.map(({ day, ...counts }) => ({ date: formatDay(day), ...counts })) : null,
    coverage: {
      since: since === null ? null : formatInstant(since),
      partial: since === null || since > run.from || activity.rememberedFrom > run.from,
    },
    evaluatedAt: formatInstant(frame.at),
    ...(asOf === undefined ? {} : { asOf: asOfWire(asOf) }),
  };
}
