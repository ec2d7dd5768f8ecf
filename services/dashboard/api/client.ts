// What the page of one client asks for.
import { queryOptions } from '@tanstack/react-query';
import type { Activity, Card, Timeline } from '../../query/wire.ts';
import { ask, path } from './ask.ts';

/** `asOf`: YYYY-MM-DD; null for now. */
export type OfClient = { readonly firmId: string; readonly clientId: string; readonly asOf: string | null };

/** "14 hours ago" must not stand still. */
const freshMs = 60_000;
/** Of the strip and of the history beside it: a year that ends with the day. */
const days = 365;

/** Everything about a client, whatever the day. */
export function clientKey({ firmId, clientId }: Omit<OfClient, 'asOf'>) {
  return ['client', firmId, clientId] as const;
}

export function cardQuery(of: OfClient) {
  const { firmId, clientId, asOf } = of;
  return queryOptions({
    queryKey: [...clientKey(of), 'card', asOf],
    queryFn: ({ signal }) =>
      ask<Card>(path`/v1/firms/${firmId}/clients/${clientId}`, { query: given({ as_of: asOf }), signal }),
    refetchInterval: asOf === null ? freshMs : false,
  });
}

export function activityQuery(of: OfClient) {
  const { firmId, clientId, asOf } = of;
  return queryOptions({
    queryKey: [...clientKey(of), 'activity', asOf],
    queryFn: ({ signal }) =>
      ask<Activity>(path`/v1/firms/${firmId}/clients/${clientId}/activity`, {
        query: given({ days: String(days), as_of: asOf }),
        signal,
      }),
  });
}

/** `from`: the first day, YYYY-MM-DD. */
export function timelineQuery(of: OfClient, from: string) {
  const { firmId, clientId, asOf } = of;
  return queryOptions({
    queryKey: [...clientKey(of), 'timeline', from, asOf],
    queryFn: ({ signal }) =>
      ask<Timeline>(path`/v1/firms/${firmId}/clients/${clientId}/timeline`, {
        query: given({ from, to: asOf }),
        signal,
      }),
  });
}

function given(parameters: Readonly<Record<string, string | null>>): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== null) query.set(name, value);
  return query;
}
