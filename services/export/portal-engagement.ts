// The Portal Engagement Export: its columns, and what stands in each of them for a client.

import type { StoredText } from '../core/bytes.ts';
import type { Frame } from '../core/derive/frame.ts';
import type { ListedClient } from '../core/derive/listed.ts';
import { decodeDevice, unknownDevice } from '../core/device.ts';
import type { CsvLines } from './csv.ts';
import { writeLocalInstant } from './local-instant.ts';

export const portalEngagementColumns = [
  'client_name',
  'email',
  'client_type',
  'assigned_adviser',
  'has_portal_access',
  'portal_access_status',
  'last_login',
  'last_login_device_type',
  'last_login_platform',
  'logins_30d',
  'logins_90d',
  'logins_365d',
  'engagement_rating',
] as const;

export function writeHeader(lines: CsvLines): void {
  for (const column of portalEngagementColumns) lines.own(column);
  lines.endLine();
}

/**
 * Writes the cells in the order of the columns. Every client has a rating and counts here, also without portal access:
 * only the card hides them. A cell is empty where there is nothing. Free text comes from outside; everything else is ours
 * and cannot be a formula.
 */
export function writeClient(lines: CsvLines, client: ListedClient, { zone }: Frame): void {
  const { access, status, signals } = client;
  const { firstName, lastName, email, type, adviserId, adviserName } = client.profile.stored;
  lines.outside(firstName, lastName);
  lines.outside(email);
  lines.outside(type);
  lines.outside(isEmpty(adviserName) ? adviserId : adviserName);

  lines.own(access.has ? 'yes' : 'no');
  lines.own(status);

  const { lastLogin, logins, rating } = signals;
  const device = decodeDevice(lastLogin?.device ?? unknownDevice);
  if (lastLogin === null) lines.endCell();
  else writeLocalInstant(lines, zone, lastLogin.at.at);
  lines.own(device?.type ?? '');
  lines.own(device?.platform ?? '');
  lines.count(logins.d30);
  lines.count(logins.d90);
  lines.count(logins.d365);
  lines.own(rating);
  lines.endLine();
}

function isEmpty(text: StoredText | null): boolean {
  return text === null || text.start === text.end;
}
