// Takes away, one at a time, each thing that keeps views right, in copies of the sources; what is meant to notice must fail.
// Usage: node test/faults/mutations.ts [part of a name]. Ends with 1 when something can be taken away unnoticed.
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { type Mutation, mutations, simulations } from './mutation-list.ts';

/** Enough to find each of these; most are found within the first hundred. */
const seedsMax = 1_500;
/** One that takes longer has noticed nothing. */
const proofMsMax = 900_000;
/** Beside others a test may take longer than usual. */
const testMsMax = 180_000;
const jobs = Math.min(2, availableParallelism());

const root = path.resolve(import.meta.dirname, '../..');
const say = (text: string) => process.stdout.write(`${text}\n`);

/** `by`: the test, or the play, that failed; null when nothing did. */
type Outcome = { readonly by: string | null; readonly seconds: number };

/** Where a mutation does its harm: the sources as they stand, with the packages and servers of this checkout. */
function copyOfSources(): string {
  const copy = mkdtempSync(path.join(tmpdir(), 'signalfold-mutation-'));
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
  for (const file of files.trim().split('\n')) cpSync(path.join(root, file), path.join(copy, file));
  for (const shared of ['node_modules', '.cache']) {
    if (existsSync(path.join(root, shared))) symlinkSync(path.join(root, shared), path.join(copy, shared));
  }
  return copy;
}

async function tryProof(proof: string, cwd: string): Promise<Outcome> {
  const began = performance.now();
  const by = proof === simulations ? await failingPlay(cwd) : await failingTest(proof, cwd);
  return { by, seconds: Math.round((performance.now() - began) / 1_000) };
}

async function failingPlay(cwd: string): Promise<string | null> {
  const { text, isWell } = await run(['test/faults/sim/main.ts', '--jobs', '1', '--seeds', String(seedsMax)], cwd);
  if (isWell) return null;
  const plays = /"plays":(\d+)/.exec(text)?.[1];
  return plays === undefined ? 'a simulation, which broke' : `play ${plays}`;
}

const Report = z.object({
  testResults: z.array(z.object({ assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })) })),
});

async function failingTest(proof: string, cwd: string): Promise<string | null> {
  const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
  const { text, isWell } = await run([...jest, '--rootDir=.', '--json', `--testTimeout=${testMsMax}`, proof], cwd);
  if (isWell) return null;
  const begins = text.indexOf('{"num');
  const report = begins < 0 ? null : Report.parse(JSON.parse(text.slice(begins)));
  const results = report?.testResults.flatMap(({ assertionResults }) => assertionResults) ?? [];
  return results.find(({ status }) => status === 'failed')?.fullName ?? 'its file, which broke';
}

function run(args: readonly string[], cwd: string): Promise<{ readonly text: string; readonly isWell: boolean }> {
  const options = { cwd, timeout: proofMsMax, maxBuffer: 2 ** 26 };
  return new Promise((resolve) => {
    execFile(process.execPath, args, options, (error, stdout) => {
      resolve({ text: stdout, isWell: error === null || error.killed === true });
    });
  });
}

/** Throws where a refactoring has moved what is to be taken away. */
function mutate({ edits }: Mutation, copy: string): () => void {
  const before = edits.map(({ file, find, replace }) => {
    const target = path.join(copy, file);
    const source = readFileSync(target, 'utf8');
    if (source.split(find).length !== 2) throw new Error(`${file} no longer says once: ${find}`);
    writeFileSync(
      target,
      source.replace(find, () => replace),
    );
    return { target, source };
  });
  return () => {
    for (const { target, source } of before) writeFileSync(target, source);
  };
}

/** Works off a queue with as many copies of the sources as there are jobs. */
async function workOff<Item>(items: readonly Item[], work: (item: Item, copy: string) => Promise<void>): Promise<void> {
  const queue = [...items];
  await Promise.all(
    copies.map(async (copy) => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item, copy);
    }),
  );
}

const wanted = mutations.filter(({ name }) => name.includes(process.argv[2] ?? ''));
const outcomes = new Map<Mutation, Outcome>();
const copies = Array.from({ length: jobs }, copyOfSources);
try {
  for (const copy of copies) for (const mutation of wanted) mutate(mutation, copy)();
  // A proof that fails by itself would notice anything.
  await workOff([...new Set(wanted.map(({ proof }) => proof))], async (proof, copy) => {
    const { by } = await tryProof(proof, copy);
    if (by !== null) throw new Error(`${proof} fails without any mutation: ${by}`);
  });
  await workOff(wanted, async (mutation, copy) => {
    const restore = mutate(mutation, copy);
    const outcome = await tryProof(mutation.proof, copy);
    restore();
    outcomes.set(mutation, outcome);
    if (outcome.by === null) say(`UNNOTICED: without ${mutation.name} (${mutation.proof})`);
  });
} finally {
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
}

say('| taken away | in | noticed by | after |');
say('| --- | --- | --- | --- |');
for (const mutation of wanted) {
  const { by = null, seconds = 0 } = outcomes.get(mutation) ?? {};
  const files = mutation.edits.map(({ file }) => file.replace('services/', '')).join(', ');
  say(`| ${mutation.name} | ${files} | ${by ?? 'NOBODY'} | ${seconds} s |`);
}
const unnoticed = wanted.filter((mutation) => (outcomes.get(mutation)?.by ?? null) === null);
say(`${wanted.length - unnoticed.length} of ${wanted.length} mutations are noticed`);
process.exitCode = unnoticed.length === 0 ? 0 : 1;
