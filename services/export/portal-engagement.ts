// The Portal Engagement Export: its columns, and what stands in each of them for a client.
import type { ClientFacts } from '../core/derive/client.ts';
import type { Frame } from '../core/derive/frame.ts';
import { decodeDevice, unknownDevice } from '../core/device.ts';
import { fullName } from '../core/names.ts';
import type { ClientProfile } from '../core/views/profile/view.ts';
import { formatLocalInstant } from './local-instant.ts';
import { defuse } from './spreadsheet-text.ts';

/** A client that has a profile; others are in no list. */
export type Exported = ClientFacts & { readonly profile: ClientProfile };

type Cell = (client: Exported, frame: Frame) => string;

/** Free text comes from outside, so it is defused; everything else is ours and cannot be a formula. */
const text =
  (textOf: (profile: ClientProfile) => string | null | undefined): Cell =>
  ({ profile }) =>
    defuse(textOf(profile) ?? '');

const deviceOf = ({ signals }: Exported) => decodeDevice(signals.lastLogin?.device ?? unknownDevice);

/**
 * Every client has a rating and counts here, also without portal access: only the card hides them. A cell is empty where
 * there is nothing.
 */
const cells = {
  client_name: text(fullName),
  email: text((profile) => profile.emails[0]),
  client_type: text((profile) => profile.type),
  assigned_adviser: text(({ adviser }) => adviser?.name || adviser?.id),
  has_portal_access: ({ access }) => (access.has ? 'yes' : 'no'),
  portal_access_status: ({ status }) => status,
  last_login: ({ signals }, { zone }) =>
    signals.lastLogin === null ? '' : formatLocalInstant(zone, signals.lastLogin.at.at),
  last_login_device_type: (client) => deviceOf(client)?.type ?? '',
  last_login_platform: (client) => deviceOf(client)?.platform ?? '',
  logins_30d: ({ signals }) => String(signals.logins.d30),
  logins_90d: ({ signals }) => String(signals.logins.d90),
  logins_365d: ({ signals }) => String(signals.logins.d365),
  engagement_rating: ({ signals }) => signals.rating,
} as const satisfies Record<string, Cell>;

export const portalEngagementColumns: readonly string[] = Object.keys(cells);

const cellsInOrder: readonly Cell[] = Object.values(cells);

/** Cells in the order of the columns. */
export function portalEngagementRow(client: Exported, frame: Frame): string[] {
  return cellsInOrder.map((cell) => cell(client, frame));
}
