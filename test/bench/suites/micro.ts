// The parts of the hot path one by one: which of them a slower run is due to.
import { runRounds, spreadOf, startChild } from '../measure.ts';
import type { BenchOptions } from '../options.ts';
import type { Section } from '../report.ts';

export async function micro({ repeats }: BenchOptions, say: (text: string) => void): Promise<Section> {
  const runs = await runRounds([{ name: 'parts', run: () => startChild('measured/micro.ts', {}).done }], repeats, say);
  const figures = runs.get('parts') ?? [];
  const names = Object.keys(figures[0]?.extra ?? {});
  const spread = (name: string) => spreadOf(figures.map(({ extra }) => extra?.[name] ?? Number.NaN));
  const parse = spread('JSON.parse').median;
  return {
    tables: [
      {
        title: 'Parts',
        note: 'On one core; a view of 80 events (about 25 logins, 20 emails, 12 messages).',
        columns: ['µs'],
        rows: names.map((name) => ({ name, figures: [spread(name)] })),
      },
    ],
    ratios: Object.fromEntries(
      names
        .filter((name) => name !== 'JSON.parse')
        .map((name) => [
          `${name} against JSON.parse`,
          { value: spread(name).median / parse, better: 'lower' as const },
        ]),
    ),
    figures: {},
  };
}
