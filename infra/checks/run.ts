// Runs every check of the house, two at a time, and says for each what is wrong and what mends it.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { houseFindings } from './house.ts';
import { importFindings } from './imports.ts';
import { lockfileFindings } from './lockfile.ts';
import type { Finding } from './syntax.ts';

export type CheckResult = { readonly name: string; readonly passed: boolean };

/** A check answers with what it found wrong as text, or with nothing. */
type Check = { readonly name: string; readonly mend: string; readonly find: (root: string) => Promise<string> };

const checksAtOnceMax = 2;

/** A command from node_modules that fails when something is wrong, and prints what. */
const command = (bin: string, ...args: string[]) => {
  return (root: string) =>
    new Promise<string>((resolve, reject) => {
      const child = spawn(process.execPath, [bin, ...args], { cwd: root });
      let printed = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          printed += text;
        });
      }
      child.on('error', reject);
      child.on('close', (code, signal) => resolve(code === 0 ? '' : printed.trim() || `ended with ${code ?? signal}`));
    });
};

const findings = (find: (root: string) => Finding[]) => async (root: string) =>
  find(root)
    .map(({ file, line, rule, detail }) => `${file}:${line}  ${rule}: ${detail}`)
    .join('\n');

const compiler = 'node_modules/typescript/bin/tsc';
const biome = 'node_modules/@biomejs/biome/bin/biome';

const checks: readonly Check[] = [
  { name: 'types', mend: 'mend what the compiler names', find: command(compiler, '-p', 'tsconfig.json') },
  {
    name: 'types of core, without Node',
    mend: 'core does no I/O and knows no platform: move it to another room',
    find: command(compiler, '-p', 'services/core/tsconfig.json'),
  },
  {
    name: 'types of the tests',
    mend: 'mend what the compiler names',
    find: command(compiler, '-p', 'test/tsconfig.json'),
  },
  {
    name: 'types of the dashboard',
    mend: 'mend what the compiler names',
    find: command(compiler, '-p', 'services/dashboard/tsconfig.json'),
  },
  { name: 'lint and format', mend: 'npx biome check --write', find: command(biome, 'check', '--reporter=concise') },
  { name: 'unused code', mend: 'delete it, or stop exporting it', find: command('node_modules/knip/bin/knip.js') },
  {
    name: 'generated schemas are fresh',
    mend: 'node infra/schemas.ts',
    find: command('infra/schemas.ts', '--check'),
  },
  { name: 'imports', mend: 'the rule stands in infra/checks/imports.ts', find: findings(importFindings) },
  { name: 'house', mend: 'the rules stand in infra/checks/house.ts', find: findings(houseFindings) },
  {
    name: 'lock file',
    mend: 'as it says',
    find: async (root) => lockfileFindings(readFileSync(join(root, 'package-lock.json'), 'utf8')).join('\n'),
  },
];

/** Runs all checks and prints as it goes; a check that breaks has failed, and the others still run. */
export async function runChecks(root: string, print: (text: string) => void): Promise<CheckResult[]> {
  const waiting = [...checks];
  const results: CheckResult[] = [];
  const work = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const startedAt = performance.now();
      const wrong = await check.find(root).catch((error: unknown) => `the check itself failed: ${String(error)}`);
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      print(`${wrong === '' ? 'ok     ' : 'FAILED '} ${check.name} (${seconds} s)\n`);
      if (wrong !== '') print(`${wrong.replace(/^/gm, '    ')}\n    To mend: ${check.mend}\n`);
      results.push({ name: check.name, passed: wrong === '' });
    }
  };
  await Promise.all(Array.from({ length: checksAtOnceMax }, work));
  return results;
}
