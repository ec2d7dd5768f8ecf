// Whether a change may put a client elsewhere in the list, or in or out of it. Where it then stands only the API knows:
// this tells alone what has to be asked anew, by comparing what was with what is.
import type { ListItem, ListSort } from '../../../query/wire.ts';
import type { ListState } from './list-fields.ts';

/** What of a row each sort reads; null where the row does not show it, and its profile has to stand for it. */
const sortedBy: Readonly<Record<ListSort, (item: ListItem) => unknown>> = {
  last_login: ({ lastLogin }) => lastLogin?.at,
  engagement_rating: ({ engagement }) => engagement.decidedBy?.at,
  first_name: ({ firstName }) => firstName,
  last_name: ({ lastName }) => lastName,
  email: ({ email }) => email,
  created_at: () => null,
  updated_at: () => null,
  next_review_date: ({ nextReviewDate }) => nextReviewDate,
  previous_review_date: () => null,
  anniversary_date: () => null,
};

const readSignals: readonly ListSort[] = ['last_login', 'engagement_rating'];

/** Of a row that is shown: as it was, and as it is. `views`: which of its views changed. */
export function mayMove(state: ListState, was: ListItem, is: ListItem, views: ReadonlySet<string>): boolean {
  const read = sortedBy[state.sort];
  if (read(was) !== read(is) || (read(is) === null && views.has('profile'))) return true;
  const filtered = ({ engagement, portalAccess, adviser, type, status }: ListItem) => [
    state.rating.length > 0 && engagement.rating,
    state.access.length > 0 && portalAccess.status,
    state.adviser.length > 0 && adviser?.id,
    state.type.length > 0 && type,
    state.status !== 'all' && status,
  ];
  return JSON.stringify(filtered(was)) !== JSON.stringify(filtered(is));
}

/** Of a client that is in no row that was loaded. */
export function mayAppear(state: ListState, views: ReadonlySet<string>): boolean {
  if (views.has('signals') && (readSignals.includes(state.sort) || state.rating.length > 0)) return true;
  if (views.has('access') && (state.access.length > 0 || state.rating.length > 0)) return true;
  return views.has('profile');
}
