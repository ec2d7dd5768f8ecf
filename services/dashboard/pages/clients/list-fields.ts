// What of the list of clients stands in its address, and how the API is asked for it.
import type { AccessFilter, ListOrder, ListSort, Rating } from '../../../query/wire.ts';
import { type Fields, manyOf, oneOf, texts } from '../../frame/search.ts';

export const ratings = ['green', 'amber', 'red', 'none'] as const satisfies readonly Rating[];
export const accessFilters = [
  'has_portal_access',
  'logged_in_recently',
  'never_logged_in',
  'no_portal_access',
] as const satisfies readonly AccessFilter[];
export const sorts = [
  'last_name',
  'first_name',
  'email',
  'engagement_rating',
  'last_login',
  'next_review_date',
  'previous_review_date',
  'anniversary_date',
  'created_at',
  'updated_at',
] as const satisfies readonly ListSort[];
export const statuses = ['all', 'active', 'inactive'] as const;
export type ClientStatus = (typeof statuses)[number];

export type ListState = {
  readonly name: readonly string[];
  readonly rating: readonly Rating[];
  readonly access: readonly AccessFilter[];
  readonly adviser: readonly string[];
  readonly type: readonly string[];
  readonly status: ClientStatus;
  readonly sort: ListSort;
  readonly order: ListOrder;
};

export const listFields: Fields<ListState> = {
  name: texts(),
  rating: manyOf(ratings),
  access: manyOf(accessFilters),
  adviser: texts(),
  type: texts(),
  status: oneOf(statuses, 'all'),
  sort: oneOf(sorts, 'last_name'),
  order: oneOf<ListOrder>(['asc', 'desc'], 'asc'),
};

export const noFilters = { name: [], rating: [], access: [], adviser: [], type: [], status: 'all' } as const;

export function hasFilters({ name, rating, access, adviser, type, status }: ListState): boolean {
  return [name, rating, access, adviser, type].some((values) => values.length > 0) || status !== 'all';
}

/** As the API takes it: values of one filter repeated, a comma within one marked as such. */
export function listQuery({ sort, order, status, ...filters }: ListState): URLSearchParams {
  const query = new URLSearchParams({ sort, order, status });
  for (const [name, values] of Object.entries(filters)) {
    for (const value of values) query.append(name, value.replaceAll(',', '\\,'));
  }
  return query;
}
