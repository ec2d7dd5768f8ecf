// GET …/clients/{clientId}/activity: a year of one client by local day.
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { activityOf } from '../core/derive/activity.ts';
import { asOfWire, countedSince } from '../core/derive/card.ts';
import { deriveClient, readClient } from '../core/derive/client.ts';
import { daysUpTo } from '../core/derive/days.ts';
import { frameOf } from '../core/derive/frame.ts';
import { isInBook } from '../core/filter.ts';
import type { ClientKey } from '../core/ids.ts';
import { queryParameters } from '../core/query-parameters.ts';
import { readSettings } from '../core/settings.ts';
import { CalendarDate, formatDay, formatInstant } from '../core/time.ts';
import { emptySignals } from '../core/views/signals/state.ts';
import type { Clock } from '../runtime/clock.ts';
import { type Reader, readerOf } from '../runtime/principal.ts';
import { parseParameters } from '../runtime/problem.ts';
import type { ViewStore } from '../store/port.ts';
import { instantOf } from './as-of.ts';
import { daysParameter } from './days.ts';
import { ClientPlace, clientUnknown } from './places.ts';
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
  { book }: Pick<Reader, 'book'>,
  { days, as_of: asOf }: z.infer<typeof ActivityQuery>,
  now: number,
): Promise<Activity> {
  const [views, firm] = await Promise.all([store.loadClient(client), store.loadFirm(client.firmId)]);
  const settings = readSettings(firm?.settings ?? null);
  const frame = frameOf(settings, asOf === undefined ? now : instantOf(asOf, settings, now, 'as_of'));
  const states = readClient(views);
  const facts = deriveClient(states, frame);
  if (facts === null || !isInBook(facts, book)) throw clientUnknown();
  const run = daysUpTo(frame, days);
  const activity = activityOf(states.signals ?? emptySignals(), frame, run);
  const since = countedSince(settings.goLiveAt, firm?.dataSince ?? null);
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
