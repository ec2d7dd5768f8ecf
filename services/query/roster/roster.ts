// The roster of one firm: loaded from the store once, then kept up to date by reading again what notices name.
import { clientViews, deriveClient, readClient } from '../../core/derive/client.ts';
import type { Frame } from '../../core/derive/frame.ts';
import type { Notice } from '../../core/events/changes.ts';
import { ClientId, type FirmId } from '../../core/ids.ts';
import type { ListSort } from '../../core/list.ts';
import { accessMarksOf, signalMarksOf } from '../../core/list-marks.ts';
import { unseal } from '../../core/view.ts';
import { accessView } from '../../core/views/access/view.ts';
import { profileView } from '../../core/views/profile/view.ts';
import { signalsView } from '../../core/views/signals/view.ts';
import type { Clock } from '../../runtime/clock.ts';
import { OperatingError } from '../../runtime/errors.ts';
import type { StoredView, ViewKey, ViewStore } from '../../store/port.ts';
import { type Classes, createClasses } from './classes.ts';
import {
  addRow,
  bytesOf,
  type Columns,
  createColumns,
  removeRow,
  rowOf,
  setAccess,
  setProfile,
  setSignals,
  settleRanks,
  setVersion,
  type VersionName,
  versionNames,
  versionOf,
} from './columns.ts';
import { keyOfFacts, keysOf } from './keys.ts';
import { classOfFacts, type Lens, lensOf } from './lens.ts';
import { type Ask, type Exact, type Scanned, scan } from './scan.ts';
import type { Place } from './top.ts';
import { createTurns, nextTurn, type Turns } from './turns.ts';

/** Clients loaded, or views read again, in one go: a few milliseconds. */
const loadClientsMax = 64;
const readViewsMax = 192;
/** How often a view is read again that is not yet as new as its notice says, and how long lies in between. */
const readTriesMax = 40;
const readAgainMs = 25;

/** Where a page ended: the last client and its value, a folded text or a number; null when it has none. */
export type PageEnd = { readonly clientId: string; readonly value: string | number | null };

export type RosterAsk = Omit<Ask, 'lens' | 'after'> & { readonly frame: Frame; readonly after: PageEnd | null };

export type RosterAnswer = {
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

/** By client, the least version that each named view must have. */
type Wanted = Map<ClientId, Partial<Record<VersionName, number>>>;

/** Starts loading. Notices from before this call must not be needed any more. */
export function openRoster(parts: RosterParts): Roster {
  const columns = createColumns();
  const classes = createClasses(columns);
  const takeTurn = createTurns();
  let isDropped = false;
  let waiting: Wanted | null = new Map();

  const load = async () => {
    await loadRows(parts, columns, () => isDropped);
    columns.trim(columns.clients.end);
    await settleRanks(columns);
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
        await settleRanks(columns);
        return answer(parts, columns, classes, ask);
      }),
    drop: () => {
      isDropped = true;
    },
    bytes: () => ({ ...bytesOf(columns), rows: columns.clients.end }),
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
    for (const { clientId, views } of clients) writeClient(columns, clientId, views);
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
  let keys = [...wanted].flatMap(([clientId, versions]) => keysToRead(columns, firmId, clientId, versions));
  for (let tries = 0; keys.length > 0; tries += 1) {
    if (tries > 0) await clock.sleep(readAgainMs);
    if (tries > readTriesMax) throw neverCame(keys.length);
    const again: ViewKey[] = [];
    for (let start = 0; start < keys.length && !isDropped(); start += readViewsMax) {
      if (start > 0) await nextTurn();
      const some = keys.slice(start, start + readViewsMax);
      const stored = await store.load(some);
      // Only writing has to take turns with the questions.
      await takeTurn(async () => {
        const now = clock.now();
        for (const [clientId, read] of byClient(some, stored)) {
          if (read.every(({ key, view }) => isAsNew(key, view, wanted))) {
            const views = read.flatMap(({ view }) => (view === null ? [] : [view]));
            writeClient(columns, clientId, views, now);
          } else {
            again.push(...read.map(({ key }) => key));
          }
        }
      });
    }
    keys = again;
  }
}

/** A client without a row gets one with its profile, and then needs everything. */
function keysToRead(
  columns: Columns,
  firmId: FirmId,
  clientId: ClientId,
  versions: Partial<Record<VersionName, number>>,
): ViewKey[] {
  const row = rowOf(columns, clientId);
  if (row === null) {
    return versions.profile === undefined ? [] : versionNames.map((view) => ({ firmId, clientId, view }));
  }
  return versionNames
    .filter((name) => (versions[name] ?? 0) > versionOf(columns, row, name))
    .map((view) => ({ firmId, clientId, view }));
}

type Read = { readonly key: ViewKey; readonly view: StoredView | null };

function byClient(keys: readonly ViewKey[], stored: readonly (StoredView | null)[]): ReadonlyMap<ClientId, Read[]> {
  const found = new Map<ClientId, Read[]>();
  keys.forEach((key, index) => {
    const read = found.get(key.clientId) ?? [];
    read.push({ key, view: stored[index] ?? null });
    found.set(key.clientId, read);
  });
  return found;
}

function isAsNew({ clientId, view: name }: ViewKey, view: StoredView | null, wanted: Wanted): boolean {
  const known = versionNames.find((candidate) => candidate === name);
  const least = known === undefined ? 0 : (wanted.get(clientId)?.[known] ?? 0);
  return (view?.version ?? 0) >= least;
}

/** Puts views into the client's row, which comes and goes with its profile. */
function writeClient(columns: Columns, clientId: ClientId, views: readonly StoredView[], readAt = 0): void {
  const stored = views.find(({ view }) => view === profileView.name);
  const profile = stored === undefined ? undefined : profileView.decode(unseal(stored.bytes).encoded).profile;
  let row = rowOf(columns, clientId);
  if (profile === null && row !== null) removeRow(columns, row);
  if (profile === null || (profile === undefined && row === null)) return;
  row ??= addRow(columns, clientId);
  if (profile !== undefined) setProfile(columns, row, profile);
  for (const { view, version, bytes } of views) {
    const name = versionNames.find((candidate) => candidate === view);
    if (name === undefined) continue;
    setVersion(columns, row, name, version);
    if (name === 'access') setAccess(columns, row, accessMarksOf(accessView.decode(unseal(bytes).encoded)));
    if (name === 'signals') setSignals(columns, row, signalMarksOf(signalsView.decode(unseal(bytes).encoded)));
  }
  columns.readAt[row] = readAt;
}

async function answer(parts: RosterParts, columns: Columns, classes: Classes, ask: RosterAsk): Promise<RosterAnswer> {
  const { frame, sort } = ask;
  const lens = lensOf(frame);
  const after = ask.after === null ? null : placeOf(columns, sort, lens, ask.after);
  const readExactly = (rows: readonly number[]) => readRows(parts, columns, rows, frame, sort);
  const found = await scan(columns, classes, { ...ask, lens, after }, readExactly);
  const last = found.rows.at(-1);
  return {
    clientIds: found.rows.map((row) => ClientId.parse(columns.clients.textOf(row))),
    total: found.total,
    facets: found.facets,
    end: last === undefined || !found.hasMore ? null : endOf(columns, sort, lens, last, found.keyOf(last)),
  };
}

/** Where a page ended, as a place among the rows there are now. The client, or its text, may be gone. */
function placeOf(columns: Columns, sort: ListSort, lens: Lens, { clientId, value }: PageEnd): Place {
  const rank = columns.clients.rankOf(clientId);
  if (value === null) return { key: Number.NaN, rank };
  const { texts: text } = keysOf(columns, sort, lens);
  return { key: text === null ? Number(value) : text.texts.rankOf(String(value)), rank };
}

function endOf(columns: Columns, sort: ListSort, lens: Lens, row: number, key: number): PageEnd {
  const clientId = columns.clients.textOf(row);
  if (Number.isNaN(key)) return { clientId, value: null };
  const { texts: text } = keysOf(columns, sort, lens);
  return { clientId, value: text === null ? key : text.texts.textOf(text.column[row] ?? 0) };
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
  for (let start = 0; start < rows.length; start += loadClientsMax) {
    if (start > 0) await nextTurn();
    const some = rows.slice(start, start + loadClientsMax);
    const keys = some.flatMap((row) => {
      const clientId = ClientId.parse(columns.clients.textOf(row));
      return clientViews.map((view) => ({ firmId, clientId, view }));
    });
    const stored = await store.load(keys);
    some.forEach((row, index) => {
      const views = stored.slice(index * clientViews.length, (index + 1) * clientViews.length);
      const facts = deriveClient(readClient(views.filter((view) => view !== null)), frame);
      if (facts === null || facts.profile === null) return;
      const listed = { ...facts, profile: facts.profile };
      exact.push({ row, bits: classOfFacts(listed), key: keyOfFacts(listed, sort) });
    });
  }
  return exact;
}

function neverCame(views: number): OperatingError {
  return new OperatingError(
    'roster_dropped',
    `${views} views are not as new in the store as their notices say. The firm is loaded again.`,
    { retryable: true },
  );
}
