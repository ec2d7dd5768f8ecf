// Law 2: any repetition gives the same view.
import fc from 'fast-check';
import { arrange, arrivals } from './arrivals.ts';
import { histories } from './histories.ts';
import { agreeWithEachOther, agreeWithOracle, foldAll, law } from './laws.ts';

law(
  'given events that come again, then the view answers as if each had come once',
  fc.record({ history: histories(), arrival: arrivals(), repeated: fc.constantFrom(100, 50, 10) }),
  ({ history, arrival, repeated }) => {
    const once = foldAll(arrange(history, { ...arrival, repeated: 0 }));
    const again = foldAll(arrange(history, { ...arrival, repeated }));
    agreeWithOracle([once, again], history);
    agreeWithEachOther(once, again, history);
  },
);
