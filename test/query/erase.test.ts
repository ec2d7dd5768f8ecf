// Erasure over HTTP: what the receipt says, what is gone afterwards, and what may come back.
import { CardWire } from '../../services/core/derive/card.ts';
import {
  type ExportJob,
  ExportRequest,
  exportJobCollection,
  exportJobText,
  queuedExportJob,
  readExportJob,
} from '../../services/core/export-job.ts';
import { FirmId } from '../../services/core/ids.ts';
import { dayMs } from '../../services/core/time.ts';
import { eventTopics } from '../../services/core/topics.ts';
import { email, hourMs, login, minuteMs, profile, start } from '../projector/stage.ts';
import type { Reply } from '../runtime/server.ts';
import { type Api, grant, openApi, problemOf } from './api.ts';

let api: Api;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const path = '/v1/firms/firm/clients/ann';
const text = (at: number) => new Date(at).toISOString();
const erase = (): Promise<Reply> => api.server.send('DELETE', path);
const receiptOf = (reply: Reply) => JSON.parse(reply.text);

async function givenAnn() {
  const { stage } = api;
  await stage.append('client', [profile(4, 'Ann', start - hourMs)]);
  await stage.append('portal-access', [grant(start - dayMs)]);
  await stage.append('login', [login('s1', start - hourMs)]);
  await stage.append('email', [email('m1', start - 2 * hourMs)]);
  await stage.fold();
}

test('given nothing of a client, there is nothing to erase', async () => {
  expect(problemOf(await erase())).toEqual([404, 'client_unknown']);
});

test('the receipt says what went and until when raw topics keep their copy, and the client is unknown', async () => {
  await givenAnn();
  api.stage.run();
  const reply = await erase();
  expect(reply.status).toBe(200);
  const receipt = receiptOf(reply);
  expect(receipt).toMatchObject({
    ...{ firmId: 'firm', clientId: 'ann', erasedAt: text(start), status: 'done' },
    erased: { deadLetters: 0, exports: [] },
  });
  expect([...receipt.erased.views].sort()).toEqual(['access', 'profile', 'signals']);
  expect(receipt.rawTopics.map(({ topic }: { topic: string }) => topic).sort()).toEqual([...eventTopics].sort());
  for (const { keptUntil } of receipt.rawTopics) expect(keptUntil).toBeNull();
  expect(problemOf(await api.get(path))).toEqual([404, 'client_unknown']);
});

test('no personal data is left in the views', async () => {
  await givenAnn();
  api.stage.run();
  await erase();
  expect(await api.stage.profileText()).not.toContain('Ann');
  expect((await api.stage.signals())?.lastSignals).toEqual({ login: null, email: null, message: null });
});

test('others of the firm stay as they are', async () => {
  await givenAnn();
  await api.stage.append('client', [profile(1, 'Ben', start, 'ben')], 'firm/ben');
  api.stage.run();
  await erase();
  const ben = await api.get('/v1/firms/firm/clients/ben');
  expect(CardWire.parse(JSON.parse(ben.text)).firstName).toBe('Ben');
});

test('copies among the dead letters go, whether the letter names the client or only its text does', async () => {
  await givenAnn();
  const { stage } = api;
  await stage.append(
    'login',
    [
      { ...login('s', start), outcome: 'perhaps' },
      '{"firmId":"firm","clientId":"ann","occurredAt"',
      { ...login('s', start, 'ben'), outcome: 'perhaps' },
    ],
    null,
  );
  await stage.append('email', ['not json at all'], 'firm/ann');
  stage.run();
  expect(receiptOf(await erase()).erased.deadLetters).toBe(3);
  // Each is taken out by a null value under its key.
  const newest = new Map(
    (await stage.deadLetters()).map(({ key, value }) => [Buffer.from(key ?? []).toString(), value]),
  );
  const left = [...newest.values()].filter((value) => value !== null).map((value) => Buffer.from(value).toString());
  expect(left).toHaveLength(1);
  expect(left[0]).toContain('"ben"');
});

test('a profile dated ahead by its source’s clock goes as well', async () => {
  const { stage } = api;
  await stage.append('client', [profile(4, 'Ann', start + minuteMs)]);
  await stage.fold();
  stage.run();
  expect((await erase()).status).toBe(200);
  expect(problemOf(await api.get(path))).toEqual([404, 'client_unknown']);
});

test('a source that counts its versions afresh may bring the client back', async () => {
  await givenAnn();
  const { stage } = api;
  const projector = stage.run();
  await erase();
  await stage.append('client', [profile(1, 'Anna', start + minuteMs)]);
  await stage.drained(projector);
  expect((await api.get(path)).status).toBe(200);
});

test('given nothing but a dead letter of a client, that copy goes and the client stays out', async () => {
  const { stage } = api;
  await stage.append('login', [{ ...login('s', start - hourMs), outcome: 'perhaps' }]);
  await stage.fold();
  stage.run();
  const reply = await erase();
  expect(reply.status).toBe(200);
  expect(receiptOf(reply).erased).toEqual({ views: [], deadLetters: 1, exports: [] });
  expect(problemOf(await api.get(path))).toEqual([404, 'client_unknown']);
});

test('finished and running exports of the firm are marked, failed ones and those of others are not', async () => {
  await givenAnn();
  const { store } = api.stage;
  const request = ExportRequest.parse({ report: 'portal-engagement', format: 'csv' });
  const put = async (firm: string, id: string, status: ExportJob['status']) => {
    const job: ExportJob = {
      ...queuedExportJob(id, request, start, null),
      status,
      sha256: status === 'done' ? 'abc' : null,
    };
    const document = { collection: exportJobCollection, firmId: FirmId.parse(firm), id, body: exportJobText(job) };
    expect(await store.saveDocument(document, 0)).toBe(true);
  };
  await put('firm', 'finished', 'done');
  await put('firm', 'under-way', 'running');
  await put('firm', 'broken', 'failed');
  await put('other', 'finished', 'done');
  api.stage.run();

  expect([...receiptOf(await erase()).erased.exports].sort()).toEqual(['finished', 'under-way']);

  const jobs = await store.listDocuments(exportJobCollection);
  const states = jobs.map(({ firmId, id, body }) => `${firmId} ${id} ${readExportJob(body).status}`);
  expect(states.sort()).toEqual([
    'firm broken failed',
    'firm finished erased',
    'firm under-way erased',
    'other finished done',
  ]);
});

test('while no projector runs, the answer is 202, and the erasure happens once one does', async () => {
  await givenAnn();
  const answer = erase();
  const waiting = setInterval(() => api.stage.clock.move(minuteMs), 5);
  const reply = await answer;
  clearInterval(waiting);
  expect([reply.status, receiptOf(reply).status]).toEqual([202, 'pending']);
  await api.stage.fold();
  expect(problemOf(await api.get(path))).toEqual([404, 'client_unknown']);
});

test('old events replayed in any order bring nothing back, and a new profile does', async () => {
  await givenAnn();
  const { stage } = api;
  stage.clock.move(minuteMs);
  const projector = stage.run();
  await erase();
  await stage.append('login', [login('s1', start - hourMs), login('s2', start)]);
  await stage.append('email', [email('m1', start - 2 * hourMs)]);
  await stage.append('portal-access', [grant(start - dayMs)]);
  await stage.append('client', [profile(4, 'Ann', start - hourMs), profile(5, 'Ann', start)]);
  await stage.drained(projector);
  expect(problemOf(await api.get(path))).toEqual([404, 'client_unknown']);

  const after = start + 2 * minuteMs;
  stage.clock.move(2 * minuteMs);
  await stage.append('login', [login('s3', after)]);
  await stage.drained(projector);
  expect(problemOf(await api.get(path))).toEqual([404, 'client_unknown']);

  await stage.append('client', [profile(5, 'Anna', after)]);
  await stage.append('portal-access', [{ ...grant(after), eventId: 'anew' }]);
  await stage.drained(projector);
  expect(JSON.parse((await api.get(path)).text)).toMatchObject({
    firstName: 'Anna',
    portalAccess: { has: true, status: 'active' },
    ...{ lastLogin: { at: text(after) }, logins: { d30: 1, d90: 1, d365: 1 } },
    lastSignals: { login: text(after), email: null, message: null },
  });
});

test('erasing twice is harmless', async () => {
  await givenAnn();
  api.stage.run();
  await erase();
  api.stage.clock.move(minuteMs);
  const reply = await erase();
  expect([reply.status, receiptOf(reply).erasedAt]).toEqual([200, text(start + minuteMs)]);
});
