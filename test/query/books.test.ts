// Lists of an adviser: rows, totals, facets and whole walks against the naive way, over the own book alone; and cursors,
// which serve nobody but their reader.
import { createHash } from 'node:crypto';
import { pino } from 'pino';
import { FirmId } from '../../services/core/ids.ts';
import { type List, listSorts } from '../../services/core/list.ts';
import { registerCard } from '../../services/query/card.ts';
import { registerList } from '../../services/query/list.ts';
import { openRosters, type Rosters } from '../../services/query/roster/rosters.ts';
import { openSnapshots } from '../../services/query/snapshots.ts';
import { parseApiKeys } from '../../services/runtime/api-keys.ts';
import { createMetrics } from '../../services/runtime/metrics.ts';
import { firmA, now, openStage, type Stage, saveClients, writesOf } from '../export/stage.ts';
import { openHandClock } from '../projector/hand-clock.ts';
import { type Reply, type RunningServer, runServer } from '../runtime/server.ts';
import { generateBook } from './book.ts';
import { answerFrom, type OracleAsk, readRows } from './list-oracle.ts';

const advisers = ['a1', 'a2', 'A', 'nobody', 'a1,a2'];
const owner = 'owner';
const firmB = FirmId.parse('firm-b');
const filters: readonly Omit<OracleAsk, 'sort' | 'order'>[] = [
  {},
  { adviser: ['a1'] },
  { adviser: ['a2', 'A'], rating: ['green', 'none'] },
  { access: ['has_portal_access'] },
  { rating: ['none', 'amber'], status: 'active' },
  { name: ['smith', 'ann'], type: ['couple', 'trust'] },
];

const clock = openHandClock(now);
let stage: Stage;
let rosters: Rosters;
let server: RunningServer;
beforeAll(async () => {
  stage = await openStage(clock);
  await saveClients(stage.store, firmA, generateBook(500, 11));
  const patience = { loadMs: 1_000_000 };
  const parts = { ...stage, clock };
  rosters = openRosters({ ...parts, logger: pino({ level: 'silent' }), metrics: createMetrics() }, patience);
  server = await runServer({
    config: { auth: { keys: parseApiKeys(keyEntries()).keys, oidc: null }, requestsPerMinuteMax: 0 },
    routes: (instance) => {
      const snapshots = openSnapshots(parts, { waitMs: 1_000_000 });
      instance.addHook('onClose', snapshots.close);
      registerList(instance, { ...parts, rosters, snapshots });
      registerCard(instance, parts);
    },
  });
});
afterAll(async () => {
  await server.stop();
  await rosters.close();
  await stage.close();
});

/** Each adviser's key is the adviser's id; a colleague has the same book under another name. */
function keyEntries(): string {
  const entry = (key: string, name: string, adviser: string, firm = firmA) =>
    `${createHash('sha256').update(key).digest('hex')}:name=${name}:firm=${firm}:adviser=${encodeURIComponent(adviser)}`;
  const whole = `${createHash('sha256').update(owner).digest('hex')}:firm=${firmA}`;
  return [
    whole,
    ...advisers.map((id, index) => entry(id, `adviser-${index}`, id)),
    entry('colleague', 'colleague', 'a1'),
    entry('one-b', 'one-b', 'a1', firmB),
    entry('two-b', 'two-b', 'a2', firmB),
  ].join(',');
}

function ask(key: string, path: string, firm = firmA): Promise<Reply> {
  return server.send('GET', `/v1/firms/${firm}/${path}`, { authorization: `Bearer ${key}` });
}

async function page(key: string, query: string): Promise<List> {
  const { status, text } = await ask(key, `clients?${query}`);
  if (status !== 200) throw new Error(`${query}: ${status} ${text}`);
  return JSON.parse(text);
}

async function walk(key: string, query: string): Promise<List[]> {
  const pages: List[] = [];
  for (let cursor: string | null = ''; cursor !== null; cursor = pages.at(-1)?.nextCursor ?? null) {
    pages.push(await page(key, `${query}&cursor=${cursor}`));
  }
  return pages;
}

describe.each(advisers)('a list of the adviser %s', (adviser) => {
  test.each(filters)('through %j shows, counts and names the own book alone', async (filter) => {
    const rows = (await readRows(stage.store, firmA, now)).filter(
      ({ facts }) => facts.profile?.adviser?.id === adviser,
    );
    for (const sort of listSorts) {
      const expected = answerFrom(rows, { ...filter, sort, order: 'asc' });
      const given = Object.entries({ ...filter, sort, limit: '40' }).map(([name, value]): [string, string] => [
        name,
        String(value),
      ]);
      const pages = await walk(adviser, new URLSearchParams(given).toString());
      expect(pages.flatMap(({ items }) => items.map(({ clientId }) => clientId))).toEqual(expected.ids);
      for (const { total, facets } of pages) {
        expect([total, facets]).toEqual([expected.ids.length, expected.facets]);
      }
    }
  });
});

test('a list of the whole firm shows every book', async () => {
  const rows = await readRows(stage.store, firmA, now);
  expect((await page(owner, 'limit=1')).total).toBe(rows.length);
});

test('a client who has just gone to another adviser is shown no longer, also while the roster does not know yet', async () => {
  const moves = (id: string) =>
    writesOf(firmA, { clientId: 'mover', profile: { adviser: { id, name: id }, firstName: 'Mo' } });
  await saveClients(stage.store, firmB, [{ clientId: 'mover', profile: { adviser: { id: 'a1', name: 'a1' } } }]);
  const path = 'clients?limit=200';
  const items = async (key: string) => JSON.parse((await ask(key, path, firmB)).text).items.length;
  expect([await items('one-b'), await items('two-b')]).toEqual([1, 0]);
  // No notice tells of it.
  await stage.store.save(moves('a2').map((write) => ({ ...write, firmId: firmB, expected: 1 })));
  expect([await items('one-b'), await items('two-b')]).toEqual([0, 0]);
});

describe('a card', () => {
  test('is shown to whoever has the client in the list, and is unknown to all others', async () => {
    for (const { clientId, facts } of await readRows(stage.store, firmA, now)) {
      const place = `clients/${encodeURIComponent(clientId)}`;
      const theirs = facts.profile?.adviser?.id;
      const shown = (await Promise.all(advisers.map((key) => ask(key, place)))).map(({ status }) => status);
      expect([clientId, shown]).toEqual([clientId, advisers.map((id) => (id === theirs ? 200 : 404))]);
    }
  });

  test('of a client without a profile is in nobody’s book', async () => {
    await saveClients(stage.store, firmA, [
      { clientId: 'bare', profile: null, events: [{ topic: 'login', sessionId: 's', outcome: 'success' }] },
    ]);
    expect((await ask(owner, 'clients/bare')).status).toBe(200);
    const unknown = await ask('a1', 'clients/never-heard-of');
    const bare = await ask('a1', 'clients/bare');
    const alike = ({ status, text }: Reply) => [status, text.replace(/request:[0-9a-f-]+/, '')];
    expect(alike(bare)).toEqual(alike(unknown));
  });
});

describe('a cursor', () => {
  const query = 'sort=email&limit=10';

  test('serves its reader', async () => {
    const { nextCursor } = await page('a1', query);
    expect((await ask('a1', `clients?${query}&cursor=${nextCursor}`)).status).toBe(200);
  });

  test.each([
    ['of the owner, given to an adviser', owner, 'a1'],
    ['of an adviser, given to the owner', 'a1', owner],
    ['of an adviser, given to another', 'a1', 'a2'],
    ['of an adviser, given to a colleague with the same book', 'a1', 'colleague'],
  ])('%s, is bad_cursor', async (_what, from, to) => {
    const { nextCursor } = await page(from, query);
    expect(nextCursor).not.toBeNull();
    const reply = await ask(to, `clients?${query}&cursor=${nextCursor}`);
    expect([reply.status, JSON.parse(reply.text).code]).toEqual([400, 'bad_cursor']);
  });
});
