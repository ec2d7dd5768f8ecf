// Law 4: replay equals live. A replay reads impersonations first, then every topic from its beginning, at its own pace.
import fc from 'fast-check';
import { arrange, arrivals, merged } from './arrivals.ts';
import { type History, histories } from './histories.ts';
import { agreeWithEachOther, agreeWithOracle, foldInBatches, law } from './laws.ts';
import { randomFrom } from './timeline.ts';

function replay(history: History, seed: number) {
  const first = history.events.filter(({ topic }) => topic === 'impersonation');
  const others = ['login', 'email', 'message', 'client'].map((name) =>
    history.events.filter(({ topic }) => topic === name),
  );
  return [...first, ...merged(others, randomFrom(seed))];
}

law(
  'given a live arrival with repeats and a replay from the beginning, then both views answer as the oracle does',
  fc.record({ history: histories(), arrival: arrivals(), seed: fc.nat({ max: 99_999 }) }),
  ({ history, arrival, seed }) => {
    const live = foldInBatches(arrange(history, arrival), seed);
    const again = foldInBatches(replay(history, seed), seed + 1);
    agreeWithOracle([live, again], history);
    agreeWithEachOther(live, again, history);
  },
);
