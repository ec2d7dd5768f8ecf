// A full disk under the embedded profile, as a real one: see disk/main.ts for the other places and how to repeat a run.
import { execFile } from 'node:child_process';

const seed = process.env['KILL_SEED'] ?? String(Math.floor(Math.random() * 2 ** 31));

test('on a disk that gets full nothing accepted is lost, who posts is told what to do, and with room it goes on', async () => {
  process.stderr.write(`full disk: KILL_SEED=${seed}\n`);
  const script = ['test/faults/disk/main.ts', '--seed', seed, '--place', 'all'];
  const output = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, script, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${stdout}${stderr}`));
    });
  });
  expect(output).toContain('"wrong":0');
}, 180_000);
