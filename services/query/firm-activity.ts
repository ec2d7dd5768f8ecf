// GET …/activity: logins of a firm, of a book or of some advisers, by local day, and how many used the portal in a month.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AsOfWire, asOfWire, countedSince } from '../core/derive/card.ts';
import { monthDays, monthlyActive, shareVerdicts } from '../core/derive/portal-health.ts';
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

/** Clients passed in one go: a few milliseconds. */
const turnClients = 8_192;

const FirmActivityQuery = queryParameters({
  days: daysParameter(90),
  adviser: adviserParameter,
  as_of: CalendarDate.optional().meta({ description: 'The last local day, up to today; without it, today.' }),
});

const date = z.string().meta({ format: 'date' });
const count = z.int().nonnegative();

const FirmActivityWire = z
  .object({
    timeZone: z.string().meta({ description: 'In which the days are cut: the IANA zone of the firm.' }),
    from: date,
    to: date,
    days: z
      .array(
        z.object({
          date,
          logins: count,
          clients: count.meta({ description: 'How many different clients logged in.' }),
        }),
      )
      .meta({ description: 'Every day, ascending. The logins add up to those in the lists, with access or without.' }),
    clients: count.meta({ description: 'As many as the list has.' }),
    monthlyActive: z.object({
      clients: count.meta({ description: `Different clients with a login in the last ${monthDays} local days.` }),
      share: z.number().nullable().meta({ description: 'Of all clients, 0 to 1; null where there are none.' }),
      verdict: z
        .enum(shareVerdicts)
        .nullable()
        .meta({ description: 'The aim is 60 to 80 %; below 40 % is a problem.' }),
    }),
    coverage: z.object({
      since: z
        .string()
        .nullable()
        .meta({ format: 'date-time', description: 'Since when signals count here; null: none has arrived.' }),
      partial: z.boolean().meta({ description: 'Whether the days reach before that, or past what is remembered.' }),
    }),
    evaluatedAt: z.string().meta({
      format: 'date-time',
      description: 'At most some seconds ago: a firm that was just read is not read again at once.',
    }),
    asOf: AsOfWire.optional().meta({ description: 'Only in answers to as_of.' }),
  })
  .meta({ id: 'FirmActivity' });
type FirmActivityWire = z.infer<typeof FirmActivityWire>;

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
    async (request): Promise<FirmActivityWire> => {
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
): Promise<FirmActivityWire> {
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
    monthlyActive: { clients: activeInMonth, share: health?.share ?? null, verdict: health?.verdict ?? null },
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
