// GET …/clients/{clientId}: the card, now or as of a past local day.
import type { FastifyInstance } from 'fastify';
import { type Card, CardWire, cardOf } from '../core/derive/card.ts';
import { queryParameters } from '../core/query-parameters.ts';
import { CalendarDate } from '../core/time.ts';
import type { Clock } from '../runtime/clock.ts';
import { readerOf } from '../runtime/principal.ts';
import { parseParameters } from '../runtime/problem.ts';
import type { ViewStore } from '../store/port.ts';
import { readOneClient } from './one-client.ts';
import { ClientPlace } from './places.ts';

const CardQuery = queryParameters({
  as_of: CalendarDate.optional().meta({ description: 'A local day up to today; without it, now.' }),
});

export function registerCard(
  server: FastifyInstance,
  parts: { readonly store: ViewStore; readonly clock: Clock },
): void {
  server.get(
    '/v1/firms/:firmId/clients/:clientId',
    {
      config: {
        scope: 'read',
        audit: 'card.read',
        doc: {
          id: 'getClient',
          summary: "One client's engagement card",
          description: 'With as_of the card as it was at the end of that local day.',
          problems: ['client_unknown'],
          params: ClientPlace,
          query: CardQuery,
          responses: { 200: { description: 'The card.', schema: CardWire } },
        },
      },
    },
    async (request): Promise<Card> => {
      const client = parseParameters(ClientPlace, request.params, 'path');
      const reader = readerOf(request, client.firmId);
      const { as_of: asOf } = parseParameters(CardQuery, request.query, 'query');
      const { facts, frame, dataSince } = await readOneClient(parts.store, client, reader, parts.clock.now(), asOf);
      return cardOf(client, facts, frame, dataSince, asOf ?? null);
    },
  );
}
