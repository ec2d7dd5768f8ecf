// A lens: what a row's marks mean at one instant under a firm's settings. Bits of access and rating, and sort keys.

import type { Rating } from '../../core/derive/facts.ts';
import type { Frame } from '../../core/derive/frame.ts';
import { type AccessFilter, accessFilters, matchesAccess, matchesRating, ratings } from '../../core/filter.ts';
import type { Listed, ListSort } from '../../core/list.ts';
import { never } from '../../core/list-marks.ts';
import { quarterHourMs, quarterOf, startOfQuarter } from '../../core/time.ts';
import { type Columns, flag, missing, missingDay } from './columns.ts';

export type Lens = {
  readonly at: number;
  readonly today: number;
  /** The oldest instants that are green, that are green or amber. */
  readonly greenFrom: number;
  readonly amberFrom: number;
  /** Signals before `liveLow` are left out, those from `liveHigh` on count; in between the views must tell. */
  readonly liveLow: number;
  readonly liveHigh: number;
  /** The same for a login being recent. */
  readonly recentLow: number;
  readonly recentHigh: number;
  readonly invitesCount: boolean;
};

/** Bits of a class: the values of the rating filter and of the access filter that a client matches. */
export const ratingBits = { green: 1, amber: 2, red: 4, none: 8 } as const satisfies Record<Rating, number>;
export const accessBits = {
  has_portal_access: 16,
  logged_in_recently: 32,
  never_logged_in: 64,
  no_portal_access: 128,
} as const satisfies Record<AccessFilter, number>;

/** The marks do not tell: the client's views must be read. */
export const unsure = -1;

export function lensOf(frame: Frame): Lens {
  // Of some signals only the quarter hour is known, so the edges of go-live and "recently" are exact only between quarters.
  const live = edgeOf(frame.liveFrom);
  const recent = edgeOf(frame.fromRecent);
  return {
    at: frame.at,
    today: frame.today,
    greenFrom: frame.at - frame.greenMs,
    amberFrom: frame.at - frame.amberMs,
    liveLow: live.low,
    liveHigh: live.high,
    recentLow: recent.low,
    recentHigh: recent.high,
    invitesCount: frame.settings.inviteEmailsCount,
  };
}

function edgeOf(instant: number): { readonly low: number; readonly high: number } {
  const low = startOfQuarter(quarterOf(instant));
  return { low, high: low === instant ? low : low + quarterHourMs };
}

/** Bits of rating and access at the lens's instant, or `unsure`. */
export function classOf(columns: Columns, row: number, lens: Lens): number {
  const flags = columns.flags[row] ?? 0;
  const { at, liveLow, liveHigh } = lens;
  let login = columns.login[row] ?? never;
  const anyMail = columns.email[row] ?? never;
  let mail = lens.invitesCount ? anyMail : (columns.emailButInvites[row] ?? never);
  let message = columns.message[row] ?? never;
  if (
    (login > at || anyMail > at || message > at || (columns.accessChangedAt[row] ?? never) > at) &&
    // A row that changed since a walk's first page is shown as it is.
    (columns.readAt[row] ?? 0) <= at
  ) {
    return unsure;
  }
  if (login < liveHigh) {
    if (login >= liveLow) return unsure;
    login = never;
  }
  if (mail < liveHigh) {
    if (mail >= liveLow) return unsure;
    mail = never;
  }
  if (message < liveHigh) {
    if (message >= liveLow) return unsure;
    message = never;
  }
  const newest = Math.max(login, mail, message);
  let bits: number;
  if (newest >= lens.greenFrom && newest !== never) bits = ratingBits.green;
  else if (newest === never) bits = (flags & flag.everGranted) === 0 ? 0 : ratingBits.none;
  else bits = newest >= lens.amberFrom ? ratingBits.amber : ratingBits.red;

  if ((flags & flag.active) === 0 || (columns.throughDay[row] ?? missingDay) < lens.today) {
    return bits | accessBits.no_portal_access;
  }
  bits |= accessBits.has_portal_access;
  if (login === never) return bits | accessBits.never_logged_in;
  if (login >= lens.recentHigh) return bits | accessBits.logged_in_recently;
  return login >= lens.recentLow ? unsure : bits;
}

/** The same from a client's facts. */
export function classOfFacts(facts: Listed): number {
  let bits = 0;
  for (const rating of ratings) if (matchesRating(facts, rating)) bits |= ratingBits[rating];
  for (const access of accessFilters) if (matchesAccess(facts, access)) bits |= accessBits[access];
  return bits;
}

/** Below every key, as no signal ever is when sorting by rating. Missing values have no key. */
const beforeAll = never;

/** A number by which rows sort ascending; NaN where the value is missing. Ranks must be settled. */
export type KeyOf = (row: number) => number;

export function keyOfSort(columns: Columns, sort: ListSort, lens: Lens): KeyOf {
  const counted = (instant: number | undefined) => (instant === undefined || instant < lens.liveLow ? never : instant);
  switch (sort) {
    case 'last_login':
      return (row) => keyOfInstant(counted(columns.login[row]));
    case 'engagement_rating': {
      const mails = lens.invitesCount ? columns.email : columns.emailButInvites;
      // Ratings follow the age of the newest signal, so its instant alone orders them, and it does not depend on now.
      return (row) =>
        Math.max(counted(columns.login[row]), counted(mails[row]), counted(columns.message[row]), beforeAll);
    }
    case 'created_at':
      return (row) => columns.createdAt[row] ?? Number.NaN;
    case 'updated_at':
      return (row) => columns.updatedAt[row] ?? Number.NaN;
    case 'first_name':
      return keyOfText(columns.firstName, columns.firstNames.ranks());
    case 'last_name':
      return keyOfText(columns.lastName, columns.lastNames.ranks());
    case 'email':
      return keyOfText(columns.address, columns.addresses.ranks());
    case 'next_review_date':
      return keyOfDay(columns.nextReview);
    case 'previous_review_date':
      return keyOfDay(columns.previousReview);
    case 'anniversary_date':
      return keyOfDay(columns.anniversary);
  }
}

/** The key from a client's facts, where it depends on them; else undefined, and the row tells. */
export function keyOfFacts(facts: Listed, sort: ListSort): number | undefined {
  if (sort === 'last_login') return facts.signals.lastLogin?.at.at ?? Number.NaN;
  if (sort === 'engagement_rating') return facts.signals.decidedBy?.at.at ?? beforeAll;
  return undefined;
}

/** The texts by which a sort compares; null when it compares numbers. */
export function textsOfSort(
  columns: Columns,
  sort: ListSort,
): { texts: Columns['firstNames']; column: Int32Array } | null {
  if (sort === 'first_name') return { texts: columns.firstNames, column: columns.firstName };
  if (sort === 'last_name') return { texts: columns.lastNames, column: columns.lastName };
  if (sort === 'email') return { texts: columns.addresses, column: columns.address };
  return null;
}

function keyOfInstant(instant: number): number {
  return instant === never ? Number.NaN : instant;
}

function keyOfText(column: Int32Array, ranks: Int32Array): KeyOf {
  return (row) => {
    const number = column[row] ?? missing;
    return number === missing ? Number.NaN : (ranks[number] ?? 0);
  };
}

function keyOfDay(column: Int32Array): KeyOf {
  return (row) => {
    const day = column[row] ?? missingDay;
    return day === missingDay ? Number.NaN : day;
  };
}
