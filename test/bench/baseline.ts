// The committed baseline: for each scale the ratios of one run, which hold on other machines too. A ratio that has become
// clearly worse is a warning, never a failure: machines are noisy.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Ratio } from './report.ts';

const file = path.join('test', 'bench', 'baseline.json');
const worseShareMax = 0.25;

type Ratios = Readonly<Record<string, Ratio>>;
type Baseline = Readonly<Record<string, Ratios>>;

/** A sentence for each ratio that is worse than its scale's baseline by more than a quarter. */
export function compareWithBaseline(scale: string, ratios: Ratios): string[] {
  const baseline = readBaseline()[scale] ?? {};
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
export function writeBaseline(scale: string, ratios: Ratios): void {
  const rounded = Object.entries(ratios)
    .filter(([, { value }]) => Number.isFinite(value))
    .map(([name, { value, better }]) => [name, { value: Number(value.toPrecision(3)), better }] as const);
  const baseline = readBaseline();
  const merged = { ...baseline, [scale]: { ...baseline[scale], ...Object.fromEntries(rounded) } };
  writeFileSync(file, `${JSON.stringify(merged, null, 2)}\n`);
}

function readBaseline(): Baseline {
  if (!existsSync(file)) return {};
  const baseline: Baseline = JSON.parse(readFileSync(file, 'utf8'));
  return baseline;
}
