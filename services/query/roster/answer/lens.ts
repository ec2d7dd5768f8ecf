// A lens: what a row's marks mean at one instant under a firm's settings: its rating and its access, one small number.
import type { Frame } from '../../../core/derive/frame.ts';
import { never } from '../../../core/list-marks.ts';
import { settingsText } from '../../../core/settings.ts';
import { quarterHourMs, quarterOf, startOfQuarter } from '../../../core/time.ts';
import { accessClasses, ratingClasses, unsure } from '../rows/class.ts';
import { type Columns, flagBits, missingDay } from '../rows/columns.ts';

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

/** Gives a row's class at the lens's instant, or `unsure` where the marks do not tell. */
export function classifier(columns: Columns, lens: Lens): ClassOf {
  // Every row of a firm may pass here, so nothing is looked up twice.
  const { flags, login: logins, email: emails, emailButInvites, message: messages } = columns;
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
    const own = flags[row] ?? 0;
    const newest = Math.max(login, mail, message);
    let rating: number;
    if (newest === never) rating = (own & flagBits.everGranted) === 0 ? ratingClasses.nothing : ratingClasses.none;
    else if (newest >= greenFrom) rating = ratingClasses.green;
    else rating = newest >= amberFrom ? ratingClasses.amber : ratingClasses.red;

    if ((own & flagBits.active) === 0 || (throughDay[row] ?? missingDay) < today) return rating + accessClasses.none;
    if (login === never) return rating + accessClasses.neverIn;
    if (login >= recentHigh) return rating + accessClasses.recent;
    return login >= recentLow ? unsure : rating + accessClasses.before;
  };
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
