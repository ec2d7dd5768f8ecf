// Loads the views of some clients, folds their events and saves what changed; on a conflict folds again on what stands.
import type { ClientKey } from '../core/ids.ts';
import { OperatingError } from '../runtime/errors.ts';
import type { SaveOutcome, StoredView, ViewWrite } from '../store/port.ts';
import type { Placed, Touched } from './batch.ts';
import { type Folded, foldView, type Work } from './fold-views.ts';
import type { Room } from './room.ts';

/** How often one view is folded again because somebody else saved first, before we wait and start over. */
export const conflictAttemptsMax = 10;

/** A view that changed, or that a redelivered event had changed before. */
export type Changed = { readonly client: ClientKey; readonly view: string; readonly version: number };

type Pending = { readonly work: Work; readonly write: ViewWrite; readonly folded: Folded };

/**
 * Answers what subscribers have to be told. Safe to repeat after any failure: what was saved is covered by its
 * checkpoint then. Rejects (retryable) when the store cannot be reached or the conflicts do not end.
 */
export async function foldAndSave(room: Room, clients: readonly Touched[]): Promise<readonly Changed[]> {
  const changed: Changed[] = [];
  let works = worksOf(room, clients);
  for (let attempt = 1; works.length > 0; attempt += 1) {
    if (attempt > conflictAttemptsMax) throw contended(works.length);
    const stored = await load(room, works);
    const pending = fold(room, works, stored, changed);
    works = await save(room, pending, changed);
  }
  return changed;
}

function worksOf({ views }: Room, clients: readonly Touched[]): Work[] {
  const works: Work[] = [];
  for (const { client, byView } of clients) {
    views.forEach((view, index) => {
      const events = byView[index];
      if (events !== undefined && events.length > 0) works.push({ client, view, events });
    });
  }
  return works;
}

/** Reads what the cache does not know. */
async function load({ cache, store }: Room, works: readonly Work[]): Promise<readonly (StoredView | null)[]> {
  const found = works.map(({ client, view }) => cache.get(client, view.name));
  const missing = works.filter((_work, index) => found[index] === undefined);
  const loaded =
    missing.length === 0 ? [] : await store.load(missing.map(({ client, view }) => ({ ...client, view: view.name })));
  let next = 0;
  return found.map((stored) => {
    if (stored !== undefined) return stored;
    next += 1;
    return loaded[next - 1] ?? null;
  });
}

function fold(
  { clock, deviceOf, cache, metrics }: Room,
  works: readonly Work[],
  stored: readonly (StoredView | null)[],
  changed: Changed[],
): Pending[] {
  const now = clock.now();
  const pending: Pending[] = [];
  works.forEach((work, index) => {
    const before = stored[index] ?? null;
    const folded = foldView(work, before, deviceOf, now);
    if (folded.write !== null) {
      pending.push({ work, write: folded.write, folded });
      return;
    }
    cache.put(work.client, work.view.name, before);
    count(metrics, work, folded);
    // The notice may have been lost with whoever saved this, so it goes out again.
    if (folded.repeated.length > 0 && before !== null) {
      changed.push({ client: work.client, view: work.view.name, version: before.version });
    }
  });
  return pending;
}

/** Answers what has to be folded again. */
async function save({ store, cache, metrics }: Room, pending: readonly Pending[], changed: Changed[]): Promise<Work[]> {
  if (pending.length === 0) return [];
  let outcomes: readonly SaveOutcome[];
  try {
    outcomes = await store.save(pending.map(({ write }) => write));
  } catch (error) {
    // Some may be saved and some not, so nothing we know of them holds.
    for (const { work } of pending) cache.forget(work.client, work.view.name);
    throw error;
  }
  const again: Work[] = [];
  pending.forEach(({ work, write, folded }, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined) throw new Error(`the store answered ${outcomes.length} of ${pending.length} writes`);
    const view = work.view.name;
    if (outcome.kind === 'conflict') {
      metrics.count('signalfold_view_conflicts_total', {});
      cache.put(work.client, view, outcome.current);
      again.push(work);
      return;
    }
    cache.put(work.client, view, { view, version: outcome.version, bytes: write.bytes });
    metrics.count('signalfold_view_writes_total', { view });
    count(metrics, work, folded);
    changed.push({ client: work.client, view, version: outcome.version });
  });
  return again;
}

function count(metrics: Room['metrics'], { view }: Work, { fresh, repeated, late }: Folded): void {
  countByTopic(fresh, (topic, events) => metrics.count('signalfold_events_folded_total', { topic }, events));
  countByTopic(repeated, (topic, events) => metrics.count('signalfold_events_repeated_total', { topic }, events));
  if (late > 0) metrics.count('signalfold_late_events_total', { view: view.name }, late);
}

/** Calls once for each run of one topic: a client's events mostly come in long ones. */
function countByTopic(events: readonly Placed[], add: (topic: string, events: number) => void): void {
  let start = 0;
  for (let end = 1; end <= events.length; end += 1) {
    const topic = events[start]?.topic;
    if (topic === undefined || events[end]?.topic === topic) continue;
    add(topic, end - start);
    start = end;
  }
}

function contended(views: number): OperatingError {
  const message =
    `${views} views were saved by another projector ${conflictAttemptsMax} times in a row while we folded them. ` +
    'Key the topics by client, so that one projector writes each view.';
  return new OperatingError('view_contended', message, { retryable: true });
}
