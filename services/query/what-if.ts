// POST …/what-if: how many clients would be rated otherwise under other thresholds, and who.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Rating } from '../core/derive/facts.ts';
import { type Frame, frameOf } from '../core/derive/frame.ts';
import { rate } from '../core/derive/signals.ts';
import { ClientId, compareIds, type FirmId } from '../core/ids.ts';
import { adviserParameter } from '../core/list.ts';
import { queryParameters } from '../core/query-parameters.ts';
import { changeSettings, readSettings, type Settings, SettingsChange } from '../core/settings.ts';
import { formatInstant } from '../core/time.ts';
import { noteAudit } from '../runtime/audit.ts';
import { readerOf } from '../runtime/principal.ts';
import { Problem, parseParameters } from '../runtime/problem.ts';
import type { FirmRecord, ViewStore } from '../store/port.ts';
import { chooser, ratingBit, type ScannedClient } from './firm-scan.ts';
import { FirmPlace } from './places.ts';
import { readBook } from './profiles.ts';
import type { Snapshots } from './snapshots.ts';
import { type Side, type WhatIf, WhatIfWire } from './wire/what-if.ts';

/** Rows passed in one go: a few milliseconds. */
const turnRows = 16_384;
const changesListedMax = 1_000;

const WhatIfRequest = z.strictObject({
  greenDays: SettingsChange.shape.greenDays,
  amberDays: SettingsChange.shape.amberDays,
});

const limitMessage = `must be a whole number from 0 to ${changesListedMax}`;
const WhatIfQuery = queryParameters({
  adviser: adviserParameter,
  limit: z
    .string()
    .regex(/^\d{1,9}$/, limitMessage)
    .default(String(changesListedMax))
    .transform(Number)
    .pipe(z.int().max(changesListedMax, limitMessage))
    .meta({ description: `How many of those who change are named, at most ${changesListedMax}.` }),
  after: ClientId.optional().meta({ description: 'nextAfter of the answer before: names those behind that client.' }),
});

type Changed = { readonly clientId: ClientId; readonly from: Rating; readonly to: Rating };
type Comparison = Omit<WhatIf, 'changes'> & {
  readonly changes: { readonly total: number; readonly items: readonly Changed[]; readonly nextAfter: string | null };
};

export function registerWhatIf(
  server: FastifyInstance,
  parts: { readonly store: ViewStore; readonly snapshots: Snapshots },
): void {
  server.post(
    '/v1/firms/:firmId/what-if',
    {
      config: {
        scope: 'read',
        audit: 'what-if.read',
        doc: {
          id: 'tryThresholds',
          summary: 'Try other thresholds on the live book',
          description: 'Changes nothing. What is left out stays as it is set.',
          params: FirmPlace,
          query: WhatIfQuery,
          body: { 'application/json': WhatIfRequest },
          responses: {
            200: { description: 'Counts as it is set and as it was tried, and who changes.', schema: WhatIfWire },
          },
        },
      },
    },
    async (request): Promise<WhatIf> => {
      const { firmId } = parseParameters(FirmPlace, request.params, 'path');
      const { book } = readerOf(request, firmId);
      const page = parseParameters(WhatIfQuery, request.query, 'query');
      const change = parseParameters(WhatIfRequest, request.body, 'body');
      const firm = await parts.store.loadFirm(firmId);
      const changed = changeSettings(readSettings(firm?.settings ?? null), change);
      if ('mistake' in changed) throw new Problem('bad_parameter', `In the body: ${changed.mistake}.`);
      const { changes, ...answer } = await compare(parts.snapshots, firmId, firm, changed.settings, book, page);
      // Whoever was erased, or left the book, since the firm was read is counted for some seconds more, but not named.
      const there = await readBook(parts.store, firmId, book, changes.items);
      const items = there.map(({ item }) => item);
      noteAudit(request, { clients: items.length });
      return { ...answer, changes: { ...changes, items } };
    },
  );
}

async function compare(
  snapshots: Snapshots,
  firmId: FirmId,
  firm: FirmRecord | null,
  settings: Settings,
  book: string | null,
  { adviser, limit, after }: z.infer<typeof WhatIfQuery>,
): Promise<Comparison> {
  const isChosen = chooser(book, adviser);
  const { frame: now, clients } = await snapshots.take(firmId, firm?.settings ?? null, null);
  const other = frameOf(settings, now.at);
  const [before, tried] = [sideOf(now), sideOf(other)];
  const items: Changed[] = [];
  let total = 0;
  let more = false;
  for (let index = 0; index < clients.length; index += 1) {
    if (index > 0 && index % turnRows === 0) await nextTurn();
    const client = clients[index];
    if (client === undefined || !isChosen(client)) continue;
    const [from, to] = [ratingOf(client, now), ratingOf(client, other)];
    if (from !== 'none' || (client.matches & ratingBit('none')) !== 0) {
      before.ratings[from] += 1;
      tried.ratings[to] += 1;
    }
    if (from === to) continue;
    total += 1;
    if (after !== undefined && compareIds(client.clientId, after) <= 0) continue;
    if (items.length < limit) items.push({ clientId: client.clientId, from, to });
    else more = true;
  }
  const nextAfter = more ? (items.at(-1)?.clientId ?? after ?? null) : null;
  return { now: before, tried, changes: { total, items, nextAfter }, evaluatedAt: formatInstant(now.at) };
}

function sideOf({ settings }: Frame): Side {
  const { greenDays, amberDays } = settings;
  return { greenDays, amberDays, ratings: { green: 0, amber: 0, red: 0, none: 0 } };
}

function ratingOf({ newestSignal }: ScannedClient, frame: Frame) {
  // Whether it is known to the millisecond is of no account here.
  return rate(newestSignal === null ? null : { at: newestSignal, exact: false }, frame);
}
