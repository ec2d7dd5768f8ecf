// A firm's clients as columns: one row a client, no object for any of them. Loaded rows stand in the order of client ids.
import { compareIds } from '../../core/ids.ts';
import { type AccessMarks, never, noDay, type SignalMarks } from '../../core/list-marks.ts';
import type { ProfileMarks } from '../../core/marks-profile.ts';
import { foldName } from '../../core/names.ts';
import { foldedAddress } from './addresses.ts';
import { createPlanes } from './planes.ts';
import { createRowIndex } from './row-index.ts';
import { createRowTexts } from './row-texts.ts';
import { compareTexts, createTexts } from './texts.ts';

/** Stands for a text, a date, an adviser that a client does not have. */
export const missing = -1;
export const missingDay = noDay;

export const versionNames = ['profile', 'access', 'signals'] as const;
export type VersionName = (typeof versionNames)[number];

const rowsMin = 64;
const numberNames = [
  'throughDay',
  'nextReview',
  'previousReview',
  'anniversary',
  /** Numbers in the texts of the same kind. */
  'firstName',
  'lastName',
  'adviser',
  'type',
  ...versionNames,
] as const;
const instantNames = [
  'login',
  'email',
  'emailButInvites',
  'message',
  /** The newest of them all, with invites and without. */
  'newest',
  'newestButInvites',
  'accessChangedAt',
  'createdAt',
  'updatedAt',
  /** When the row was read again because of a notice; 0 while it is as it was loaded. */
  'readAt',
] as const;

type Numbers = Record<(typeof numberNames)[number], Int32Array>;
type Instants = Record<(typeof instantNames)[number], Float64Array>;

export type Columns = Numbers & Instants & ReturnType<typeof createBeside>;

function createBeside() {
  const clients = createRowTexts();
  return {
    /** Rows there are, listed or not: a client that is erased leaves its row, and has it again when it comes back. */
    end: 0,
    /** Rows up to here stand in the order of their ids. */
    orderedEnd: 0,
    capacity: 0,
    planes: createPlanes(),
    clients,
    clientRows: createRowIndex(clients),
    addresses: createRowTexts(),
    firstNames: createTexts(compareTexts),
    lastNames: createTexts(compareTexts),
    advisers: createTexts(compareIds),
    types: createTexts(compareTexts),
    /** By adviser number, as the profile read last writes it. */
    adviserNames: [] as (string | null)[],
  };
}

export function createColumns(): Columns {
  const none = new Int32Array(0);
  const never = new Float64Array(0);
  const numbers = {
    throughDay: none,
    nextReview: none,
    previousReview: none,
    anniversary: none,
    firstName: none,
    lastName: none,
    adviser: none,
    type: none,
    profile: none,
    access: none,
    signals: none,
  };
  const instants = {
    login: never,
    email: never,
    emailButInvites: never,
    message: never,
    newest: never,
    newestButInvites: never,
    accessChangedAt: never,
    createdAt: never,
    updatedAt: never,
    readAt: never,
  };
  const columns = { ...numbers, ...instants, ...createBeside() };
  resize(columns, rowsMin);
  return columns;
}

function resize(columns: Columns, rows: number): void {
  for (const name of numberNames) {
    const larger = new Int32Array(rows);
    larger.set(columns[name].subarray(0, rows));
    columns[name] = larger;
  }
  for (const name of instantNames) {
    const larger = new Float64Array(rows);
    larger.set(columns[name].subarray(0, rows));
    columns[name] = larger;
  }
  columns.planes.resize(rows);
  columns.capacity = rows;
}

/** Gives back what was reserved beyond the rows there are, but for some to come. */
export function trimColumns(columns: Columns): void {
  const fitting = Math.max(rowsMin, Math.ceil(columns.end * 1.02));
  if (fitting >= columns.capacity) return;
  resize(columns, fitting);
  columns.clients.trim(fitting);
  columns.addresses.trim(fitting);
}

/** The row of a client; null when it has none. */
export function rowOf(columns: Columns, clientId: string): number | null {
  return columns.clientRows.find(clientId);
}

/** A row for a client that has none: without access, signals and profile. */
export function addRow(columns: Columns, clientId: string): number {
  const row = columns.end;
  columns.end += 1;
  if (columns.end > columns.capacity) resize(columns, Math.ceil(columns.capacity * 1.5));
  const id = Buffer.from(clientId);
  columns.clients.set(row, id, 0, id.length);
  columns.clientRows.add(row);
  for (const name of ['firstName', 'lastName', 'adviser', 'type'] as const) columns[name][row] = missing;
  for (const name of versionNames) columns[name][row] = 0;
  columns.readAt[row] = 0;
  setAccess(columns, row, { everGranted: false, throughDay: noDay, changedAt: never });
  setSignals(columns, row, { login: never, email: never, emailButInvites: never, message: never });
  return row;
}

/** The client is in no list any longer, and nothing but its id and its versions is known here. */
export function removeRow(columns: Columns, row: number): void {
  columns.planes.note('profile', row);
  dropTexts(columns, row);
  columns.addresses.set(row, Buffer.alloc(0), 0, 0);
  columns.planes.put('listed', row, false);
  columns.planes.forget(row);
}

/** `bytes`: the stored view, in which the address stands. */
export function setProfile(columns: Columns, row: number, profile: ProfileMarks, bytes: Uint8Array): void {
  const { firstName, lastName, adviser, type } = profile;
  // Taken before the old ones are given back, so that what stays the same is not forgotten in between.
  const first = takeFolded(columns.firstNames, firstName);
  const last = takeFolded(columns.lastNames, lastName);
  const adviserNumber = adviser === null ? missing : columns.advisers.take(adviser.id);
  const typeNumber = columns.types.take(type);
  dropTexts(columns, row);
  columns.firstName[row] = first;
  columns.lastName[row] = last;
  columns.adviser[row] = adviserNumber;
  columns.type[row] = typeNumber;
  if (adviser !== null) columns.adviserNames[adviserNumber] = adviser.name;
  const address = foldedAddress(bytes, profile.emailStart, profile.emailEnd);
  columns.addresses.set(row, address.bytes, 0, address.length);
  columns.createdAt[row] = profile.createdAt;
  columns.updatedAt[row] = profile.updatedAt;
  columns.nextReview[row] = profile.nextReview;
  columns.previousReview[row] = profile.previousReview;
  columns.anniversary[row] = profile.anniversary;
  columns.planes.put('listed', row, true);
  columns.planes.note('profile', row);
  columns.planes.put('active', row, profile.isActive);
  columns.planes.forget(row);
}

export function setAccess(columns: Columns, row: number, marks: AccessMarks): void {
  columns.throughDay[row] = marks.throughDay;
  columns.accessChangedAt[row] = marks.changedAt;
  columns.planes.put('everGranted', row, marks.everGranted);
  columns.planes.forget(row);
}

export function setSignals(columns: Columns, row: number, marks: SignalMarks): void {
  columns.login[row] = marks.login;
  columns.email[row] = marks.email;
  columns.emailButInvites[row] = marks.emailButInvites;
  columns.message[row] = marks.message;
  columns.newest[row] = Math.max(marks.login, marks.email, marks.message);
  columns.newestButInvites[row] = Math.max(marks.login, marks.emailButInvites, marks.message);
  columns.planes.note('signals', row);
  columns.planes.forget(row);
}

/** What a list sorts by, and so needs ranks of, besides client ids and advisers. */
export type RankedTexts = 'firstNames' | 'lastNames' | 'addresses';

/** Brings ranks up to date: of clients and advisers always, of the rest where it is named, or due anyway. */
export async function settleRanks(columns: Columns, names: readonly RankedTexts[]): Promise<void> {
  await columns.clients.settle();
  await columns.advisers.settle();
  for (const name of ['firstNames', 'lastNames', 'addresses'] as const) {
    if (names.includes(name) || columns[name].isDue()) await columns[name].settle();
  }
  if (columns.types.isDue()) await columns.types.settle();
}

/** What the roster holds of memory; `own` are names, addresses and ids themselves. */
export function bytesOf(columns: Columns): { readonly own: number; readonly beside: number } {
  const { clients, clientRows, firstNames, lastNames, addresses, advisers, types, planes, capacity } = columns;
  let own = 0;
  let beside = planes.bytes() + clientRows.bytes() + capacity * (instantNames.length * 8 + numberNames.length * 4);
  for (const texts of [clients, firstNames, lastNames, addresses, advisers, types]) {
    const bytes = texts.bytes();
    own += bytes.own;
    beside += bytes.beside;
  }
  return { own, beside };
}

function takeFolded(texts: Columns['firstNames'], text: string | null): number {
  const folded = text === null ? '' : foldName(text);
  return folded === '' ? missing : texts.take(folded);
}

function dropTexts(columns: Columns, row: number): void {
  for (const [texts, column] of [
    [columns.firstNames, columns.firstName],
    [columns.lastNames, columns.lastName],
    [columns.advisers, columns.adviser],
    [columns.types, columns.type],
  ] as const) {
    const number = column[row] ?? missing;
    if (number !== missing) texts.give(number);
    column[row] = missing;
  }
}
