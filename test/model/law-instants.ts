// Law 6: derive at instant t uses no fact later than t, except that an impersonation retracts its session at every
// instant (and an erasure erases at every instant).
import fc from 'fast-check';
import { expectationOf } from './agree.ts';
import { arrange, arrivals } from './arrivals.ts';
import { instantOf, marks } from './events.ts';
import { histories } from './histories.ts';
import { agreeAt, foldAll, law, same } from './laws.ts';
import { oracleSignals } from './oracle.ts';

law(
  'given a view of everything and a view of what had happened by then, then both answer alike as of then',
  fc.record({ history: histories(), arrival: arrivals() }),
  ({ history, arrival }) => {
    const arrived = arrange(history, arrival);
    const whole = foldAll(arrived);
    const expectation = expectationOf(history.events, false);
    for (const at of history.probes) {
      const known = (event: (typeof arrived)[number]): boolean =>
        instantOf(event) <= at || marks(event) || event.topic === 'client';
      const prefix = history.events.filter(known);
      agreeAt([whole], history.settings, at, history.events, expectation);
      agreeAt([foldAll(arrived.filter(known))], history.settings, at, prefix, expectationOf(prefix, false));
      for (const settings of history.settings) {
        same(oracleSignals(prefix, settings, at), oracleSignals(history.events, settings, at));
      }
    }
  },
);
