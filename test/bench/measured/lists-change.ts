// Changes views of the large firm at a steady rate and tells of it, as the projector does: saves first, then notices.
import { changesTopic } from '../../../services/core/topics.ts';
import { accessView } from '../../../services/core/views/access/view.ts';
import { signalsView } from '../../../services/core/views/signals/view.ts';
import { seededRandom } from '../../../services/demo/random.ts';
import { encodeJson } from '../../../services/log/codec.ts';
import { systemClock } from '../../../services/runtime/clock.ts';
import type { ViewWrite } from '../../../services/store/port.ts';
import { bookClient, bookFirm, createPool, writesOf } from '../book.ts';
import { type LogPlace, openLogAt, openStoreAt, type StorePlace } from '../places.ts';
import { readArgs, startWatch, tell } from './child.ts';

export type ListsChangeArgs = {
  readonly log: LogPlace;
  readonly store: StorePlace;
  readonly clients: number;
  /** Views a second. */
  readonly rate: number;
  readonly seconds: number;
};

const tickMs = 20;
/** Of the changes: new profiles, with new names and addresses, which have to be sorted in. */
const profileShare = 0.01;
const accessShare = 0.03;

const args = readArgs<ListsChangeArgs>();
const log = await openLogAt(args.log);
const store = openStoreAt(args.store);
const now = Date.now();
const pool = createPool(3, now);
const random = seededRandom(4);

function changeOf(): Omit<ViewWrite, 'expected'> {
  const index = random.whole(0, args.clients - 1);
  if (random.chance(profileShare)) {
    const [profile] = writesOf(index, pool, random, now);
    if (profile !== undefined) return profile;
  }
  const key = { firmId: bookFirm, clientId: bookClient(index), readable: {} };
  const isAccess = random.chance(accessShare);
  const bytes = (isAccess ? pool.access : pool.signals)[random.whole(0, pool.signals.length - 1)] ?? new Uint8Array(0);
  return { ...key, view: isAccess ? accessView.name : signalsView.name, bytes };
}

async function change(count: number): Promise<number> {
  const writes = new Map<string, Omit<ViewWrite, 'expected'>>();
  for (let made = 0; made < count; made += 1) {
    const write = changeOf();
    writes.set(`${write.clientId}/${write.view}`, write);
  }
  const changes = [...writes.values()];
  const standing = await store.load(changes);
  const outcomes = await store.save(
    changes.map((write, index) => ({ ...write, expected: standing[index]?.version ?? 0 })),
  );
  const notices = changes.flatMap(({ firmId, clientId, view }, index) => {
    const outcome = outcomes[index];
    if (outcome?.kind !== 'saved') throw new Error(`somebody else changes ${clientId}`);
    const { version } = outcome;
    return [{ key: `${firmId}/${clientId}`, value: encodeJson({ firmId, clientId, view, version }) }];
  });
  await log.append(changesTopic, notices);
  return changes.length;
}

process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
const watch = startWatch();
const startedAt = performance.now();
let changed = 0;
for (let elapsed = 0; elapsed < args.seconds * 1000; elapsed = performance.now() - startedAt) {
  const due = Math.floor((elapsed / 1000) * args.rate) - changed;
  if (due > 0) changed += await change(Math.min(due, args.rate));
  await systemClock.sleep(tickMs);
}
const figures = watch(changed);
await log.close();
await store.close();
tell(figures);
