// Runs every law as a program of its own, side by side: outside jest's sandbox they take less than half the time.
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const folder = join(process.cwd(), 'test', 'model');
const laws = readdirSync(folder).filter((name) => /^law-.*\.ts$/.test(name));
const lawTimeoutMs = 420_000;

let free = availableParallelism();
const waiting: (() => void)[] = [];

/** Resolves with what the law printed; a broken law exits with 1. */
async function hold(name: string): Promise<{ readonly output: string; readonly exitCode: number }> {
  if (free === 0) await new Promise<void>((start) => waiting.push(start));
  else free -= 1;
  return new Promise((resolve) => {
    execFile(process.execPath, [join(folder, name)], { maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
      resolve({ output: stdout + stderr, exitCode: error === null ? 0 : 1 });
    });
  });
}

const outcomes = new Map(laws.map((name) => [name, hold(name)]));

test('given the laws of the design, then there is a program for each', () => {
  expect(laws.length).toBeGreaterThanOrEqual(9);
});

test.each(laws)(
  'given generated histories, then %s holds',
  async (name) => {
    const outcome = await outcomes.get(name);
    if (outcome?.exitCode !== 0) throw new Error(outcome?.output);
    process.stderr.write(outcome.output);
  },
  lawTimeoutMs * laws.length,
);
