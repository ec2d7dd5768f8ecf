import { FirmId } from '../../services/core/ids.ts';
import { listSorts } from '../../services/core/list.ts';
import { changeSettings, defaultSettings, settingsText } from '../../services/core/settings.ts';
import { dayMs } from '../../services/core/time.ts';
import { firmA, now, openStage, type Stage, saveClients } from '../export/stage.ts';
import { type HandClock, openHandClock } from '../projector/hand-clock.ts';
import { generateBook } from './book.ts';
import { answerFrom, type OracleAsk, readRows } from './list-oracle.ts';
import { type ListStage, openListStage } from './list-stage.ts';

let clock: HandClock;
let stage: Stage;
let lists: ListStage;
beforeAll(async () => {
  clock = openHandClock(now);
  stage = await openStage(clock);
  await saveClients(stage.store, firmA, generateBook(2_000, 1));
  lists = await openListStage({ ...stage, clock });
});
afterAll(async () => {
  await lists.close();
  await stage.close();
});

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

const walks = filters.flatMap((filter) =>
  listSorts.flatMap((sort) =>
    (['asc', 'desc'] as const).map(
      (order) => [queryOf({ ...filter, sort, order }), { ...filter, sort, order }] as const,
    ),
  ),
);

function queryOf(ask: OracleAsk): string {
  const given = Object.entries(ask).map(([name, value]): [string, string] => [name, [value].flat().join(',')]);
  return new URLSearchParams(given).toString();
}

async function expectWalk(query: string, ask: OracleAsk): Promise<void> {
  const expected = answerFrom(await readRows(stage.store, firmA, clock.now()), ask);
  const pages = await lists.walk(firmA, `${query}&limit=200`);
  expect(pages.flatMap(({ items }) => items.map(({ clientId }) => clientId))).toEqual(expected.ids);
  for (const page of pages) {
    expect({ total: page.total, facets: page.facets }).toEqual({ total: expected.ids.length, facets: expected.facets });
  }
}

describe('a list', () => {
  test.each(walks)('%s is what reading the whole firm gives', expectWalk);
});
void FirmId, changeSettings, defaultSettings, settingsText, dayMs;
