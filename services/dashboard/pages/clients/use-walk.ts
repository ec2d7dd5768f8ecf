// The walk of what the address asks for. The last few are kept and followed, so that going back to a list finds it as it
// was left; while a new one loads, the one before stays in sight.
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { howMoved } from '../../frame/router.tsx';
import { onSession } from '../../frame/session.ts';
import type { ListState } from './list-fields.ts';
import { keyOf, openWalk, type Walk, type WalkView } from './walk.ts';

const keptMax = 3;

/** From the one used last to the one used first. */
const kept: Walk[] = [];
onSession(() => {
  for (const walk of kept.splice(0)) walk.close();
});

function take(firmId: string, state: ListState, anew: boolean): Walk {
  const key = keyOf(firmId, state);
  const index = kept.findIndex((walk) => walk.key === key);
  const [known] = index < 0 ? [] : kept.splice(index, 1);
  if (known !== undefined && anew) known.close();
  const walk = known === undefined || anew ? openWalk(firmId, state) : known;
  kept.unshift(walk);
  for (const old of kept.splice(keptMax)) old.close();
  return walk;
}

export type Walked = {
  readonly view: WalkView;
  /** What is in sight is still the answer to the question before. */
  readonly isOld: boolean;
  readonly more: () => void;
  readonly refresh: (clientIds: readonly string[]) => void;
  /** Begins anew: everybody at the place where they stand now. */
  readonly restart: () => void;
};

export function useWalk(firmId: string, state: ListState): Walked {
  const key = keyOf(firmId, state);
  const [walk, setWalk] = useState(() => take(firmId, state, howMoved() !== 'pop'));
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for firm and state.
  useEffect(() => {
    if (walk.key !== key) setWalk(take(firmId, state, howMoved() !== 'pop'));
  }, [key]);
  const view = useSyncExternalStore(walk.subscribe, walk.view);
  const before = useRef(view);
  const isOld = view.first === null && view.error === null && before.current.first !== null;
  useEffect(() => {
    if (view.first !== null || view.error !== null) before.current = view;
  }, [view]);
  return {
    view: isOld ? before.current : view,
    isOld,
    more: walk.more,
    refresh: walk.refresh,
    restart: () => setWalk(take(firmId, state, true)),
  };
}
