// The report: tables of figures with their spread, and ratios that hold on other machines too; as Markdown and as JSON.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import type { Spread } from './measure.ts';
import type { MeasuredFigures, Target } from './targets.ts';

export type Figure = Spread | number | string;

export type Row = { readonly name: string; readonly figures: readonly Figure[] };

export type Table = {
  readonly title: string;
  /** What one needs to know to read it. */
  readonly note: string;
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
};

/** A figure against another of the same run. `better`: which way is an improvement. */
export type Ratio = { readonly value: number; readonly better: 'higher' | 'lower' };

export type Section = {
  readonly tables: readonly Table[];
  readonly ratios: Readonly<Record<string, Ratio>>;
  readonly figures: MeasuredFigures;
};

export type Report = Section & {
  readonly targets: readonly Target[];
  /** Ratios that have become worse than the baseline's, in words. */
  readonly warnings: readonly string[];
  readonly scale: string;
  readonly node: string;
  readonly machine: string;
  readonly arguments: readonly string[];
  readonly seconds: number;
};

export const nothing: Section = { tables: [], ratios: {}, figures: {} };

export function joined(sections: readonly Section[]): Section {
  return {
    tables: sections.flatMap(({ tables }) => tables),
    ratios: Object.assign({}, ...sections.map(({ ratios }) => ratios)),
    figures: Object.assign({}, ...sections.map(({ figures }) => figures)),
  };
}

export function machineName(): string {
  const found = cpus();
  return `${found.length} × ${found[0]?.model.trim() ?? 'unknown'}`;
}

/** Writes bench.md and bench.json into the folder; answers the Markdown. */
export function writeReport(folder: string, report: Report): string {
  const text = markdownOf(report);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'bench.md'), text);
  writeFileSync(path.join(folder, 'bench.json'), `${JSON.stringify(report, null, 2)}\n`);
  return text;
}

function markdownOf(report: Report): string {
  const { scale, node, machine, seconds, targets, tables, ratios, warnings } = report;
  const lines = [
    `# Bench, ${scale}`,
    '',
    `Node ${node}, ${machine}, ${Math.round(seconds)} s. Medians; in brackets the least and the most.`,
    'CPU is user and system time of the measured process alone, all its threads; brokers and emulators count for nobody.',
    '',
  ];
  if (targets.length > 0) {
    lines.push(
      '## Targets',
      '',
      'Runs of the full scale decide; shorter ones are held back, or helped, by starting up.',
      '',
      '| target | wanted | reached | |',
      '|---|---:|---:|---|',
    );
    for (const { name, wanted, reached, isReached } of targets) {
      lines.push(`| ${name} | ${wanted} | ${rounded(reached)} | ${isReached ? 'yes' : 'no'} |`);
    }
    lines.push('');
  }
  for (const table of tables) lines.push(...linesOf(table));
  lines.push('## Ratios', '', '| ratio | value | better |', '|---|---:|---|');
  for (const [name, { value, better }] of Object.entries(ratios)) {
    lines.push(`| ${name} | ${rounded(value)} | ${better} |`);
  }
  lines.push('', ...warnings.map((warning) => `**Warning:** ${warning}`), '');
  return lines.join('\n');
}

function linesOf({ title, note, columns, rows }: Table): string[] {
  return [
    `## ${title}`,
    '',
    note,
    '',
    `| | ${columns.join(' | ')} |`,
    `|---|${columns.map(() => '---:|').join('')}`,
    ...rows.map(({ name, figures }) => `| ${name} | ${figures.map(shown).join(' | ')} |`),
    '',
  ];
}

function shown(figure: Figure): string {
  if (typeof figure === 'string') return figure;
  if (typeof figure === 'number') return rounded(figure);
  const { median, min, max } = figure;
  return min === max ? rounded(median) : `${rounded(median)} (${rounded(min)}–${rounded(max)})`;
}

/** Three significant digits, and all that stand before the point. */
function rounded(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en', { maximumFractionDigits: Math.min(digits, 6) });
}
