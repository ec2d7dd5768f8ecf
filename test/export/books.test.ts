// Exports of advisers: a file holds the own book alone, and jobs are seen by whoever may see what is in them.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ExportJobWire } from '../../services/core/export-job.ts';
import { openExportFiles } from '../../services/export/room.ts';
import { registerExport } from '../../services/export/routes.ts';
import { type ExportWorker, runExportWorker } from '../../services/export/worker.ts';
import { parseApiKeys } from '../../services/runtime/api-keys.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import { openHandClock } from '../projector/hand-clock.ts';
import { type Reply, type RunningServer, runServer } from '../runtime/server.ts';
import { eventually, firmA, group, now, openStage, type Stage, saveClients } from './stage.ts';

const url = `/v1/firms/${firmA}/exports`;
const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');
const entries = [
  `${hashOf('owner')}:firm=${firmA}`,
  `${hashOf('manager')}:firm=${firmA}:scopes=export`,
  `${hashOf('one')}:firm=${firmA}:adviser=a 1`,
  `${hashOf('two')}:firm=${firmA}:adviser=a2`,
];

let stage: Stage;
let server: RunningServer;
let worker: ExportWorker;
beforeEach(async () => {
  const clock = openHandClock(now);
  stage = await openStage(clock);
  await saveClients(stage.store, firmA, [
    { clientId: '1', profile: { firstName: 'Ann', adviser: { id: 'a 1', name: 'One' } } },
    { clientId: '2', profile: { firstName: 'Bob', adviser: { id: 'a2', name: 'Two' } } },
    { clientId: '3', profile: { firstName: 'Cy', adviser: null } },
  ]);
  const files = openExportFiles({ dataDir: stage.dir });
  const logger = createLogger('silent');
  worker = runExportWorker({
    store: stage.store,
    log: stage.log,
    clock,
    logger,
    config: { group, dataDir: stage.dir },
  });
  server = await runServer({
    config: { auth: { keys: parseApiKeys(entries.join(',')).keys, oidc: null } },
    routes: (http) => registerExport(http, { store: stage.store, clock, files, wake: () => worker.wake() }),
  });
});
afterEach(async () => {
  await worker.stop();
  await server.stop();
  await stage.close();
});

const get = (key: string, path: string) => server.send('GET', path, { authorization: `Bearer ${key}` });

async function ask(key: string, filter: unknown = {}, idempotencyKey?: string): Promise<string> {
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
  };
  const wanted = { report: 'portal-engagement', format: 'csv', filter };
  const reply = await server.send('POST', url, headers, JSON.stringify(wanted));
  expect(reply.status).toBe(202);
  return z.object({ id: z.string() }).parse(JSON.parse(reply.text)).id;
}

/** The names in a finished export's file. */
async function namesIn(key: string, id: string): Promise<string[]> {
  await eventually(async () => {
    const job = ExportJobWire.parse(JSON.parse((await get(key, `${url}/${id}`)).text));
    return job.status === 'done' ? job : null;
  });
  const { text } = await get(key, `${url}/${id}/file`);
  return text
    .trimEnd()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(',')[0] ?? '');
}

const listed = async (key: string) =>
  z.object({ items: z.array(ExportJobWire) }).parse(JSON.parse((await get(key, url)).text)).items;

test('a file holds the clients of the adviser who asked, whatever the filter says', async () => {
  expect(await namesIn('owner', await ask('owner'))).toEqual(['Ann', 'Bob', 'Cy']);
  expect(await namesIn('one', await ask('one'))).toEqual(['Ann']);
  expect(await namesIn('one', await ask('one', { adviser: ['a 1', 'a2'] }))).toEqual(['Ann']);
  expect(await namesIn('one', await ask('one', { adviser: ['a2'] }))).toEqual([]);
});

test('a job is seen by those who may see what is in it; to others it is not there', async () => {
  const [whole, ofOne, ofTwo] = [await ask('owner'), await ask('one'), await ask('two')];
  const ids = async (key: string) => (await listed(key)).map(({ id }) => id).sort();
  expect(await ids('owner')).toEqual([whole, ofOne, ofTwo].sort());
  expect(await ids('manager')).toEqual([whole, ofOne, ofTwo].sort());
  expect(await ids('one')).toEqual([ofOne]);
  expect(await ids('two')).toEqual([ofTwo]);
  const alike = ({ status, text }: Reply, id: string) => [
    status,
    text.replaceAll(id, '…').replace(/request:[0-9a-f-]+/, ''),
  ];
  for (const hidden of [whole, ofTwo]) {
    for (const end of ['', '/file']) {
      const unknown = await get('one', `${url}/no-such-export${end}`);
      expect(unknown.status).toBe(404);
      expect(alike(await get('one', `${url}/${hidden}${end}`), hidden)).toEqual(alike(unknown, 'no-such-export'));
    }
  }
});

test('a job tells the owner whose book it is', async () => {
  await ask('one');
  expect((await listed('owner'))[0]).toMatchObject({ book: 'a 1' });
  expect((await listed('one'))[0]).toMatchObject({ book: 'a 1' });
});

test('an Idempotency-Key is each book’s own: the same one tells nothing of the others, and gives nothing of theirs', async () => {
  const whole = await ask('owner', {}, 'k');
  const ofOne = await ask('one', { rating: ['red'] }, 'k');
  const ofTwo = await ask('two', {}, 'k');
  expect(new Set([whole, ofOne, ofTwo]).size).toBe(3);
  expect(await ask('manager', {}, 'k')).toBe(whole);
  expect(await ask('one', { rating: ['red'] }, 'k')).toBe(ofOne);
  expect(await namesIn('two', ofTwo)).toEqual(['Bob']);
});
