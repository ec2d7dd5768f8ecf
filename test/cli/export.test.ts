// `signalfold export`: what it takes, and what it answers to scripts.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { FirmId } from '../../services/core/ids.ts';
import { openEmbeddedStore } from '../../services/store/embedded.ts';

const cli = resolve(__dirname, '../../services/cli.ts');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalfold-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function signalfold(...words: readonly string[]) {
  const env = { ...process.env, SIGNALFOLD_DATA_DIR: folder, SIGNALFOLD_PORT: '0', SIGNALFOLD_LOG_LEVEL: 'warn' };
  return spawnSync(process.execPath, [cli, ...words], { env, encoding: 'utf8', timeout: 20_000 });
}

test.each([
  ['--rating', 'green'],
  ['--as-of', '2026-01-31'],
  ['--out', 'somewhere.csv'],
])('given %s without a firm, it is called wrongly and no worker starts', (...options) => {
  const { status, stderr } = signalfold('export', ...options);
  expect([status, stderr]).toEqual([2, expect.stringContaining('--firm')]);
});

test('with --json it tells the instant of its cut as RFC 3339, as the API does', async () => {
  expect(signalfold('doctor', '--create').status).toBe(0);
  const store = await openEmbeddedStore({ dir: join(folder, 'store') });
  await store.noteFirms([{ firmId: FirmId.parse('firm'), dataSince: null }]);
  await store.close();
  const file = join(folder, 'out.csv');
  const { stdout } = signalfold('--json', 'export', '--firm', 'firm', '--out', file);
  const { cut, sha256 } = z
    .object({ cut: z.object({ at: z.iso.datetime() }), sha256: z.string() })
    .parse(JSON.parse(stdout));
  expect(cut.at).toMatch(/Z$/);
  expect(sha256).toHaveLength(64);
  expect(readFileSync(file, 'utf8')).toContain('client_name');
});

test.each([
  ['2026-02-30', 'YYYY-MM-DD'],
  ['9999-01-01', 'still to come'],
])('given --as-of %s, it is called wrongly', async (day, word) => {
  expect(signalfold('doctor', '--create').status).toBe(0);
  const store = await openEmbeddedStore({ dir: join(folder, 'store') });
  await store.noteFirms([{ firmId: FirmId.parse('firm'), dataSince: null }]);
  await store.close();
  const { status, stderr } = signalfold('export', '--firm', 'firm', '--as-of', day);
  expect([status, stderr]).toEqual([2, expect.stringContaining(word)]);
});

test('what leaves by a command line, and what it erases, stands in the audit log', async () => {
  expect(signalfold('doctor', '--create').status).toBe(0);
  const store = await openEmbeddedStore({ dir: join(folder, 'store') });
  await store.noteFirms([{ firmId: FirmId.parse('firm'), dataSince: null }]);
  await store.close();
  expect(signalfold('export', '--firm', 'firm', '--out', join(folder, 'out.csv')).status).toBe(0);
  expect(signalfold('nightly', '--out', join(folder, 'nightly')).status).toBe(0);
  // Of whom nothing is known nothing goes, and that it was tried is told.
  expect(signalfold('erase', '--firm', 'firm', '--client', 'ann').status).toBe(1);
  const lines = readFileSync(join(folder, 'audit.log'), 'utf8').trim().split('\n');
  const principal = expect.stringMatching(/^cli:/);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ audit: 'export.download', principal, firmId: 'firm' }),
    expect.objectContaining({ audit: 'export.download', principal, firmId: 'firm', clients: 0 }),
    expect.objectContaining({ audit: 'client.erase', principal, firmId: 'firm', clientId: 'ann' }),
  ]);
}, 60_000);
