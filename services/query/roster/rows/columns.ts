// A firm's clients as columns: one row a client, no object for any of them. Loaded rows stand in the order of client ids.
import { compareIds } from '../../../core/ids.ts';
import { type AccessMarks, never, noDay, type SignalMarks } from '../../../core/list-marks.ts';
import type { ProfileMarks } from '../../../core/marks-profile.ts';
import { foldName } from '../../../core/names.ts';
import { foldedAddress } from './addresses.ts';
import { blockOf, createBlocks } from './blocks.ts';
import { unknown } from './class.ts';
import { createCohorts, unlisted } from './cohorts.ts';
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
  /** Adviser, type and status, as one number. */
  'cohort',
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

const smallNames = [
  /** What its bits say: `flagBits`. */
  'flags',
  /** The class under which it is counted in its cohort. */
  'held',
] as const;

/** `stale`: its class is to be found anew. `touched`: that was done since it was for most of its block. */
export const flagBits = { active: 1, everGranted: 2, stale: 4, touched: 8 } as const;

type Numbers = Record<(typeof numberNames)[number], Int32Array>;
type Instants = Record<(typeof instantNames)[number], Float64Array>;
type Smalls = Record<(typeof smallNames)[number], Uint8Array>;

export type Columns = Numbers & Instants & Smalls & ReturnType<typeof createBeside>;

function createBeside() {
  const clients = createRowTexts();
  return {
    /** Rows there are, listed or not: a client that is erased leaves its row, and has it again when it comes back. */
    end: 0,
    /** Rows up to here stand in the order of their ids. */
    orderedEnd: 0,
    capacity: 0,
    blocks: createBlocks(),
    cohorts: createCohorts(missing),
    /** Rows with the flag `stale`, and some without; none of those whose whole block is. */
    stale: [] as number[],
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
    cohort: none,
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
  const smalls = { flags: new Uint8Array(0), held: new Uint8Array(0) };
  const columns = { ...numbers, ...instants, ...smalls, ...createBeside() };
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
  for (const name of smallNames) {
    const larger = new Uint8Array(rows);
    larger.set(columns[name].subarray(0, rows));
    columns[name] = larger;
  }
  columns.blocks.resize(rows);
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
  for (const name of ['firstName', 'lastName'] as const) columns[name][row] = missing;
  columns.cohort[row] = unlisted;
  columns.flags[row] = 0;
  columns.held[row] = unknown;
  columns.cohorts.count(unlisted, unknown, 1);
  for (const name of versionNames) columns[name][row] = 0;
  columns.readAt[row] = 0;
  setAccess(columns, row, { everGranted: false, throughDay: noDay, changedAt: never });
  setSignals(columns, row, { login: never, email: never, emailButInvites: never, message: never });
  return row;
}

/** The client is in no list any longer, and nothing but its id and its versions is known here. */
export function removeRow(columns: Columns, row: number): void {
  columns.blocks.note('profile', row);
  dropTexts(columns, row);
  columns.addresses.set(row, Buffer.alloc(0), 0, 0);
  moveTo(columns, row, unlisted);
}

/** `bytes`: the stored view, in which the address stands. */
export function setProfile(columns: Columns, row: number, profile: ProfileMarks, bytes: Uint8Array): void {
  const { firstName, lastName, adviser, type, isActive } = profile;
  // Taken before the old ones are given back, so that what stays the same is not forgotten in between.
  const first = takeFolded(columns.firstNames, firstName);
  const last = takeFolded(columns.lastNames, lastName);
  const adviserNumber = adviser === null ? missing : columns.advisers.take(adviser.id);
  const typeNumber = columns.types.take(type);
  dropTexts(columns, row);
  columns.firstName[row] = first;
  columns.lastName[row] = last;
  moveTo(columns, row, columns.cohorts.find(adviserNumber, typeNumber, isActive));
  if (adviser !== null) columns.adviserNames[adviserNumber] = adviser.name;
  const address = foldedAddress(bytes, profile.emailStart, profile.emailEnd);
  columns.addresses.set(row, address.bytes, 0, address.length);
  columns.createdAt[row] = profile.createdAt;
  columns.updatedAt[row] = profile.updatedAt;
  columns.nextReview[row] = profile.nextReview;
  columns.previousReview[row] = profile.previousReview;
  columns.anniversary[row] = profile.anniversary;
  columns.blocks.note('profile', row);
  setFlag(columns, row, flagBits.active, isActive);
  forget(columns, row);
}

export function setAccess(columns: Columns, row: number, marks: AccessMarks): void {
  columns.throughDay[row] = marks.throughDay;
  columns.accessChangedAt[row] = marks.changedAt;
  setFlag(columns, row, flagBits.everGranted, marks.everGranted);
  forget(columns, row);
}

export function setSignals(columns: Columns, row: number, marks: SignalMarks): void {
  columns.login[row] = marks.login;
  columns.email[row] = marks.email;
  columns.emailButInvites[row] = marks.emailButInvites;
  columns.message[row] = marks.message;
  columns.newest[row] = Math.max(marks.login, marks.email, marks.message);
  columns.newestButInvites[row] = Math.max(marks.login, marks.emailButInvites, marks.message);
  columns.blocks.note('signals', row);
  forget(columns, row);
}

/** Counts the row under another class of its cohort. */
export function holdClass(columns: Columns, row: number, cls: number): void {
  const before = columns.held[row] ?? unknown;
  if (cls === before) return;
  const cohort = columns.cohort[row] ?? unlisted;
  columns.cohorts.count(cohort, cls, 1);
  columns.cohorts.count(cohort, before, -1);
  columns.held[row] = cls;
}

export function setFlag(columns: Columns, row: number, bit: number, isSet: boolean): void {
  const flags = columns.flags[row] ?? 0;
  columns.flags[row] = isSet ? flags | bit : flags & ~bit;
}

export function hasFlag(columns: Columns, row: number, bit: number): boolean {
  return ((columns.flags[row] ?? 0) & bit) !== 0;
}

function moveTo(columns: Columns, row: number, cohort: number): void {
  const cls = columns.held[row] ?? unknown;
  columns.cohorts.count(cohort, cls, 1);
  columns.cohorts.count(columns.cohort[row] ?? unlisted, cls, -1);
  columns.cohort[row] = cohort;
}

/** The row is another: its class is to be found anew. */
function forget(columns: Columns, row: number): void {
  const isHeld = columns.blocks.spans.until[blockOf(row)] !== Number.NEGATIVE_INFINITY;
  if (!isHeld || hasFlag(columns, row, flagBits.stale)) return;
  setFlag(columns, row, flagBits.stale, true);
  columns.stale.push(row);
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
  const { clients, clientRows, firstNames, lastNames, addresses, advisers, types, blocks, cohorts, capacity } = columns;
  const perRow = instantNames.length * 8 + numberNames.length * 4 + smallNames.length;
  let own = 0;
  let beside = blocks.bytes() + cohorts.bytes() + clientRows.bytes() + capacity * perRow;
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
  const { firstNames, lastNames, advisers, types, firstName, lastName, cohorts, cohort } = columns;
  const standing = cohort[row] ?? unlisted;
  for (const [texts, number] of [
    [firstNames, firstName[row]],
    [lastNames, lastName[row]],
    [advisers, cohorts.adviserOf(standing)],
    [types, cohorts.typeOf(standing)],
  ] as const) {
    if (number !== undefined && number !== missing) texts.give(number);
  }
  firstName[row] = missing;
  lastName[row] = missing;
}
