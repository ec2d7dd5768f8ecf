// A lens: what a row's marks mean at one instant under a firm's settings. Bits of access and rating, and sort keys.

import type { Rating } from '../../core/derive/facts.ts';
import type { Frame } from '../../core/derive/frame.ts';
import type { ListedClient } from '../../core/derive/listed.ts';
import { type AccessFilter, accessFilters, matchesAccess, matchesRating, ratings } from '../../core/filter.ts';
import { never } from '../../core/list-marks.ts';
import { settingsText } from '../../core/settings.ts';
import { quarterHourMs, quarterOf, startOfQuarter } from '../../core/time.ts';
import { type Columns, missingDay } from './columns.ts';
import { type ClassName, hasBit } from './planes.ts';

export type Lens = {
  readonly at: number;
  readonly today: number;
  /** When tomorrow begins. */
  readonly nextDayAt: number;
  /** Two lenses of the same settings have the same text. */
  readonly settings: string;
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
    nextDayAt: frame.zone.startOf(frame.today + 1),
    settings: settingsText(frame.settings),
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

export type ClassOf = (row: number) => number;

/** Gives for a row its bits of rating and access at the lens's instant, or `unsure`. */
export function classifier(columns: Columns, lens: Lens): ClassOf {
  // Every row of a firm passes here on every question, so nothing is looked up twice.
  const { planes, login: logins, email: emails, emailButInvites, message: messages } = columns;
  const { accessChangedAt, readAt, throughDay } = columns;
  const { at, today, greenFrom, amberFrom, liveLow, liveHigh, recentLow, recentHigh, invitesCount } = lens;
  return (row) => {
    let login = logins[row] ?? never;
    const anyMail = emails[row] ?? never;
    let mail = invitesCount ? anyMail : (emailButInvites[row] ?? never);
    let message = messages[row] ?? never;
    const isAhead = login > at || anyMail > at || message > at || (accessChangedAt[row] ?? never) > at;
    // A row that changed since a walk's first page is shown as it is.
    if (isAhead && (readAt[row] ?? 0) <= at) return unsure;
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
    if (newest === never) bits = hasBit(planes.everGranted, row) ? ratingBits.none : 0;
    else if (newest >= greenFrom) bits = ratingBits.green;
    else bits = newest >= amberFrom ? ratingBits.amber : ratingBits.red;

    if (!hasBit(planes.active, row) || (throughDay[row] ?? missingDay) < today) {
      return bits | accessBits.no_portal_access;
    }
    bits |= accessBits.has_portal_access;
    if (login === never) return bits | accessBits.never_logged_in;
    if (login >= recentHigh) return bits | accessBits.logged_in_recently;
    return login >= recentLow ? unsure : bits;
  };
}

/** Puts a class into planes: into the word of that index, at that bit. */
export function writeClass(
  planes: Readonly<Record<ClassName, Int32Array>>,
  word: number,
  bit: number,
  found: number,
): void {
  const put = (plane: Int32Array, mask: number) => {
    const before = plane[word] ?? 0;
    plane[word] = (found & mask) === 0 ? before & ~bit : before | bit;
  };
  put(planes.green, ratingBits.green);
  put(planes.amber, ratingBits.amber);
  put(planes.red, ratingBits.red);
  put(planes.none, ratingBits.none);
  put(planes.has, accessBits.has_portal_access);
  put(planes.recent, accessBits.logged_in_recently);
  put(planes.neverIn, accessBits.never_logged_in);
}

/** Before when a row's class stays as it is, if the day does not end; not after the lens's instant when that is unsaid. */
export function nextChange(columns: Columns, row: number, { at, invitesCount, greenFrom, amberFrom }: Lens): number {
  const mails = invitesCount ? columns.email : columns.emailButInvites;
  const newest = Math.max(columns.login[row] ?? never, mails[row] ?? never, columns.message[row] ?? never);
  // Facts still ahead of the instant.
  if (Math.max(newest, columns.email[row] ?? never, columns.accessChangedAt[row] ?? never) > at) return at;
  if (newest >= greenFrom) return newest + (at - greenFrom) + 1;
  return newest >= amberFrom ? newest + (at - amberFrom) + 1 : Number.POSITIVE_INFINITY;
}

/** The bits from a client's facts. */
export function classOfFacts(facts: ListedClient): number {
  let bits = 0;
  for (const rating of ratings) if (matchesRating(facts, rating)) bits |= ratingBits[rating];
  for (const access of accessFilters) if (matchesAccess(facts, access)) bits |= accessBits[access];
  return bits;
}
