// Pulls a realm's events from Keycloak's admin REST API (26.2 or newer), oldest first, with a window that overlaps: events
// become visible when their transaction ends, which is after the time they carry.
import { z } from 'zod';
import { within } from '../../runtime/clock.ts';
import { OperatingError } from '../../runtime/errors.ts';
import { isTrustworthy } from '../../runtime/loopback.ts';
import type { Cursor, Pulled, Puller, PullOffer } from './puller.ts';

const seconds = (min: number, max: number) => z.int(`must be a whole number of seconds`).min(min).max(max);

const Options = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'is missing; write the address of Keycloak, as https://id.example.org' })
    .refine((url) => isTrustworthy(new URL(url)), 'must be https, because a secret is sent there'),
  realm: z.string('is missing; write the name of the realm').min(1),
  /** Of the service account. */
  clientId: z.string('is missing; write the client whose service account may view events').min(1),
  everySeconds: seconds(1, 3600).default(10),
  overlapSeconds: seconds(1, 3600).default(120),
});
type Options = z.infer<typeof Options>;

/** Where the next request starts: events of `at` (epoch ms) or later, without the first `skip` of them. */
const Place = z.object({ at: z.number(), skip: z.number(), more: z.boolean() });
type Place = z.infer<typeof Place>;

const Page = z.array(z.looseObject({ id: z.string().nullish(), time: z.number() }));
type Page = z.infer<typeof Page>;

const pageEvents = 100;
const requestMsMax = 10_000;
/** So that no token ends on the way. */
const tokenLeftMsMin = 10_000;
const types = ['LOGIN', 'LOGIN_ERROR', 'IMPERSONATE', 'REGISTER'];

export const keycloakPull: PullOffer<Options> = {
  options: Options,
  secret: "the secret of the client whose service account has realm-management's role view-events",
  open: (options, secret, { fetch }) => openPuller(options, secret, fetch),
};

function openPuller(options: Options, secret: string, fetching: typeof fetch): Puller {
  const base = options.url.replace(/\/+$/, '');
  const realm = encodeURIComponent(options.realm);
  const tokens = openTokens(
    `${base}/realms/${realm}/protocol/openid-connect/token`,
    options.clientId,
    secret,
    fetching,
  );
  /** Events given before, by id with their time. What was given last counts once its cursor comes back: then it is durable. */
  const given = new Map<string, number>();
  let last: { readonly cursor: Cursor; readonly page: Page } | null = null;

  async function fetchPage({ at, skip }: Place, now: number, signal: AbortSignal): Promise<Page> {
    const query = new URLSearchParams({
      ...{ dateFrom: String(at), direction: 'asc', first: String(skip), max: String(pageEvents) },
    });
    for (const type of types) query.append('type', type);
    const url = `${base}/admin/realms/${realm}/events?${query}`;
    const ask = async () => {
      const authorization = `Bearer ${await tokens.get(now, signal)}`;
      return request(fetching, url, { headers: { authorization, accept: 'application/json' } }, signal);
    };
    let response = await ask();
    if (response.status === 401) {
      tokens.forget();
      response = await ask();
    }
    if (!response.ok) throw refusal(response.status, `events of the realm ${options.realm}`);
    const page = Page.safeParse(await jsonOf(response));
    const isAscending = page.data?.every(({ time }, index, all) => index === 0 || time >= (all[index - 1]?.time ?? 0));
    if (page.success && isAscending === true && (page.data[0]?.time ?? at) >= at) return page.data;
    const detail =
      'Keycloak does not list events by time, oldest first, as it does from 26.2 on; use a listener instead.';
    throw new OperatingError('source_refused', detail);
  }

  return {
    everyMs: options.everySeconds * 1000,
    async pull(cursor, now, signal): Promise<Pulled> {
      if (last !== null && last.cursor === cursor) note(given, last.page, options.overlapSeconds * 1000);
      const from = placeOf(cursor, options.overlapSeconds * 1000);
      const page = await fetchPage(from, now, signal);
      const next = JSON.stringify(after(from, cursor, page));
      last = { cursor: next, page };
      return {
        items: page.filter(({ id }) => typeof id !== 'string' || !given.has(id)),
        cursor: next,
        more: page.length === pageEvents,
      };
    },
  };
}

/** A pull that had more goes on where it was; one that had all starts anew, before the newest it saw. */
function placeOf(cursor: Cursor, overlapMs: number): Place {
  if (cursor === null) return { at: 0, skip: 0, more: true };
  const place = Place.parse(JSON.parse(cursor));
  return place.more ? place : { at: Math.max(0, place.at - overlapMs), skip: 0, more: true };
}

/**
 * Goes on by time and not by number, so that events which expire meanwhile shift nothing; by number only within one
 * millisecond that fills a page.
 */
function after(from: Place, cursor: Cursor, page: Page): Place {
  const newest = page.at(-1)?.time ?? from.at;
  if (page.length === pageEvents) {
    return newest > from.at
      ? { at: newest, skip: 0, more: true }
      : { at: from.at, skip: from.skip + page.length, more: true };
  }
  // An empty window must not bring us back: what was seen is seen.
  const before = cursor === null ? 0 : Place.parse(JSON.parse(cursor)).at;
  return { at: Math.max(newest, before), skip: 0, more: false };
}

/** Those that another overlapping window may bring again. */
function note(given: Map<string, number>, page: Page, overlapMs: number): void {
  for (const { id, time } of page) if (typeof id === 'string') given.set(id, time);
  const oldest = (page.at(-1)?.time ?? 0) - 2 * overlapMs;
  for (const [id, time] of given) if (time < oldest) given.delete(id);
}

const Token = z.object({ access_token: z.string(), expires_in: z.number() });

function openTokens(url: string, clientId: string, secret: string, fetching: typeof fetch) {
  let held: { readonly token: string; readonly until: number } | null = null;
  return {
    forget: () => {
      held = null;
    },
    async get(now: number, signal: AbortSignal): Promise<string> {
      if (held !== null && now < held.until) return held.token;
      const body = new URLSearchParams({
        ...{ grant_type: 'client_credentials', client_id: clientId, client_secret: secret },
      });
      const response = await request(fetching, url, { method: 'POST', body }, signal);
      if (!response.ok) throw refusal(response.status, `a token for the client ${clientId}`);
      const token = Token.safeParse(await jsonOf(response));
      if (!token.success) throw new OperatingError('source_refused', `${new URL(url).host} answers with no token.`);
      held = { token: token.data.access_token, until: now + token.data.expires_in * 1000 - tokenLeftMsMin };
      return held.token;
    },
  };
}

async function request(fetching: typeof fetch, url: string, init: RequestInit, signal: AbortSignal): Promise<Response> {
  try {
    return await fetching(url, { ...init, redirect: 'error', signal: within(requestMsMax, signal) });
  } catch (cause) {
    throw new OperatingError('source_unreachable', `Keycloak at ${new URL(url).host} cannot be reached.`, {
      retryable: true,
      cause,
    });
  }
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    throw new OperatingError('source_unreachable', 'Keycloak’s answer broke off or is no JSON.', {
      retryable: true,
      cause,
    });
  }
}

function refusal(status: number, what: string): OperatingError {
  if (status >= 500 || status === 429) {
    return new OperatingError('source_unreachable', `Keycloak answers ${status} for ${what}.`, { retryable: true });
  }
  const advice: Readonly<Record<number, string>> = {
    400: 'Check the client, its secret, and that its service account is on.',
    401: 'Check the client, its secret, and that its service account is on.',
    403: 'Give its service account the role view-events of the client realm-management.',
    404: 'Check the address and the name of the realm.',
  };
  return new OperatingError('source_refused', `Keycloak refuses ${what} (${status}). ${advice[status] ?? ''}`.trim());
}
