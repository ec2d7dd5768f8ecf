// Law 1: any order of the same events gives the same view.
import fc from 'fast-check';
import { arrange, arrivals } from './arrivals.ts';
import { histories } from './histories.ts';
import { agreeWithEachOther, agreeWithOracle, foldAll, law } from './laws.ts';

law(
  'given the same events in two orders, then both views answer as the oracle does',
  fc.record({ history: histories(), one: arrivals(), other: arrivals() }),
  ({ history, one, other }) => {
    const first = foldAll(arrange(history, { ...one, repeated: 0 }));
    const second = foldAll(arrange(history, { ...other, repeated: 0 }));
    agreeWithOracle([first, second], history);
    agreeWithEachOther(first, second, history);
  },
);
