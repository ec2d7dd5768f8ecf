// The Portal Engagement Export: its columns, and what stands in each of them for a client.

import type { Frame } from '../core/derive/frame.ts';
import type { ListedClient } from '../core/derive/listed.ts';
import { decodeDevice, unknownDevice } from '../core/device.ts';
import type { CsvLines } from './csv.ts';
import { writeLocalInstant } from './local-instant.ts';

/** Writes one cell. */
type Cell = (lines: CsvLines, client: ListedClient, frame: Frame) => void;

const deviceOf = ({ signals }: ListedClient) => decodeDevice(signals.lastLogin?.device ?? unknownDevice);

/**
 * Every client has a rating and counts here, also without portal access: only the card hides them. A cell is empty where
 * there is nothing. Free text comes from outside; everything else is ours and cannot be a formula.
 */
const cells = {
  client_name: (lines, { profile: { stored } }) => lines.outside(stored.firstName, stored.lastName),
  email: (lines, { profile: { stored } }) => lines.outside(stored.email),
  client_type: (lines, { profile: { stored } }) => lines.outside(stored.type),
  assigned_adviser: (lines, { profile: { stored } }) =>
    lines.outside(isEmpty(stored.adviserName) ? stored.adviserId : stored.adviserName),
  has_portal_access: (lines, { access }) => lines.own(access.has ? 'yes' : 'no'),
  portal_access_status: (lines, { status }) => lines.own(status),
  last_login: (lines, { signals }, { zone }) =>
    signals.lastLogin === null ? lines.endCell() : writeLocalInstant(lines, zone, signals.lastLogin.at.at),
  last_login_device_type: (lines, client) => lines.own(deviceOf(client)?.type ?? ''),
  last_login_platform: (lines, client) => lines.own(deviceOf(client)?.platform ?? ''),
  logins_30d: (lines, { signals }) => lines.count(signals.logins.d30),
  logins_90d: (lines, { signals }) => lines.count(signals.logins.d90),
  logins_365d: (lines, { signals }) => lines.count(signals.logins.d365),
  engagement_rating: (lines, { signals }) => lines.own(signals.rating),
} as const satisfies Record<string, Cell>;

export const portalEngagementColumns: readonly string[] = Object.keys(cells);

const cellsInOrder: readonly Cell[] = Object.values(cells);

export function writeHeader(lines: CsvLines): void {
  for (const column of portalEngagementColumns) lines.own(column);
  lines.endLine();
}

/** Writes the cells in the order of the columns. */
export function writeClient(lines: CsvLines, client: ListedClient, frame: Frame): void {
  for (const cell of cellsInOrder) cell(lines, client, frame);
  lines.endLine();
}

function isEmpty(text: ListedClient['profile']['stored']['adviserName']): boolean {
  return text === null || text.start === text.end;
}
