// Blocks that are passed over because no row of them can come onto the page: not after such a row has come.
import { ClientId } from '../../../services/core/ids.ts';
import type { ListOrder, ListSort } from '../../../services/core/list.ts';
import { defaultSettings } from '../../../services/core/settings.ts';
import { openRoster, type Roster } from '../../../services/query/roster/roster.ts';
import { firmA, now, openStage, type Stage, saveClients, writesOf } from '../../export/stage.ts';
import { openHandClock } from '../../projector/hand-clock.ts';

/** Rows of a block; the firm has a second one. */
const blockRows = 1_024;
const clients = 1_100;

const clock = openHandClock(now);
let stage: Stage;
let roster: Roster;
beforeEach(async () => {
  stage = await openStage(clock);
  const names = ['a1', 'a2', 'a3', 'a4'];
  const nameAt = (row: number) => (row < blockRows ? (names[row] ?? 'x') : 'm');
  const dayAt = (row: number) => (row < 2 ? '2026-04-01' : row < blockRows ? '2026-05-01' : '2026-06-01');
  const book = Array.from({ length: clients }, (_, row) => ({
    clientId: idOf(row),
    profile: { lastName: nameAt(row), nextReviewDate: dayAt(row) },
  }));
  await saveClients(stage.store, firmA, book);
  roster = openRoster({ firmId: firmA, store: stage.store, clock });
  await roster.ready;
});
afterEach(async () => {
  roster.drop();
  await stage.close();
});

function idOf(row: number): string {
  return `c-${String(row).padStart(5, '0')}`;
}

async function rename(row: number, lastName: string, nextReviewDate: string | null = null): Promise<void> {
  const clientId = ClientId.parse(idOf(row));
  const writes = writesOf(firmA, { clientId, profile: { lastName, nextReviewDate, version: 2 } });
  await stage.store.save(writes.map((write) => ({ ...write, expected: 1 })));
  await roster.take([{ firmId: firmA, clientId, view: 'profile', version: 2 }]);
}

async function firstTwo(order: ListOrder = 'asc', sort: ListSort = 'last_name'): Promise<readonly string[]> {
  const answer = await roster.query({
    filter: { book: null, status: null },
    sort,
    order,
    limit: 2,
    settings: defaultSettings,
    at: null,
    after: null,
  });
  return answer?.clientIds ?? [];
}

test('given a row of a block that was passed over gets an earlier name, then it is on the page', async () => {
  expect(await firstTwo()).toEqual([idOf(0), idOf(1)]);
  await rename(blockRows + 5, 'a0');
  expect(await firstTwo()).toEqual([idOf(blockRows + 5), idOf(0)]);
});

test('given a row of a block that was passed over gets an earlier date, then it is on the page', async () => {
  expect(await firstTwo('asc', 'next_review_date')).toEqual([idOf(0), idOf(1)]);
  await rename(blockRows + 5, 'm', '2026-03-15');
  expect(await firstTwo('asc', 'next_review_date')).toEqual([idOf(blockRows + 5), idOf(0)]);
});

test('given a new client ties with a full page and comes first by id, then it is on the page', async () => {
  expect(await firstTwo('asc', 'next_review_date')).toEqual([idOf(0), idOf(1)]);
  const clientId = ClientId.parse('a-new');
  await saveClients(stage.store, firmA, [{ clientId, profile: { nextReviewDate: '2026-04-01' } }]);
  await roster.take([{ firmId: firmA, clientId, view: 'profile', version: 1 }]);
  expect(await firstTwo('asc', 'next_review_date')).toEqual([clientId, idOf(0)]);
});

test('given names before those of a block that was passed over are gone, then its rows move up onto the page', async () => {
  expect(await firstTwo()).toEqual([idOf(0), idOf(1)]);
  await rename(1, 'x');
  await rename(2, 'x');
  await rename(3, 'n');
  expect(await firstTwo()).toEqual([idOf(0), idOf(blockRows)]);
});

test('given names are equal, when they are sorted either way, then ties ascend by client id across blocks', async () => {
  expect(await firstTwo('desc')).toEqual([idOf(4), idOf(5)]);
  await rename(blockRows + 5, 'x');
  expect(await firstTwo('desc')).toEqual([idOf(4), idOf(5)]);
  for (const row of [0, 1, 2, 3]) await rename(row, 'z');
  await rename(blockRows + 6, 'zz');
  expect(await firstTwo('desc')).toEqual([idOf(blockRows + 6), idOf(0)]);
});
