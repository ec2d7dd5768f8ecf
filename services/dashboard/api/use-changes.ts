// Following a firm's changes from a component.
import { useEffect, useEffectEvent } from 'react';
import { type ChangesListener, followChanges } from './changes.ts';

/** The listener may be another each time. */
export function useChanges(firmId: string, listener: ChangesListener): void {
  const changed = useEffectEvent(listener.changed);
  const missed = useEffectEvent(listener.missed);
  const begun = useEffectEvent(() => listener.begun?.());
  useEffect(
    () =>
      followChanges(firmId, {
        changed: (clientIds, views) => changed(clientIds, views),
        missed: () => missed(),
        begun: () => begun(),
      }),
    [firmId],
  );
}
