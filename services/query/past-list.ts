// A list from a scan: the same filters, sorts, totals and facets as the roster's, over rows of one past instant.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type AccessFilter, accessFilters, ratings } from '../core/filter.ts';
import type { ClientId } from '../core/ids.ts';
import { compareIds } from '../core/ids.ts';
import type { List, ListOrder, ListSort, MoreFacet } from '../core/list.ts';
import { foldName } from '../core/names.ts';
import { accessBit, ratingBit, type ScannedClient } from './firm-scan.ts';
import type { ListFilter } from './roster/answer/scan.ts';

/** Rows passed in one go: a few milliseconds. */
const turnRows = 4096;

/** What a row is sorted by; null: missing, and last in both orders. */
type Key = string | number | null;
type Place = { readonly clientId: string; readonly value: Key };

export type PastAsk = {
  readonly filter: ListFilter;
  readonly sort: ListSort;
  readonly order: ListOrder;
  readonly limit: number;
  readonly after: Place | null;
  readonly more?: readonly MoreFacet[] | undefined;
};

export type PastAnswer = {
  readonly clientIds: readonly ClientId[];
  readonly total: number;
  readonly facets: List['facets'];
  /** Null on the last page. */
  readonly end: Place | null;
  /** Some matching client's counts or rating reach past what its view remembers. */
  readonly partial: boolean;
};

export async function listPast(clients: readonly ScannedClient[], ask: PastAsk): Promise<PastAnswer> {
  const { filter, sort, order, limit, after, more = [] } = ask;
  const isChosen = chooser(filter);
  const tally = createTally(filter);
  const compare = comparer(order);
  // One more than the page has, which tells whether there is another page.
  const top: (Place & { readonly clientId: ClientId })[] = [];
  let partial = false;
  for (let index = 0; index < clients.length; index += 1) {
    if (index > 0 && index % turnRows === 0) await nextTurn();
    const client = clients[index];
    if (client === undefined || !isChosen(client) || !tally.count(client)) continue;
    partial ||= client.pastMemory;
    const place = { clientId: client.clientId, value: keyOf(client, sort) };
    if (after !== null && compare(place, after) <= 0) continue;
    insert(top, place, compare, limit + 1);
  }
  const page = top.slice(0, limit);
  const { total, facets } = tally.answer();
  return {
    clientIds: page.map(({ clientId }) => clientId),
    total,
    facets: { ...facets, ...countMore(clients, filter, more) },
    end: top.length > limit ? (page.at(-1) ?? null) : null,
    partial,
  };
}

function countMore(
  clients: readonly ScannedClient[],
  filter: ListFilter,
  more: readonly MoreFacet[],
): Pick<List['facets'], MoreFacet> {
  const matching = (wide: ListFilter) => {
    const [isChosen, tally] = [chooser(wide), createTally(wide)];
    return clients.filter((client) => isChosen(client) && tally.count(client));
  };
  const found: Pick<List['facets'], MoreFacet> = {};
  if (more.includes('type')) {
    const counts = new Map<string, number>();
    for (const { type } of matching({ ...filter, type: undefined })) counts.set(type, (counts.get(type) ?? 0) + 1);
    found.type = [...counts]
      .map(([type, count]) => ({ type, count }))
      .sort((one, other) => other.count - one.count || (one.type < other.type ? -1 : 1));
  }
  if (more.includes('status')) {
    const all = matching({ ...filter, status: null });
    const active = all.filter(({ isActive }) => isActive).length;
    found.status = { active, inactive: all.length - active };
  }
  return found;
}

/** What no facet leaves out: book, type, status, name. */
function chooser({ book, type, status, name }: ListFilter): (client: ScannedClient) => boolean {
  const names = name?.map((part) => foldName(part.trim()));
  return (client) =>
    (book === null || client.adviser?.id === book) &&
    (status === null || client.isActive === (status === 'active')) &&
    (type === undefined || type.includes(client.type)) &&
    (names === undefined || names.some((part) => client.name.includes(part)));
}

function createTally({ rating, access, adviser }: ListFilter) {
  const all = -1;
  const wantedRatings = rating?.reduce((bits, one) => bits | ratingBit(one), 0) ?? all;
  const wantedAccesses = access?.reduce((bits, one) => bits | accessBit(one), 0) ?? all;
  const wantedAdvisers = adviser === undefined ? null : new Set(adviser);
  const ratingCounts = { green: 0, amber: 0, red: 0, none: 0 };
  const accessCounts: Record<AccessFilter, number> = {
    has_portal_access: 0,
    logged_in_recently: 0,
    never_logged_in: 0,
    no_portal_access: 0,
  };
  const advisers = new Map<string, { id: string; name: string | null; count: number }>();
  let total = 0;
  return {
    /** Whether the client matches all three; each of them counts who matches the other two. */
    count: ({ matches, adviser: own }: ScannedClient): boolean => {
      const isRated = wantedRatings === all || (matches & wantedRatings) !== 0;
      const hasAccess = wantedAccesses === all || (matches & wantedAccesses) !== 0;
      const isAdvised = wantedAdvisers === null || (own !== null && wantedAdvisers.has(own.id));
      if (hasAccess && isAdvised) for (const one of ratings) if (matches & ratingBit(one)) ratingCounts[one] += 1;
      if (isRated && isAdvised) for (const one of accessFilters) if (matches & accessBit(one)) accessCounts[one] += 1;
      if (isRated && hasAccess && own !== null) {
        const known = advisers.get(own.id) ?? { ...own, count: 0 };
        known.count += 1;
        advisers.set(own.id, known);
      }
      if (isRated && hasAccess && isAdvised) total += 1;
      return isRated && hasAccess && isAdvised;
    },
    answer: (): { readonly total: number; readonly facets: List['facets'] } => {
      const byCount = [...advisers.values()].sort(
        (one, other) => other.count - one.count || compareIds(one.id, other.id),
      );
      return { total, facets: { rating: ratingCounts, access: accessCounts, adviser: byCount } };
    },
  };
}

function keyOf(client: ScannedClient, sort: ListSort): Key {
  switch (sort) {
    case 'last_login':
      return client.lastLogin;
    case 'engagement_rating':
      // Ratings follow the age of the newest signal. No signal is a rating and the lowest, not a missing value.
      return client.newestSignal ?? -1;
    case 'created_at':
      return client.createdAt;
    case 'updated_at':
      return client.updatedAt;
    case 'first_name':
      return client.firstName;
    case 'last_name':
      return client.lastName;
    case 'email':
      return client.email;
    case 'next_review_date':
      return client.nextReviewDate;
    case 'previous_review_date':
      return client.previousReviewDate;
    case 'anniversary_date':
      return client.anniversaryDate;
  }
}

/** Missing values last in both orders; ties ascend by client id. */
function comparer(order: ListOrder): (one: Place, other: Place) => number {
  const direction = order === 'asc' ? 1 : -1;
  return (one, other) => {
    if (one.value !== other.value) {
      if (one.value === null) return 1;
      if (other.value === null) return -1;
      return (one.value < other.value ? -1 : 1) * direction;
    }
    return compareIds(one.clientId, other.clientId);
  };
}

/** Puts it among the first `max`, which stand in order; drops whatever is behind them. */
function insert<One extends Place>(top: One[], one: One, compare: (a: Place, b: Place) => number, max: number): void {
  const last = top.at(-1);
  if (top.length >= max && last !== undefined && compare(one, last) >= 0) return;
  let low = 0;
  let high = top.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = top[middle];
    if (there !== undefined && compare(there, one) < 0) low = middle + 1;
    else high = middle;
  }
  top.splice(low, 0, one);
  if (top.length > max) top.pop();
}
