// A firm read from the store once and derived at one instant: a small row a client. For what the roster cannot answer,
// because it knows no past: lists as of a day, other thresholds, logins by day, and who changed.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { clientViews, readClient } from '../core/derive/client.ts';
import { type DayRun, daysUpTo } from '../core/derive/days.ts';
import type { Rating } from '../core/derive/facts.ts';
import type { Frame } from '../core/derive/frame.ts';
import { type ListedClient, ListedReader } from '../core/derive/listed.ts';
import { lastChange, type PastChange } from '../core/derive/rating-change.ts';
import { type AccessFilter, accessFilters, matchesAccess, matchesRating, ratings } from '../core/filter.ts';
import type { ClientId, FirmId } from '../core/ids.ts';
import { foldName, fullName } from '../core/names.ts';
import { type ClientProfile, profileView } from '../core/views/profile/view.ts';
import type { ClientViews, ViewStore } from '../store/port.ts';
import { LoginDays } from './login-days.ts';

/** After so many clients (about 2 ms) others get their turn. */
const turnClients = 64;
/** How far back logins by day, and changes of the rating, are kept: as far as can be asked, a year that ends today. */
export const scannedDaysMax = 366;

export type ScannedClient = {
  readonly clientId: ClientId;
  /** The four are folded; null where there is none. */
  readonly name: string;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly email: string | null;
  readonly type: string;
  readonly isActive: boolean;
  readonly adviser: { readonly id: string; readonly name: string | null } | null;
  /** Bits of the values of the two filters that it matches. */
  readonly matches: number;
  /** Epoch ms. `newestSignal` decides the rating. */
  readonly newestSignal: number | null;
  readonly lastLogin: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly nextReviewDate: string | null;
  readonly previousReviewDate: string | null;
  readonly anniversaryDate: string | null;
  /** To the rating that stands; null when it has stood for longer than is kept. */
  readonly lastChange: PastChange | null;
  /** Its counts or its rating reach past what its view remembers. */
  readonly pastMemory: boolean;
};

export type FirmScan = {
  /** Ascending by client id. */
  readonly clients: readonly ScannedClient[];
  /** Of each of them, by its place. */
  readonly loginDays: LoginDays;
  readonly run: DayRun;
};

export function ratingBit(rating: Rating): number {
  return 1 << ratings.indexOf(rating);
}

export function accessBit(access: AccessFilter): number {
  return 1 << (ratings.length + accessFilters.indexOf(access));
}

/** Who is in the book (null: everybody) and has one of the advisers (undefined: any, or none). */
export function chooser(
  book: string | null,
  adviser: readonly string[] | undefined,
): (client: ScannedClient) => boolean {
  const wanted = adviser === undefined ? null : new Set(adviser);
  return ({ adviser: own }) =>
    (book === null || own?.id === book) && (wanted === null || (own !== null && wanted.has(own.id)));
}

function matchesOf(facts: ListedClient): number {
  let bits = 0;
  for (const rating of ratings) if (matchesRating(facts, rating)) bits |= ratingBit(rating);
  for (const access of accessFilters) if (matchesAccess(facts, access)) bits |= accessBit(access);
  return bits;
}

/** Clients without a profile are in no list. Rejects with the signal's reason when it aborts. */
export async function scanFirm(store: ViewStore, firmId: FirmId, frame: Frame, signal: AbortSignal): Promise<FirmScan> {
  const found: ScannedClient[] = [];
  const run = daysUpTo(frame, scannedDaysMax);
  const loginDays = new LoginDays(run);
  const shared = sharing();
  const reader = new ListedReader(frame);
  let read = 0;
  for await (const clients of store.readFirm(firmId, clientViews)) {
    signal.throwIfAborted();
    for (const { clientId, views } of clients) {
      read += 1;
      if (read % turnClients === 0) await nextTurn();
      const client = reader.read(views);
      const profile = profileOf(views);
      if (client === null || profile === null) continue;
      const glance = reader.glance();
      loginDays.add(glance, frame);
      const change = lastChange(glance, client.signals, frame, run.from);
      found.push(rowOf(clientId, client, profile, change, shared));
    }
  }
  return { clients: found, loginDays, run };
}

/** The whole of it, where the reader gives no more than files show. */
function profileOf(views: ClientViews['views']): ClientProfile | null {
  return readClient(views.filter(({ view }) => view === profileView.name)).profile?.profile ?? null;
}

function rowOf(
  clientId: ClientId,
  client: ListedClient,
  profile: ClientProfile,
  change: PastChange | null,
  shared: ReturnType<typeof sharing>,
): ScannedClient {
  const { signals } = client;
  return {
    clientId,
    name: foldName(fullName(profile)),
    firstName: folded(profile.firstName),
    lastName: folded(profile.lastName),
    email: folded(profile.emails[0] ?? null),
    type: shared.type(profile.type),
    isActive: profile.status === 'active',
    adviser: shared.adviser(profile.adviser),
    matches: matchesOf(client),
    newestSignal: signals.decidedBy?.at.at ?? null,
    lastLogin: signals.lastLogin?.at.at ?? null,
    createdAt: profile.createdAt,
    updatedAt: profile.updatedAt,
    nextReviewDate: profile.nextReviewDate,
    previousReviewDate: profile.previousReviewDate,
    anniversaryDate: profile.anniversaryDate,
    lastChange: change,
    pastMemory: signals.pastMemory,
  };
}

function folded(text: string | null): string | null {
  // A text of which nothing is to be seen is missing.
  return text === null ? null : foldName(text) || null;
}

/** Values that many clients have alike are kept once. */
function sharing() {
  const types = new Map<string, string>();
  const advisers = new Map<string, ScannedClient['adviser']>();
  return {
    type: (type: string) => share(types, type, type),
    adviser: (adviser: ScannedClient['adviser']) => share(advisers, JSON.stringify(adviser), adviser),
  };
}

function share<Value>(known: Map<string, Value>, key: string, value: Value): Value {
  const shared = known.get(key);
  if (shared !== undefined) return shared;
  known.set(key, value);
  return value;
}
