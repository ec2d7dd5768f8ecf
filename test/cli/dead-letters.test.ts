// `signalfold dead-letters`: what it says to people and to scripts, and what it writes down.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { deadLetterOf } from '../../services/core/dead-letter.ts';
import { ClientId, FirmId } from '../../services/core/ids.ts';
import { deadLetterTopic } from '../../services/core/topics.ts';
import { type EmbeddedLog, openEmbeddedLog } from '../../services/log/embedded.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { collect } from '../projector/stage.ts';

const cli = resolve(__dirname, '../../services/cli.ts');
const at = Date.parse('2026-03-02T09:30:00Z');

let folder: string;
let log: EmbeddedLog;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signalfold-cli-'));
  expect(signalfold('doctor', '--create').status).toBe(0);
  log = await openEmbeddedLog({ dir: join(folder, 'log'), clock: systemClock });
});
afterEach(async () => {
  await log.close();
  rmSync(folder, { recursive: true, force: true });
});

function signalfold(...words: readonly string[]) {
  return run({}, words);
}

function run(settings: Record<string, string>, words: readonly string[]) {
  const env = { ...process.env, SIGNALFOLD_DATA_DIR: folder, SIGNALFOLD_LOG_LEVEL: 'warn', ...settings };
  return spawnSync(process.execPath, [cli, ...words], { env, encoding: 'utf8', timeout: 20_000 });
}

async function putAway(offset: number, value: string, clientId: string): Promise<string> {
  const client = { firmId: FirmId.parse('firm'), clientId: ClientId.parse(clientId) };
  const original = {
    topic: 'login',
    incarnation: 'earlier',
    partition: 0,
    offset,
    appendedAt: at,
    key: `firm/${clientId}`,
  };
  const refusal = { reason: 'wrong_shape', detail: 'outcome: is missing', client } as const;
  const letter = deadLetterOf({ ...original, value: Buffer.from(value) }, 'decode', refusal);
  await log.append(deadLetterTopic, [letter]);
  return letter.key;
}

const login = (sessionId: string) =>
  JSON.stringify({
    ...{ eventId: `e-${sessionId}`, firmId: 'firm', clientId: 'ann', occurredAt: '2026-03-02T09:30:00Z' },
    ...{ sessionId, outcome: 'success', userAgent: 'the phone of Ann' },
  });

test('it lists, shows what one would become, tries, and sends again what is usable', async () => {
  const usable = await putAway(1, login('s1'), 'ann');
  const unusable = await putAway(2, '{"outcome":', 'ben');

  const listed = signalfold('dead-letters', 'list', '--client', 'ann');
  expect(listed.stdout).toContain(`${usable}  wrong_shape`);
  expect(listed.stdout).toContain('1 match, 1 are listed.');
  expect(listed.stdout).not.toContain(unusable);

  const shown = signalfold('dead-letters', 'show', usable);
  expect(shown.stdout).toContain('now      event: It is usable.');
  expect(shown.stdout).not.toContain('phone of Ann');

  const tried = JSON.parse(signalfold('--json', 'dead-letters', 'redrive', '--dry-run').stdout);
  expect(tried).toMatchObject({ dryRun: true, matched: 2, sent: 1 });
  expect(await collect(log, 'login')).toEqual([]);

  const sent = signalfold('dead-letters', 'redrive');
  expect(sent.stdout).toContain('2 match; 1 were sent again, 0 left.');
  const [message] = await collect(log, 'login');
  expect(Buffer.from(message?.value ?? []).toString()).toBe(login('s1'));
  const left = JSON.parse(signalfold('--json', 'dead-letters', 'list').stdout);
  expect(left.items.map(({ position }: { position: string }) => position)).toEqual([unusable]);
}, 60_000);

test('the very bytes are shown when asked for, and the audit log says who asked', async () => {
  const position = await putAway(1, login('s1'), 'ann');
  expect(signalfold('dead-letters', 'show', position, '--full').stdout).toContain('the phone of Ann');
  const lines = readFileSync(join(folder, 'audit.log'), 'utf8').trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({
      audit: 'dead-letters.read-full',
      letter: position,
      principal: expect.stringMatching(/^cli:/),
    }),
  ]);
}, 60_000);

test.each([
  [['show', 'login@nowhere/0/1'], 'There is no dead letter'],
  [['list', '--since', 'yesterday'], 'RFC 3339'],
  [['redrive', '--limit', 'all'], 'whole number'],
  [['list', '--state', 'lost'], 'open, redriven, all'],
])('given %j, it says what is wrong', (words, word) => {
  const { status, stderr } = signalfold('dead-letters', ...words);
  expect(status).not.toBe(0);
  expect(stderr).toContain(word);
});

test('how long they are kept is a setting, which doctor compares and sets', async () => {
  const days = { SIGNALFOLD_DEAD_LETTER_DAYS: '14' };
  expect(run({}, ['doctor']).stdout).toContain('dead letters are kept 90 days');
  expect(run(days, ['doctor']).stdout).toContain('SIGNALFOLD_DEAD_LETTER_DAYS says 14');
  expect(run(days, ['doctor', '--create']).stdout).toContain('ok    dead letters are kept 14 days');
}, 60_000);
