// Logins: a session counts once, at its earliest interactive success, when nobody impersonates it — whichever of login
// and impersonation arrives first.
import { shorten } from '../../hash.ts';
import { quarterOf } from '../../time.ts';
import { type Entry, indexOfHash, insert, loginLedgerLimits, merge, minuteOf, takeOverdue } from './ledger.ts';
import { addTo, takeFrom } from './quarters.ts';
import type { Impersonated, Logins, Recalled, Signals } from './state.ts';

export const recallEntriesMax = 64;
export const lateArrivalsMax = 16;
export const impersonatedMax = 256;

/** A counting login: successful, interactive, not marked on the event. `hash`: 40 bits, of the session's id. */
export function foldLogin(view: Signals, hash: number, at: number, device: number): void {
  const behind = indexOfHash(view.impersonated, hash);
  if (behind >= 0) {
    raise(view.impersonated, behind, minuteOf(at));
    return;
  }
  const { logins } = view;
  const known = indexOfHash(logins.ledger, hash);
  if (known >= 0) {
    merge(logins.ledger, known, at, device);
    settleOverdue(view);
    return;
  }
  const short = shorten(hash);
  const recalled = findRecalled(logins, short);
  if (recalled !== null) {
    repeatSettled(logins, recalled, at, device);
    return;
  }
  insert(logins.ledger, { hash, seen: minuteOf(at), at, device });
  settleOverdue(view);
}

/** A colleague is behind the session: it leaves no trace, whenever its login came or will come. */
export function markImpersonated(view: Signals, hash: number, at: number): void {
  const { logins, impersonated } = view;
  const index = indexOfHash(impersonated, hash);
  if (index >= 0) {
    raise(impersonated, index, minuteOf(at));
    return;
  }
  place(impersonated, { hash, seen: minuteOf(at) });
  if (impersonated.length > impersonatedMax) impersonated.shift();

  const known = indexOfHash(logins.ledger, hash);
  if (known >= 0) {
    logins.ledger.splice(known, 1);
    return;
  }
  const recalled = findRecalled(logins, shorten(hash));
  if (recalled !== null) {
    removeRecalled(logins, recalled);
    unsettle(logins, recalled.quarter);
  } else if (isPastRecall(logins, quarterOf(at))) {
    view.late += 1;
  }
}

function settleOverdue(view: Signals): void {
  for (;;) {
    const entry = takeOverdue(view.logins.ledger, loginLedgerLimits);
    if (entry === undefined) return;
    settle(view, entry);
  }
}

function settle(view: Signals, entry: Entry): void {
  const { logins } = view;
  const quarter = quarterOf(entry.at);
  const newest = logins.settled.quarters.at(-1);
  if (newest === undefined || quarter > newest) {
    logins.settledMax = { at: entry.at, device: entry.device };
  } else if (logins.settledMax !== null && isLater(entry, logins.settledMax)) {
    logins.settledMax = { at: entry.at, device: entry.device };
  }
  addTo(logins.settled, quarter);

  const recalled = { hash: shorten(entry.hash), quarter };
  if (isPastRecall(logins, quarter)) {
    view.late += 1;
    logins.lateArrivals.push(recalled);
    if (logins.lateArrivals.length > lateArrivalsMax) logins.lateArrivals.shift();
    return;
  }
  remember(logins, recalled);
}

function remember(logins: Logins, recalled: Recalled): void {
  const { recall } = logins;
  let index = recall.length;
  for (; index > 0; index -= 1) {
    const before = recall[index - 1];
    if (before === undefined || before.quarter < recalled.quarter) break;
    if (before.quarter === recalled.quarter && before.hash <= recalled.hash) break;
  }
  recall.splice(index, 0, recalled);
  if (recall.length <= recallEntriesMax) return;
  const forgotten = recall.shift();
  if (forgotten !== undefined) logins.forgottenQuarter = Math.max(logins.forgottenQuarter, forgotten.quarter);
}

/** True when settled logins newer than that quarter have been forgotten, so this one may have been as well. */
function isPastRecall(logins: Logins, quarter: number): boolean {
  return quarter < logins.forgottenQuarter;
}

/** Another event of a settled session: an earlier quarter moves it there; the same or a later one repeats it. */
function repeatSettled(logins: Logins, recalled: Recalled, at: number, device: number): void {
  const quarter = quarterOf(at);
  if (quarter > recalled.quarter) return;
  if (quarter === recalled.quarter) {
    // It may be the latest settled login itself that counts earlier now, or on another device: no longer known exactly.
    const max = logins.settledMax;
    if (max === null || quarterOf(max.at) !== quarter) return;
    if (at < max.at || (at === max.at && device > max.device)) logins.settledMax = null;
    return;
  }
  unsettle(logins, recalled.quarter);
  const wasLate = removeRecalled(logins, recalled);
  addTo(logins.settled, quarter);
  if (logins.settledMax !== null && isLater({ at, device }, logins.settledMax)) logins.settledMax = { at, device };
  recalled.quarter = quarter;
  if (wasLate || isPastRecall(logins, quarter)) logins.lateArrivals.push(recalled);
  else remember(logins, recalled);
  if (logins.lateArrivals.length > lateArrivalsMax) logins.lateArrivals.shift();
}

function unsettle(logins: Logins, quarter: number): void {
  takeFrom(logins.settled, quarter);
  if (logins.settledMax !== null && quarterOf(logins.settledMax.at) === quarter) logins.settledMax = null;
}

function findRecalled(logins: Logins, short: number): Recalled | null {
  const index = indexOfHash(logins.recall, short);
  if (index >= 0) return logins.recall[index] ?? null;
  return logins.lateArrivals[indexOfHash(logins.lateArrivals, short)] ?? null;
}

/** True when it stood among the late arrivals. */
function removeRecalled(logins: Logins, recalled: Recalled): boolean {
  const index = logins.recall.indexOf(recalled);
  if (index >= 0) {
    logins.recall.splice(index, 1);
    return false;
  }
  logins.lateArrivals.splice(logins.lateArrivals.indexOf(recalled), 1);
  return true;
}

function isLater(
  one: { readonly at: number; readonly device: number },
  other: { readonly at: number; readonly device: number },
): boolean {
  return one.at > other.at || (one.at === other.at && one.device > other.device);
}

function raise(impersonated: Impersonated[], index: number, minute: number): void {
  const session = impersonated[index];
  if (session === undefined || minute <= session.seen) return;
  session.seen = minute;
  impersonated.splice(index, 1);
  place(impersonated, session);
}

function place(impersonated: Impersonated[], session: Impersonated): void {
  let index = impersonated.length;
  for (; index > 0; index -= 1) {
    const before = impersonated[index - 1];
    if (before === undefined || before.seen < session.seen) break;
    if (before.seen === session.seen && before.hash < session.hash) break;
  }
  impersonated.splice(index, 0, session);
}
