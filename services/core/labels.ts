// The words that people read for what the API tells in codes. Pages take them from here, through the API.
import type { AccessStatus, PortalLoginState } from './derive/access.ts';
import { ratingLabels, type Signal } from './derive/facts.ts';
import type { AccessFilter } from './filter.ts';
import type { ListSort } from './list.ts';
import type { FeatureName, PermissionName } from './views/access/state.ts';

const accessStatusLabels = {
  active: 'Active',
  never_logged_in: 'Never logged in',
  no_portal_access: 'No portal access',
} as const satisfies Record<AccessStatus, string>;

const accessFilterLabels = {
  has_portal_access: 'Has portal access',
  logged_in_recently: 'Logged in recently',
  never_logged_in: 'Never logged in',
  no_portal_access: 'No portal access',
} as const satisfies Record<AccessFilter, string>;

const sortLabels = {
  last_login: 'Last login',
  engagement_rating: 'Engagement rating',
  created_at: 'Created at',
  updated_at: 'Updated at',
  first_name: 'First name',
  last_name: 'Last name',
  email: 'Email',
  next_review_date: 'Next review date',
  previous_review_date: 'Previous review date',
  anniversary_date: 'Anniversary date',
} as const satisfies Record<ListSort, string>;

const signalLabels = {
  login: 'Portal login',
  email: 'Email sent',
  message: 'Message sent',
} as const satisfies Record<Signal, string>;

const loginStateLabels = {
  not_invited: 'Not invited',
  invited: 'Invited',
  invite_bounced: 'Invite bounced',
  accepted: 'Accepted',
  set_up: 'Set up',
  active: 'Active',
  expired: 'Expired',
  revoked: 'Revoked',
} as const satisfies Record<PortalLoginState, string>;

const permissionLabels = { write: 'Write', delete: 'Delete' } as const satisfies Record<PermissionName, string>;

const featureLabels = {
  welcome: 'Welcome',
  wealth: 'Wealth',
  goals: 'Goals',
  factfind: 'Fact find',
  tasks: 'Tasks',
} as const satisfies Record<FeatureName, string>;

export const labels = {
  rating: ratingLabels,
  accessStatus: accessStatusLabels,
  accessFilter: accessFilterLabels,
  sort: sortLabels,
  signal: signalLabels,
  loginState: loginStateLabels,
  permission: permissionLabels,
  feature: featureLabels,
} as const;
