// An adviser's own book in tiles, timelines, past days and what-if: nothing of another book is shown or counted.
import { createHash } from 'node:crypto';
import { dayMs } from '../../services/core/time.ts';
import { registerActivity } from '../../services/query/activity.ts';
import { registerBatch } from '../../services/query/batch.ts';
import { registerFirmActivity } from '../../services/query/firm-activity.ts';
import { registerList } from '../../services/query/list.ts';
import { registerMovements } from '../../services/query/movements.ts';
import { openRosters, type Rosters } from '../../services/query/roster/rosters.ts';
import { openSnapshots } from '../../services/query/snapshots.ts';
import { registerTimeline } from '../../services/query/timeline.ts';
import { registerWhatIf } from '../../services/query/what-if.ts';
import { parseApiKeys } from '../../services/runtime/api-keys.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import { createMetrics } from '../../services/runtime/metrics.ts';
import { firmA, now, openStage, type Stage, saveClients } from '../export/stage.ts';
import { openHandClock } from '../projector/hand-clock.ts';
import { type RunningServer, runServer } from '../runtime/server.ts';
import { generateBook } from './book.ts';
import { answerFrom, readRows } from './list-oracle.ts';

const adviser = 'a1';
const clock = openHandClock(now);
let stage: Stage;
let rosters: Rosters;
let server: RunningServer;
beforeAll(async () => {
  stage = await openStage(clock);
  await saveClients(stage.store, firmA, generateBook(300, 21));
  const parts = { ...stage, clock };
  rosters = openRosters({ ...parts, logger: createLogger('silent'), metrics: createMetrics() });
  const sha256 = createHash('sha256').update(adviser).digest('hex');
  server = await runServer({
    config: { auth: { keys: parseApiKeys(`${sha256}:firm=${firmA}:adviser=${adviser}`).keys, oidc: null } },
    routes: (instance) => {
      const snapshots = openSnapshots(parts, { waitMs: 1_000_000 });
      instance.addHook('onClose', snapshots.close);
      registerList(instance, { ...parts, rosters, snapshots });
      registerBatch(instance, parts);
      registerTimeline(instance, parts);
      registerWhatIf(instance, { ...parts, snapshots });
      registerActivity(instance, parts);
      registerFirmActivity(instance, { ...parts, snapshots });
      registerMovements(instance, { ...parts, snapshots });
    },
  });
});
afterAll(async () => {
  await server.stop();
  await rosters.close();
  await stage.close();
});

async function ask(method: string, path: string, body?: unknown) {
  const headers = { authorization: `Bearer ${adviser}`, 'content-type': 'application/json' };
  const text = body === undefined ? undefined : JSON.stringify(body);
  const reply = await server.send(method, `/v1/firms/${firmA}/${path}`, headers, text);
  return { status: reply.status, body: JSON.parse(reply.text) };
}

const isOwn = ({ facts }: Awaited<ReturnType<typeof readRows>>[number]) => facts.profile?.adviser?.id === adviser;

test('a list as of a past day', async () => {
  const rows = (await readRows(stage.store, firmA, Date.parse('2026-02-10T23:59:59.999Z'))).filter(isOwn);
  const expected = answerFrom(rows, { sort: 'last_login', order: 'desc' });
  const { body } = await ask('GET', 'clients?as_of=2026-02-10&sort=last_login&order=desc&limit=200');
  expect(body.items.map(({ clientId }: { clientId: string }) => clientId)).toEqual(expected.ids);
  expect([body.total, body.facets]).toEqual([expected.ids.length, expected.facets]);
});

test('tiles: whoever is in another book is missing, as the unknown are', async () => {
  const rows = (await readRows(stage.store, firmA, now)).slice(0, 150);
  const ids = [...rows.map(({ clientId }) => clientId), 'never-heard-of'];
  const { body } = await ask('POST', 'clients/batch', { ids });
  const own = rows.filter(isOwn).map(({ clientId }) => clientId);
  expect(body.items.map(({ clientId }: { clientId: string }) => clientId)).toEqual(own);
  expect(body.missing).toEqual(ids.filter((id) => !own.includes(id)));
});

test('what-if counts and names the own book', async () => {
  const rows = (await readRows(stage.store, firmA, now)).filter(isOwn);
  const { body } = await ask('POST', 'what-if', { greenDays: 1 });
  expect(body.now.ratings).toEqual(answerFrom(rows, { sort: 'email', order: 'asc' }).facets.rating);
  const changing = rows.filter(({ facts: { signals } }) => {
    return signals.rating === 'green' && (signals.decidedBy?.at.at ?? 0) < now - dayMs;
  });
  const ids = body.changes.items.map(({ clientId }: { clientId: string }) => clientId);
  expect([ids, body.changes.total]).toEqual([changing.map(({ clientId }) => clientId), changing.length]);
});

test('logins by day and movements count and name the own book, also when another adviser is asked for', async () => {
  const rows = (await readRows(stage.store, firmA, now)).filter(isOwn);
  const { body: activity } = await ask('GET', 'activity?days=365');
  const logins = activity.days.reduce((sum: number, day: { logins: number }) => sum + day.logins, 0);
  expect(activity.clients).toBe(rows.length);
  expect(logins).toBe(rows.reduce((sum, { facts }) => sum + facts.signals.logins.d365, 0));
  const { body: movements } = await ask('GET', 'movements?since=2025-03-02&until=2027-03-01&limit=100');
  const groups = [...movements.changed, ...movements.expected];
  const own = new Set<string>(rows.map(({ clientId }) => clientId));
  const ids = groups.flatMap(({ clients }) => clients.map(({ clientId }: { clientId: string }) => clientId));
  expect(ids.length).toBeGreaterThan(10);
  expect(ids.filter((clientId) => !own.has(clientId))).toEqual([]);
  expect((await ask('GET', 'activity?adviser=a2')).body).toMatchObject({ clients: 0, monthlyActive: { share: null } });
  expect((await ask('GET', 'movements?adviser=a2')).body).toMatchObject({ changed: [], expected: [] });
});

test.each(['timeline', 'activity'])('the %s of another book is that of an unknown client', async (what) => {
  const rows = await readRows(stage.store, firmA, now);
  const [own, other] = [rows.find(isOwn), rows.find((row) => !isOwn(row))];
  const timelineOf = (id = '') => ask('GET', `clients/${encodeURIComponent(id)}/${what}`);
  expect((await timelineOf(own?.clientId)).status).toBe(200);
  const plain = ({ status, body: { instance: _id, ...body } }: Awaited<ReturnType<typeof ask>>) => [status, body];
  expect(plain(await timelineOf(other?.clientId))).toEqual(plain(await timelineOf('never-heard-of')));
});
