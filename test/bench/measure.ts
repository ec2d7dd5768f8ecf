// Measured work runs in processes of its own: the CPU time of a process is the steadiest figure that a noisy machine gives.
// This is the side of the bench that starts them, in shuffled rounds, and sums up.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { seededRandom } from '../../services/demo/random.ts';

/** What a measured process tells at its end. */
export type Figures = {
  /** Events, rows or whatever the subject counts. */
  readonly items: number;
  readonly wallMs: number;
  /** User and system time of the process, all threads. */
  readonly cpuMs: number;
  /** Most memory resident at once; pages of LMDB's files count. */
  readonly peakMb: number;
  /** Whatever else the subject measured. */
  readonly extra?: Readonly<Record<string, number>>;
};

export type Child = {
  /** Lines that are not figures yet, as they come. */
  onLine(listener: (line: string) => void): void;
  /** Tells the process what to do next. */
  order(order: object): void;
  readonly done: Promise<Figures>;
  stop(): void;
};

const childMsMax = 15 * 60_000;
const heapMbMax = 8_192;
// kafkajs asks for timers in the past, of which Node warns each process.
const quiet = ['--disable-warning=TimeoutNegativeWarning'];
const folder = path.join('test', 'bench');

/** Starts `node test/bench/<program> <args as JSON>`; its last line of output are its figures. */
export function startChild(program: string, args: unknown, profile: string | null = null): Child {
  const profiling =
    profile === null
      ? []
      : ['--cpu-prof', `--cpu-prof-dir=${path.dirname(profile)}`, `--cpu-prof-name=${path.basename(profile)}`];
  const node = [`--max-old-space-size=${heapMbMax}`, ...quiet, ...profiling];
  return startProgram(process.execPath, [...node, path.join(folder, program), JSON.stringify(args)]);
}

/** The same for any program that prints its figures as its last line. */
export function startProgram(program: string, args: readonly string[]): Child {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], timeout: childMsMax });
  // Whoever stops the bench stops what it measures.
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  child.once('close', () => process.off('exit', end));
  const listeners: ((line: string) => void)[] = [];
  let last = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    last = line;
    for (const listener of listeners) listener(line);
  });
  const done = new Promise<Figures>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code !== 0)
        return reject(new Error(`${path.basename(program)} ${args.join(' ')} ended with ${signal ?? code}`));
      const figures: Figures = JSON.parse(last);
      resolve(figures);
    });
  });
  return {
    done,
    stop: () => child.kill('SIGTERM'),
    onLine: (listener) => listeners.push(listener),
    order: (order) => child.stdin.write(`${JSON.stringify(order)}\n`),
  };
}

export type Subject = { readonly name: string; run(round: number): Promise<Figures> };

/** Runs every subject once a round, in an order shuffled anew for each round, so that drift hits all alike. */
export async function runRounds(
  subjects: readonly Subject[],
  rounds: number,
  say: (text: string) => void,
): Promise<Map<string, Figures[]>> {
  const random = seededRandom(subjects.length * 31 + rounds);
  const runs = new Map<string, Figures[]>(subjects.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    const order = subjects.map((subject) => ({ subject, at: random.next() })).sort((one, other) => one.at - other.at);
    for (const { subject } of order) {
      const figures = await subject.run(round).catch((error: unknown) => {
        // What the others took minutes to measure is not lost; but a bench that breaks ends badly.
        say(`BROKEN: ${subject.name}: ${String(error)}`);
        process.exitCode = 1;
        return null;
      });
      if (figures === null) continue;
      runs.get(subject.name)?.push(figures);
      const perCpu = Math.round(figures.items / (figures.cpuMs / 1000));
      say(`  ${subject.name}: ${perCpu.toLocaleString('en')} a CPU-second, ${(figures.wallMs / 1000).toFixed(1)} s`);
    }
  }
  return runs;
}

export type Spread = { readonly median: number; readonly min: number; readonly max: number };

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((one, other) => one - other);
  return { median: quantile(sorted, 0.5), min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}

/** Of values in ascending order; between two of them, in proportion. */
export function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}

export const perCpuSecond = ({ items, cpuMs }: Figures) => items / (cpuMs / 1000);
export const perSecond = ({ items, wallMs }: Figures) => items / (wallMs / 1000);
