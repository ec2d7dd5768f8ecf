// GET and PUT …/settings: what a firm can set. A change merges, needs no existing firm, and shows at once.
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import type { FirmId } from '../core/ids.ts';
import {
  changeSettings,
  readSettings,
  SettingsChange,
  SettingsWire,
  settingsText,
  settingsWire,
} from '../core/settings.ts';
import { readerOf } from '../runtime/principal.ts';
import { Problem, parseParameters } from '../runtime/problem.ts';
import type { ViewStore } from '../store/port.ts';
import { FirmPlace } from './places.ts';

/** Two people may save at once; whoever loses reads again and merges into what the other saved. */
const saveTriesMax = 25;

export function registerSettings(server: FastifyInstance, { store }: { readonly store: ViewStore }): void {
  const url = '/v1/firms/:firmId/settings';
  const responses = { 200: { description: 'All settings in force.', schema: SettingsWire } };
  server.get(
    url,
    {
      config: {
        scope: 'read',
        audit: null,
        doc: { id: 'getSettings', summary: "A firm's settings", params: FirmPlace, responses },
      },
    },
    async (request): Promise<SettingsWire> => {
      const { firmId } = parseParameters(FirmPlace, request.params, 'path');
      readerOf(request, firmId);
      return settingsWire(readSettings((await store.loadFirm(firmId))?.settings ?? null));
    },
  );
  server.put(
    url,
    {
      config: {
        scope: 'settings',
        audit: 'settings.change',
        doc: {
          id: 'changeSettings',
          summary: "Change a firm's settings",
          description: 'Merges what is given into what is set. What is derived follows at once.',
          problems: ['conflict'],
          params: FirmPlace,
          body: { 'application/json': SettingsChange },
          responses,
        },
      },
    },
    async (request): Promise<SettingsWire> => {
      const { firmId } = parseParameters(FirmPlace, request.params, 'path');
      readerOf(request, firmId);
      return save(store, firmId, parseParameters(SettingsChange, request.body, 'body'));
    },
  );
}

async function save(store: ViewStore, firmId: FirmId, change: z.infer<typeof SettingsChange>): Promise<SettingsWire> {
  for (let tries = 0; tries < saveTriesMax; tries += 1) {
    const firm = await store.loadFirm(firmId);
    const changed = changeSettings(readSettings(firm?.settings ?? null), change);
    if ('mistake' in changed) throw new Problem('bad_parameter', `In the body: ${changed.mistake}.`);
    const saved = await store.saveSettings(firmId, firm?.settingsVersion ?? 0, settingsText(changed.settings));
    if (saved) return settingsWire(changed.settings);
  }
  throw new Problem('conflict', 'Others keep changing these settings. Read them and try again.');
}
