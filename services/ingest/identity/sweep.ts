// Looks at everything that waits from time to time: what has a client by now is released (in case nobody did when it became
// known), and what waited too long becomes a dead letter.
import { dayMs } from '../../core/time.ts';
import { chance } from '../../runtime/chance.ts';
import { Interrupted, type Patience, untilDone } from '../../runtime/retry.ts';
import { deliver } from '../deliver.ts';
import { waitingLetter } from '../provider-letter.ts';
import type { Identity, IdentityParts } from './identity.ts';

export type SweepParts = IdentityParts & Patience & { readonly identity: Identity };

/** Halved at random, so that several processes do not sweep at the same time. */
const sweepEveryMs = 5 * 60_000;

/** Until the signal aborts. */
export async function sweepWaiting(parts: SweepParts): Promise<void> {
  const { clock, signal } = parts;
  while (!signal.aborted) {
    try {
      await untilDone(parts, 'sweep the waiting place', () => sweepOnce(parts));
    } catch (error) {
      if (error instanceof Interrupted) return;
      throw error;
    }
    await clock.sleep(sweepEveryMs / 2 + (chance() * sweepEveryMs) / 2, signal);
  }
}

export async function sweepOnce(parts: SweepParts): Promise<void> {
  const { identity, clock, bounds, metrics } = parts;
  const oldest = clock.now() - bounds.days * dayMs;
  for (const { firmId, key } of await identity.waiting.list()) {
    await identity.release(firmId, key);
    const left = await identity.waiting.load(firmId, key);
    const expired = left.entries.filter(({ since }) => since < oldest);
    if (expired.length === 0) continue;
    const detail = `no client of its address or user became known within ${bounds.days} days`;
    const letters = expired.map((entry) => waitingLetter(firmId, entry, { reason: 'waited_in_vain', detail }));
    await deliver(parts, [], letters);
    await identity.waiting.remove(firmId, key, expired);
  }
  const queues = await identity.waiting.list();
  metrics.set(
    'signalfold_waiting_events',
    {},
    queues.reduce((sum, { entries }) => sum + entries.length, 0),
  );
}
