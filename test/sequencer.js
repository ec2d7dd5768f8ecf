// The order of the test files: first those that take minutes, so that no worker is left alone with one of them at the end.
// The rest as jest has them, the largest first.
import Sequencer from '@jest/test-sequencer';

/** The first waits for servers most of the time, and the next two keep every core busy. */
const longest = ['faults/kill.test.ts', 'faults/simulation.test.ts', 'model/laws.test.ts'];

function rankOf(path) {
  const place = longest.findIndex((end) => path.endsWith(`/test/${end}`));
  return place < 0 ? longest.length : place;
}

export default class LongestFirst extends Sequencer {
  /** Equals stay in jest's own order. */
  sort(tests) {
    return super.sort(tests).sort((one, other) => rankOf(one.path) - rankOf(other.path));
  }
}
