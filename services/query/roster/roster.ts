// The roster of one firm: loaded from the store once, then kept up to date by reading again what notices name.
import { clientViews } from '../../core/derive/client.ts';
import { type Frame, frameOf } from '../../core/derive/frame.ts';
import { ListedReader } from '../../core/derive/listed.ts';
import type { Notice } from '../../core/events/changes.ts';
import { type ClientId, type FirmId, knownClientId } from '../../core/ids.ts';
import type { ListSort } from '../../core/list.ts';
import type { Settings } from '../../core/settings.ts';
import type { Clock } from '../../runtime/clock.ts';
import { OperatingError } from '../../runtime/errors.ts';
import type { ViewStore } from '../../store/port.ts';
import { createClasses } from './answer/classes.ts';
import { keyOfFacts, keysOf, rankedFor } from './answer/keys.ts';
import { type Lens, lensOf } from './answer/lens.ts';
import { createPostings } from './answer/postings.ts';
import { type Ask, type Exact, type Kept, type Scanned, scan } from './answer/scan.ts';
import type { Place } from './answer/top.ts';
import { createZones } from './answer/zones.ts';
import { classOfFacts } from './rows/class.ts';
import {
  bytesOf,
  type Columns,
  createColumns,
  rowOf,
  settleRanks,
  trimColumns,
  type VersionName,
  versionNames,
} from './rows/columns.ts';
import { createTurns, nextTurn, type Turns } from './rows/turns.ts';
import { addClient, writeClient } from './rows/write.ts';

/** Clients derived, or read again, in one go: a few milliseconds. */
const readClientsMax = 64;
const readAgainClientsMax = 96;
/** How often a client is read again of which a view is not yet as new as its notice says, and how long lies in between. */
const readTriesMax = 40;
const readAgainMs = 25;

/** Where a page ended: the last client and its value, a folded text or a number; null when it has none. */
export type PageEnd = { readonly clientId: string; readonly value: string | number | null };

/** Plain values all of it, so that it can be asked across threads. */
export type RosterAsk = Omit<Ask, 'lens' | 'after'> & {
  readonly settings: Settings;
  /** Epoch ms; null: the present, whenever the answer is found. */
  readonly at: number | null;
  readonly after: PageEnd | null;
};

export type RosterAnswer = {
  /** The instant of the answer, epoch ms. */
  readonly at: number;
  readonly clientIds: readonly ClientId[];
  readonly total: number;
  readonly facets: Scanned['facets'];
  /** Null on the last page. */
  readonly end: PageEnd | null;
};

export type Roster = {
  /** Resolves once it is loaded and has taken in every notice so far; rejects when loading failed. */
  readonly ready: Promise<void>;
  /** Resolves when the notices are taken in; while loading, at once. */
  take(notices: readonly Notice[]): Promise<void>;
  /** Null when the roster was dropped meanwhile. Call it once ready. */
  query(ask: RosterAsk): Promise<RosterAnswer | null>;
  /** It follows no longer, so it answers no longer. */
  drop(): void;
  /** Of memory. */
  bytes(): { readonly own: number; readonly beside: number; readonly rows: number };
};

export type RosterParts = { readonly firmId: FirmId; readonly store: ViewStore; readonly clock: Clock };

/** The least version that each named view must have. */
type Versions = Partial<Record<VersionName, number>>;
type Wanted = Map<ClientId, Versions>;

/** Starts loading. Notices from before this call must not be needed any more. */
export function openRoster(parts: RosterParts): Roster {
  const columns = createColumns();
  const kept: Kept = {
    classes: createClasses(columns),
    zones: createZones(columns),
    postings: createPostings(columns),
  };
  const takeTurn = createTurns();
  let isDropped = false;
  let waiting: Wanted | null = new Map();

  const load = async () => {
    await loadRows(parts, columns, () => isDropped);
    columns.orderedEnd = columns.end;
    trimColumns(columns);
    await settleRanks(columns, ['firstNames', 'lastNames', 'addresses']);
    // What arrives while these are read again waits once more.
    while (waiting !== null && waiting.size > 0) {
      const wanted = waiting;
      waiting = new Map();
      await readAgain(parts, columns, wanted, takeTurn, () => isDropped);
    }
    waiting = null;
  };
  const ready = load();
  // Whoever waits for it is told; nobody may be waiting.
  ready.catch(() => undefined);

  return {
    ready,
    take: async (notices) => {
      if (waiting !== null) return want(waiting, notices);
      const wanted: Wanted = new Map();
      want(wanted, notices);
      await readAgain(parts, columns, wanted, takeTurn, () => isDropped);
    },
    query: (ask) =>
      takeTurn(async () => {
        if (isDropped) return null;
        await settleRanks(columns, rankedFor(ask.sort));
        return answer(parts, columns, kept, ask);
      }),
    drop: () => {
      isDropped = true;
    },
    bytes: () => {
      const { own, beside } = bytesOf(columns);
      return { own, beside: beside + kept.postings.bytes(), rows: columns.end };
    },
  };
}

function want(wanted: Wanted, notices: readonly Notice[]): void {
  for (const { clientId, view, version } of notices) {
    const name = versionNames.find((candidate) => candidate === view);
    if (name === undefined) continue;
    const versions = wanted.get(clientId) ?? {};
    versions[name] = Math.max(version, versions[name] ?? 0);
    wanted.set(clientId, versions);
  }
}

async function loadRows({ store, firmId }: RosterParts, columns: Columns, isDropped: () => boolean): Promise<void> {
  for await (const clients of store.readFirm(firmId, clientViews)) {
    if (isDropped()) throw new OperatingError('roster_dropped', 'Loading was stopped.', { retryable: true });
    for (const { clientId, views } of clients) addClient(columns, clientId, views);
  }
}

/** Reads what is not as new as wanted. Rejects when the store does not come to have it, or cannot be read. */
async function readAgain(
  { store, firmId, clock }: RosterParts,
  columns: Columns,
  wanted: Wanted,
  takeTurn: Turns,
  isDropped: () => boolean,
): Promise<void> {
  let behind = [...wanted];
  for (let tries = 0; behind.length > 0; tries += 1) {
    if (tries > 0) await clock.sleep(readAgainMs);
    if (tries > readTriesMax) throw neverCame(behind.length);
    const again = new Map<ClientId, Versions>();
    for (let start = 0; start < behind.length && !isDropped(); start += readAgainClientsMax) {
      if (start > 0) await nextTurn();
      // Whole clients: a new one needs all its views at once.
      const some = behind.slice(start, start + readAgainClientsMax).flatMap(([clientId, versions]) => {
        const row = rowOf(columns, clientId);
        const names = viewsToRead(columns, row, versions);
        return names.length === 0 ? [] : [{ clientId, versions, row, names }];
      });
      if (some.length === 0) continue;
      const keys = some.flatMap(({ clientId, names }) => names.map((view) => ({ firmId, clientId, view })));
      const stored = await store.load(keys);
      // Only writing has to take turns with the questions.
      await takeTurn(async () => {
        const now = clock.now();
        let read = 0;
        for (const { clientId, versions, row, names } of some) {
          const views = stored.slice(read, read + names.length);
          read += names.length;
          if (names.every((name, index) => (views[index]?.version ?? 0) >= (versions[name] ?? 0))) {
            const known = row ?? rowOf(columns, clientId);
            const there = views.filter((view) => view !== null);
            writeClient(columns, clientId, known, there, now);
          } else {
            again.set(clientId, versions);
          }
        }
      });
    }
    behind = [...again];
  }
}

/** A client without a row gets one with its profile, and then needs everything. */
function viewsToRead(columns: Columns, row: number | null, versions: Versions): readonly VersionName[] {
  if (row === null) return versions.profile === undefined ? [] : versionNames;
  return versionNames.filter((name) => (versions[name] ?? 0) > (columns[name][row] ?? 0));
}

async function answer(parts: RosterParts, columns: Columns, kept: Kept, ask: RosterAsk): Promise<RosterAnswer> {
  const { sort, settings } = ask;
  const frame = frameOf(settings, ask.at ?? parts.clock.now());
  const lens = lensOf(frame);
  const after = ask.after === null ? null : placeOf(columns, sort, lens, ask.after);
  const readExactly = (rows: readonly number[]) => readRows(parts, columns, rows, frame, sort);
  const found = await scan(columns, kept, { ...ask, lens, after }, readExactly);
  const last = found.rows.at(-1);
  return {
    at: frame.at,
    clientIds: found.rows.map((row) => knownClientId(columns.clients.textOf(row))),
    total: found.total,
    facets: found.facets,
    end: last === undefined || !found.hasMore ? null : endOf(columns, sort, lens, last, found.keyOf(last)),
  };
}

/** Where a page ended, as a place among the rows there are now. The client, or its text, may be gone. */
function placeOf(columns: Columns, sort: ListSort, lens: Lens, { clientId, value }: PageEnd): Place {
  const rank = columns.clients.rankOf(Buffer.from(clientId));
  if (value === null) return { key: Number.NaN, rank };
  const { texts } = keysOf(columns, sort, 1, lens);
  return { key: texts === null ? Number(value) : texts.rankOf(String(value)), rank };
}

function endOf(columns: Columns, sort: ListSort, lens: Lens, row: number, key: number): PageEnd {
  const clientId = columns.clients.textOf(row);
  if (Number.isNaN(key)) return { clientId, value: null };
  const { texts } = keysOf(columns, sort, 1, lens);
  return { clientId, value: texts === null ? key : texts.textOf(row) };
}

/** Derives rows from their views, where marks do not tell: facts ahead of the instant, or at the very edge of go-live. */
async function readRows(
  { store, firmId }: RosterParts,
  columns: Columns,
  rows: readonly number[],
  frame: Frame,
  sort: ListSort,
): Promise<readonly Exact[]> {
  const exact: Exact[] = [];
  const reader = new ListedReader(frame);
  for (let start = 0; start < rows.length; start += readClientsMax) {
    if (start > 0) await nextTurn();
    const some = rows.slice(start, start + readClientsMax);
    const keys = some.flatMap((row) => {
      const clientId = knownClientId(columns.clients.textOf(row));
      return clientViews.map((view) => ({ firmId, clientId, view }));
    });
    const stored = await store.load(keys);
    some.forEach((row, index) => {
      const listed = reader.read(stored.slice(index * clientViews.length, (index + 1) * clientViews.length));
      if (listed !== null) exact.push({ row, cls: classOfFacts(listed), key: keyOfFacts(listed, sort) });
    });
  }
  return exact;
}

function neverCame(clients: number): OperatingError {
  return new OperatingError(
    'roster_dropped',
    `${clients} clients are not as new in the store as their notices say. The firm is loaded again.`,
    { retryable: true },
  );
}
