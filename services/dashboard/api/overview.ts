// What the overview asks for. Totals come from the list; days, movements and what-if from a scan of the whole firm, which
// the service keeps for some seconds.
import { queryOptions } from '@tanstack/react-query';
import type { FirmActivity, List, ListItem, Movements, WhatIf } from '../../query/wire.ts';
import { ApiProblem, ask, path } from './ask.ts';

/** `adviser`: whose clients alone; null for everybody's. */
export type OfFirm = { readonly firmId: string; readonly adviser: string | null };

/** As often as a scan may be another one. */
export const scanFreshMs = 20_000;
/** Of a large firm that is being read: asked again until it is there, for a few minutes. */
const scanTriesMax = 60;
const scanRetryMs = 2_000;

const untilScanned = {
  retry: (tries: number, error: Error) => error instanceof ApiProblem && error.mayPass && tries < scanTriesMax,
  retryDelay: scanRetryMs,
} as const;

export function overviewKey(firmId: string) {
  return ['overview', firmId] as const;
}

export function totalsKey(firmId: string) {
  return [...overviewKey(firmId), 'totals'] as const;
}

/** Nobody's row: what is wanted are the totals. */
export function totalsQuery({ firmId, adviser }: OfFirm) {
  return queryOptions({
    queryKey: [...totalsKey(firmId), adviser],
    queryFn: ({ signal }) =>
      ask<List>(path`/v1/firms/${firmId}/clients`, { query: given({ adviser: listed(adviser), limit: '1' }), signal }),
  });
}

export function firmActivityQuery({ firmId, adviser }: OfFirm, days: number) {
  return queryOptions({
    queryKey: [...overviewKey(firmId), 'activity', adviser, days],
    queryFn: ({ signal }) =>
      ask<FirmActivity>(path`/v1/firms/${firmId}/activity`, {
        query: given({ adviser: listed(adviser), days: String(days) }),
        signal,
      }),
    staleTime: scanFreshMs,
    refetchInterval: scanFreshMs * 3,
    ...untilScanned,
  });
}

export function movementsQuery({ firmId, adviser }: OfFirm, limit: number) {
  return queryOptions({
    queryKey: [...overviewKey(firmId), 'movements', adviser, limit],
    queryFn: ({ signal }) =>
      ask<Movements>(path`/v1/firms/${firmId}/movements`, {
        query: given({ adviser: listed(adviser), limit: String(limit) }),
        signal,
      }),
    staleTime: scanFreshMs,
    refetchInterval: scanFreshMs * 3,
    ...untilScanned,
  });
}

export type Thresholds = { readonly greenDays: number; readonly amberDays: number };

export function whatIfQuery({ firmId, adviser }: OfFirm, tried: Thresholds, limit: number) {
  return queryOptions({
    queryKey: [...overviewKey(firmId), 'what-if', adviser, tried, limit],
    queryFn: ({ signal }) =>
      ask<WhatIf>(path`/v1/firms/${firmId}/what-if`, {
        method: 'POST',
        query: given({ adviser: listed(adviser), limit: String(limit) }),
        body: tried,
        signal,
      }),
    staleTime: scanFreshMs,
    ...untilScanned,
  });
}

/** Clients by their ids, as lists have them; at least one id. */
export function tilesQuery(firmId: string, ids: readonly string[]) {
  return queryOptions({
    queryKey: [...overviewKey(firmId), 'tiles', ids],
    queryFn: ({ signal }) =>
      ask<{ readonly items: readonly ListItem[] }>(path`/v1/firms/${firmId}/clients/batch`, {
        method: 'POST',
        body: { ids },
        signal,
      }),
    enabled: ids.length > 0,
    staleTime: scanFreshMs,
  });
}

/** A comma within an id would part it. */
function listed(adviser: string | null): string | null {
  return adviser === null ? null : adviser.replaceAll(',', '\\,');
}

function given(parameters: Readonly<Record<string, string | null>>): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== null) query.set(name, value);
  return query;
}
