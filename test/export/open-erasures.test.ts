// A client whose erasure was answered with 202 is in no file that is written before a projector takes the erasure in.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { erasureNoteCollection } from '../../services/core/erasure-note.ts';
import { ClientId, FirmId } from '../../services/core/ids.ts';
import { exportFirm } from '../../services/export/export-firm.ts';
import { openExportFiles } from '../../services/export/room.ts';
import { sweep } from '../../services/export/sweep.ts';
import { eraseClient } from '../../services/query/erase.ts';
import { hourMs, minuteMs, openStage, profile, type Stage, start } from '../projector/stage.ts';

const firmId = FirmId.parse('firm');
const ann = { firmId, clientId: ClientId.parse('ann') };
const folder = mkdtempSync(path.join(tmpdir(), 'signalfold-erasures-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
  await stage.append('client', [profile(4, 'Ann', start - hourMs)]);
  await stage.append('client', [{ ...profile(1, 'Ben', start - hourMs), clientId: 'ben' }]);
  await stage.fold();
});
afterEach(() => stage.close());

async function eraseWithoutProjector() {
  const waiting = setInterval(() => stage.clock.move(minuteMs), 5);
  const receipt = await eraseClient(stage, ann);
  clearInterval(waiting);
  expect(receipt.status).toBe('pending');
}

async function exportedNames(): Promise<readonly string[]> {
  const out = path.join(folder, 'out.csv');
  await exportFirm({ ...stage, group: 'signalfold', firmId, filter: {}, asOf: null }, out);
  const lines = readFileSync(out, 'utf8').trim().split('\r\n').slice(1);
  return lines.map((line) => line.split(',', 1)[0] ?? '');
}

test('given an erasure that no projector has taken in, then the client is in no file', async () => {
  await eraseWithoutProjector();
  expect(await exportedNames()).toEqual(['Ben']);
});

test('given it was taken in, when a new profile arrives, then the client is in the next file', async () => {
  await eraseWithoutProjector();
  await stage.append('client', [profile(1, 'Anew', stage.clock.now() + minuteMs)]);
  await stage.fold();
  expect(await exportedNames()).toEqual(['Anew', 'Ben']);
});

test('the sweep forgets the erasure once it was taken in, and not before', async () => {
  await eraseWithoutProjector();
  const room = { ...stage, files: openExportFiles({ dataDir: folder }), logger: pino({ level: 'silent' }) };
  await sweep(room);
  expect(await stage.store.listDocuments(erasureNoteCollection)).toHaveLength(1);
  await stage.fold();
  await sweep(room);
  expect(await stage.store.listDocuments(erasureNoteCollection)).toEqual([]);
});
