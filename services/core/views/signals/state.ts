// The signals view of one client: its logins in three tiers, its mails in two, and the sessions that colleagues were
// behind. The design's §5 says why three tiers: a maximum cannot be taken back, an impersonation may arrive late.
import type { Ledger } from './ledger.ts';
import type { Buckets } from './quarters.ts';

/** A settled login that can still be found: by the upper 32 bits of its session's hash. */
export type Recalled = { readonly hash: number; quarter: number };

/** A colleague's session. `seen`: UTC minute of its newest event. */
export type Impersonated = { readonly hash: number; seen: number };

export type Logins = {
  readonly ledger: Ledger;
  /** The newest settled, ascending by (quarter, hash), contiguous from the newest. */
  readonly recall: Recalled[];
  /** The newest quarter that ever left the recall; 0 while nothing has. */
  forgottenQuarter: number;
  /** The last arrivals that were older than the recall reaches, in order of arrival. */
  readonly lateArrivals: Recalled[];
  /** All settled logins. */
  readonly settled: Buckets;
  /** The latest settled one, exactly; null when there is none, or once it may be wrong. */
  settledMax: { readonly at: number; readonly device: number } | null;
};

/** Emails, or messages, of one kind. Each id counts once. */
export type Mails = {
  readonly ledger: Ledger;
  /** Quarter hours in which a settled one was sent. */
  readonly settled: number[];
  settledMax: number | null;
};

export type Signals = {
  /** What occurred before this instant was erased and stays out; 0 when nothing was. */
  erasedAt: number;
  readonly logins: Logins;
  /** Ascending by (seen, hash). */
  readonly impersonated: Impersonated[];
  readonly emails: Mails;
  readonly invites: Mails;
  readonly outbound: Mails;
  readonly inbound: Mails;
  /** Events since this state was decoded that were older than its memory of single signals; not stored. */
  late: number;
};

export function emptySignals(): Signals {
  return {
    erasedAt: 0,
    logins: {
      ledger: [],
      recall: [],
      forgottenQuarter: 0,
      lateArrivals: [],
      settled: { quarters: [], counts: [] },
      settledMax: null,
    },
    impersonated: [],
    emails: emptyMails(),
    invites: emptyMails(),
    outbound: emptyMails(),
    inbound: emptyMails(),
    late: 0,
  };
}

function emptyMails(): Mails {
  return { ledger: [], settled: [], settledMax: null };
}
