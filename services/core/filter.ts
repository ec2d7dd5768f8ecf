// List filters: values of one filter are alternatives, filters combine. The same for lists, exports and alerts.
import type { ClientFacts } from './derive/client.ts';
import type { Rating } from './derive/facts.ts';
import { foldName, fullName } from './names.ts';
import type { ClientProfile } from './views/profile/view.ts';

export const ratings = ['green', 'amber', 'red', 'none'] as const satisfies readonly Rating[];
export const accessFilters = [
  'has_portal_access',
  'logged_in_recently',
  'never_logged_in',
  'no_portal_access',
] as const;
export type AccessFilter = (typeof accessFilters)[number];

/** An absent filter lets everybody through. */
export type ClientFilter = {
  /** Parts of names. */
  readonly name?: readonly string[] | undefined;
  /** Adviser ids. */
  readonly adviser?: readonly string[] | undefined;
  readonly access?: readonly AccessFilter[] | undefined;
  readonly rating?: readonly Rating[] | undefined;
};

export const clientStatuses = ['active', 'inactive'] as const;

/** A file is narrowed by what the profile says as well. Lists do that on their own way. */
export type FileFilter = ClientFilter & {
  /** Client types, as the profile writes them. */
  readonly type?: readonly string[] | undefined;
  readonly status?: readonly (typeof clientStatuses)[number][] | undefined;
};

/** Whether a client is one of the adviser's; a `book` of null is everybody's. */
export function isInBook({ profile }: Pick<Filtered, 'profile'>, book: string | null): boolean {
  return book === null || profile?.adviser?.id === book;
}

/** What of a client filters look at. */
export type Filtered = {
  readonly profile: Pick<ClientProfile, 'firstName' | 'lastName' | 'adviser'> | null;
  readonly access: Pick<ClientFacts['access'], 'has' | 'everGranted'>;
  readonly status: ClientFacts['status'];
  readonly signals: Pick<ClientFacts['signals'], 'rating' | 'loggedInRecently'>;
};

type FilteredFile = Filtered & { readonly profile: Pick<ClientProfile, 'type' | 'status'> | null };

/** Prepares a filter once and gives the test for each client. A client without a profile is in no list. */
export function matcherOf(filter: FileFilter): (facts: FilteredFile) => boolean {
  const names = filter.name?.map((name) => foldName(name.trim()));
  const advisers = filter.adviser === undefined ? undefined : new Set(filter.adviser);
  return (facts) => {
    const { profile } = facts;
    if (profile === null) return false;
    if (advisers !== undefined && !(profile.adviser !== null && advisers.has(profile.adviser.id))) return false;
    if (filter.status !== undefined && !filter.status.includes(profile.status)) return false;
    if (filter.type !== undefined && !filter.type.includes(profile.type)) return false;
    if (filter.rating !== undefined && !filter.rating.some((rating) => matchesRating(facts, rating))) return false;
    if (filter.access !== undefined && !filter.access.some((access) => matchesAccess(facts, access))) return false;
    if (names === undefined) return true;
    const name = foldName(fullName(profile));
    return names.some((part) => name.includes(part));
  };
}

/** Not Engaged is not "no portal access": clients that never had a portal record are left out of it. */
export function matchesRating(facts: Filtered, rating: Rating): boolean {
  return facts.signals.rating === rating && (rating !== 'none' || facts.access.everGranted);
}

export function matchesAccess({ access, status, signals }: Filtered, filter: AccessFilter): boolean {
  switch (filter) {
    case 'has_portal_access':
      return access.has;
    case 'logged_in_recently':
      return access.has && signals.loggedInRecently;
    case 'never_logged_in':
      return status === 'never_logged_in';
    case 'no_portal_access':
      return !access.has;
  }
}
