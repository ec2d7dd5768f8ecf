// Lists against the naive way to them: every filter with every sort, at several instants, under several settings.
import { FirmId } from '../../services/core/ids.ts';
import { listSorts } from '../../services/core/list.ts';
import { defaultSettings, type Settings, settingsText } from '../../services/core/settings.ts';
import { dayMs, formatInstant } from '../../services/core/time.ts';
import { firmA, now, openStage, type Stage, saveClients } from '../export/stage.ts';
import { type HandClock, openHandClock } from '../projector/hand-clock.ts';
import { generateBook } from './book.ts';
import { answerFrom, type OracleAsk, readRows } from './list-oracle.ts';
import { type ListStage, openListStage, queryOf } from './list-stage.ts';

const clients = 800;
const filters: readonly Omit<OracleAsk, 'sort' | 'order'>[] = [
  {},
  { access: ['has_portal_access'] },
  { access: ['logged_in_recently', 'no_portal_access'] },
  { access: ['never_logged_in'], rating: ['red', 'amber'] },
  { rating: ['none'] },
  { rating: ['none', 'green'], status: 'active' },
  { status: 'inactive' },
  { adviser: ['a1', 'nobody'] },
  { adviser: ['a2'], access: ['has_portal_access'], rating: ['green', 'amber', 'red'] },
  { type: ['couple', 'trust'], status: 'active' },
  { name: ['smith'] },
  { name: ['ANN SM', 'øy'] },
  { name: ['mary ann', 'der berg', 'o müll', 'ß'], rating: ['green'] },
  { name: ['nobody at all'] },
];

const asks = filters.flatMap((filter) =>
  listSorts.flatMap((sort) => (['asc', 'desc'] as const).map((order): OracleAsk => ({ ...filter, sort, order }))),
);

let clock: HandClock;
let stage: Stage;
let lists: ListStage;
beforeAll(async () => {
  clock = openHandClock(now);
  stage = await openStage(clock);
  await saveClients(stage.store, firmA, generateBook(clients, 1));
  lists = await openListStage({ ...stage, clock });
});
afterAll(async () => {
  await lists.close();
  await stage.close();
});

/** Walks each of them to its end, and compares rows, totals and facets of every page. */
async function expectSame(some: readonly OracleAsk[]): Promise<void> {
  const rows = await readRows(stage.store, firmA, clock.now());
  for (const ask of some) {
    const expected = answerFrom(rows, ask);
    const pages = await lists.walk(firmA, `${queryOf(ask)}&limit=200`);
    const ids = pages.flatMap(({ items }) => items.map(({ clientId }) => clientId));
    expect([queryOf(ask), ids]).toEqual([queryOf(ask), expected.ids]);
    for (const { total, facets } of pages) {
      expect([queryOf(ask), total, facets]).toEqual([queryOf(ask), expected.ids.length, expected.facets]);
    }
  }
}

async function change(settings: Partial<Settings>): Promise<void> {
  const version = (await stage.store.loadFirm(firmA))?.settingsVersion ?? 0;
  expect(await stage.store.saveSettings(firmA, version, settingsText({ ...defaultSettings, ...settings }))).toBe(true);
}

/** Every filter, and every sort in either order, once. */
const sample = asks.filter((_ask, index) => index % 21 === Math.floor(index / 21) % 3);

describe('a list', () => {
  test.each(listSorts)('sorted by %s under any filter is what reading the whole firm gives', async (sort) => {
    await expectSame(asks.filter((ask) => ask.sort === sort));
  });

  test.each([1, 60_000, 300_000, 12 * 3_600_000, dayMs, 3 * dayMs, 30 * dayMs])(
    'is right again when %s ms have gone by and nothing has happened',
    async (ms) => {
      clock.move(ms);
      await expectSame(sample);
    },
  );

  const goneLive = now - 14 * dayMs;
  test.each<readonly [string, Partial<Settings>]>([
    ['thresholds', { greenDays: 1, amberDays: 1, recentDays: 1 }],
    ['a zone', { timeZone: 'Pacific/Kiritimati' }],
    ['a zone behind', { timeZone: 'America/St_Johns' }],
    ['excluded invites', { inviteEmailsCount: false }],
    ['a go-live', { goLiveAt: goneLive }],
    ['a go-live within a quarter hour', { goLiveAt: goneLive + 1, inviteEmailsCount: false }],
    ['a go-live to come', { goLiveAt: now + 400 * dayMs }],
    ['all defaults', {}],
  ])('follows %s at once', async (_what, settings) => {
    await change(settings);
    await expectSame(sample);
  });

  test('gives rating, last login and counts also without access, and no logins of the portal', async () => {
    const { items } = await lists.page(firmA, 'access=no_portal_access&sort=last_login&order=desc&limit=1');
    expect(items[0]).toMatchObject({
      portalAccess: { has: false, status: 'no_portal_access' },
      engagement: { rating: expect.any(String) },
      lastLogin: { at: expect.any(String), relative: expect.any(String) },
      logins: { d30: expect.any(Number) },
      lastSignals: { login: expect.any(String) },
      evaluatedAt: formatInstant(clock.now()),
    });
    expect(items[0]?.portalAccess).not.toHaveProperty('logins');
  });
});

describe('the parameters of a list', () => {
  test('values parted by comma and values repeated mean the same', async () => {
    const [one, other] = [
      await lists.page(firmA, 'rating=red,amber'),
      await lists.page(firmA, 'rating=red&rating=amber'),
    ];
    expect(one.total).toBeGreaterThan(0);
    expect({ ...one, nextCursor: null }).toEqual({ ...other, nextCursor: null });
  });

  test('given but empty are as if absent', async () => {
    const blanks = 'access=&rating=&adviser=&name=&type=&status=&sort=&order=&limit=&cursor=';
    const [one, other] = [await lists.page(firmA, blanks), await lists.page(firmA)];
    expect({ ...one, nextCursor: null }).toEqual({ ...other, nextCursor: null });
  });

  test.each([
    ['rating=blue', '"green"|"amber"|"red"|"none"'],
    ['access=some', '"has_portal_access"'],
    ['status=gone', '"active"|"inactive"'],
    ['sort=age', '"anniversary_date"'],
    ['order=up', '"asc"|"desc"'],
    ['limit=0', 'from 1 to 200'],
    ['limit=201', 'from 1 to 200'],
    ['limit=-1', 'from 1 to 200'],
    ['limit=ten', 'from 1 to 200'],
    ['limit=1&limit=2', 'limit: is given more than once'],
    ['sort=email&sort=last_name', 'sort: is given more than once'],
    ['rating=blue&rating=red', '"green"|"amber"|"red"|"none"'],
    ['colour=red', 'access, rating, adviser, name, type, status, sort, order, as_of, limit, cursor'],
  ])('%s is refused, and told what there is', async (query, told) => {
    const { status, text } = await lists.ask(firmA, query);
    expect([status, JSON.parse(text)]).toEqual([
      400,
      expect.objectContaining({ code: 'bad_parameter', detail: expect.stringContaining(told) }),
    ]);
  });

  test.each(['adviser', 'type', 'name'])('a comma within a value of %s is written with a backslash', async (filter) => {
    const profile = (text: string) => ({ adviser: { id: text, name: text }, type: text, firstName: text });
    const texts = { whole: 'Trust, old', one: 'trust', other: 'old' };
    const firmId = FirmId.parse(`firm-commas-${filter}`);
    const some = Object.entries(texts).map(([clientId, text]) => ({ clientId, profile: profile(text) }));
    await saveClients(stage.store, firmId, some);
    const idsOf = async (value: string) => {
      const { items } = await lists.page(firmId, `${filter}=${encodeURIComponent(value)}`);
      return items.map(({ clientId }) => clientId);
    };
    expect(await idsOf('Trust\\, old')).toEqual(['whole']);
    expect(await idsOf('Trust\\, old,old')).toEqual(['other', 'whole']);
  });

  test('a firm of which nothing is known has an empty list', async () => {
    const { items, total, facets, nextCursor } = await lists.page('nobody');
    expect([items, total, facets.adviser, nextCursor]).toEqual([[], 0, [], null]);
  });
});
