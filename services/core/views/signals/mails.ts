// Emails and messages: each id counts once, at its earliest. Four kinds: emails, invite emails, outbound and inbound
// messages. Behind the ledger stands a set of quarter hours, which needs no dedupe.
import { quarterOf } from '../../time.ts';
import {
  type Entry,
  indexOfHash,
  insert,
  type Ledger,
  mailLedgerLimits,
  merge,
  minuteOf,
  takeOverdue,
} from './ledger.ts';
import { addToSet } from './quarters.ts';
import type { Mails, Signals } from './state.ts';

/** A sent or delivered email. `hash`: 40 bits, of its id. One id is an invite when any of its events says so, in whatever order they come. */
export function foldEmail(view: Signals, hash: number, at: number, isInvite: boolean): void {
  if (isInvite) {
    const misplaced = indexOfHash(view.emails.ledger, hash);
    if (misplaced >= 0) moveEntry(view, view.emails.ledger, misplaced, view.invites);
    foldMail(view, view.invites, hash, at);
  } else {
    foldMail(view, indexOfHash(view.invites.ledger, hash) >= 0 ? view.invites : view.emails, hash, at);
  }
}

export function foldMessage(view: Signals, hash: number, at: number, isOutbound: boolean): void {
  foldMail(view, isOutbound ? view.outbound : view.inbound, hash, at);
}

function foldMail(view: Signals, mails: Mails, hash: number, at: number): void {
  const known = indexOfHash(mails.ledger, hash);
  if (known >= 0) merge(mails.ledger, known, at, 0);
  else insertEntry(mails, { hash, seen: minuteOf(at), at, device: 0 });
  settleOverdue(view, mails, hash);
}

function moveEntry(view: Signals, from: Ledger, index: number, to: Mails): void {
  const [entry] = from.splice(index, 1);
  if (entry === undefined) return;
  insertEntry(to, entry);
  settleOverdue(view, to, entry.hash);
}

function insertEntry(mails: Mails, entry: Entry): void {
  const max = mails.settledMax;
  // It may be the latest settled mail itself, seen at an earlier instant: no longer known exactly.
  if (max !== null && entry.at < max && quarterOf(entry.at) === quarterOf(max)) mails.settledMax = null;
  insert(mails.ledger, entry);
}

function settleOverdue(view: Signals, mails: Mails, arrived: number): void {
  for (;;) {
    const entry = takeOverdue(mails.ledger, mailLedgerLimits);
    if (entry === undefined) return;
    const quarter = quarterOf(entry.at);
    const newest = mails.settled.at(-1);
    if (newest === undefined || quarter > newest) mails.settledMax = entry.at;
    else if (mails.settledMax !== null && entry.at > mails.settledMax) mails.settledMax = entry.at;
    const isNew = addToSet(mails.settled, quarter);
    // It was older than everything in a full ledger, and no repeat of what had been settled.
    if (isNew && entry.hash === arrived) view.late += 1;
  }
}
