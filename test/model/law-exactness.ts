// Beside the laws: what comes in order of time is known to the millisecond, with its device, however long the history.
import fc from 'fast-check';
import { type History, histories } from './histories.ts';
import { agreeWithOracle, foldInBatches, law } from './laws.ts';
import { loginsExactMin, mailsExactMin, withinMemory } from './memory.ts';

/** Leaves out what reaches behind the ledgers, which is where exactness ends. */
function withinLedgers(history: History): History {
  const events = withinMemory(history.events, { logins: loginsExactMin - 1, mails: mailsExactMin - 1 });
  return { ...history, events };
}

law(
  'given events in order of time, then at the end the last signals and the last device are exact',
  fc.record({ history: histories().map(withinLedgers), cuts: fc.nat({ max: 99_999 }) }),
  ({ history, cuts }) => {
    agreeWithOracle([foldInBatches(history.events, cuts)], history, history.events, true);
  },
);
