// What-if against deriving every client under the settings it tries.
import { clientViews, deriveClient, readClient } from '../../services/core/derive/client.ts';
import { frameOf } from '../../services/core/derive/frame.ts';
import { ClientId } from '../../services/core/ids.ts';
import { defaultSettings } from '../../services/core/settings.ts';
import { firmA, now, openStage, type Stage, saveClients, writesOf } from '../export/stage.ts';
import { openHandClock } from '../projector/hand-clock.ts';
import { problemOf } from './api.ts';
import { generateBook } from './book.ts';
import { type ListStage, openListStage } from './list-stage.ts';

let stage: Stage;
let lists: ListStage;
beforeAll(async () => {
  const clock = openHandClock(now);
  stage = await openStage(clock);
  await saveClients(stage.store, firmA, generateBook(600, 3));
  lists = await openListStage({ ...stage, clock });
});
afterAll(async () => {
  await lists.close();
  await stage.close();
});

async function clientsOf() {
  const found = [];
  for await (const clients of stage.store.readFirm(firmA, clientViews)) found.push(...clients);
  return found;
}

/** By client, the rating under these thresholds. */
async function ratingsUnder(change: { readonly greenDays?: number; readonly amberDays?: number }) {
  const frame = frameOf({ ...defaultSettings, ...change }, now);
  const found = new Map<string, { rating: string; everGranted: boolean }>();
  for (const { clientId, views } of await clientsOf()) {
    const facts = deriveClient(readClient(views), frame);
    if (facts === null || facts.profile === null) continue;
    found.set(clientId, { rating: facts.signals.rating, everGranted: facts.access.everGranted });
  }
  return found;
}

function counted(ratings: Awaited<ReturnType<typeof ratingsUnder>>) {
  const counts: Record<string, number> = { green: 0, amber: 0, red: 0, none: 0 };
  for (const { rating, everGranted } of ratings.values()) {
    if (rating !== 'none' || everGranted) counts[rating] = (counts[rating] ?? 0) + 1;
  }
  return counts;
}

test.each([
  { greenDays: 1, amberDays: 42 },
  { greenDays: 14, amberDays: 30 },
  { greenDays: 42, amberDays: 42 },
  { greenDays: 30 },
  { amberDays: 400 },
  {},
])('under %j it counts and names what deriving with them gives', async (change) => {
  const [before, after] = [await ratingsUnder({}), await ratingsUnder(change)];
  const expected = [...before]
    .map(([clientId, { rating }]) => ({ clientId, from: rating, to: after.get(clientId)?.rating }))
    .filter(({ from, to }) => from !== to);
  const reply = await lists.post(firmA, 'what-if', change);
  expect(JSON.parse(reply.text)).toEqual({
    now: { greenDays: 14, amberDays: 42, ratings: counted(before) },
    tried: { greenDays: 14, amberDays: 42, ...change, ratings: counted(after) },
    changes: { total: expected.length, items: expected, nextAfter: null },
    evaluatedAt: new Date(now).toISOString(),
  });
});

test('its counts are those of the list', async () => {
  const { facets } = await lists.page(firmA);
  const reply = await lists.post(firmA, 'what-if', {});
  expect(JSON.parse(reply.text).now.ratings).toEqual(facets.rating);
});

test('page by page it names everybody once', async () => {
  const change = { greenDays: 1, amberDays: 2 };
  const all = JSON.parse((await lists.post(firmA, 'what-if', change)).text).changes;
  const ids: string[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const behind: string = after === '' ? '' : `&after=${encodeURIComponent(after)}`;
    const { changes } = JSON.parse((await lists.post(firmA, `what-if?limit=7${behind}`, change)).text);
    expect(changes.total).toBe(all.total);
    ids.push(...changes.items.map(({ clientId }: { clientId: string }) => clientId));
    after = changes.nextAfter;
  }
  expect(ids).toEqual(all.items.map(({ clientId }: { clientId: string }) => clientId));
});

test.each([
  ['more green days than amber days', { greenDays: 43 }],
  ['no days', { greenDays: 0 }],
  ['half a day', { amberDays: 41.5 }],
  ['another setting', { timeZone: 'UTC' }],
])('given %s, it answers 400 as the settings do', async (_what, change) => {
  expect(problemOf(await lists.post(firmA, 'what-if', change))).toEqual([400, 'bad_parameter']);
});

test('of an unknown firm there is nobody to change', async () => {
  const reply = await lists.post('nobody', 'what-if', { greenDays: 1 });
  expect(JSON.parse(reply.text).changes).toEqual({ total: 0, items: [], nextAfter: null });
});

test('whoever was erased since the firm was read is not named', async () => {
  const change = { greenDays: 1, amberDays: 2 };
  const before = JSON.parse((await lists.post(firmA, 'what-if', change)).text).changes.items;
  const clientId = ClientId.parse(before[0].clientId);
  const [stored] = await stage.store.load([{ firmId: firmA, clientId, view: 'profile' }]);
  const at = new Date(now).toISOString();
  const erased = { clientId, profile: null, events: [{ topic: 'client', version: 9, erased: true, at }] } as const;
  const writes = writesOf(firmA, erased).filter(({ view }) => view === 'profile');
  await stage.store.save(writes.map((write) => ({ ...write, expected: stored?.version ?? 0 })));
  const after = JSON.parse((await lists.post(firmA, 'what-if', change)).text).changes.items;
  expect(after).toEqual(before.slice(1));
});
