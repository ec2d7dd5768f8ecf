// `make test`: all checks, then all tests, then what failed, what was left out, and the closing line `N passed, N failed`.
// Arguments go to jest. With CI=true the servers that tests need must be there, and nothing may be left out.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runChecks } from './checks/run.ts';
import { summarise } from './checks/summary.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const jestWorkers = 2;
const jestDurationMinutesMax = 25;
const stopPatienceMs = 20_000;

/** The programs that tests start by the hundred read here what Node has compiled once. */
const compiled = `${root}.cache/compiled`;

const print = (text: string) => process.stdout.write(text);

/** Ends true when jest ended well. One that hangs is stopped, so that the closing line comes in any case. */
function runJest(resultFile: string, options: readonly string[]): Promise<boolean> {
  const jest = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      `--maxWorkers=${jestWorkers}`,
      '--json',
      `--outputFile=${resultFile}`,
      ...options,
    ],
    { cwd: root, env: { ...process.env, NODE_COMPILE_CACHE: compiled }, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const stop = setTimeout(() => {
    print(`jest still ran after ${jestDurationMinutesMax} minutes and is stopped.\n`);
    jest.kill('SIGTERM');
    setTimeout(() => jest.kill('SIGKILL'), stopPatienceMs).unref();
  }, jestDurationMinutesMax * 60_000);
  return new Promise((resolve) => {
    const end = (well: boolean) => {
      clearTimeout(stop);
      resolve(well);
    };
    jest.on('error', () => end(false));
    jest.on('close', (code) => end(code === 0));
  });
}

const results = `${root}artifacts/results`;
mkdirSync(results, { recursive: true });
const resultFile = `${results}/jest.json`;
rmSync(resultFile, { force: true });

const checks = await runChecks(root, print);
const endedWell = await runJest(resultFile, process.argv.slice(2));
const jestJson = existsSync(resultFile) ? readFileSync(resultFile, 'utf8') : null;
const { failed, leftOut, line } = summarise(checks, jestJson, !endedWell);

for (const name of leftOut) print(`left out: ${name}\n`);
for (const name of failed) print(`FAILED: ${name}\n`);
writeFileSync(`${results}/summary.txt`, `${line}\n`);
print(`${line}\n`);
process.exitCode = failed.length > 0 || (process.env['CI'] === 'true' && leftOut.length > 0) ? 1 : 0;
