// The committed baseline: ratios of one run, which hold on other machines too. A ratio that has become clearly worse is a
// warning, never a failure: machines are noisy.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Ratio } from './report.ts';

const file = path.join('test', 'bench', 'baseline.json');
const worseShareMax = 0.25;

type Ratios = Readonly<Record<string, Ratio>>;

/** A sentence for each ratio that is worse than the baseline by more than a quarter. */
export function compareWithBaseline(ratios: Ratios): string[] {
  const baseline = readBaseline();
  return Object.entries(ratios).flatMap(([name, { value, better }]) => {
    const before = baseline[name]?.value;
    if (before === undefined) return [];
    const worse = better === 'higher' ? before / value - 1 : value / before - 1;
    if (!(worse > worseShareMax)) return [];
    return [
      `${name} is ${value.toPrecision(3)}, the baseline has ${before.toPrecision(3)}: ${Math.round(worse * 100)} % worse.`,
    ];
  });
}

/** Ratios that this run did not measure stay as they are. */
export function writeBaseline(ratios: Ratios): void {
  const rounded = Object.entries(ratios).map(([name, { value, better }]) => {
    return [name, { value: Number(value.toPrecision(3)), better }] as const;
  });
  const merged = { ...readBaseline(), ...Object.fromEntries(rounded) };
  writeFileSync(file, `${JSON.stringify(merged, null, 2)}\n`);
}

function readBaseline(): Ratios {
  try {
    const ratios: Ratios = JSON.parse(readFileSync(file, 'utf8'));
    return ratios;
  } catch {
    return {};
  }
}
