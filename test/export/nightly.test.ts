import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { FirmId } from '../../services/core/ids.ts';
import { safeFirmName, safeFirmNames } from '../../services/export/file-names.ts';
import { Manifest, type NightlyOptions, type NightlySummary, runNightly } from '../../services/export/nightly.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import type { ViewStore } from '../../services/store/port.ts';
import { openHandClock } from '../projector/hand-clock.ts';
import { eventually, firmA, group, now, openStage, type Stage, saveClients } from './stage.ts';

const clock = openHandClock(now);
const firmB = FirmId.parse('firm-b');
let stage: Stage;
let outDir: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  stage = await openStage(clock);
  outDir = path.join(stage.dir, 'out');
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await stage.close();
});

function nightly(options: Partial<NightlyOptions> = {}): Promise<NightlySummary> {
  const { store, log } = stage;
  return runNightly({ store, log, clock, logger: createLogger('silent'), group, outDir, version: '1.2.3', ...options });
}

const fileOf = (firm: string) => path.join(outDir, `portal-engagement_${firm}_2026-03-01.csv`);
const manifestOnDisk = () => Manifest.parse(JSON.parse(readFileSync(path.join(outDir, 'manifest.json'), 'utf8')));
const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
const identity = (file: string) => {
  const { ino, mtimeMs } = statSync(file);
  return { ino, mtimeMs };
};

async function twoFirms(): Promise<void> {
  await saveClients(stage.store, firmA, [{ clientId: '1' }, { clientId: '2' }]);
  await saveClients(stage.store, firmB, [{ clientId: '1' }]);
}

describe('a nightly run', () => {
  test('writes a file per firm and a manifest that tells all of it', async () => {
    await twoFirms();
    const summary = await nightly();
    expect(summary).toMatchObject({ written: 2, kept: 0, manifestPath: path.join(outDir, 'manifest.json') });
    const manifest = manifestOnDisk();
    expect(manifest).toEqual(summary.manifest);
    const at = new Date(now).toISOString();
    expect(manifest).toMatchObject({
      date: '2026-03-01',
      signalfold: '1.2.3',
      caughtUp: true,
      waitedForLagMs: 0,
      failed: [],
    });
    expect(manifest.notes).toEqual([expect.stringContaining('may or may not be in it')]);
    expect(manifest.firms).toEqual(
      [
        ['firm-a', 2],
        ['firm-b', 1],
      ].map(([firm, rows]) => ({
        firmId: firm,
        file: path.basename(fileOf(String(firm))),
        rows,
        bytes: statSync(fileOf(String(firm))).size,
        sha256: sha256(fileOf(String(firm))),
        cut: { at, positions: expect.any(Array), lag: { total: 0, topics: expect.any(Object) } },
        startedAt: at,
        finishedAt: at,
        signalfold: '1.2.3',
      })),
    );
    expect(manifest.firms[0]?.cut.positions.map(({ topic }) => topic)).toContain('portal-access');
    expect(readdirSync(outDir).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('without any firm writes an empty manifest', async () => {
    await nightly();
    expect(manifestOnDisk().firms).toEqual([]);
  });

  test('for a date that is none is refused', async () => {
    await expect(nightly({ date: '2026-02-30' })).rejects.toMatchObject({ code: 'usage' });
  });

  test('for a date of its own names the files by it', async () => {
    await twoFirms();
    const { manifest } = await nightly({ date: '2026-02-28' });
    expect(manifest.firms[0]?.file).toBe('portal-engagement_firm-a_2026-02-28.csv');
  });

  test('run again keeps finished files, untouched', async () => {
    await twoFirms();
    const first = await nightly();
    const before = [identity(fileOf('firm-a')), identity(fileOf('firm-b'))];
    await saveClients(stage.store, firmA, [{ clientId: '3' }]);
    const again = await nightly();
    expect(again).toMatchObject({ written: 0, kept: 2 });
    expect(again.manifest.firms).toEqual(first.manifest.firms);
    expect([identity(fileOf('firm-a')), identity(fileOf('firm-b'))]).toEqual(before);
  });

  test.each([
    ['a byte of its file has changed', () => writeFileSync(fileOf('firm-a'), 'other')],
    ['its entry is cut short', () => writeFileSync(fileOf('firm-a').replace(/csv$/, 'json'), '{"firmId"')],
  ])('run again writes a firm anew when %s', async (_, spoil) => {
    await twoFirms();
    await nightly();
    const kept = identity(fileOf('firm-b'));
    spoil();
    expect(await nightly()).toMatchObject({ written: 1, kept: 1 });
    expect(sha256(fileOf('firm-a'))).toBe(manifestOnDisk().firms[0]?.sha256);
    expect(identity(fileOf('firm-b'))).toEqual(kept);
  });

  test('waits for the views to catch up', async () => {
    await twoFirms();
    await stage.log.append('login', [{ key: null, value: Buffer.from('{}') }]);
    const running = nightly();
    const [topic] = await stage.log.describe(['login']);
    if (topic === undefined) throw new Error('there is no topic');
    const reader = await stage.log.join(group, ['login']);
    await reader.poll(1_000, 10);
    await reader.commit([{ topic: 'login', incarnation: topic.incarnation, partition: 0, offset: 1 }]);
    await reader.close();
    const { manifest } = await running;
    expect(manifest.caughtUp).toBe(true);
    expect(manifest.firms[0]?.cut.positions.find((position) => position.topic === 'login')?.offset).toBe(1);
  });

  test('that waited long enough goes on and says so', async () => {
    await twoFirms();
    await stage.log.append('login', [{ key: null, value: Buffer.from('{}') }]);
    const { manifest } = await nightly({ waitForLagMsMax: 1_000 });
    expect(manifest).toMatchObject({ caughtUp: false, waitedForLagMs: 1_000 });
    expect(manifest.firms.map(({ cut }) => cut.lag.total)).toEqual([1, 1]);
    expect(manifest.notes[1]).toContain('2 of 2 files');
  });

  test('in which a firm fails writes the others, tells it, and makes up for it the next time', async () => {
    await twoFirms();
    const broken: ViewStore = {
      ...stage.store,
      async *readFirm(firmId, views) {
        if (firmId === firmA) throw new Error('unreadable');
        yield* stage.store.readFirm(firmId, views);
      },
    };
    const { manifest } = await nightly({ store: broken });
    expect(manifest.failed).toEqual([{ firmId: 'firm-a', error: 'The log says more.' }]);
    expect(manifest.firms.map(({ firmId }) => firmId)).toEqual(['firm-b']);
    expect(existsSync(fileOf('firm-a'))).toBe(false);
    expect(await nightly()).toMatchObject({ written: 1, kept: 1, manifest: { failed: [] } });
  });

  test('that is stopped leaves no manifest, and the next goes on', async () => {
    await twoFirms();
    const stop = new AbortController();
    const stopped = nightly({ signal: stop.signal, progressed: () => stop.abort(new Error('stopped')) });
    await expect(stopped).rejects.toThrow('stopped');
    expect(readdirSync(outDir).sort()).toEqual([
      'portal-engagement_firm-a_2026-03-01.csv',
      'portal-engagement_firm-a_2026-03-01.json',
    ]);
    expect(await nightly()).toMatchObject({ written: 1, kept: 1 });
  });

  test('killed in the middle of a file leaves no half file, and the next run redoes no finished firm', async () => {
    const rows = 40_000;
    await saveClients(stage.store, firmA, [{ clientId: '1' }]);
    const clients = Array.from({ length: rows }, (_, index) => ({ clientId: `c${index}` }));
    await saveClients(stage.store, firmB, clients);
    const child = spawn(process.execPath, [path.join(__dirname, 'nightly-child.ts'), stage.dir, outDir]);
    children.push(child);
    const exited = once(child, 'exit');
    const half = await eventually(() => {
      if (child.exitCode !== null) throw new Error('the run ended before it could be killed');
      const part = path.join(outDir, `.${path.basename(fileOf('firm-b'))}.nightly.part`);
      return existsSync(part) && statSync(part).size > 0 ? part : null;
    });
    child.kill('SIGKILL');
    await exited;
    expect(existsSync(half)).toBe(true);
    expect(existsSync(fileOf('firm-b'))).toBe(false);
    expect(existsSync(path.join(outDir, 'manifest.json'))).toBe(false);
    const before = identity(fileOf('firm-a'));

    expect(await nightly()).toMatchObject({ written: 1, kept: 1 });
    expect(identity(fileOf('firm-a'))).toEqual(before);
    expect(readFileSync(fileOf('firm-b'), 'utf8').split('\r\n')).toHaveLength(rows + 2);
    expect(existsSync(half)).toBe(false);
  });
});

describe('the name of a firm in a file', () => {
  test.each(['firm-1', 'Müller & Söhne', '..', 'a b', 'O\'Neil*?<>|:"\\~', '王', '%41'])(
    'of %s can be read back',
    (firm) => {
      const name = safeFirmName(firm);
      expect(name).toMatch(/^[\w.%-]+$/);
      expect(decodeURIComponent(name)).toBe(firm);
    },
  );

  test('too long for a file is cut, and still its own', () => {
    const [one, other] = [safeFirmName(`${'王'.repeat(127)}a`), safeFirmName(`${'王'.repeat(127)}b`)];
    expect(one).not.toBe(other);
    expect(one.length).toBeLessThanOrEqual(200);
  });

  test('differs from others on file systems that fold case', () => {
    const names = safeFirmNames(['acme', 'ACME', 'other']);
    const folded = [...names.values()].map((name) => name.toLowerCase());
    expect(new Set(folded).size).toBe(3);
    expect(names.get('other')).toBe('other');
  });
});
