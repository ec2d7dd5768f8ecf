// What every measured process does: reads its arguments, takes its own CPU time, and prints its figures as its last line.
// Some are told what to do next while they run, a line each.
import { createInterface } from 'node:readline';
import type { Figures } from '../measure.ts';

const progressMs = 100;

export function readArgs<Args>(): Args {
  const args: Args = JSON.parse(process.argv[2] ?? '{}');
  return args;
}

export type Watch = (items: number, extra?: Readonly<Record<string, number>>) => Figures;

/** Starts measuring; the answer takes the figures from here to its call. */
export function startWatch(): Watch {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  return (items, extra = {}) => {
    const used = process.cpuUsage(cpu);
    return {
      items,
      wallMs: performance.now() - startedAt,
      cpuMs: (used.user + used.system) / 1000,
      peakMb: process.resourceUsage().maxRSS / 1024,
      extra,
    };
  };
}

/** Prints the figures and ends the process, whatever is still open. */
export function tell(figures: Figures): void {
  process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
}

/** Calls back for each order of the suite; the process ends when the suite closes its side. */
export function onOrder<Order>(take: (order: Order) => void): void {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    const order: Order = JSON.parse(line);
    take(order);
  });
  lines.on('close', () => process.exit(0));
}

/** Prints what `progress` answers, ten times a second. */
export function tellProgress(progress: () => object): void {
  setInterval(() => process.stdout.write(`${JSON.stringify(progress())}\n`), progressMs);
}

export function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}
