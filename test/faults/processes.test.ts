// Real processes killed and stopped among faults, in short; see processes/main.ts for longer ones and how to repeat a run.
// KILL_SEED repeats it.
import { execFile } from 'node:child_process';
import { kafkaForTests } from '../../infra/local/servers.ts';
import { hasKcat } from '../e2e/kcat.ts';

const seed = process.env['KILL_SEED'] ?? String(Math.floor(Math.random() * 2 ** 31));
const seconds = '30';

test('given processes killed, stopped and cut off, when all is calm again, then nothing is lost, counted twice or wrong', async () => {
  const kafka = await kafkaForTests();
  if (kafka === null || !(await hasKcat())) return;
  process.stderr.write(`processes: KILL_SEED=${seed}\n`);
  const script = ['test/faults/processes/main.ts', '--seed', seed, '--seconds', seconds];
  const output = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, script, { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${stdout}${stderr}`));
    });
  });
  await kafka.stop();
  expect(output).toContain('"wrong": 0');
}, 300_000);
