// Beside the laws: a client's timeline. The span that covers an instant has the rating which is derived as of then.
import fc from 'fast-check';
import { frameOf } from '../../services/core/derive/frame.ts';
import { deriveSignals } from '../../services/core/derive/signals.ts';
import { type Timeline, timelineOf } from '../../services/core/derive/timeline.ts';
import type { Settings } from '../../services/core/settings.ts';
import type { CanonicalEvent } from '../../services/core/topics.ts';
import { arrange, arrivals } from './arrivals.ts';
import { instantOf } from './events.ts';
import { histories } from './histories.ts';
import { foldInBatches, law } from './laws.ts';
import { fitsLedgers } from './memory.ts';
import { oracleSignals, rate } from './oracle.ts';
import { quarterMs } from './timeline.ts';

const instantsMax = 16;

/** Of the instants, some spread over all of them. */
function sample(instants: readonly number[]): readonly number[] {
  const step = Math.max(1, Math.floor(instants.length / instantsMax));
  return instants.filter((_, index) => index % step === 0);
}

/** Ratings that are right at an instant: of a settled signal no more than its quarter hour is known. */
function rightRatings(
  events: readonly CanonicalEvent[],
  isExact: boolean,
  settings: Settings,
  at: number,
): readonly string[] {
  const { rating, lastSignals } = oracleSignals(events, settings, at);
  if (isExact) return [rating];
  const floor = (known: { readonly at: number } | null) =>
    known === null ? null : Math.floor(known.at / quarterMs) * quarterMs;
  const { login, email, message } = lastSignals;
  const roughly = { login: floor(login), email: floor(email), message: floor(message) };
  return [rating, rate(roughly, settings, at).rating];
}

function ratingAt({ spans }: Timeline, at: number): string {
  const covering = spans.filter(({ from, to }) => from <= at && (to === null || at < to));
  if (covering.length !== 1) throw new Error(`${covering.length} spans cover ${new Date(at).toISOString()}`);
  return covering[0]?.rating ?? '';
}

law(
  'given a history, then each span of its timeline has the rating derived at every instant in it',
  fc.record({ history: histories(), arrival: arrivals(), cuts: fc.nat({ max: 99_999 }), early: fc.nat({ max: 60 }) }),
  ({ history, arrival, cuts, early }) => {
    const view = foldInBatches(arrange(history, arrival), cuts);
    const isExact = fitsLedgers(history.events);
    const happened = history.events.map(instantOf);
    const to = Math.max(...history.probes);
    const from = Math.min(to, ...happened) - early * 86_400_000;
    for (const settings of history.settings) {
      const timeline = timelineOf(view, frameOf(settings, to), from, null);
      const { spans, exactFrom } = timeline;
      for (const [index, span] of spans.entries()) {
        if (index > 0 && span.rating === spans[index - 1]?.rating) throw new Error('two neighbours of one rating');
      }
      const edges = sample(spans.flatMap((span) => [span.from - 1, span.from]));
      for (const at of [...history.probes, ...edges, ...sample(happened), from, to]) {
        if (at < from || at > to) continue;
        const found = ratingAt(timeline, at);
        const where = `at ${new Date(at).toISOString()} under ${JSON.stringify(settings)}`;
        const derived = deriveSignals(view, settings, at).rating;
        if (found !== derived) throw new Error(`${where} the span is ${found}, derived is ${derived}`);
        // Within a settled signal's quarter hour, before the signal itself, it counts already.
        const isBetween = at % quarterMs !== quarterMs - 1 && at !== to && !isExact;
        if (isBetween || at < (exactFrom ?? 0)) continue;
        const right = rightRatings(history.events, isExact, settings, at);
        if (!right.includes(found)) throw new Error(`${where} the span is ${found}, the oracle says ${right}`);
      }
    }
  },
);
