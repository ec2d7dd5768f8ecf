// Exports as of a past day: every row as derived at the end of that day, asked for by command or over HTTP.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseString } from 'fast-csv';
import { ExportJobWire } from '../../services/core/export-job.ts';
import { dayMs, formatInstant } from '../../services/core/time.ts';
import { exportFirm } from '../../services/export/export-firm.ts';
import { openExportFiles } from '../../services/export/room.ts';
import { registerExport } from '../../services/export/routes.ts';
import { runExportWorker } from '../../services/export/worker.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import { type HandClock, openHandClock } from '../projector/hand-clock.ts';
import { generateBook } from '../query/book.ts';
import { readRows } from '../query/list-oracle.ts';
import { runServer } from '../runtime/server.ts';
import { eventually, firmA, group, now, openStage, type Stage, saveClients } from './stage.ts';

let clock: HandClock;
let stage: Stage;
let dir: string;
beforeEach(async () => {
  clock = openHandClock(now);
  stage = await openStage(clock);
  dir = mkdtempSync(path.join(tmpdir(), 'signalfold-as-of-'));
  await saveClients(stage.store, firmA, generateBook(200, 11));
});
afterEach(async () => {
  await stage.close();
  rmSync(dir, { recursive: true, force: true });
});

const dayAgo = (days: number) => formatInstant(now - days * dayMs).slice(0, 10);

type Row = Readonly<Record<string, string>>;

function rowsOfText(text: string): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    const rows: Row[] = [];
    parseString<Row, Row>(text.slice(1), { headers: true })
      .on('data', (row) => rows.push(row))
      .on('error', reject)
      .on('end', () => resolve(rows));
  });
}

/** What must stand in some of the columns, by deriving each client at the instant. */
async function expected(at: number): Promise<Row[]> {
  const rows = await readRows(stage.store, firmA, at);
  return rows.map(({ facts: { signals, status } }) => ({
    portal_access_status: status,
    last_login: signals.lastLogin === null ? '' : formatInstant(signals.lastLogin.at.at).replace('Z', '+00:00'),
    logins_30d: String(signals.logins.d30),
    logins_365d: String(signals.logins.d365),
    engagement_rating: signals.rating,
  }));
}

async function expectAsOf(text: string, at: number) {
  const rows = await rowsOfText(text);
  const wanted = await expected(at);
  const names = Object.keys(wanted[0] ?? {});
  expect(rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name]])))).toEqual(wanted);
}

test.each([1, 15, 43, 200])(
  'as of %i days ago each row is what deriving at the end of that day gives',
  async (days) => {
    const file = path.join(dir, 'out.csv');
    const asOf = dayAgo(days);
    await exportFirm({ ...stage, clock, group, firmId: firmA, filter: {}, asOf }, file);
    await expectAsOf(readFileSync(file, 'utf8'), Date.parse(`${asOf}T23:59:59.999Z`));
  },
);

test('a day to come is refused', async () => {
  const asked = exportFirm(
    { ...stage, clock, group, firmId: firmA, filter: {}, asOf: dayAgo(-1) },
    path.join(dir, 'no'),
  );
  await expect(asked).rejects.toMatchObject({ code: 'usage' });
});

test('over HTTP the job says what it rests on, and the file is of that day', async () => {
  const files = openExportFiles({ dataDir: stage.dir });
  const logger = createLogger('silent');
  const worker = runExportWorker({ ...stage, clock, logger, config: { group, dataDir: stage.dir } });
  const server = await runServer({
    routes: (http) => registerExport(http, { store: stage.store, clock, files, wake: worker.wake }),
  });
  try {
    const url = '/v1/firms/firm-a/exports';
    const post = (asOf: string) =>
      server.send(
        'POST',
        url,
        { 'content-type': 'application/json', 'idempotency-key': 'one' },
        JSON.stringify({ report: 'portal-engagement', format: 'csv', asOf }),
      );
    expect((await post(dayAgo(-1))).status).toBe(400);
    const { id } = JSON.parse((await post(dayAgo(30))).text);
    expect((await post(dayAgo(31))).status).toBe(422);
    const job = await eventually(async () => {
      const state = ExportJobWire.parse(JSON.parse((await server.send('GET', `${url}/${id}`)).text));
      return state.status === 'done' ? state : null;
    });
    const rests = { date: dayAgo(30), profile: 'as it is today', signals: 'to the quarter hour', partialRows: 0 };
    expect(job.asOf).toEqual(rests);
    const { text, headers } = await server.send('GET', `${url}/${id}/file`);
    expect(headers['content-disposition']).toContain(`_${dayAgo(30)}.csv`);
    await expectAsOf(text, Date.parse(`${dayAgo(30)}T23:59:59.999Z`));
  } finally {
    await worker.stop();
    await server.stop();
  }
});
