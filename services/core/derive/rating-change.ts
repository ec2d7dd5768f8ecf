// When a client's rating became what it is, and when it will be another one if nothing happens: the last edge of its
// timeline, and the next, found without the timeline between.
import { quarterHourMs, quarterOf, startOfQuarter } from '../time.ts';
import type { KindGlance, SignalsGlance } from '../views/signals/glance.ts';
import type { Rating, SignalFacts } from './facts.ts';
import type { Frame } from './frame.ts';
import { rememberedFrom } from './memory.ts';
import { deriveAtAGlance } from './signals.ts';

export type RatingChange = { readonly from: Rating; readonly to: Rating; readonly at: number };

/** `from` may be another one where signals before this instant (epoch ms) have been forgotten; null: it is known. */
export type PastChange = RatingChange & { readonly unsureBefore: number | null };

// Grows with the client that has most.
let arrivals = new Float64Array(256);
let arrived = 0;

/**
 * The change to the rating at the frame's instant, `at` being the first instant (epoch ms) of what stands; null when it
 * stood already before `notBefore`. `facts` are those of the glance in the frame.
 */
export function lastChange(
  glance: SignalsGlance,
  { rating, decidedBy }: SignalFacts,
  frame: Frame,
  notBefore: number,
): PastChange | null {
  if (decidedBy === null || rating === 'none') return null;
  if (rating === 'green') return becameGreen(glance, frame, notBefore);
  const newest = decidedBy.at.at;
  const at = newest + (rating === 'red' ? frame.amberMs : frame.greenMs) + 1;
  const from = rating === 'red' && frame.greenMs < frame.amberMs ? 'amber' : 'green';
  return at < notBefore ? null : { from, to: rating, at, unsureBefore: null };
}

/** `at` is the last instant of the rating that stands (epoch ms); null when it stands until something happens. */
export function nextChange(rating: Rating, newestSignal: number | null, frame: Frame): RatingChange | null {
  if (newestSignal === null || rating === 'none' || rating === 'red') return null;
  if (rating === 'green' && frame.greenMs < frame.amberMs) {
    return { from: rating, to: 'amber', at: newestSignal + frame.greenMs };
  }
  return { from: rating, to: 'red', at: newestSignal + frame.amberMs };
}

/** Goes back from signal to signal for as long as it was green just before each. */
function becameGreen(glance: SignalsGlance, frame: Frame, notBefore: number): PastChange | null {
  collectArrivals(glance, frame, notBefore);
  for (let index = arrived - 1; index >= 0; index -= 1) {
    const at = arrivals[index] ?? 0;
    const before = index === 0 ? null : (arrivals[index - 1] ?? 0);
    // Of a settled signal the quarter hour alone may be known, so that it rates from up to that much earlier.
    if (before !== null && at - before + quarterHourMs <= frame.greenMs) continue;
    const { rating, decidedBy } = deriveAtAGlance(glance, momentOf(frame, at - 1));
    if (rating === 'green') continue;
    const remembered = rememberedFrom(glance, frame.settings);
    const isKnown = (decidedBy?.at.at ?? 0) >= remembered;
    return { from: rating, to: 'green', at, unsureBefore: isKnown ? null : remembered };
  }
  return null;
}

/** Another instant; the windows are empty, because nobody asks for counts. */
function momentOf(frame: Frame, at: number): Frame {
  return { ...frame, at, from30: at, from90: at, from365: at };
}

/** Every instant at which the newest signal may have become another one, ascending. */
function collectArrivals({ logins, emails, invites, outbound }: SignalsGlance, frame: Frame, notBefore: number): void {
  arrived = 0;
  const from = Math.max(notBefore, startOfQuarter(quarterOf(frame.liveFrom)));
  addArrivals(logins, from, frame.at);
  addArrivals(emails, from, frame.at);
  if (frame.settings.inviteEmailsCount) addArrivals(invites, from, frame.at);
  addArrivals(outbound, from, frame.at);
  arrivals.subarray(0, arrived).sort();
}

function addArrivals({ entries, at, quarters, quarter, settledAt }: KindGlance, from: number, to: number): void {
  while (arrivals.length < arrived + entries + quarters + 1) {
    const larger = new Float64Array(arrivals.length * 2);
    larger.set(arrivals);
    arrivals = larger;
  }
  const add = (instant: number) => {
    if (instant < from || instant > to) return;
    arrivals[arrived] = instant;
    arrived += 1;
  };
  for (let index = 0; index < entries; index += 1) add(at[index] ?? 0);
  for (let index = 0; index < quarters; index += 1) add(startOfQuarter(quarter[index] ?? 0));
  add(settledAt);
}
