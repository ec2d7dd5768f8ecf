// Compares what a query process shows, and what an export holds, with the oracle's answer for every client.
import { isDeepStrictEqual } from 'node:util';
import { CardWire } from '../../../services/core/derive/card.ts';
import { ExportJobWire } from '../../../services/core/export-job.ts';
import { compareIds } from '../../../services/core/ids.ts';
import { type List, ListWire } from '../../../services/core/list.ts';
import { defaultSettings } from '../../../services/core/settings.ts';
import type { Member } from '../../e2e/cast.ts';
import { dataSince, expectedCard, newestProfile } from '../../e2e/expected-card.ts';
import { until } from '../../e2e/service.ts';
import { oracleSignals } from '../../model/oracle.ts';
import { oracleAccess } from '../../model/oracle-access.ts';
import type { Crew } from './crew.ts';

const filters = [
  ...['has_portal_access', 'logged_in_recently', 'never_logged_in', 'no_portal_access'].map((one) => `access=${one}`),
  ...['green', 'amber', 'red', 'none'].map((one) => `rating=${one}`),
];
const exportMsMax = 60_000;

export async function wrongCards(crew: Crew, name: string, members: readonly Member[]): Promise<readonly string[]> {
  const since = sinceByFirm(members);
  const wrong: string[] = [];
  for (const member of members) {
    const { firmId, clientId } = member.client;
    const reply = await crew.ask(name, 'GET', `/v1/firms/${firmId}/clients/${clientId}`);
    const { evaluatedAt, ...card } = CardWire.parse(reply.json());
    const { relative: _relative, ...lastLogin } = card.lastLogin ?? { relative: '' };
    const found = { ...card, lastLogin: card.lastLogin === null ? null : lastLogin };
    const expected = expectedCard(member, defaultSettings, Date.parse(evaluatedAt), since.get(firmId) ?? null);
    if (!isDeepStrictEqual(found, expected)) {
      wrong.push(
        `${name}: the card of ${firmId}/${clientId} is ${JSON.stringify(found)}, should be ${JSON.stringify(expected)}`,
      );
    }
  }
  return wrong;
}

/** The whole list, page by page, then under each filter alone. */
export async function wrongLists(crew: Crew, name: string, members: readonly Member[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const firmId of new Set(members.map(({ client }) => client.firmId))) {
    const own = members.filter(({ client }) => client.firmId === firmId);
    for (const filter of ['', ...filters]) {
      const { ids, total, facets, at } = await walk(crew, name, firmId, filter);
      const rows = own.map((member) => rowOf(member, at));
      const wanted = rows.filter((row) => matches(row, filter)).map(({ clientId }) => clientId);
      const is = { ids: [...ids].sort(compareIds), total };
      const should = { ids: [...wanted].sort(compareIds), total: wanted.length };
      if (!isDeepStrictEqual(is, should)) wrong.push(differs(`${name}: the list of ${firmId} ${filter}`, is, should));
      if (filter !== '') continue;
      const counted = facetsOf(rows);
      const shown = { ...facets, adviser: Object.fromEntries(facets.adviser.map(({ id, count }) => [id, count])) };
      if (!isDeepStrictEqual(shown, counted)) wrong.push(differs(`${name}: the facets of ${firmId}`, shown, counted));
    }
  }
  return wrong;
}

/** One export of each firm, made now: its rows in the order of client ids. */
export async function wrongExports(crew: Crew, name: string, members: readonly Member[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const firmId of new Set(members.map(({ client }) => client.firmId))) {
    const path = `/v1/firms/${firmId}/exports`;
    const asked = await crew.ask(name, 'POST', path, { report: 'portal-engagement', format: 'csv' });
    const { id } = ExportJobWire.pick({ id: true }).parse(asked.json());
    const jobNow = async () => ExportJobWire.parse((await crew.ask(name, 'GET', `${path}/${id}`)).json());
    await until(
      async () => (await jobNow()).status === 'done',
      exportMsMax,
      () => `the last export of ${firmId} did not end`,
    );
    const at = Date.parse((await jobNow()).cut?.at ?? '');
    const file = await crew.ask(name, 'GET', `${path}/${id}/file`);
    // Neither the statuses nor the last four columns hold anything that needs a reader of CSV.
    const is = file.text
      .trimEnd()
      .split('\r\n')
      .slice(1)
      .map((line) => {
        const cells = line.split(',');
        return [...cells.slice(-9, -7), ...cells.slice(-4)].join(',');
      });
    const rows = members.filter(({ client }) => client.firmId === firmId).map((member) => rowOf(member, at));
    rows.sort((one, other) => compareIds(one.clientId, other.clientId));
    const should = rows.map(({ has, status, logins, rating }) =>
      [has ? 'yes' : 'no', status, logins.d30, logins.d90, logins.d365, rating].join(','),
    );
    if (!isDeepStrictEqual(is, should)) wrong.push(differs(`the export of ${firmId}`, is, should));
  }
  return wrong;
}

type Row = ReturnType<typeof rowOf>;

function rowOf({ client, events }: Member, at: number) {
  const profile = newestProfile(events);
  const signals = oracleSignals(events, defaultSettings, at);
  const access = oracleAccess(events, profile?.status ?? null, signals.lastLogin !== null, defaultSettings, at);
  const { has, everGranted } = access;
  const loggedIn = signals.lastLogin !== null;
  const status = has ? (loggedIn ? 'active' : 'never_logged_in') : 'no_portal_access';
  const { rating, logins, loggedInRecently } = signals;
  const { clientId } = client;
  return {
    clientId,
    has,
    everGranted,
    status,
    rating,
    logins,
    loggedIn,
    loggedInRecently,
    adviser: profile?.adviser?.id,
  };
}

function matches(row: Row, filter: string): boolean {
  switch (filter) {
    case '':
      return true;
    case 'access=has_portal_access':
      return row.has;
    case 'access=logged_in_recently':
      return row.has && row.loggedInRecently;
    case 'access=never_logged_in':
      return row.has && !row.loggedIn;
    case 'access=no_portal_access':
      return !row.has;
    case 'rating=none':
      return row.rating === 'none' && row.everGranted;
    default:
      return filter === `rating=${row.rating}`;
  }
}

function facetsOf(rows: readonly Row[]) {
  const count = (filter: string) => rows.filter((row) => matches(row, filter)).length;
  const counts = (name: string) =>
    Object.fromEntries(
      filters.filter((one) => one.startsWith(`${name}=`)).map((one) => [one.slice(name.length + 1), count(one)]),
    );
  const adviser: Record<string, number> = {};
  for (const { adviser: id } of rows) if (id !== undefined) adviser[id] = (adviser[id] ?? 0) + 1;
  return { rating: counts('rating'), access: counts('access'), adviser };
}

async function walk(crew: Crew, name: string, firmId: string, filter: string) {
  const ids: string[] = [];
  let first: List | null = null;
  for (let cursor: string | null = ''; cursor !== null; ) {
    const path = `/v1/firms/${firmId}/clients?limit=200&sort=last_login&${filter}`;
    const page: List = ListWire.parse(
      (await crew.ask(name, 'GET', cursor === '' ? path : `${path}&cursor=${cursor}`)).json(),
    );
    first ??= page;
    ids.push(...page.items.map(({ clientId }) => clientId));
    cursor = page.nextCursor;
  }
  if (first === null) throw new Error('a list has a page at least');
  return { ids, total: first.total, facets: first.facets, at: Date.parse(first.evaluatedAt) };
}

function sinceByFirm(members: readonly Member[]): ReadonlyMap<string, number | null> {
  const firms = new Set(members.map(({ client }) => client.firmId));
  return new Map(
    [...firms].map((firmId) => [firmId, dataSince(members.filter(({ client }) => client.firmId === firmId))]),
  );
}

function differs(what: string, is: unknown, should: unknown): string {
  return `${what} is ${JSON.stringify(is)}, should be ${JSON.stringify(should)}`;
}
