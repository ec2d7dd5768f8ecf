// The naive way to a list: read the whole firm, derive every client, filter and sort. Slow, and obviously right.
import {
  type ClientFacts,
  type ClientStates,
  clientViews,
  deriveClient,
  readClient,
} from '../../services/core/derive/client.ts';
import { frameOf } from '../../services/core/derive/frame.ts';
import { accessFilters, matcherOf, ratings } from '../../services/core/filter.ts';
import type { FirmId } from '../../services/core/ids.ts';
import type { List, ListOrder, ListSort, MoreFacet } from '../../services/core/list.ts';
import { foldName } from '../../services/core/names.ts';
import { readSettings, type Settings } from '../../services/core/settings.ts';
import type { ViewStore } from '../../services/store/port.ts';

export type OracleAsk = {
  readonly access?: readonly (typeof accessFilters)[number][] | undefined;
  readonly rating?: readonly (typeof ratings)[number][] | undefined;
  readonly adviser?: readonly string[] | undefined;
  readonly name?: readonly string[] | undefined;
  readonly type?: readonly string[] | undefined;
  readonly status?: 'active' | 'inactive' | undefined;
  /** The adviser whose clients alone there are for the reader. */
  readonly book?: string | undefined;
  readonly sort: ListSort;
  readonly order: ListOrder;
};

export type OracleAnswer = {
  readonly ids: readonly string[];
  /** Those that there always are. */
  readonly facets: List['facets'];
  /** Those that have to be asked for. */
  readonly more: Required<Pick<List['facets'], MoreFacet>>;
};

type Row = { readonly clientId: string; readonly facts: ClientFacts };

export type States = ReadonlyMap<string, ClientStates>;

export async function readStates(store: ViewStore, firmId: FirmId): Promise<States> {
  const states = new Map<string, ClientStates>();
  for await (const chunk of store.readFirm(firmId, clientViews)) {
    for (const { clientId, views } of chunk) states.set(clientId, readClient(views));
  }
  return states;
}

export function rowsAt(states: States, settings: Settings, at: number): readonly Row[] {
  const frame = frameOf(settings, at);
  return [...states].flatMap(([clientId, one]) => {
    const facts = deriveClient(one, frame);
    return facts === null || facts.profile === null ? [] : [{ clientId, facts }];
  });
}

export async function readRows(store: ViewStore, firmId: FirmId, at: number): Promise<readonly Row[]> {
  const settings = readSettings((await store.loadFirm(firmId))?.settings ?? null);
  return rowsAt(await readStates(store, firmId), settings, at);
}

export function answerFrom(all: readonly Row[], ask: OracleAsk): OracleAnswer {
  const rows = ask.book === undefined ? all : all.filter(({ facts }) => facts.profile?.adviser?.id === ask.book);
  const found = matching(rows, ask);
  const advisers = new Map<string, { id: string; name: string | null; count: number }>();
  for (const { facts } of matching(rows, { ...ask, adviser: undefined })) {
    const adviser = facts.profile?.adviser ?? null;
    if (adviser === null) continue;
    const known = advisers.get(adviser.id) ?? { ...adviser, count: 0 };
    known.count += 1;
    advisers.set(adviser.id, known);
  }
  const types = new Map<string, number>();
  for (const { facts } of matching(rows, { ...ask, type: undefined })) {
    const type = facts.profile?.type ?? '';
    types.set(type, (types.get(type) ?? 0) + 1);
  }
  const countOf = (changed: Partial<OracleAsk>) => matching(rows, { ...ask, ...changed }).length;
  const counts = <Name extends string>(names: readonly Name[], count: (name: Name) => number) =>
    Object.fromEntries(names.map((name) => [name, count(name)]));
  return {
    ids: found.sort((one, other) => compare(one, other, ask)).map(({ clientId }) => clientId),
    facets: {
      rating: { green: 0, amber: 0, red: 0, none: 0, ...counts(ratings, (rating) => countOf({ rating: [rating] })) },
      access: {
        has_portal_access: 0,
        logged_in_recently: 0,
        never_logged_in: 0,
        no_portal_access: 0,
        ...counts(accessFilters, (access) => countOf({ access: [access] })),
      },
      adviser: [...advisers.values()].sort((one, other) => other.count - one.count || (one.id < other.id ? -1 : 1)),
    },
    more: {
      type: [...types]
        .map(([type, count]) => ({ type, count }))
        .sort((one, other) => other.count - one.count || (one.type < other.type ? -1 : 1)),
      status: { active: countOf({ status: 'active' }), inactive: countOf({ status: 'inactive' }) },
    },
  };
}

function matching(rows: readonly Row[], ask: { [Name in keyof OracleAsk]: OracleAsk[Name] | undefined }): Row[] {
  const matches = matcherOf({ ...ask, type: undefined, status: undefined });
  return rows.filter(({ facts }) => {
    if (ask.type !== undefined && !ask.type.includes(facts.profile?.type ?? '')) return false;
    if (ask.status !== undefined && facts.profile?.status !== ask.status) return false;
    return matches(facts);
  });
}

function compare(one: Row, other: Row, { sort, order }: OracleAsk): number {
  const byId = Buffer.compare(Buffer.from(one.clientId), Buffer.from(other.clientId));
  const direction = order === 'asc' ? 1 : -1;
  if (sort === 'engagement_rating') {
    const rankOf = ({ facts }: Row) => ['none', 'red', 'amber', 'green'].indexOf(facts.signals.rating);
    if (rankOf(one) !== rankOf(other)) return (rankOf(one) - rankOf(other)) * direction;
    const [left, right] = [one, other].map(({ facts }) => facts.signals.decidedBy?.at.at ?? 0);
    return ((left ?? 0) - (right ?? 0)) * direction || byId;
  }
  const [left, right] = [comparedOf(one, sort), comparedOf(other, sort)];
  if (left === null || right === null) return left === right ? byId : left === null ? 1 : -1;
  if (left === right) return byId;
  return (left < right ? -1 : 1) * direction;
}

function comparedOf({ facts }: Row, sort: Exclude<ListSort, 'engagement_rating'>): string | number | null {
  const { profile, signals } = facts;
  if (profile === null) return null;
  switch (sort) {
    case 'last_login':
      return signals.lastLogin?.at.at ?? null;
    case 'created_at':
      return profile.createdAt;
    case 'updated_at':
      return profile.updatedAt;
    case 'first_name':
      return folded(profile.firstName);
    case 'last_name':
      return folded(profile.lastName);
    case 'email':
      return folded(profile.emails[0] ?? null);
    case 'next_review_date':
      return profile.nextReviewDate;
    case 'previous_review_date':
      return profile.previousReviewDate;
    case 'anniversary_date':
      return profile.anniversaryDate;
  }
}

function folded(text: string | null): string | null {
  return text === null ? null : foldName(text) || null;
}
