// Takes away, one at a time, each thing that keeps views right, in a copy of the sources; a test must fail each time.
// Usage: node test/faults/mutations.ts [part of a name]. Ends with 1 when something can be taken away unnoticed.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

type Mutation = {
  readonly name: string;
  readonly file: string;
  /** Stands once in the file. */
  readonly find: string;
  readonly replace: string;
  /** What must fail: a test file, or simulations. */
  readonly proof: string;
};

const simulations = 'simulations';
/** Enough to find each of these; most are found within the first hundred. */
const seedsMax = 1_500;
const proofMsMax = 180_000;

const mutations: readonly Mutation[] = [
  {
    name: 'the version check of the embedded store',
    file: 'services/store/embedded.ts',
    find: 'if ((stored === undefined ? 0 : versionOf(stored)) !== write.expected) {',
    replace: 'if (stored === undefined && write.expected < 0) {',
    proof: 'test/contract/store-embedded.test.ts',
  },
  {
    name: 'what a conflict answers, folded again',
    file: 'services/projector/save.ts',
    find: '      again.push(work);\n',
    replace: '',
    proof: simulations,
  },
  {
    name: 'the checkpoint',
    file: 'services/core/checkpoint.ts',
    find: 'return folded !== undefined && offset <= folded;',
    replace: 'return folded !== undefined && offset < 0;',
    proof: 'test/projector/faults.test.ts',
  },
  {
    name: 'the dedupe of sessions',
    file: 'services/core/views/signals/logins.ts',
    find: '  if (known >= 0) {\n    merge(logins.ledger, known, at, device);',
    replace: '  if (known >= 1_000) {\n    merge(logins.ledger, known, at, device);',
    proof: simulations,
  },
  {
    name: 'the retraction of a login that an impersonation follows',
    file: 'services/core/views/signals/logins.ts',
    find: '    logins.ledger.splice(known, 1);\n',
    replace: '',
    proof: simulations,
  },
  {
    name: 'impersonations first',
    file: 'services/projector/catch-up.ts',
    find: '    reader.pause(others);\n    logger.info',
    replace: '    logger.info',
    proof: 'test/projector/catch-up.test.ts',
  },
  {
    name: 'write before commit',
    file: 'services/projector/projector.ts',
    find: '      await saved;\n',
    replace: '',
    proof: simulations,
  },
  {
    name: 'dead letters before the commit',
    file: 'services/projector/flush.ts',
    find: '  await putAway(room, batch.refused);\n',
    replace: '  void putAway(room, batch.refused).catch(() => undefined);\n',
    proof: simulations,
  },
  {
    name: 'notices after the save',
    file: 'services/projector/save.ts',
    find: '    changed.push({ client: work.client, view, version: outcome.version });\n',
    replace: '',
    proof: simulations,
  },
  {
    name: 'notices again for what was saved before a crash',
    file: 'services/projector/save.ts',
    find: '    if (before !== null) changed.push(',
    replace: '    if (before === null) changed.push(',
    proof: simulations,
  },
  {
    name: 'a lost message is told',
    file: 'services/projector/projector.ts',
    find: '      tellLosses(room, polled.losses);\n',
    replace: '',
    proof: 'test/projector/faults.test.ts',
  },
  {
    name: 'appended before 202',
    file: 'services/ingest/routes.ts',
    find: '      await parts.log.append(topic, messages);',
    replace: '      void parts.log.append(topic, messages).catch(() => undefined);',
    proof: 'test/ingest/routes.test.ts',
  },
];

const root = path.resolve(import.meta.dirname, '../..');
const say = (text: string) => process.stdout.write(`${text}\n`);

/** Where a mutation does its harm: the sources as git has them and as they stand, with the packages of this checkout. */
function copyOfSources(): string {
  const copy = mkdtempSync(path.join(tmpdir(), 'signalfold-mutation-'));
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
  for (const file of files.trim().split('\n')) cpSync(path.join(root, file), path.join(copy, file));
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  return copy;
}

function isNoticed(proof: string, cwd: string): Promise<boolean> {
  const args =
    proof === simulations
      ? ['test/faults/sim/main.ts', '--seeds', String(seedsMax)]
      : [
          '--experimental-vm-modules',
          '--disable-warning=ExperimentalWarning',
          'node_modules/jest/bin/jest.js',
          '--rootDir=.',
          proof,
        ];
  const run = spawn(process.execPath, args, { cwd, stdio: 'ignore', timeout: proofMsMax });
  return new Promise((resolve) => run.on('close', (code) => resolve(code !== 0)));
}

const wanted = mutations.filter(({ name }) => name.includes(process.argv[2] ?? ''));
let unnoticed = 0;
const copy = copyOfSources();
try {
  // A proof that fails by itself would notice anything.
  for (const proof of new Set(wanted.map((mutation) => mutation.proof))) {
    if (await isNoticed(proof, copy)) throw new Error(`${proof} fails without any mutation`);
  }
  for (const { name, file, find, replace, proof } of wanted) {
    const target = path.join(copy, file);
    const source = readFileSync(target, 'utf8');
    if (source.split(find).length !== 2) throw new Error(`${file} no longer says once: ${find}`);
    writeFileSync(
      target,
      source.replace(find, () => replace),
    );
    const noticed = await isNoticed(proof, copy);
    writeFileSync(target, source);
    if (!noticed) unnoticed += 1;
    say(`${noticed ? 'noticed' : 'UNNOTICED'}: without ${name} (${proof})`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
say(`${wanted.length - unnoticed} of ${wanted.length} mutations are noticed`);
process.exitCode = unnoticed === 0 ? 0 : 1;
