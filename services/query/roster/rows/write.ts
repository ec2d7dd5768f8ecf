// Puts stored views into rows: of each view only the marks that lists need are read.
import type { ClientId } from '../../../core/ids.ts';
import { readAccessMarks } from '../../../core/marks-access.ts';
import { readProfileMarks } from '../../../core/marks-profile.ts';
import { readSignalMarks } from '../../../core/marks-signals.ts';
import { sealEnd } from '../../../core/view.ts';
import type { StoredView } from '../../../store/port.ts';
import {
  addRow,
  type Columns,
  removeRow,
  setAccess,
  setProfile,
  setSignals,
  type VersionName,
  versionNames,
} from './columns.ts';

/** `known`: the client's row; without one it gets one, if it has a profile. `readAt`: epoch ms. */
export function writeClient(
  columns: Columns,
  clientId: ClientId,
  known: number | null,
  views: readonly StoredView[],
  readAt: number,
): void {
  const row = known ?? addClient(columns, clientId, views);
  if (row === null) return;
  if (known !== null) for (const view of views) writeView(columns, row, view);
  columns.readAt[row] = readAt;
}

/** Adds a row for a client that has none. Null, and no row, while it has no profile. */
export function addClient(columns: Columns, clientId: ClientId, views: readonly StoredView[]): number | null {
  const stored = views.find(({ view }) => view === 'profile');
  if (stored === undefined) return null;
  const profile = readProfileMarks(stored.bytes, sealEnd(stored.bytes), textOf);
  if (profile === null) return null;
  const row = addRow(columns, clientId);
  columns.profile[row] = stored.version;
  setProfile(columns, row, profile, stored.bytes);
  for (const view of views) if (view !== stored) writeView(columns, row, view);
  return row;
}

function writeView(columns: Columns, row: number, { view, version, bytes }: StoredView): void {
  const name = versionNames.find((candidate) => candidate === view);
  if (name === undefined) return;
  columns[name][row] = version;
  writers[name](columns, row, bytes, sealEnd(bytes));
}

type Writer = (columns: Columns, row: number, bytes: Uint8Array, offset: number) => void;

const writers: Readonly<Record<VersionName, Writer>> = {
  profile: (columns, row, bytes, offset) => {
    const profile = readProfileMarks(bytes, offset, textOf);
    if (profile === null) removeRow(columns, row);
    else setProfile(columns, row, profile, bytes);
  },
  access: (columns, row, bytes, offset) => setAccess(columns, row, readAccessMarks(bytes, offset)),
  signals: (columns, row, bytes, offset) => setSignals(columns, row, readSignalMarks(bytes, offset)),
};

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.prototype.utf8Slice.call(bytes, start, end);
}
