// Law 3: any cut into batches gives the same view; between batches it is encoded and decoded.
import fc from 'fast-check';
import { arrange, arrivals } from './arrivals.ts';
import { instantOf } from './events.ts';
import { type History, histories } from './histories.ts';
import { agreeWithOracle, answers, foldAll, foldInBatches, law, same } from './laws.ts';
import { dayMs } from './timeline.ts';

/** Mails are kept by the quarter hour for 420 days; of what is older only the end of the history is promised. */
const mailsKeptMs = 420 * dayMs;

function probesWithinBuckets({ events, probes }: History): readonly number[] {
  const instants = events.map(instantOf);
  const [oldest, newest] = [Math.min(...instants), Math.max(...instants)];
  return newest - oldest < mailsKeptMs ? probes : probes.filter((at) => at >= newest);
}

law(
  'given the same arrival in one batch and in many, then both views give the same answers, those of the oracle',
  fc.record({ history: histories(), arrival: arrivals(), cuts: fc.nat({ max: 99_999 }) }),
  ({ history, arrival, cuts }) => {
    const events = arrange(history, arrival);
    const inBatches = foldInBatches(events, cuts);
    agreeWithOracle([inBatches], history);
    const asked = { ...history, probes: probesWithinBuckets(history) };
    same(answers(inBatches, asked), answers(foldAll(events), asked));
  },
);
