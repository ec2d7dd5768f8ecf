// Lists as of a past day against the naive way to them: every filter with every sort, walked to the end.
import { type List, ListWire, listSorts } from '../../services/core/list.ts';
import { defaultSettings, settingsText } from '../../services/core/settings.ts';
import { dayMs, formatInstant } from '../../services/core/time.ts';
import { firmA, now, openStage, type Stage, saveClients, writesOf } from '../export/stage.ts';
import { type HandClock, openHandClock } from '../projector/hand-clock.ts';
import { problemOf } from './api.ts';
import { generateBook } from './book.ts';
import { answerFrom, type OracleAsk, readRows } from './list-oracle.ts';
import { type ListStage, openListStage, queryOf } from './list-stage.ts';

const clients = 400;
const filters: readonly Omit<OracleAsk, 'sort' | 'order'>[] = [
  {},
  { access: ['has_portal_access'], rating: ['green', 'amber'] },
  { access: ['logged_in_recently', 'no_portal_access'], adviser: ['a1', 'A'] },
  { access: ['never_logged_in'] },
  { rating: ['none', 'red'], status: 'active' },
  { type: ['couple'], status: 'inactive' },
  { name: ['ANN SM', 'øy', 'der berg'] },
];

let clock: HandClock;
let stage: Stage;
let lists: ListStage;
beforeAll(async () => {
  clock = openHandClock(now);
  stage = await openStage(clock);
  await saveClients(stage.store, firmA, generateBook(clients, 7));
  lists = await openListStage({ ...stage, clock });
});
afterAll(async () => {
  await lists.close();
  await stage.close();
});

const dayAgo = (days: number) => formatInstant(now - days * dayMs).slice(0, 10);
const endOf = (day: string) => Date.parse(`${day}T00:00:00Z`) + dayMs - 1;

const idsOf = (pages: readonly List[]) => pages.flatMap(({ items }) => items.map(({ clientId }) => clientId));

test.each([1, 13, 30, 43, 120, 500])('as of %i days ago it is what reading the whole firm gives', async (days) => {
  const day = dayAgo(days);
  const rows = await readRows(stage.store, firmA, endOf(day));
  for (const [index, sort] of listSorts.entries()) {
    for (const order of ['asc', 'desc'] as const) {
      const ask = { ...filters[(index + days) % filters.length], sort, order };
      const expected = answerFrom(rows, ask);
      const pages = await lists.walk(firmA, `${queryOf(ask)}&limit=70&as_of=${day}&facets=type,status`);
      expect([queryOf(ask), idsOf(pages)]).toEqual([queryOf(ask), expected.ids]);
      for (const page of pages) {
        expect([page.total, page.facets]).toEqual([expected.ids.length, { ...expected.facets, ...expected.more }]);
        expect(page.evaluatedAt).toBe(formatInstant(endOf(day)));
      }
    }
  }
});

test('the answer says what it rests on', async () => {
  const page = ListWire.parse(await lists.page(firmA, `as_of=${dayAgo(30)}`));
  expect(page.asOf).toEqual({
    date: dayAgo(30),
    profile: 'as it is today',
    signals: 'to the quarter hour',
    partial: false,
  });
});

test('as of today it is the present', async () => {
  const { asOf, ...past } = await lists.page(firmA, `as_of=${dayAgo(0)}`);
  const { nextCursor: _one, ...listed } = await lists.page(firmA);
  const { nextCursor: _other, ...today } = past;
  expect(asOf?.date).toBe(dayAgo(0));
  expect(today).toEqual(listed);
});

test('a day to come is refused, and a cursor is of its own day', async () => {
  expect(problemOf(await lists.ask(firmA, `as_of=${dayAgo(-1)}`))).toEqual([400, 'bad_parameter']);
  const { nextCursor } = await lists.page(firmA, `as_of=${dayAgo(30)}&limit=10`);
  expect(problemOf(await lists.ask(firmA, `as_of=${dayAgo(31)}&cursor=${nextCursor}`))).toEqual([400, 'bad_cursor']);
  expect(problemOf(await lists.ask(firmA, `cursor=${nextCursor}`))).toEqual([400, 'bad_cursor']);
});

test('a walk keeps the settings it began with', async () => {
  const day = dayAgo(20);
  const [first, ...rest] = await lists.walk(firmA, `as_of=${day}&limit=100&rating=amber`, async () => {
    const version = (await stage.store.loadFirm(firmA))?.settingsVersion ?? 0;
    const changed = settingsText({ ...defaultSettings, amberDays: 15 + version });
    expect(await stage.store.saveSettings(firmA, version, changed)).toBe(true);
  });
  for (const page of rest) expect([page.total, page.facets]).toEqual([first?.total, first?.facets]);
});

test('counts that reach past what is remembered are marked partial', async () => {
  const firmId = firmA;
  const old = Array.from({ length: 90 }, (_, index) => ({
    topic: 'login' as const,
    occurredAt: formatInstant(now - index * 3_600_000),
    sessionId: `s${index}`,
    outcome: 'success',
  }));
  await stage.store.save(writesOf(firmId, { clientId: 'remembers-less', events: old }));
  expect((await lists.page(firmA, `as_of=${dayAgo(900)}`)).asOf?.partial).toBe(true);
});
