// Sort keys of a roster's rows: a number each. Texts sort by their rank.
import type { ListedClient } from '../../../core/derive/listed.ts';
import type { ListSort } from '../../../core/list.ts';
import { never } from '../../../core/list-marks.ts';
import type { ChangeName } from '../rows/blocks.ts';
import { type Columns, missing, missingDay, type RankedTexts } from '../rows/columns.ts';
import type { RowTexts } from '../rows/row-texts.ts';
import type { Texts } from '../rows/texts.ts';
import type { Lens } from './lens.ts';

/** -1 turns the order around; missing values come last in either. */
export type Direction = 1 | -1;

/** Writes the key of each of the first `count` rows, times the direction; Infinity where the value is missing. */
export type Fill = (rows: Int32Array, count: number, into: Float64Array) => void;

export type Keys = {
  readonly fill: Fill;
  readonly zone: ZoneKeys;
  /** What the keys are ranks of; null when they are numbers of their own. */
  readonly texts: RankedBy | null;
};

/** Members, each a text, in order. */
export type RankedBy = {
  rankOf(text: string): number;
  textOf(row: number): string;
  readonly sorted: Int32Array;
  /** By member. */
  readonly ranks: Float64Array;
  /** The column that holds the members of rows; null where each row is a member of its own. */
  readonly column: 'firstName' | 'lastName' | null;
};

/** What bounds of whole blocks are made of, whatever the lens and the direction. */
export type ZoneKeys = {
  /** Under which name bounds are kept, and what makes them void: changes of that view, another stamp. */
  readonly name: string;
  readonly of: ChangeName;
  readonly stamp: number;
  /** Ascending. */
  readonly fill: Fill;
  /** Keys below it may stand for `never` under the lens. */
  readonly floor: number;
};

/** The texts of which a sort needs the ranks. */
export function rankedFor(sort: ListSort): readonly RankedTexts[] {
  if (sort === 'first_name') return ['firstNames'];
  if (sort === 'last_name') return ['lastNames'];
  return sort === 'email' ? ['addresses'] : [];
}

/** Ranks must be settled. */
export function keysOf(columns: Columns, sort: ListSort, direction: Direction, lens: Lens): Keys {
  switch (sort) {
    case 'last_login':
      return lastLogins(columns.login, direction, lens);
    case 'engagement_rating':
      return newestSignals(columns, direction, lens);
    case 'created_at':
      return instants(columns.createdAt, direction, sort);
    case 'updated_at':
      return instants(columns.updatedAt, direction, sort);
    case 'first_name':
      return nameRanks(columns.firstNames, columns, 'firstName', direction);
    case 'last_name':
      return nameRanks(columns.lastNames, columns, 'lastName', direction);
    case 'email':
      return rowRanks(columns.addresses, direction);
    case 'next_review_date':
      return days(columns.nextReview, direction, sort);
    case 'previous_review_date':
      return days(columns.previousReview, direction, sort);
    case 'anniversary_date':
      return days(columns.anniversary, direction, sort);
  }
}

/** A key as it is sorted by; NaN is a missing value. */
export function sortable(key: number, direction: Direction): number {
  return Number.isNaN(key) ? Number.POSITIVE_INFINITY : key * direction;
}

/** The key of one row; NaN when its value is missing. */
export function keyOfRow(keys: Keys, row: number, direction: Direction): number {
  const key = new Float64Array(1);
  keys.fill(Int32Array.of(row), 1, key);
  const found = key[0] ?? Number.POSITIVE_INFINITY;
  return found === Number.POSITIVE_INFINITY ? Number.NaN : found * direction;
}

/** The key from a client's facts, where it depends on them; else undefined, and the row tells. */
export function keyOfFacts(facts: ListedClient, sort: ListSort): number | undefined {
  if (sort === 'last_login') return facts.signals.lastLogin?.at.at ?? Number.NaN;
  if (sort === 'engagement_rating') return facts.signals.decidedBy?.at.at ?? never;
  return undefined;
}

// Each kind is a short loop of its own, which every matching row of a block passes.

function lastLogins(logins: Float64Array, direction: Direction, { liveLow }: Lens): Keys {
  const from =
    (low: number, times: Direction): Fill =>
    (rows, count, into) => {
      for (let index = 0; index < count; index += 1) {
        const login = logins[rows[index] ?? 0] ?? never;
        // Nothing is before liveLow but what does not count, and `never`.
        into[index] = login === never || login < low ? Number.POSITIVE_INFINITY : login * times;
      }
    };
  // Logins that do not count are missing, and so behind any bound.
  const zone = {
    name: 'last_login',
    of: 'signals',
    stamp: 0,
    fill: from(Number.NEGATIVE_INFINITY, 1),
    floor: Number.NEGATIVE_INFINITY,
  } as const;
  return { fill: from(liveLow, direction), zone, texts: null };
}

/** Ratings follow the age of the newest signal, so its instant alone orders them, and it does not depend on now. */
function newestSignals(columns: Columns, direction: Direction, { liveLow, invitesCount }: Lens): Keys {
  const newest = invitesCount ? columns.newest : columns.newestButInvites;
  const from =
    (low: number, times: Direction): Fill =>
    (rows, count, into) => {
      for (let index = 0; index < count; index += 1) {
        const at = newest[rows[index] ?? 0] ?? never;
        // No signal is a rating and the lowest, not a missing value.
        into[index] = (at < low ? never : at) * times;
      }
    };
  const name = invitesCount ? 'newest' : 'newest but invites';
  const zone = { name, of: 'signals', stamp: 0, fill: from(Number.NEGATIVE_INFINITY, 1), floor: liveLow } as const;
  return { fill: from(liveLow, direction), zone, texts: null };
}

/** Of profiles, which no lens changes. */
function profileKeys(name: string, stamp: number, direction: Direction, from: (times: Direction) => Fill): Keys {
  return {
    fill: from(direction),
    zone: { name, of: 'profile', stamp, fill: from(1), floor: Number.NEGATIVE_INFINITY },
    texts: null,
  };
}

function instants(column: Float64Array, direction: Direction, name: string): Keys {
  return profileKeys(name, 0, direction, (times) => (rows, count, into) => {
    for (let index = 0; index < count; index += 1) into[index] = (column[rows[index] ?? 0] ?? 0) * times;
  });
}

function days(column: Int32Array, direction: Direction, name: string): Keys {
  return profileKeys(name, 0, direction, (times) => (rows, count, into) => {
    for (let index = 0; index < count; index += 1) {
      const day = column[rows[index] ?? 0] ?? missingDay;
      into[index] = day === missingDay ? Number.POSITIVE_INFINITY : day * times;
    }
  });
}

function nameRanks(names: Texts, columns: Columns, name: 'firstName' | 'lastName', direction: Direction): Keys {
  const { rankOf } = names;
  const [ranks, column] = [names.ranks(), columns[name]];
  const keys = profileKeys(name, names.stamp(), direction, (times) => (rows, count, into) => {
    for (let index = 0; index < count; index += 1) {
      const number = column[rows[index] ?? 0] ?? missing;
      into[index] = number === missing ? Number.POSITIVE_INFINITY : (ranks[number] ?? 0) * times;
    }
  });
  const textOf = (row: number) => names.textOf(column[row] ?? 0);
  return { ...keys, texts: { rankOf, textOf, sorted: names.sorted(), ranks, column: name } };
}

function rowRanks(texts: RowTexts, direction: Direction): Keys {
  const ranks = texts.ranks();
  const keys = profileKeys('email', texts.stamp(), direction, (times) => (rows, count, into) => {
    for (let index = 0; index < count; index += 1) {
      const rank = ranks[rows[index] ?? 0] ?? missing;
      into[index] = rank < 0 ? Number.POSITIVE_INFINITY : rank * times;
    }
  });
  const rankOf = (text: string) => texts.rankOf(Buffer.from(text));
  return { ...keys, texts: { rankOf, textOf: texts.textOf, sorted: texts.sorted(), ranks, column: null } };
}
