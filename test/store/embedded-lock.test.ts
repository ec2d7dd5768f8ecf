// One projector per data folder, and a lock that no kill leaves behind.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { lockForProjector } from '../../services/store/embedded-lock.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'signalfold-lock-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('given a locked folder, when locked again, then it says who has it and where', () => {
  const lock = lockForProjector(dir);
  try {
    expect(() => lockForProjector(dir)).toThrow(
      expect.objectContaining({
        code: 'data_folder_locked',
        message: expect.stringMatching(new RegExp(`process ${process.pid} projects into .*${path.basename(dir)};`)),
      }),
    );
  } finally {
    lock.release();
  }
});

test('given a released lock, when locked again, then it is ours', () => {
  const first = lockForProjector(dir);
  first.release();
  first.release();
  lockForProjector(dir).release();
});

test('given two folders, when both are locked, then neither is in the way', () => {
  const other = mkdtempSync(path.join(tmpdir(), 'signalfold-lock-'));
  const locks = [lockForProjector(dir), lockForProjector(other)];
  for (const lock of locks) lock.release();
  rmSync(other, { recursive: true });
});

test('given another process with the lock, when it is killed with -9, then the folder is free', async () => {
  const program = `
    const { lockForProjector } = await import(${JSON.stringify(path.resolve('services', 'store', 'embedded-lock.ts'))});
    lockForProjector(${JSON.stringify(dir)});
    globalThis.gc();
    console.log('locked');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      expect(line).toBe('locked');
      expect(() => lockForProjector(dir)).toThrow(`process ${child.pid} `);
      child.kill('SIGKILL');
    }
  } finally {
    child.kill('SIGKILL');
  }
  await ended;
  lockForProjector(dir).release();
});
