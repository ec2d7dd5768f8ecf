// What every measured process does: reads its arguments, takes its own CPU time, and prints its figures as its last line.
import type { Figures } from '../measure.ts';

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
