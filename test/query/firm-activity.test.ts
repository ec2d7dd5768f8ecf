// Logins of a firm by day, and whose ratings change, against the naive oracle over every event of every client.
import type { Rating } from '../../services/core/derive/facts.ts';
import { defaultSettings, type Settings, settingsText } from '../../services/core/settings.ts';
import type { CanonicalEvent } from '../../services/core/topics.ts';
import { eventsOf, firmA, now, openStage, type Stage, saveClients } from '../export/stage.ts';
import { instantOf } from '../model/events.ts';
import { localDay, oracleDays, oracleSignals } from '../model/oracle.ts';
import { dayMs, quarterMs } from '../model/timeline.ts';
import { openHandClock } from '../projector/hand-clock.ts';
import { problemOf } from './api.ts';
import { generateBook } from './book.ts';
import { readRows } from './list-oracle.ts';
import { type ListStage, openListStage } from './list-stage.ts';

const settings: Settings = { ...defaultSettings, timeZone: 'Australia/Lord_Howe', greenDays: 13, amberDays: 40 };
const text = (day: number) => new Date(day * dayMs).toISOString().slice(0, 10);

type Client = {
  readonly clientId: string;
  readonly adviser: string | null;
  readonly events: readonly CanonicalEvent[];
};

let stage: Stage;
let lists: ListStage;
/** Who is in the list. */
let clients: readonly Client[];
beforeAll(async () => {
  const clock = openHandClock(now);
  stage = await openStage(clock);
  const book = generateBook(200, 11);
  await saveClients(stage.store, firmA, book);
  await stage.store.saveSettings(firmA, 0, settingsText(settings));
  lists = await openListStage({ ...stage, clock });
  const events = new Map(book.map((client) => [client.clientId, eventsOf(firmA, client)]));
  clients = (await readRows(stage.store, firmA, now)).map(({ clientId, facts }) => ({
    clientId,
    adviser: facts.profile?.adviser?.id ?? null,
    events: events.get(clientId) ?? [],
  }));
});
afterAll(async () => {
  await lists.close();
  await stage.close();
});

async function get(path: string) {
  const reply = await lists.get(firmA, path);
  expect([reply.status, reply.text]).toEqual([200, expect.any(String)]);
  return JSON.parse(reply.text);
}

const questions = [
  { query: '', at: now, advisers: null },
  { query: '&adviser=a1,A', at: now, advisers: ['a1', 'A'] },
  // The local day ends at 13:00 UTC, because the clocks of Lord Howe are 11 hours ahead then.
  { query: '&as_of=2026-01-20', at: Date.parse('2026-01-20T12:59:59.999Z'), advisers: null },
  { query: '&as_of=2025-10-04&adviser=a2', at: Date.parse('2025-10-04T13:29:59.999Z'), advisers: ['a2'] },
];

function chosen(advisers: readonly string[] | null): readonly Client[] {
  return clients.filter(({ adviser }) => advisers === null || (adviser !== null && advisers.includes(adviser)));
}

test.each(questions)('logins by day are what the oracle counts: $query', async ({ query, at, advisers }) => {
  const found = await get(`activity?days=366${query}`);
  const today = localDay(at, settings.timeZone);
  const days = Array.from({ length: 366 }, (_, index) => ({ date: text(today - 365 + index), logins: 0, clients: 0 }));
  let active = 0;
  for (const { events } of chosen(advisers)) {
    const byDay = oracleDays(events, settings, at);
    for (const [day, { logins }] of byDay) {
      const wanted = days[day - today + 365];
      if (wanted === undefined || logins === 0) continue;
      wanted.logins += logins;
      wanted.clients += 1;
    }
    if (oracleSignals(events, settings, at).logins.d30 > 0) active += 1;
  }
  expect(found.days).toEqual(days);
  expect([found.from, found.to, found.clients]).toEqual([text(today - 365), text(today), chosen(advisers).length]);
  expect(found.monthlyActive).toMatchObject({ clients: active, share: active / chosen(advisers).length });
});

test('they add up to the logins in the list, whatever the number of days', async () => {
  const pages = await lists.walk(firmA, 'limit=200');
  const items = pages.flatMap((page) => page.items);
  for (const [days, of] of [
    [30, 'd30'],
    [90, 'd90'],
    [365, 'd365'],
  ] as const) {
    const found = await get(`activity?days=${days}`);
    const logins = found.days.reduce((sum: number, day: { logins: number }) => sum + day.logins, 0);
    expect([found.days.length, logins]).toEqual([days, items.reduce((sum, item) => sum + item.logins[of], 0)]);
  }
});

type Step = { from: Rating; to: Rating; at: number };

/** Of a client with so many signals that some are settled, no more than their quarter hour is known. */
const roughly = ({ events }: Client, at: number) => (events.length > 20 ? Math.floor(at / quarterMs) * quarterMs : at);

/** The last change up to `at`: every instant looked at where there can be one. */
function lastStep(events: readonly CanonicalEvent[], at: number): Step | null {
  const arrivals = events.filter(({ topic }) => topic !== 'client').map(instantOf);
  const edges = [settings.greenDays, settings.amberDays].map((days) => days * dayMs + 1);
  const looks = [...arrivals, ...arrivals.flatMap((arrival) => edges.map((edge) => arrival + edge))];
  let last: Step | null = null;
  let from: Rating = 'none';
  for (const look of looks.filter((one) => one <= at).sort((one, other) => one - other)) {
    const { rating } = oracleSignals(events, settings, look);
    if (rating !== from) last = { from, to: rating, at: look };
    from = rating;
  }
  return last;
}

function nextStep(events: readonly CanonicalEvent[], at: number): Step | null {
  const { rating, becomesAmberAt, becomesRedAt } = oracleSignals(events, settings, at);
  if (becomesAmberAt !== null) return { from: rating, to: 'amber', at: becomesAmberAt };
  return becomesRedAt === null ? null : { from: rating, to: 'red', at: becomesRedAt };
}

const worstFirst: readonly Rating[] = ['none', 'red', 'amber', 'green'];

function groupsOf(of: readonly Client[], stepOf: (client: Client) => Step | null) {
  const groups = new Map<string, { from: Rating; to: Rating; clients: { clientId: string; at: number }[] }>();
  for (const client of of) {
    const step = stepOf(client);
    if (step === null) continue;
    const { from, to, at } = step;
    const group = groups.get(`${to}${from}`) ?? { from, to, clients: [] };
    groups.set(`${to}${from}`, group);
    group.clients.push({ clientId: client.clientId, at: roughly(client, at) });
  }
  const rank = (rating: Rating) => worstFirst.indexOf(rating);
  return [...groups.values()].sort((one, other) => rank(one.to) - rank(other.to) || rank(one.from) - rank(other.from));
}

type Told = { from: Rating; to: Rating; total: number; clients: { clientId: string; at: string }[] };

function told(groups: readonly Told[]) {
  const known = new Map(clients.map((client) => [client.clientId, client]));
  return groups.map(({ from, to, clients: named }) => ({
    ...{ from, to },
    clients: named.map(({ clientId, at }) => {
      const client = known.get(clientId);
      return { clientId, at: client === undefined ? Number.NaN : roughly(client, Date.parse(at)) };
    }),
  }));
}

const byId = <Group extends { clients: { clientId: string }[] }>(groups: readonly Group[]) =>
  groups.map((group) => ({
    ...group,
    clients: group.clients.toSorted((one, other) => (one.clientId < other.clientId ? -1 : 1)),
  }));

test.each(questions)('who changed and who will are whom the oracle finds: $query', async ({ query, at, advisers }) => {
  const today = localDay(at, settings.timeZone);
  const found = await get(`movements?limit=100&since=${text(today - 20)}&until=${text(today + 14)}${query}`);
  const of = chosen(advisers);
  const since = (step: Step | null) =>
    step !== null && localDay(step.at, settings.timeZone) >= today - 20 ? step : null;
  const until = (step: Step | null) =>
    step !== null && localDay(step.at, settings.timeZone) <= today + 14 ? step : null;
  const changed = groupsOf(of, ({ events }) => since(lastStep(events, at)));
  const expected = groupsOf(of, ({ events }) => until(nextStep(events, at)));
  expect(byId(told(found.changed))).toEqual(byId(changed));
  expect(byId(told(found.expected))).toEqual(byId(expected));
  expect(found.changed.map(({ total }: Told) => total)).toEqual(changed.map((group) => group.clients.length));
});

test('there are changes of every kind to be found', async () => {
  const { changed, expected } = await get('movements?since=2025-03-02&until=2026-04-30');
  const kinds = (groups: readonly Told[]) => groups.map(({ from, to }) => `${from} to ${to}`);
  expect(kinds(changed)).toEqual(['amber to red', 'green to amber', 'none to green', 'red to green', 'amber to green']);
  expect(kinds(expected)).toEqual(['amber to red', 'green to amber']);
});

test('the newest change comes first, and the soonest that is expected', async () => {
  const { changed, expected } = await get('movements?since=2025-12-01&until=2026-04-30&limit=100');
  const inOrder = (group: Told) => group.clients.map(({ at }) => at);
  for (const group of changed) expect(inOrder(group)).toEqual(inOrder(group).sort().reverse());
  for (const group of expected) expect(inOrder(group)).toEqual(inOrder(group).sort());
});

test('of each group the first are named, and all are counted', async () => {
  const all = await get('movements?limit=100');
  const few = await get('movements?limit=1');
  expect(few.expected).toEqual(all.expected.map((group: Told) => ({ ...group, clients: group.clients.slice(0, 1) })));
  const none = await get('movements?limit=0');
  expect(none.changed).toEqual(all.changed.map((group: Told) => ({ ...group, clients: [] })));
});

test('it tells the week that ends today and the two weeks after it, unless asked otherwise', async () => {
  expect(await get('movements')).toMatchObject({ since: '2026-02-23', until: '2026-03-15' });
});

test.each([
  'activity?days=0',
  'activity?days=367',
  'activity?as_of=2026-03-03',
  'activity?from=2026-01-01',
  'movements?since=2025-02-28',
  'movements?since=2026-03-02',
  'movements?until=2026-02-28',
  'movements?limit=101',
  'movements?as_of=2026-03-02',
])('given %s, it answers 400', async (path) => {
  expect(problemOf(await lists.get(firmA, path))).toEqual([400, 'bad_parameter']);
});

test('of an unknown firm nobody did anything, and there is no share', async () => {
  const { clients: count, monthlyActive, coverage } = JSON.parse((await lists.get('nobody', 'activity')).text);
  expect([count, monthlyActive.share, monthlyActive.verdict, coverage.since]).toEqual([0, null, null, null]);
  expect(JSON.parse((await lists.get('nobody', 'movements')).text)).toMatchObject({ changed: [], expected: [] });
});
