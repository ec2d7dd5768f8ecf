// GET …/clients/{clientId}: the card, now or as of a past local day.
import type { FastifyInstance } from 'fastify';
import { type Card, CardWire, cardOf } from '../core/derive/card.ts';
import { deriveClient, readClient } from '../core/derive/client.ts';
import { frameOf } from '../core/derive/frame.ts';
import { isInBook } from '../core/filter.ts';
import type { ClientKey } from '../core/ids.ts';
import { queryParameters } from '../core/query-parameters.ts';
import { readSettings } from '../core/settings.ts';
import { CalendarDate } from '../core/time.ts';
import type { Clock } from '../runtime/clock.ts';
import { type Reader, readerOf } from '../runtime/principal.ts';
import { parseParameters } from '../runtime/problem.ts';
import type { ViewStore } from '../store/port.ts';
import { instantOf } from './as-of.ts';
import { ClientPlace, clientUnknown } from './places.ts';

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
    async (request) => {
      const client = parseParameters(ClientPlace, request.params, 'path');
      const reader = readerOf(request, client.firmId);
      const { as_of: asOf } = parseParameters(CardQuery, request.query, 'query');
      return readCard(parts.store, client, reader, parts.clock.now(), asOf ?? null);
    },
  );
}

/**
 * Throws the problem client_unknown when nothing is known of the client, or it is in another book than the reader's.
 * `now` in epoch ms.
 */
export async function readCard(
  store: ViewStore,
  client: ClientKey,
  { book }: Pick<Reader, 'book'>,
  now: number,
  asOf: string | null,
): Promise<Card> {
  const [views, firm] = await Promise.all([store.loadClient(client), store.loadFirm(client.firmId)]);
  const settings = readSettings(firm?.settings ?? null);
  const frame = frameOf(settings, asOf === null ? now : instantOf(asOf, settings, now, 'as_of'));
  const facts = deriveClient(readClient(views), frame);
  if (facts === null || !isInBook(facts, book)) {
    throw clientUnknown();
  }
  return cardOf(client, facts, frame, firm?.dataSince ?? null, asOf);
}
