// Loads the views of some clients, folds their events and saves what changed; on a conflict folds again on what stands.
import type { ClientKey } from '../core/ids.ts';
import { OperatingError } from '../runtime/errors.ts';
import type { SaveOutcome, StoredView, ViewWrite } from '../store/port.ts';
import type { Batch, Place, Touched } from './batch.ts';
import { type Folded, foldView, type PlaceCounts, type Work } from './fold-views.ts';
import type { Room } from './room.ts';
import { none, type ViewEvents } from './view-events.ts';

/** How often one view is folded again because somebody else saved first, before we wait and start over. */
export const conflictAttemptsMax = 10;

/** A view that changed, or that repeated events may have changed before. */
export type Changed = { readonly client: ClientKey; readonly view: string; readonly version: number };

type Pending = { readonly work: Work; readonly write: ViewWrite; readonly folded: Folded };

/**
 * Answers what subscribers have to be told. Safe to repeat after any failure: what was saved is covered by its
 * checkpoint then. Rejects (retryable) when the store cannot be reached or the conflicts do not end.
 */
export async function foldAndSave(
  room: Room,
  { events, places }: Pick<Batch, 'events' | 'places'>,
  clients: readonly Touched[],
): Promise<readonly Changed[]> {
  const changed: Changed[] = [];
  const tally = openTally(room.metrics, places);
  try {
    let works = worksOf(room, events, clients);
    for (let attempt = 1; works.length > 0; attempt += 1) {
      if (attempt > conflictAttemptsMax) throw contended(works.length);
      const stored = await load(room, works);
      const pending = fold(room, works, stored, places, changed, tally);
      works = await save(room, pending, changed, tally);
    }
  } finally {
    tally.tell();
  }
  return changed;
}

function worksOf({ views }: Room, eventsByView: readonly ViewEvents[], clients: readonly Touched[]): Work[] {
  const works: Work[] = [];
  for (const { client, number } of clients) {
    views.forEach((view, index) => {
      const events = eventsByView[index];
      const first = events?.first(number) ?? none;
      if (events !== undefined && first !== none) works.push({ client, view, events, first });
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
  { clock, cache }: Room,
  works: readonly Work[],
  stored: readonly (StoredView | null)[],
  places: readonly Place[],
  changed: Changed[],
  tally: Tally,
): Pending[] {
  const now = clock.now();
  const pending: Pending[] = [];
  works.forEach((work, index) => {
    const before = stored[index] ?? null;
    const folded = foldView(work, before, places, now);
    if (folded.write !== null) {
      pending.push({ work, write: folded.write, folded });
      return;
    }
    cache.put(work.client, work.view.name, before);
    tally.add(work, folded);
    // The notice may have been lost with whoever saved this, so it goes out again; also where the events come under new
    // positions, because their topic was created anew or a producer sent them again.
    if (before !== null) changed.push({ client: work.client, view: work.view.name, version: before.version });
  });
  return pending;
}

/** Answers what has to be folded again. */
async function save(
  { store, cache, metrics }: Room,
  pending: readonly Pending[],
  changed: Changed[],
  tally: Tally,
): Promise<Work[]> {
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
    tally.add(work, folded);
    changed.push({ client: work.client, view, version: outcome.version });
  });
  return again;
}

type Tally = {
  /** To be called once for each view that needs no more folding. */
  add(work: Work, folded: Folded): void;
  /** Puts the sums into the metrics: a labelled count costs more than folding an event. */
  tell(): void;
};

function openTally(metrics: Room['metrics'], places: readonly Place[]): Tally {
  const fresh = new Array<number>(places.length).fill(0);
  const repeated = new Array<number>(places.length).fill(0);
  const writes = new Map<string, number>();
  const late = new Map<string, number>();
  const addTo = (sums: Map<string, number>, view: string, more: number) => {
    if (more > 0) sums.set(view, (sums.get(view) ?? 0) + more);
  };
  return {
    add: ({ view }, folded) => {
      addCounts(fresh, folded.fresh);
      addCounts(repeated, folded.repeated);
      addTo(writes, view.name, folded.write === null ? 0 : 1);
      addTo(late, view.name, folded.late);
    },
    tell: () => {
      places.forEach(({ topic }, place) => {
        metrics.count('signalfold_events_folded_total', { topic }, fresh[place] ?? 0);
        metrics.count('signalfold_events_repeated_total', { topic }, repeated[place] ?? 0);
      });
      for (const [view, views] of writes) metrics.count('signalfold_view_writes_total', { view }, views);
      for (const [view, events] of late) metrics.count('signalfold_late_events_total', { view }, events);
    },
  };
}

function addCounts(sums: number[], { places, counts }: PlaceCounts): void {
  places.forEach((place, index) => {
    sums[place] = (sums[place] ?? 0) + (counts[index] ?? 0);
  });
}

function contended(views: number): OperatingError {
  const message =
    `${views} views were saved by another projector ${conflictAttemptsMax} times in a row while we folded them. ` +
    'Key the topics by client, so that one projector writes each view.';
  return new OperatingError('view_contended', message, { retryable: true });
}
