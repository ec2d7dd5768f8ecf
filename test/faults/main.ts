// The one door to the trials. Without flags the quick ones: simulations, then mutations. Each flag runs one trial, --all runs
// every one, in the order of the table. Ends with 1 when a trial found something wrong.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';

/** What a trial is told: how long it may go on, which seed repeats it, and how many seeds it tries. */
type Wishes = { readonly minutes?: string; readonly seed?: string; readonly seeds?: string; readonly from?: string };

type Trial = {
  /** Its flag, without the dashes. */
  readonly name: string;
  readonly file: string;
  /** What runs without any flag. */
  readonly isQuick: boolean;
  args(wishes: Wishes): readonly string[];
};

const minutesPreset = '10';

const trials: readonly Trial[] = [
  { name: 'simulation', file: 'sim/main.ts', isQuick: true, args: (wishes) => given(wishes, 'seeds', 'from', 'seed') },
  { name: 'brokers', file: 'brokers/main.ts', isQuick: false, args: (wishes) => given(wishes, 'seed') },
  { name: 'mutations', file: 'mutations.ts', isQuick: true, args: () => [] },
  {
    name: 'processes',
    file: 'processes/main.ts',
    isQuick: false,
    args: ({ minutes = minutesPreset, ...wishes }) => given({ minutes, ...wishes }, 'minutes', 'seed'),
  },
  { name: 'disk', file: 'disk/main.ts', isQuick: false, args: (wishes) => given(wishes, 'seed') },
];

const folder = import.meta.dirname;
const say = (text: string) => process.stdout.write(`${text}\n`);

const wishNames = ['minutes', 'seed', 'seeds', 'from'] as const;
const options = Object.fromEntries([
  ...['all', ...trials.map(({ name }) => name)].map((name) => [name, { type: 'boolean' as const }]),
  ...wishNames.map((name) => [name, { type: 'string' as const }]),
]);
const told = new Map(Object.entries(parseArgs({ options }).values));
const wishes: Wishes = Object.fromEntries([...told].filter(([, value]) => typeof value === 'string'));
const named = trials.filter(({ name }) => told.has('all') || told.has(name));
const wanted = named.length > 0 ? named : trials.filter(({ isQuick }) => isQuick);

const failed: string[] = [];
for (const { name, file, args } of wanted) {
  say(`--- ${name}`);
  if ((await run(file, args(wishes))) !== 0) failed.push(name);
}
say(
  failed.length === 0
    ? `nothing wrong in: ${wanted.map(({ name }) => name).join(', ')}`
    : `WRONG: ${failed.join(', ')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

/** Resolves with the exit code. */
function run(file: string, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [path.join(folder, file), ...args], { stdio: 'inherit' });
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
}

function given(wishes: Wishes, ...names: readonly (keyof Wishes)[]): readonly string[] {
  return names.flatMap((name) => (wishes[name] === undefined ? [] : [`--${name}`, wishes[name]]));
}
