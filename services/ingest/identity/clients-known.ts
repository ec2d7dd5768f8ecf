// Before a backlog of events is taken whose clients are told by address: waits until the clients that stand in the log are in
// the address book. Else all of them would wait, and beyond the bounds become dead letters, for want of a minute's patience.
import { readLag } from '../../log/lag.ts';
import type { EventLog } from '../../log/port.ts';
import { type Patience, untilDone } from '../../runtime/retry.ts';
import { followedTopics, followerGroup } from './follow-clients.ts';

/** So many messages not followed yet are what comes in all the time. */
const lagMessagesMax = 100;
const lookEveryMs = 250;
/** Whoever follows stands still for so long: then events are better taken, and wait, than left where they are. */
const stuckMsMax = 60_000;

/** Resolves also when the signal aborts. `group` is the projector's. */
export async function clientsKnown(parts: Patience & { readonly log: EventLog }, group: string): Promise<void> {
  const { log, clock, logger, signal } = parts;
  let least = Number.POSITIVE_INFINITY;
  let movedAt = clock.now();
  while (!signal.aborted) {
    const { total } = await untilDone(parts, 'see how far clients are followed', () =>
      readLag(log, followerGroup(group), followedTopics),
    );
    if (total <= lagMessagesMax) return;
    if (total < least) [least, movedAt] = [total, clock.now()];
    if (clock.now() - movedAt > stuckMsMax) {
      logger.warn({ lag: total }, 'Clients are not followed to their end; events of sources are taken all the same.');
      return;
    }
    await clock.sleep(lookEveryMs, signal);
  }
}
