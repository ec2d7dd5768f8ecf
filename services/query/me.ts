// GET /v1/me and /v1/firms: who calls, and which firms that may ask about. A page begins with these two.
import type { FastifyInstance } from 'fastify';
import { FirmId } from '../core/ids.ts';
import { labels } from '../core/labels.ts';
import { readSettings, settingsWire } from '../core/settings.ts';
import { formatInstant } from '../core/time.ts';
import { everybody } from '../runtime/principal.ts';
import type { FirmRecord, ViewStore } from '../store/port.ts';
import { type Firms, FirmsWire, type Me, MeWire } from './wire/me.ts';

export function registerMe(server: FastifyInstance, { store }: { readonly store: ViewStore }): void {
  server.get(
    '/v1/me',
    {
      config: {
        scope: 'read',
        audit: null,
        doc: { id: 'getMe', summary: 'Who calls', responses: { 200: { description: 'You.', schema: MeWire } } },
      },
    },
    ({ principal }): Me => ({
      name: principal.id,
      isOpen: principal === everybody,
      role: principal.role,
      firmId: principal.firmId,
      adviserId: principal.book,
      scopes: [...principal.scopes],
      until: principal.until === null ? null : formatInstant(principal.until),
    }),
  );
  server.get(
    '/v1/firms',
    {
      config: {
        scope: 'read',
        audit: null,
        doc: {
          id: 'listFirms',
          summary: 'The firms you may ask about',
          description: 'With all settings in force. A firm is there once something of it was folded or set.',
          responses: { 200: { description: 'The firms.', schema: FirmsWire } },
        },
      },
    },
    async ({ principal: { firmId: only } }): Promise<Firms> => {
      const firms = only === null ? await store.listFirms() : await firmOf(store, only);
      return {
        items: firms.map(({ firmId, dataSince, settings }) => ({
          firmId,
          dataSince: dataSince === null ? null : formatInstant(dataSince),
          settings: settingsWire(readSettings(settings)),
        })),
        labels,
      };
    },
  );
}

/** A token may name a firm of which nothing has arrived, or one that can be none. */
async function firmOf(store: ViewStore, named: string): Promise<readonly FirmRecord[]> {
  const parsed = FirmId.safeParse(named);
  const firm = parsed.success ? await store.loadFirm(parsed.data) : null;
  return firm === null ? [] : [firm];
}
