// A roster over a generated firm that can change: views are replaced, clients come, are erased and come back.
import { ClientId } from '../../../services/core/ids.ts';
import { moreFacets } from '../../../services/core/list.ts';
import type { Settings } from '../../../services/core/settings.ts';
import { dayMs, formatInstant } from '../../../services/core/time.ts';
import { openRoster, type PageEnd, type RosterAnswer } from '../../../services/query/roster/roster.ts';
import type { ViewStore } from '../../../services/store/port.ts';
import {
  firmA,
  granted,
  type Happened,
  now,
  openStage,
  saveClients,
  type TestClient,
  writesOf,
} from '../../export/stage.ts';
import { type HandClock, openHandClock } from '../../projector/hand-clock.ts';
import { generateBook } from '../book.ts';
import type { OracleAsk } from '../list-oracle.ts';

export type RosterStage = {
  readonly clock: HandClock;
  readonly store: ViewStore;
  /** Puts other views in the place of clients', adds some, erases some, and tells of it; answers whose. */
  change(seeds: readonly number[]): Promise<readonly string[]>;
  /** `at` in epoch ms. */
  page(ask: OracleAsk, settings: Settings, at: number, after: PageEnd | null, limit: number): Promise<RosterAnswer>;
  close(): Promise<void>;
};

/** Clients whose ratings change at `now`, one millisecond before, or some after it. */
const onTheEdge: readonly TestClient[] = Array.from({ length: 60 }, (_, index) => {
  const age = ([14, 30, 42][index % 3] ?? 0) * dayMs + (index % 5) - 3;
  const login = { topic: 'login', occurredAt: formatInstant(now - age), sessionId: 's', outcome: 'success' } as const;
  return { clientId: `c${index % 7}-edge-${index}`, profile: { lastName: 'Edge' }, events: [granted, login] };
});

/** So many generated clients, and those on the edge. */
export function manyClients(count: number, seed: number): readonly TestClient[] {
  return [...generateBook(count, seed), ...onTheEdge];
}

export async function openRosterStage(clients: readonly TestClient[]): Promise<RosterStage> {
  const clock = openHandClock(now);
  const stage = await openStage(clock);
  const { store } = stage;
  await saveClients(store, firmA, clients);
  const roster = openRoster({ firmId: firmA, store, clock });
  await roster.ready;

  const writesFor = (changed: number) => {
    const [made] = generateBook(1, changed);
    const index = changed % clients.length;
    const isNew = changed % 5 === 0;
    const clientId = isNew ? `c${changed % 3}-new-${changed % 400}` : `c${index % 7}-${index}`;
    const erased: Happened = { topic: 'client', version: 9, erased: true, at: formatInstant(now) };
    if (changed % 11 === 0) return writesOf(firmA, { clientId, profile: null, events: [erased] });
    // Sometimes one view alone changes.
    const only = ['profile', 'access', 'signals', null, null][changed % 7] ?? null;
    return writesOf(firmA, { profile: {}, ...made, clientId }).filter(({ view }) => only === null || view === only);
  };

  return {
    clock,
    store,
    change: async (seeds) => {
      // The last one of a view stands.
      const writes = new Map(seeds.flatMap(writesFor).map((write) => [`${write.clientId} ${write.view}`, write]));
      const standing = await store.load([...writes.values()]);
      const versioned = [...writes.values()].map((write, index) => {
        return { ...write, expected: standing[index]?.version ?? 0 };
      });
      await store.save(versioned);
      const notices = versioned.map(({ view, expected, clientId }) => {
        return { firmId: firmA, clientId, view, version: expected + 1 };
      });
      await roster.take(notices);
      return notices.map(({ clientId }) => ClientId.parse(clientId));
    },
    page: async ({ book = null, status = null, sort, order, ...filter }, settings, at, after, limit) => {
      const filters = { filter: { ...filter, book, status }, sort, order, limit };
      const answer = await roster.query({ ...filters, settings, at, after, more: moreFacets });
      if (answer === null) throw new Error('the roster was dropped');
      return answer;
    },
    close: async () => {
      roster.drop();
      await stage.close();
    },
  };
}
