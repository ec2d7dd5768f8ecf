// A client's rating through time, as spans: computed from the signals view, exactly as deriveInFrame would rate each
// instant. A rating changes when a signal arrives and when it ages past green and amber, at no other instant.
import { quarterOf, startOfQuarter } from '../time.ts';
import { loginQuartersKept, mailQuartersKept } from '../views/signals/codec.ts';
import type { Mails, Signals } from '../views/signals/state.ts';
import type { SignalFacts } from './facts.ts';
import type { Frame } from './frame.ts';
import { deriveInFrame } from './signals.ts';

/** Epoch ms: from `from` up to, but not including, `to`; null: it still stands at the end of what was asked for. */
export type RatingSpan = {
  readonly from: number;
  readonly to: number | null;
  readonly rating: Rated['rating'];
  /** What decided when the span began; in a green span later signals follow it. */
  readonly decidedBy: Rated['decidedBy'];
};

export type Timeline = {
  /** Ascending, without gaps; two neighbours differ in rating. */
  readonly spans: readonly RatingSpan[];
  /** Ratings before this instant may have rested on signals that are forgotten; null when nothing is forgotten. */
  readonly exactFrom: number | null;
};

/**
 * The spans from `from` to the instant of the frame, both inclusive; `from` must not be the later one. `since`: before it
 * nothing counts (epoch ms); null when that is not known.
 */
export function timelineOf(signals: Signals, frame: Frame, from: number, since: number | null): Timeline {
  const arrivals = arrivalsOf(signals, frame);
  const spans: { from: number; to: number | null; rating: Rated['rating']; decidedBy: Rated['decidedBy'] }[] = [];
  for (let at: number | null = from; at !== null && at <= frame.at; ) {
    const rated = rateAt(signals, frame, at);
    const last = spans.at(-1);
    if (last?.rating !== rated.rating) {
      if (last !== undefined) last.to = at;
      spans.push({ from: at, to: null, ...rated });
    }
    at = nextLook(rated, at, frame, arrivals);
  }
  return { spans, exactFrom: exactFromOf(signals, frame, arrivals, since) };
}

type Rated = Pick<SignalFacts, 'rating' | 'decidedBy'>;

/** The windows are moved with the instant, empty: nobody asks for counts. */
function rateAt(signals: Signals, frame: Frame, at: number): Rated {
  const { rating, decidedBy } = deriveInFrame(signals, { ...frame, at, from30: at, from90: at, from365: at });
  return { rating, decidedBy };
}

/** Where the rating may be another one next; null when nothing will change it. The newest signal never gets older. */
function nextLook({ rating, decidedBy }: Rated, at: number, frame: Frame, arrivals: readonly number[]): number | null {
  const next = arrivals[firstAfter(arrivals, at)] ?? null;
  if (decidedBy === null || rating === 'red' || rating === 'none') return next;
  const ages = decidedBy.at.at + (rating === 'green' ? frame.greenMs : frame.amberMs) + 1;
  if (rating === 'amber') return next === null ? ages : Math.min(next, ages);
  // Whatever arrives while it is green keeps it green, so that only the last of it matters.
  const lastWithin = arrivals[firstAfter(arrivals, ages - 1) - 1];
  return lastWithin === undefined || lastWithin <= at ? ages : lastWithin;
}

/** The index of the first instant after `at`. */
function firstAfter(instants: readonly number[], at: number): number {
  let low = 0;
  let high = instants.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((instants[middle] ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Every instant at which the newest signal may become another one: of what is settled, its quarter and the exact latest. */
function arrivalsOf(signals: Signals, { liveFrom, settings }: Frame): readonly number[] {
  const { logins, emails, invites, outbound } = signals;
  const kinds = settings.inviteEmailsCount ? [emails, invites, outbound] : [emails, outbound];
  const instants = logins.ledger.map(({ at }) => at);
  for (const quarter of logins.settled.quarters) instants.push(startOfQuarter(quarter));
  if (logins.settledMax !== null) instants.push(logins.settledMax.at);
  for (const { ledger, settled, settledMax } of kinds) {
    for (const { at } of ledger) instants.push(at);
    for (const quarter of settled) instants.push(startOfQuarter(quarter));
    if (settledMax !== null) instants.push(settledMax);
  }
  const earliest = startOfQuarter(quarterOf(liveFrom));
  return instants.filter((at) => at >= earliest).sort((one, other) => one - other);
}

/** The first signal after everything that buckets may have dropped: from there on the newest one is known. */
function exactFromOf(
  signals: Signals,
  { settings }: Frame,
  arrivals: readonly number[],
  since: number | null,
): number | null {
  const { logins, emails, invites, outbound } = signals;
  const newestLogin = logins.settled.quarters.at(-1);
  const kept = newestLogin === undefined ? [] : [newestLogin - loginQuartersKept];
  const keptOf = ({ settled }: Mails) => settled.slice(-1).map((newest) => newest - mailQuartersKept);
  kept.push(...[emails, outbound, ...(settings.inviteEmailsCount ? [invites] : [])].flatMap(keptOf));
  if (kept.length === 0) return null;
  const rememberedFrom = startOfQuarter(Math.max(...kept));
  if (since !== null && since >= rememberedFrom) return null;
  return arrivals.find((at) => at >= rememberedFrom) ?? null;
}
