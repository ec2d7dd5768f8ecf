// Classes: rating and access of a client at an instant, as one small number: a rating's plus an access's.
import type { Rating } from '../../../core/derive/facts.ts';
import type { ListedClient } from '../../../core/derive/listed.ts';
import { type AccessFilter, type ClientFilter, matchesAccess, matchesRating, ratings } from '../../../core/filter.ts';

/** `nothing`: without any signal and without a portal record ever, which no filter of ratings matches. */
export const ratingClasses = { nothing: 0, green: 4, amber: 8, red: 12, none: 16 } as const satisfies Record<
  Rating | 'nothing',
  number
>;
/** `before`: logged in, but not recently. */
export const accessClasses = { none: 0, neverIn: 1, before: 2, recent: 3 } as const;

export const classesEnd = 20;
/** The marks do not tell: the client's views must be read. */
export const unsure = 20;
/** Not found yet. */
export const unknown = 21;
/** More than all of them, and a power of two. */
export const classStride = 32;

const accessMask = 3;

/** Which filters of access a class matches, by its access. */
const accessFiltersOf: readonly (readonly AccessFilter[])[] = [
  ['no_portal_access'],
  ['has_portal_access', 'never_logged_in'],
  ['has_portal_access'],
  ['has_portal_access', 'logged_in_recently'],
];

/** The rating that a class matches; null when none does. */
export function ratingOf(cls: number): Rating | null {
  return ratings.find((rating) => ratingClasses[rating] === (cls & ~accessMask)) ?? null;
}

export function accessOf(cls: number): readonly AccessFilter[] {
  return accessFiltersOf[cls & accessMask] ?? [];
}

export function isRated(cls: number, wanted: ClientFilter['rating']): boolean {
  const rating = ratingOf(cls);
  return wanted === undefined || (rating !== null && wanted.includes(rating));
}

export function hasAccess(cls: number, wanted: ClientFilter['access']): boolean {
  return wanted === undefined || accessOf(cls).some((filter) => wanted.includes(filter));
}

/** The class that a client's facts give. */
export function classOfFacts(facts: ListedClient): number {
  const rating = ratings.find((candidate) => matchesRating(facts, candidate)) ?? 'nothing';
  let access: keyof typeof accessClasses = 'before';
  if (matchesAccess(facts, 'no_portal_access')) access = 'none';
  else if (matchesAccess(facts, 'never_logged_in')) access = 'neverIn';
  else if (matchesAccess(facts, 'logged_in_recently')) access = 'recent';
  return ratingClasses[rating] + accessClasses[access];
}
