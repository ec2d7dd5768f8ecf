// Law 3: any cut into batches gives the same view; between batches it is encoded and decoded.
import fc from 'fast-check';
import { arrange, arrivals } from './arrivals.ts';
import { histories } from './histories.ts';
import { agreesWithOracle, answers, foldAll, foldInBatches, law, same } from './laws.ts';

law(
  'given the same arrival in one batch and in many, then both views give the same answers, those of the oracle',
  fc.record({ history: histories(), arrival: arrivals(), cuts: fc.nat({ max: 99_999 }) }),
  ({ history, arrival, cuts }) => {
    const events = arrange(history, arrival);
    const inBatches = foldInBatches(events, cuts);
    agreesWithOracle(inBatches, history);
    same(answers(inBatches, history), answers(foldAll(events), history));
  },
);
