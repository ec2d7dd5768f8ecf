// Tiles by ids: the very items of the list, in the order asked, and what is missing named apart.
import { firmA, now, openStage, type Stage, saveClients } from '../export/stage.ts';
import { openHandClock } from '../projector/hand-clock.ts';
import { problemOf } from './api.ts';
import { generateBook } from './book.ts';
import { type ListStage, openListStage } from './list-stage.ts';

let stage: Stage;
let lists: ListStage;
beforeAll(async () => {
  const clock = openHandClock(now);
  stage = await openStage(clock);
  await saveClients(stage.store, firmA, [
    ...generateBook(150, 5),
    { clientId: 'no-profile', profile: null, events: [{ topic: 'portal-access', email: 'a@b', change: 'granted' }] },
  ]);
  lists = await openListStage({ ...stage, clock });
});
afterAll(async () => {
  await lists.close();
  await stage.close();
});

const ask = (ids: unknown, firmId: string = firmA) => lists.post(firmId, 'clients/batch', { ids });

test('given ids of a list in any order, it gives the items of the list in that order', async () => {
  const { items } = await lists.page(firmA, 'limit=200');
  const asked = items.toSorted((one, other) => (one.email ?? '').localeCompare(other.email ?? ''));
  const reply = JSON.parse((await ask(asked.map(({ clientId }) => clientId))).text);
  expect(reply).toEqual({ items: asked, missing: [], evaluatedAt: new Date(now).toISOString() });
});

test('unknown clients and those without a profile are missing, in the order asked; repeats are answered once', async () => {
  const { items } = await lists.page(firmA, 'limit=1');
  const known = items[0]?.clientId ?? '';
  const reply = JSON.parse((await ask(['z', known, 'no-profile', known, 'z', 'a'])).text);
  expect(reply.items).toEqual(items);
  expect(reply.missing).toEqual(['z', 'no-profile', 'a']);
});

test('of an unknown firm all are missing', async () => {
  expect(JSON.parse((await ask(['a'], 'nobody')).text)).toMatchObject({ items: [], missing: ['a'] });
});

test.each([
  ['no ids', []],
  ['201 ids', Array.from({ length: 201 }, (_, index) => `c${index}`)],
  ['something that is no id', ['a/b']],
  ['a text', 'a'],
])('given %s, it answers 400', async (_what, ids) => {
  expect(problemOf(await ask(ids))).toEqual([400, 'bad_parameter']);
});
