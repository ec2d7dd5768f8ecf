// GET …/activity: logins of a firm, of a book or of some advisers, by local day, and how many used the portal in a month.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { asOfWire, countedSince } from '../core/derive/card.ts';
import { monthDays, monthlyActive, shareBands } from '../core/derive/portal-health.ts';
import { adviserParameter } from '../core/list.ts';
import { queryParameters } from '../core/query-parameters.ts';
import { readSettings } from '../core/settings.ts';
import { CalendarDate, formatDay, formatInstant } from '../core/time.ts';
import type { Clock } from '../runtime/clock.ts';
import { readerOf } from '../runtime/principal.ts';
import { parseParameters } from '../runtime/problem.ts';
import type { FirmRecord, ViewStore } from '../store/port.ts';
import { pastInstantOf } from './as-of.ts';
import { daysParameter } from './days.ts';
import { chooser, scannedDaysMax } from './firm-scan.ts';
import { FirmPlace } from './places.ts';
import type { Snapshot, Snapshots } from './snapshots.ts';
import { type FirmActivity, FirmActivityWire } from './wire/firm-activity.ts';

/** Clients passed in one go: a few milliseconds. */
const turnClients = 8_192;

const FirmActivityQuery = queryParameters({
  days: daysParameter(90),
  adviser: adviserParameter,
  as_of: CalendarDate.optional().meta({ description: 'The last local day, up to today; without it, today.' }),
});

export function registerFirmActivity(
  server: FastifyInstance,
  parts: { readonly store: ViewStore; readonly clock: Clock; readonly snapshots: Snapshots },
): void {
  server.get(
    '/v1/firms/:firmId/activity',
    {
      config: {
        scope: 'read',
        audit: 'firm-activity.read',
        doc: {
          id: 'getFirmActivity',
          summary: "A firm's logins by day",
          description: 'Of all clients, or of those of some advisers. Profile and adviser are as they are today.',
          params: FirmPlace,
          query: FirmActivityQuery,
          responses: { 200: { description: 'The days.', schema: FirmActivityWire } },
        },
      },
    },
    async (request): Promise<FirmActivity> => {
      const { firmId } = parseParameters(FirmPlace, request.params, 'path');
      const { book } = readerOf(request, firmId);
      const query = parseParameters(FirmActivityQuery, request.query, 'query');
      const firm = await parts.store.loadFirm(firmId);
      const at = pastInstantOf(query.as_of, readSettings(firm?.settings ?? null), parts.clock.now());
      const snapshot = await parts.snapshots.take(firmId, firm?.settings ?? null, at);
      return answer(snapshot, firm, book, query);
    },
  );
}

async function answer(
  snapshot: Snapshot,
  firm: FirmRecord | null,
  book: string | null,
  { days, adviser, as_of: asOf }: z.infer<typeof FirmActivityQuery>,
): Promise<FirmActivity> {
  const { frame, run } = snapshot;
  const { logins, active, clients, activeInMonth } = await addUp(snapshot, chooser(book, adviser));
  const first = scannedDaysMax - days;
  const from = frame.zone.startOf(run.first + first);
  const since = countedSince(frame.settings.goLiveAt, firm?.dataSince ?? null);
  const health = monthlyActive(activeInMonth, clients);
  return {
    timeZone: frame.settings.timeZone,
    from: formatDay(run.first + first),
    to: formatDay(frame.today),
    days: Array.from({ length: days }, (_, index) => ({
      date: formatDay(run.first + first + index),
      logins: logins[first + index] ?? 0,
      clients: active[first + index] ?? 0,
    })),
    clients,
    monthlyActive: {
      clients: activeInMonth,
      share: health?.share ?? null,
      verdict: health?.verdict ?? null,
      bands: shareBands,
    },
    coverage: {
      since: since === null ? null : formatInstant(since),
      partial: since === null || since > from || snapshot.loginDays.rememberedFrom > from,
    },
    evaluatedAt: formatInstant(frame.at),
    ...(asOf === undefined ? {} : { asOf: asOfWire(asOf) }),
  };
}

/** Of the clients chosen, by the days of the run. */
async function addUp({ clients, loginDays, run }: Snapshot, isChosen: ReturnType<typeof chooser>) {
  const logins = new Uint32Array(run.days);
  const active = new Uint32Array(run.days);
  const monthFrom = run.days - monthDays;
  let chosen = 0;
  let activeInMonth = 0;
  for (let index = 0; index < clients.length; index += 1) {
    if (index > 0 && index % turnClients === 0) await nextTurn();
    const client = clients[index];
    if (client === undefined || !isChosen(client)) continue;
    chosen += 1;
    let isActive = false;
    loginDays.of(index, (day, count, isFirst) => {
      logins[day] = (logins[day] ?? 0) + count;
      if (isFirst) active[day] = (active[day] ?? 0) + 1;
      isActive ||= day >= monthFrom;
    });
    if (isActive) activeInMonth += 1;
  }
  return { logins, active, clients: chosen, activeInMonth };
}
