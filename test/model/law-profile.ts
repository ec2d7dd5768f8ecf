// The laws for the profile: in any order, repeated or not, the latest version stands, and an erasure keeps its word.
import fc from 'fast-check';
import type { CanonicalEvent } from '../../services/core/topics.ts';
import { profileView } from '../../services/core/views/profile/view.ts';
import { arrange, arrivals } from './arrivals.ts';
import { deviceOf, erasure, profile } from './events.ts';
import { law, same } from './laws.ts';

type State = ReturnType<typeof profileView.empty>;

function fold(arrival: readonly CanonicalEvent[]): State {
  let state = profileView.empty();
  for (const event of arrival) {
    if (!profileView.concerns(event)) continue;
    profileView.fold(state, event, deviceOf);
    state = profileView.decode(profileView.encode(state));
  }
  return state;
}

const plans = fc.array(
  fc.record({ version: fc.nat({ max: 9 }), at: fc.nat({ max: 2 }), name: fc.nat({ max: 3 }), erases: fc.boolean() }),
  { maxLength: 8 },
);
/** A producer's clock never goes back from one version to the next, so instants follow versions. */
const events = plans.map((list) =>
  list.map(({ version, at, name, erases }) =>
    erases ? erasure(3 * version + at, version) : profile(version, 3 * version + at, `n${name}`),
  ),
);

/** The versions that may stand: the highest that no erasure took, neither by its version nor by its instant. */
function highestStanding(list: readonly CanonicalEvent[]): number | undefined {
  const versions: number[] = [];
  for (const { topic, event } of list) {
    if (topic !== 'client' || event.erased === true) continue;
    const isErased = list.some(
      (other) =>
        other.topic === 'client' &&
        other.event.erased === true &&
        (event.version < other.event.version || event.updatedAt < other.event.at),
    );
    if (!isErased) versions.push(event.version);
  }
  return versions.length === 0 ? undefined : Math.max(...versions);
}

law(
  'given profiles and erasures in two orders, then both views are the same, and the highest standing version is in them',
  fc.record({ events, one: arrivals(), other: arrivals() }),
  ({ events, one, other }) => {
    const history = { zone: 'UTC', events, bounded: false, settings: [], probes: [] } as const;
    const first = fold(arrange(history, one));
    same(first, fold(arrange(history, other)));
    same(first.profile?.version, highestStanding(events));
  },
);
