// Sort keys of a roster's rows: a number each, ascending. Texts sort by their rank.
import type { Listed, ListSort } from '../../core/list.ts';
import { never } from '../../core/list-marks.ts';
import { type Columns, missing, missingDay } from './columns.ts';
import type { Lens } from './lens.ts';
import type { Texts } from './texts.ts';

export type Keys = {
  /** Writes the key of each of the first `count` rows; NaN where the value is missing. */
  readonly fill: (rows: Int32Array, count: number, into: Float64Array) => void;
  /** What the keys are ranks of; null when they are numbers of their own. */
  readonly texts: { readonly texts: Texts; readonly column: Int32Array } | null;
};

/** Ranks must be settled. */
export function keysOf(columns: Columns, sort: ListSort, lens: Lens): Keys {
  switch (sort) {
    case 'last_login':
      return lastLogins(columns.login, lens);
    case 'engagement_rating':
      return newestSignals(columns, lens);
    case 'created_at':
      return instants(columns.createdAt);
    case 'updated_at':
      return instants(columns.updatedAt);
    case 'first_name':
      return ranksOf(columns.firstNames, columns.firstName);
    case 'last_name':
      return ranksOf(columns.lastNames, columns.lastName);
    case 'email':
      return ranksOf(columns.addresses, columns.address);
    case 'next_review_date':
      return days(columns.nextReview);
    case 'previous_review_date':
      return days(columns.previousReview);
    case 'anniversary_date':
      return days(columns.anniversary);
  }
}

/** The key from a client's facts, where it depends on them; else undefined, and the row tells. */
export function keyOfFacts(facts: Listed, sort: ListSort): number | undefined {
  if (sort === 'last_login') return facts.signals.lastLogin?.at.at ?? Number.NaN;
  if (sort === 'engagement_rating') return facts.signals.decidedBy?.at.at ?? never;
  return undefined;
}

function lastLogins(logins: Float64Array, { liveLow }: Lens): Keys {
  // Nothing is before liveLow but what does not count, and `never`.
  return fillEach((row) => {
    const login = logins[row] ?? never;
    return login === never || login < liveLow ? Number.NaN : login;
  });
}

/** Ratings follow the age of the newest signal, so its instant alone orders them, and it does not depend on now. */
function newestSignals({ login, email, emailButInvites, message }: Columns, { liveLow, invitesCount }: Lens): Keys {
  const mail = invitesCount ? email : emailButInvites;
  return fillEach((row) => {
    const newest = Math.max(login[row] ?? never, mail[row] ?? never, message[row] ?? never);
    // No signal is a rating and the lowest, not a missing value.
    return newest < liveLow ? never : newest;
  });
}

function instants(column: Float64Array): Keys {
  return fillEach((row) => column[row] ?? Number.NaN);
}

function days(column: Int32Array): Keys {
  return fillEach((row) => {
    const day = column[row] ?? missingDay;
    return day === missingDay ? Number.NaN : day;
  });
}

function ranksOf(texts: Texts, column: Int32Array): Keys {
  const ranks = texts.ranks();
  const { fill } = fillEach((row) => {
    const number = column[row] ?? missing;
    return number === missing ? Number.NaN : (ranks[number] ?? 0);
  });
  return { fill, texts: { texts, column } };
}

function fillEach(keyOf: (row: number) => number): Keys {
  return {
    fill: (rows, count, into) => {
      for (let index = 0; index < count; index += 1) into[index] = keyOf(rows[index] ?? 0);
    },
    texts: null,
  };
}
