// Beside the laws: the last change of a rating is the last edge of the timeline, and the next is where it will be.
import fc from 'fast-check';
import { Checkpoint } from '../../services/core/checkpoint.ts';
import { type Frame, frameOf } from '../../services/core/derive/frame.ts';
import { lastChange, nextChange } from '../../services/core/derive/rating-change.ts';
import { deriveAtAGlance, deriveSignals } from '../../services/core/derive/signals.ts';
import { timelineOf } from '../../services/core/derive/timeline.ts';
import { seal, sealEnd } from '../../services/core/view.ts';
import { SignalsReader } from '../../services/core/views/signals/glance.ts';
import { signalsView } from '../../services/core/views/signals/view.ts';
import { arrange, arrivals } from './arrivals.ts';
import { instantOf } from './events.ts';
import { histories } from './histories.ts';
import { foldInBatches, law, same } from './laws.ts';
import { fitsLedgers } from './memory.ts';
import { oracleSignals } from './oracle.ts';
import { dayMs } from './timeline.ts';

const reader = new SignalsReader();
type View = ReturnType<typeof signalsView.empty>;

function lastEdge(view: View, frame: Frame, notBefore: number) {
  const { spans } = timelineOf(view, frame, 0, null);
  const [before, last] = [spans.at(-2), spans.at(-1)];
  if (before === undefined || last === undefined || last.from < notBefore) return null;
  return { from: before.rating, to: last.rating, at: last.from };
}

law(
  'given a history, then the last change is the last edge of the timeline, and the oracle sees it there',
  fc.record({
    history: histories(),
    arrival: arrivals(),
    cuts: fc.nat({ max: 99_999 }),
    back: fc.constantFrom(366, 7, 1, 900),
  }),
  ({ history, arrival, cuts, back }) => {
    const view = foldInBatches(arrange(history, arrival), cuts);
    const sealed = seal(new Checkpoint(), signalsView.encode(view));
    const newest = Math.max(0, ...history.events.map(instantOf));
    for (const settings of history.settings) {
      for (const at of history.probes) {
        const frame = frameOf(settings, at);
        const glance = reader.read(sealed, sealEnd(sealed));
        const notBefore = at - back * dayMs;
        const found = lastChange(glance, deriveAtAGlance(glance, frame), frame, notBefore);
        const { unsureBefore, ...change } = found ?? { unsureBefore: null };
        same(found === null ? null : change, lastEdge(signalsView.decode(signalsView.encode(view)), frame, notBefore));
        if (found === null || unsureBefore !== null || !fitsLedgers(history.events)) continue;
        const oracle = (instant: number) => oracleSignals(history.events, settings, instant).rating;
        same([oracle(found.at - 1), oracle(found.at), oracle(at)], [found.from, found.to, found.to]);
      }
      const now = Math.max(newest, ...history.probes);
      const { rating, decidedBy } = deriveSignals(view, settings, now);
      const next = nextChange(rating, decidedBy?.at.at ?? null, frameOf(settings, now));
      const ratingAt = (instant: number) => deriveSignals(view, settings, instant).rating;
      if (next === null) same(ratingAt(now + 4000 * dayMs), rating);
      else same([ratingAt(next.at), ratingAt(next.at + 1)], [next.from, next.to]);
    }
  },
);
