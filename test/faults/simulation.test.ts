// The whole projector in a simulated world, by thousands of seeds: see sim/main.ts for how to repeat one of them.
import { execFile } from 'node:child_process';

const inCi = process.env['CI'] === 'true';
/** In CI always the same ones, so that red means a change and not a chance. */
const seeds = Number(process.env['SIM_SEEDS'] ?? (inCi ? 10_000 : 1_500));
const from = Number(process.env['SIM_FROM'] ?? (inCi ? 1 : Math.floor(Math.random() * 2 ** 30)));
const simulationMsMax = 15 * 60_000;

function simulate(...args: string[]): Promise<{ readonly output: string; readonly isWell: boolean }> {
  return new Promise((resolve) => {
    const script = ['test/faults/sim/main.ts', ...args];
    execFile(process.execPath, script, { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      resolve({ output: stdout + stderr, isWell: error === null });
    });
  });
}

test(
  'given projectors among faults, by every seed, then nothing is lost, counted twice, wrong or untold',
  async () => {
    const { output, isWell } = await simulate('--seeds', String(seeds), '--from', String(from));
    if (!isWell) throw new Error(output);
    process.stderr.write(`${seeds} simulations from seed ${from}: ${output}`);
  },
  simulationMsMax,
);

test('given one seed twice, then everything happens again as it did', async () => {
  const [first, second] = await Promise.all([simulate('--seed', '42'), simulate('--seed', '42')]);
  expect(first.isWell).toBe(true);
  expect(second.output).toBe(first.output);
});
