// POST …/clients/batch: tiles for the clients another screen shows, by their ids.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { frameOf } from '../core/derive/frame.ts';
import { ClientId } from '../core/ids.ts';
import { readSettings } from '../core/settings.ts';
import { formatInstant } from '../core/time.ts';
import { noteAudit } from '../runtime/audit.ts';
import type { Clock } from '../runtime/clock.ts';
import { readerOf } from '../runtime/principal.ts';
import { parseParameters } from '../runtime/problem.ts';
import type { ViewStore } from '../store/port.ts';
import { FirmPlace } from './places.ts';
import { readTiles } from './tiles.ts';
import { type Tiles, TilesWire } from './wire/tiles.ts';

const batchIdsMax = 200;

const BatchRequest = z.strictObject({
  ids: z
    .array(ClientId)
    .min(1)
    .max(batchIdsMax)
    .meta({ description: `1 to ${batchIdsMax} client ids; one that is repeated is answered once.` }),
});

export function registerBatch(
  server: FastifyInstance,
  { store, clock }: { readonly store: ViewStore; readonly clock: Clock },
): void {
  server.post(
    '/v1/firms/:firmId/clients/batch',
    {
      config: {
        scope: 'read',
        view: true,
        crossOrigin: true,
        audit: 'batch.read',
        doc: {
          id: 'getTiles',
          summary: 'Tiles of clients, by their ids',
          description:
            'For screens that know which clients they show. An unknown client, one without a profile and one that the ' +
            'caller may not see are all among the missing.',
          params: FirmPlace,
          body: { 'application/json': BatchRequest },
          responses: { 200: { description: 'What there is, and what is missing.', schema: TilesWire } },
        },
      },
    },
    async (request): Promise<Tiles> => {
      const { firmId } = parseParameters(FirmPlace, request.params, 'path');
      const { book, view } = readerOf(request, firmId);
      const ids = [...new Set(parseParameters(BatchRequest, request.body, 'body').ids)];
      const firm = await store.loadFirm(firmId);
      const frame = frameOf(readSettings(firm?.settings ?? null), clock.now());
      const seen = view === undefined ? ids : ids.filter((id) => view.sees(id));
      const tiles = await readTiles(store, { firmId, dataSince: firm?.dataSince ?? null }, book, seen, frame);
      const items = tiles.filter((tile) => tile !== null);
      const found = new Set(items.map(({ clientId }) => clientId));
      noteAudit(request, { clients: items.length });
      return {
        items,
        missing: ids.filter((id) => !found.has(id)),
        evaluatedAt: formatInstant(frame.at),
      };
    },
  );
}
