// The words that people read for what the API tells in codes. Pages take them from here, through the API.
import type { AccessStatus } from './derive/access.ts';
import { ratingLabels } from './derive/facts.ts';
import type { AccessFilter } from './filter.ts';
import type { ListSort } from './list.ts';

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

export const labels = {
  rating: ratingLabels,
  accessStatus: accessStatusLabels,
  accessFilter: accessFilterLabels,
  sort: sortLabels,
} as const;
