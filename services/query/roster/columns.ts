// A firm's clients as columns: one row a client, no object for any of them. Rows are numbered as their client ids are.
import { compareIds } from '../../core/ids.ts';
import { type AccessMarks, dayOfDate, never, noDay, type SignalMarks } from '../../core/list-marks.ts';
import { foldName } from '../../core/names.ts';
import type { ClientProfile } from '../../core/views/profile/view.ts';
import { compareTexts, createTexts } from './texts.ts';

/** Stands for a text, a date, an adviser that a client does not have. */
export const missing = -1;
export const missingDay = noDay;
/** Stands for a class that is not remembered; no class has all bits. */
export const unknownClass = 255;

/** Bits of `flags`. */
export const flagBits = { listed: 1, active: 2, everGranted: 4 } as const;

export const versionNames = ['profile', 'access', 'signals'] as const;
export type VersionName = (typeof versionNames)[number];

export type Columns = ReturnType<typeof createColumns>;

export function createColumns() {
  let capacity = 64;
  const instants = () => new Float64Array(capacity);
  const numbers = () => new Int32Array(capacity);
  const columns = {
    login: instants(),
    email: instants(),
    emailButInvites: instants(),
    message: instants(),
    accessChangedAt: instants(),
    createdAt: instants(),
    updatedAt: instants(),
    /** When the row was read again because of a notice; 0 while it is as it was loaded. */
    readAt: instants(),
    throughDay: numbers(),
    nextReview: numbers(),
    previousReview: numbers(),
    anniversary: numbers(),
    /** Numbers in the texts below. */
    firstName: numbers(),
    lastName: numbers(),
    address: numbers(),
    adviser: numbers(),
    type: numbers(),
    profileVersion: numbers(),
    accessVersion: numbers(),
    signalsVersion: numbers(),
    flags: new Uint8Array(capacity),
    /** Remembered classes; whoever writes a row forgets its. */
    classes: new Uint8Array(capacity),
  };

  const resize = (length: number) => {
    capacity = length;
    const fitted = <Column extends Float64Array | Int32Array | Uint8Array>(column: Column, larger: Column): Column => {
      larger.set(column.subarray(0, Math.min(column.length, length)));
      return larger;
    };
    columns.login = fitted(columns.login, instants());
    columns.email = fitted(columns.email, instants());
    columns.emailButInvites = fitted(columns.emailButInvites, instants());
    columns.message = fitted(columns.message, instants());
    columns.accessChangedAt = fitted(columns.accessChangedAt, instants());
    columns.createdAt = fitted(columns.createdAt, instants());
    columns.updatedAt = fitted(columns.updatedAt, instants());
    columns.readAt = fitted(columns.readAt, instants());
    columns.throughDay = fitted(columns.throughDay, numbers());
    columns.nextReview = fitted(columns.nextReview, numbers());
    columns.previousReview = fitted(columns.previousReview, numbers());
    columns.anniversary = fitted(columns.anniversary, numbers());
    columns.firstName = fitted(columns.firstName, numbers());
    columns.lastName = fitted(columns.lastName, numbers());
    columns.address = fitted(columns.address, numbers());
    columns.adviser = fitted(columns.adviser, numbers());
    columns.type = fitted(columns.type, numbers());
    columns.profileVersion = fitted(columns.profileVersion, numbers());
    columns.accessVersion = fitted(columns.accessVersion, numbers());
    columns.signalsVersion = fitted(columns.signalsVersion, numbers());
    columns.flags = fitted(columns.flags, new Uint8Array(capacity));
    columns.classes = fitted(columns.classes, new Uint8Array(capacity));
  };

  return Object.assign(columns, {
    clients: createTexts(compareIds),
    firstNames: createTexts(compareTexts),
    lastNames: createTexts(compareTexts),
    addresses: createTexts(compareTexts),
    advisers: createTexts(compareIds),
    types: createTexts(compareTexts),
    /** By adviser number, as the profile read last writes it. */
    adviserNames: [] as (string | null)[],
    reserve: (rows: number) => {
      if (rows > capacity) resize(Math.max(rows, Math.ceil(capacity * 1.5)));
    },
    /** Gives back what was reserved beyond the rows there are, but for some to come. */
    trim: (rows: number) => {
      const fitting = Math.max(64, Math.ceil(rows * 1.02));
      if (fitting < capacity) resize(fitting);
    },
    columnBytes: () => capacity * (8 * 8 + 12 * 4 + 2),
  });
}

/** The row of a client; null when it has none. */
export function rowOf(columns: Columns, clientId: string): number | null {
  return columns.clients.find(clientId);
}

/** A row for a client that has none: without access, signals and profile. */
export function addRow(columns: Columns, clientId: string): number {
  const row = columns.clients.take(clientId);
  columns.reserve(row + 1);
  for (const text of [columns.firstName, columns.lastName, columns.address, columns.adviser, columns.type]) {
    text[row] = missing;
  }
  columns.flags[row] = 0;
  columns.readAt[row] = 0;
  for (const name of versionNames) setVersion(columns, row, name, 0);
  setAccess(columns, row, { everGranted: false, throughDay: noDay, changedAt: never });
  setSignals(columns, row, { login: never, email: never, emailButInvites: never, message: never });
  return row;
}

export function removeRow(columns: Columns, row: number): void {
  dropTexts(columns, row);
  columns.flags[row] = 0;
  columns.clients.give(row);
}

export function setProfile(columns: Columns, row: number, profile: ClientProfile): void {
  const { firstName, lastName, emails, adviser, type, status } = profile;
  // Taken before the old ones are given back, so that what stays the same is not forgotten in between.
  const first = takeFolded(columns.firstNames, firstName);
  const last = takeFolded(columns.lastNames, lastName);
  const address = takeFolded(columns.addresses, emails[0] ?? null);
  const adviserNumber = adviser === null ? missing : columns.advisers.take(adviser.id);
  const typeNumber = columns.types.take(type);
  dropTexts(columns, row);
  columns.firstName[row] = first;
  columns.lastName[row] = last;
  columns.address[row] = address;
  columns.adviser[row] = adviserNumber;
  columns.type[row] = typeNumber;
  if (adviser !== null) columns.adviserNames[adviserNumber] = adviser.name;
  columns.createdAt[row] = profile.createdAt;
  columns.updatedAt[row] = profile.updatedAt;
  columns.nextReview[row] = dayOfDate(profile.nextReviewDate) ?? missingDay;
  columns.previousReview[row] = dayOfDate(profile.previousReviewDate) ?? missingDay;
  columns.anniversary[row] = dayOfDate(profile.anniversaryDate) ?? missingDay;
  setFlag(columns, row, flagBits.listed, true);
  setFlag(columns, row, flagBits.active, status === 'active');
  columns.classes[row] = unknownClass;
}

export function setAccess(columns: Columns, row: number, marks: AccessMarks): void {
  columns.throughDay[row] = marks.throughDay;
  columns.accessChangedAt[row] = marks.changedAt;
  setFlag(columns, row, flagBits.everGranted, marks.everGranted);
  columns.classes[row] = unknownClass;
}

export function setSignals(columns: Columns, row: number, marks: SignalMarks): void {
  columns.login[row] = marks.login;
  columns.email[row] = marks.email;
  columns.emailButInvites[row] = marks.emailButInvites;
  columns.message[row] = marks.message;
  columns.classes[row] = unknownClass;
}

export function versionOf(columns: Columns, row: number, name: VersionName): number {
  return versionColumn(columns, name)[row] ?? 0;
}

export function setVersion(columns: Columns, row: number, name: VersionName, version: number): void {
  versionColumn(columns, name)[row] = version;
}

/** Brings the ranks of everything that lists sort by up to date. */
export async function settleRanks(columns: Columns): Promise<void> {
  const { clients, firstNames, lastNames, addresses, advisers, types } = columns;
  for (const texts of [clients, firstNames, lastNames, addresses, advisers, types]) await texts.settle();
}

/** About what the roster holds; `own` are names, addresses and ids themselves. */
export function bytesOf(columns: Columns): { readonly own: number; readonly beside: number } {
  const { clients, firstNames, lastNames, addresses, advisers, types } = columns;
  let own = 0;
  let beside = columns.columnBytes();
  for (const texts of [clients, firstNames, lastNames, addresses, advisers, types]) {
    const bytes = texts.bytes();
    own += bytes.own;
    beside += bytes.beside;
  }
  return { own, beside };
}

function versionColumn(columns: Columns, name: VersionName): Int32Array {
  if (name === 'profile') return columns.profileVersion;
  return name === 'access' ? columns.accessVersion : columns.signalsVersion;
}

function takeFolded(texts: Columns['firstNames'], text: string | null): number {
  const folded = text === null ? '' : foldName(text);
  return folded === '' ? missing : texts.take(folded);
}

function dropTexts(columns: Columns, row: number): void {
  const { firstName, lastName, address, adviser, type } = columns;
  for (const [texts, column] of [
    [columns.firstNames, firstName],
    [columns.lastNames, lastName],
    [columns.addresses, address],
    [columns.advisers, adviser],
    [columns.types, type],
  ] as const) {
    const number = column[row] ?? missing;
    if (number !== missing) texts.give(number);
    column[row] = missing;
  }
}

function setFlag(columns: Columns, row: number, bit: number, isSet: boolean): void {
  const flags = columns.flags[row] ?? 0;
  columns.flags[row] = isSet ? flags | bit : flags & ~bit;
}
