import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { z } from 'zod';
import {
  type ExportJob,
  ExportJobWire,
  ExportRequest,
  erasedExportJob,
  queuedExportJob,
} from '../../services/core/export-job.ts';
import { FirmId } from '../../services/core/ids.ts';
import { exportKeptMs, loadJob, saveJob } from '../../services/export/jobs.ts';
import { leaseMs, openExportFiles, patienceMsMax } from '../../services/export/room.ts';
import { registerExport } from '../../services/export/routes.ts';
import { sweep } from '../../services/export/sweep.ts';
import { type ExportWorker, type ExportWorkerOptions, runExportWorker } from '../../services/export/worker.ts';
import { OperatingError } from '../../services/runtime/errors.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import type { ViewStore } from '../../services/store/port.ts';
import { type HandClock, openHandClock } from '../projector/hand-clock.ts';
import { type Reply, type RunningServer, runServer } from '../runtime/server.ts';
import { eventually, firmA, group, now, openStage, type Stage, saveClients } from './stage.ts';

const json = { 'content-type': 'application/json' };
const url = '/v1/firms/firm-a/exports';
const wanted = { report: 'portal-engagement', format: 'csv' };
const logger = createLogger('silent');

let clock: HandClock;
let stage: Stage;
let server: RunningServer;
let workers: ExportWorker[];
beforeEach(async () => {
  clock = openHandClock(now);
  stage = await openStage(clock);
  workers = [];
  const files = openExportFiles({ dataDir: stage.dir });
  server = await runServer({
    routes: (http) =>
      registerExport(http, {
        store: stage.store,
        clock,
        files,
        wake: () => {
          for (const worker of workers) worker.wake();
        },
      }),
  });
  await saveClients(stage.store, firmA, [
    { clientId: '1', profile: { firstName: 'Ann' } },
    { clientId: '2', profile: { firstName: 'Bob' } },
  ]);
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await server.stop();
  await stage.close();
});

function startWorker(options: Partial<ExportWorkerOptions> = {}): ExportWorker {
  const config = { group, dataDir: stage.dir };
  const worker = runExportWorker({ store: stage.store, log: stage.log, clock, logger, config, ...options });
  workers.push(worker);
  return worker;
}

async function ask(body: unknown = wanted, headers: Record<string, string> = {}): Promise<string> {
  const reply = await server.send('POST', url, { ...json, ...headers }, JSON.stringify(body));
  expect(reply.status).toBe(202);
  return z.object({ id: z.string() }).parse(JSON.parse(reply.text)).id;
}

async function stateOf(id: string): Promise<ExportJobWire> {
  return ExportJobWire.parse(JSON.parse((await server.send('GET', `${url}/${id}`)).text));
}

async function reach(id: string, status: ExportJobWire['status']): Promise<ExportJobWire> {
  return eventually(async () => {
    const state = await stateOf(id);
    return state.status === status ? state : null;
  });
}

const codeOf = (reply: Reply) => z.object({ code: z.string(), detail: z.string() }).parse(JSON.parse(reply.text));

async function store(job: ExportJob): Promise<void> {
  const known = await loadJob(stage.store, firmA, job.id);
  expect(await saveJob(stage.store, known ?? { firmId: firmA, version: 0, job }, job)).not.toBeNull();
}

async function erase(id: string): Promise<void> {
  await eventually(async () => {
    const stored = await loadJob(stage.store, firmA, id);
    const erased = stored === null ? null : erasedExportJob(stored.job, clock.now());
    return stored === null || erased === null ? null : saveJob(stage.store, stored, erased);
  });
}

const filesLeft = () =>
  readdirSync(stage.dir, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(csv|part)$/.test(name));

/** The stage's store, whose scan of a firm stands still until it is let go. */
function heldStore(): { readonly store: ViewStore; readonly reached: Promise<void>; letGo(): void } {
  let letGo = () => {};
  let tellReached = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    tellReached = resolve;
  });
  const held: ViewStore = {
    ...stage.store,
    async *readFirm(firmId, views) {
      tellReached();
      await gate;
      yield* stage.store.readFirm(firmId, views);
    },
  };
  return { store: held, reached, letGo };
}

describe('an export', () => {
  test('is queued, done, and fetched as the bytes that were told', async () => {
    const reply = await server.send('POST', url, json, JSON.stringify({ ...wanted, filter: { name: 'ann' } }));
    expect(reply.status).toBe(202);
    const { id } = z.strictObject({ id: z.string(), status: z.literal('queued') }).parse(JSON.parse(reply.text));
    expect(reply.headers.location).toBe(`${url}/${id}`);
    startWorker();
    const done = await reach(id, 'done');
    const file = await server.send('GET', `${url}/${id}/file`, { 'accept-encoding': 'gzip' });
    expect(done).toEqual({
      id,
      ...wanted,
      filter: { name: ['ann'] },
      status: 'done',
      rows: 1,
      progress: 1,
      cut: {
        at: new Date(now).toISOString(),
        positions: expect.any(Array),
        lag: { total: 0, topics: expect.any(Object) },
      },
      sha256: createHash('sha256').update(file.text).digest('hex'),
      createdAt: new Date(now).toISOString(),
      finishedAt: new Date(now).toISOString(),
      error: null,
    });
    expect(file.text).toContain('\r\nAnn,');
    expect(file.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="portal-engagement_firm-a_2026-03-01.csv"',
      etag: `"${done.sha256}"`,
      'content-length': String(Buffer.byteLength(file.text)),
    });
    expect(file.headers['content-encoding']).toBeUndefined();
  });

  test('stays the same bytes when the clients change', async () => {
    startWorker();
    const id = await ask();
    await reach(id, 'done');
    const first = await server.send('GET', `${url}/${id}/file`);
    await saveClients(stage.store, firmA, [{ clientId: '3', profile: { firstName: 'Cy' } }]);
    expect((await server.send('GET', `${url}/${id}/file`)).text).toBe(first.text);
  });

  test('is not sent again to whoever has it', async () => {
    startWorker();
    const id = await ask();
    const { sha256 } = await reach(id, 'done');
    const reply = await server.send('GET', `${url}/${id}/file`, { 'if-none-match': `"other", "${sha256}"` });
    expect([reply.status, reply.text]).toEqual([304, '']);
  });

  test('that waits has no file yet', async () => {
    const reply = await server.send('GET', `${url}/${await ask()}/file`);
    expect([reply.status, codeOf(reply).code]).toEqual([409, 'not_finished']);
  });

  test('wakes the worker of its own process', async () => {
    // The hand-moved clock stands still, and a sleep of an hour is not over before the test.
    const lazy = { ...clock, sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms * 1_000_000, signal) };
    startWorker({ clock: lazy });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await reach(await ask(), 'done');
  });

  test('is listed, newest first, with those of its firm alone', async () => {
    const first = await ask();
    clock.move(1);
    const second = await ask();
    await saveClients(stage.store, FirmId.parse('firm-b'), []);
    await server.send('POST', '/v1/firms/firm-b/exports', json, JSON.stringify(wanted));
    const reply = await server.send('GET', url);
    const { items } = z.object({ items: z.array(ExportJobWire) }).parse(JSON.parse(reply.text));
    expect(items.map(({ id }) => id)).toEqual([second, first]);
  });

  test('asked for again with one Idempotency-Key is the same export', async () => {
    const key = { 'idempotency-key': 'night-1' };
    const id = await ask({ ...wanted, filter: { rating: 'red' } }, key);
    expect(await ask({ ...wanted, filter: { rating: ['red'] } }, key)).toBe(id);
    expect(await ask({ ...wanted, filter: { rating: 'red' } })).not.toBe(id);
    const other = await server.send('POST', url, { ...json, ...key }, JSON.stringify(wanted));
    expect([other.status, codeOf(other).code]).toEqual([422, 'idempotency_key_reused']);
  });

  test.each([
    [{ ...wanted, filter: { access: 'some' } }, 'access', 'never_logged_in'],
    [{ ...wanted, filter: { rating: ['red', 'blue'] } }, 'rating', 'amber'],
    [{ ...wanted, filter: { ratings: 'red' } }, 'ratings', ''],
    [{ ...wanted, filter: { adviser: [] } }, 'adviser', 'at least one'],
    [{ ...wanted, report: 'other' }, 'report', 'portal-engagement'],
    [{ ...wanted, format: 'xlsx' }, 'format', 'csv'],
  ])('asked for as %j is refused, with what is allowed', async (body, named, allowed) => {
    const reply = await server.send('POST', url, json, JSON.stringify(body));
    expect(reply.status).toBe(400);
    const { code, detail } = codeOf(reply);
    expect(code).toBe('bad_parameter');
    expect(detail).toContain(named);
    expect(detail).toContain(allowed);
  });

  test('of an unknown firm, and one that nobody asked for, are not found', async () => {
    const ofNobody = await server.send('POST', '/v1/firms/nobody/exports', json, JSON.stringify(wanted));
    expect([ofNobody.status, codeOf(ofNobody).code]).toEqual([404, 'firm_unknown']);
    for (const rest of ['', '/file']) {
      const reply = await server.send('GET', `${url}/none${rest}`);
      expect([reply.status, codeOf(reply).code]).toEqual([404, 'export_unknown']);
    }
  });

  test('of another firm is not found', async () => {
    const id = await ask();
    const reply = await server.send('GET', `/v1/firms/firm-b/exports/${id}`);
    expect([reply.status, codeOf(reply).code]).toEqual([404, 'export_unknown']);
  });

  test('is described in the contract', async () => {
    const { text } = await server.send('GET', '/openapi.json');
    const { paths } = z.object({ paths: z.record(z.string(), z.unknown()) }).parse(JSON.parse(text));
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        '/v1/firms/{firmId}/exports',
        '/v1/firms/{firmId}/exports/{id}',
        '/v1/firms/{firmId}/exports/{id}/file',
      ]),
    );
  });
});

describe('a worker', () => {
  test('tells rows and progress while it runs, by what the last export looked at', async () => {
    const clients = Array.from({ length: 200 }, (_, index) => ({ clientId: `x${index}` }));
    await saveClients(stage.store, firmA, clients);
    startWorker();
    await reach(await ask(), 'done');
    await workers[0]?.stop();
    let letGo = () => {};
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const halting: ViewStore = {
      ...stage.store,
      async *readFirm(firmId, views) {
        for await (const some of stage.store.readFirm(firmId, views)) {
          yield some.slice(0, 101);
          await gate;
          yield some.slice(101);
        }
      },
    };
    startWorker({ store: halting });
    const id = await ask();
    const state = await eventually(async () => {
      const found = await stateOf(id);
      return found.rows > 0 && found.status === 'running' ? found : null;
    });
    expect([state.rows, state.progress]).toEqual([101, 101 / 202]);
    letGo();
    expect((await reach(id, 'done')).rows).toBe(202);
  });

  test('takes over the job of a worker that died, once its lease has ended', async () => {
    const request = ExportRequest.parse(wanted);
    const job = queuedExportJob('orphan', request, now, null);
    const lease = { worker: 'dead', until: now + leaseMs };
    await store({ ...job, status: 'running', attempts: 1, rows: 7, lease });
    const files = openExportFiles({ dataDir: stage.dir });
    const half = await files.create({ firmId: firmA, jobId: 'orphan' }, 1);
    await half.write(Buffer.from('half a row'));
    startWorker();
    await reach(await ask(), 'done');
    expect((await stateOf('orphan')).status).toBe('running');
    clock.move(leaseMs + 1);
    expect((await reach('orphan', 'done')).rows).toBe(2);
    // The old worker, had it only been paused, cannot put its file in place.
    await expect(half.finish()).rejects.toMatchObject({ code: 'file_unwritable' });
    expect((await server.send('GET', `${url}/orphan/file`)).text).toContain('Bob');
  });

  test('leaves a job to whoever took it over', async () => {
    const held = heldStore();
    startWorker({ store: held.store });
    const id = await ask();
    await held.reached;
    const stored = await eventually(() => loadJob(stage.store, firmA, id));
    const taken = { ...stored.job, attempts: 2, lease: { worker: 'other', until: now + leaseMs } };
    await eventually(async () => {
      const latest = await eventually(() => loadJob(stage.store, firmA, id));
      return saveJob(stage.store, latest, taken);
    });
    held.letGo();
    await workers[0]?.stop();
    const left = await loadJob(stage.store, firmA, id);
    expect(left?.job).toEqual(taken);
  });

  test('gives up a job that brought down three workers', async () => {
    const job = queuedExportJob('deadly', ExportRequest.parse(wanted), now, null);
    await store({ ...job, status: 'running', attempts: 3, lease: { worker: 'dead', until: now - 1 } });
    startWorker();
    expect((await reach('deadly', 'failed')).error).toContain('3 attempts');
    const reply = await server.send('GET', `${url}/deadly/file`);
    expect([reply.status, codeOf(reply).code]).toEqual([409, 'export_failed']);
  });

  test('that fails says so, without what is inside', async () => {
    const broken: ViewStore = {
      ...stage.store,
      async *readFirm() {
        yield* [];
        throw new Error('secret address');
      },
    };
    startWorker({ store: broken });
    const failed = await reach(await ask(), 'failed');
    expect(failed.error).toBe('Something failed. The log of the service says more.');
    expect(filesLeft()).toEqual([]);
  });

  /** Its scans of a firm are refused so many times, for a reason that may pass. */
  function throttledStore(times: number): ViewStore {
    let reads = 0;
    return {
      ...stage.store,
      async *readFirm(firmId, views) {
        reads += 1;
        if (reads <= times) throw new OperatingError('store_throttled', 'not now', { retryable: true });
        yield* stage.store.readFirm(firmId, views);
      },
    };
  }

  test('waits for a store that is away, however many tries that takes', async () => {
    startWorker({ store: throttledStore(6) });
    const id = await ask();
    await reach(id, 'done');
    expect((await loadJob(stage.store, firmA, id))?.job.attempts).toBe(1);
  });

  test('fails when the store is away for an hour', async () => {
    startWorker({ store: throttledStore(Number.POSITIVE_INFINITY) });
    const id = await ask();
    await reach(id, 'queued');
    clock.move(patienceMsMax);
    expect((await reach(id, 'failed')).error).toContain('refuses work faster');
  });

  test('keeps the file when the answer to its last save was lost', async () => {
    const forgetful: ViewStore = {
      ...stage.store,
      async saveDocument(document, expected) {
        const saved = await stage.store.saveDocument(document, expected);
        if (document.body.includes('"status":"done"')) throw new Error('the answer was lost');
        return saved;
      },
    };
    const worker = startWorker({ store: forgetful });
    const id = await ask();
    await reach(id, 'done');
    await worker.stop();
    expect((await server.send('GET', `${url}/${id}/file`)).status).toBe(200);
  });

  test('whose last save was given up and arrives late leaves no job done without its file', async () => {
    let isAway = true;
    let arrive: (() => Promise<boolean>) | null = null;
    let isRefused = false;
    const away = () => new OperatingError('store_unreachable', 'the store did not answer', { retryable: true });
    const belated: ViewStore = {
      ...stage.store,
      async saveDocument(document, expected) {
        if (isAway && document.body.includes('"status":"done"')) {
          arrive = () => stage.store.saveDocument(document, expected);
          throw away();
        }
        // What would give the job back fails as well.
        if (isAway && document.body.includes('"status":"queued"')) {
          isRefused = true;
          throw away();
        }
        return stage.store.saveDocument(document, expected);
      },
    };
    startWorker({ store: belated });
    const id = await ask();
    const arriving = await eventually(async () => (isRefused ? arrive : null));
    await arriving();
    isAway = false;
    clock.move(leaseMs + 1);
    await reach(id, 'done');
    expect((await server.send('GET', `${url}/${id}/file`)).status).toBe(200);
  });

  test('that is stopped puts its job back for the next', async () => {
    const held = heldStore();
    const worker = startWorker({ store: held.store });
    const id = await ask();
    await held.reached;
    const stopped = worker.stop();
    held.letGo();
    await stopped;
    expect((await loadJob(stage.store, firmA, id))?.job).toMatchObject({ status: 'queued', attempts: 0, lease: null });
    expect(filesLeft()).toEqual([]);
    startWorker();
    await reach(id, 'done');
  });
});

describe('an erasure', () => {
  test('takes the file of a finished export away at once for whoever asks', async () => {
    startWorker();
    const id = await ask();
    await reach(id, 'done');
    await workers[0]?.stop();
    await erase(id);
    expect(filesLeft()).toHaveLength(1);
    const reply = await server.send('GET', `${url}/${id}/file`);
    expect([reply.status, codeOf(reply).code]).toEqual([410, 'export_erased']);
    expect(filesLeft()).toEqual([]);
    expect(await stateOf(id)).toMatchObject({ status: 'erased', sha256: null });
  });

  test('has the worker sweep away files that nobody asks for', async () => {
    startWorker();
    const id = await ask();
    await reach(id, 'done');
    await erase(id);
    await eventually(() => (filesLeft().length === 0 ? true : null));
  });

  test('stops a running export, of which nothing stays', async () => {
    const held = heldStore();
    const worker = startWorker({ store: held.store });
    const id = await ask();
    await held.reached;
    await erase(id);
    held.letGo();
    await eventually(() => (filesLeft().length === 0 ? true : null));
    await worker.stop();
    expect((await stateOf(id)).status).toBe('erased');
    expect(filesLeft()).toEqual([]);
  });

  test('leaves other exports alone', async () => {
    startWorker();
    const [gone, stays] = [await ask(), await ask()];
    await reach(gone, 'done');
    await reach(stays, 'done');
    await erase(gone);
    await eventually(() => (filesLeft().length === 1 ? true : null));
    expect((await server.send('GET', `${url}/${stays}/file`)).status).toBe(200);
  });
});

describe('the sweep', () => {
  test('deletes exports past their time, and no younger ones', async () => {
    const files = openExportFiles({ dataDir: stage.dir });
    const worker = startWorker();
    const old = await ask();
    await reach(old, 'done');
    clock.move(exportKeptMs);
    const young = await ask();
    await reach(young, 'done');
    await worker.stop();
    clock.move(1);
    await sweep({ store: stage.store, files, clock, logger });
    expect((await server.send('GET', `${url}/${old}`)).status).toBe(404);
    expect((await server.send('GET', `${url}/${young}/file`)).status).toBe(200);
    expect(filesLeft()).toHaveLength(1);
  });
});
