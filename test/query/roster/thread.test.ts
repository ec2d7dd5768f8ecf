// Rosters in a thread of their own: they see what this thread saves and tells, and a thread that dies is replaced.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { pino } from 'pino';
import { type Adapters, openAdapters } from '../../../services/cli/adapters.ts';
import { FirmId } from '../../../services/core/ids.ts';
import { defaultSettings } from '../../../services/core/settings.ts';
import { changesTopic } from '../../../services/core/topics.ts';
import { encodeJson } from '../../../services/log/codec.ts';
import type { RosterAsk } from '../../../services/query/roster/roster.ts';
import type { Rosters } from '../../../services/query/roster/rosters.ts';
import { openRosterThread } from '../../../services/query/roster/thread.ts';
import { systemClock as clock } from '../../../services/runtime/clock.ts';
import { loadConfig } from '../../../services/runtime/config.ts';
import { eventually, firmA, saveClients, type TestClient } from '../../export/stage.ts';
import { shownOn } from '../shown-on.ts';

const program = path.join(process.cwd(), 'services', 'cli', 'roster-thread.ts');
const everybody: RosterAsk = {
  filter: { book: null, status: null },
  sort: 'last_name',
  order: 'asc',
  limit: 10,
  settings: defaultSettings,
  at: null,
  after: null,
};
const named = (...ids: string[]): TestClient[] =>
  ids.map((clientId) => ({ clientId, profile: { lastName: clientId } }));

let dir: string;
let adapters: Adapters;
let rosters: Rosters;
let bytes: number;
const started: Worker[] = [];
beforeEach(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'signalfold-thread-'));
  const config = loadConfig({ SIGNALFOLD_DATA_DIR: dir, SIGNALFOLD_LOG_LEVEL: 'silent' });
  const logger = pino({ level: 'silent' });
  adapters = await openAdapters({ config, clock, logger }, true);
  rosters = openRosterThread({
    start: () => {
      const worker = new Worker(program, { workerData: config });
      started.push(worker);
      return worker;
    },
    logger,
    onBytes: (held) => {
      bytes = held;
    },
  });
});
afterEach(async () => {
  await rosters.close();
  await adapters.close();
  rmSync(dir, { recursive: true, force: true });
  started.length = 0;
});

const ids = async (firmId = firmA) => {
  const { page } = await rosters.page({ firmId, dataSince: null }, everybody);
  return shownOn(page).items.map(({ clientId }) => clientId);
};
const code = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error);

test('given clients saved here, when a list is asked for, then the thread has them, and tells what they take', async () => {
  await saveClients(adapters.store, firmA, named('b', 'a'));
  const { page, end } = await rosters.page({ firmId: firmA, dataSince: null }, everybody);
  expect([page.clients, end, await ids()]).toEqual([2, null, ['a', 'b']]);
  await eventually(() => (bytes > 0 ? true : null));
});

test('given a firm is held, when a client is saved and told of here, then the next list has it', async () => {
  await saveClients(adapters.store, firmA, named('a'));
  expect(await ids()).toEqual(['a']);
  await saveClients(adapters.store, firmA, named('b'));
  const value = encodeJson({ firmId: firmA, clientId: 'b', view: 'profile', version: 1 });
  await adapters.log.append(changesTopic, [{ key: `${firmA}/b`, value }]);
  expect(await ids()).toEqual(['a', 'b']);
});

test('given many ask at once, when they are answered, then each has its own answer', async () => {
  const firmB = FirmId.parse('firm-b');
  await saveClients(adapters.store, firmA, named('a'));
  await saveClients(adapters.store, firmB, named('b'));
  const asked = Array.from({ length: 20 }, (_, index) => ids(index % 2 === 0 ? firmA : firmB));
  const found = (await Promise.all(asked)).map(([first]) => first);
  expect(found).toEqual(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 'a' : 'b')));
});

test('given the thread dies, when lists are asked for, then what was asked is told so, and the next finds another', async () => {
  await saveClients(adapters.store, firmA, named('a'));
  await ids();
  const ended = started[0]?.terminate();
  const asked = ids().catch(code);
  await ended;
  expect(await asked).toBe('unavailable');
  expect([await ids(), started.length]).toEqual([['a'], 2]);
});

test('given it is closed, when a list is asked for, then it is refused as unavailable', async () => {
  await rosters.close();
  expect(await ids().catch(code)).toBe('unavailable');
});
