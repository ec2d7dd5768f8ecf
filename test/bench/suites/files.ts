// What is read: the export beside fast-csv fed with ready rows, and cards over HTTP.
import type { Ground } from '../ground.ts';
import { type Figures, perCpuSecond, perSecond, runRounds, spreadOf, startChild } from '../measure.ts';
import type { CardArgs } from '../measured/card.ts';
import type { ExportArgs } from '../measured/export.ts';
import type { ViewsArgs } from '../measured/views.ts';
import type { BenchOptions } from '../options.ts';
import type { StorePlace } from '../places.ts';
import type { Section } from '../report.ts';

const cardRequests = 3_000;
/** Memory must not grow from the smaller to the larger. */
const smallShare = 0.25;

export async function files(ground: Ground, options: BenchOptions, say: (text: string) => void): Promise<Section> {
  const store: StorePlace = { kind: 'embedded', dir: ground.folder('views') };
  const logDir = ground.folder('log');
  const large = options.exportRows;
  const small = Math.max(1, Math.floor(large * smallShare));
  const firms = { large: 'large', small: 'small' };
  for (const [firmId, clients] of [[firms.large, large] as const, [firms.small, small] as const]) {
    const args: ViewsArgs = { store, firmId, clients };
    await startChild('measured/views.ts', args).done;
  }
  const exporting = (firmId: string, rows: number, doing: ExportArgs['doing']) => () => {
    const args: ExportArgs = { store, logDir, firmId, rows, doing };
    return startChild('measured/export.ts', args).done;
  };
  const names = {
    ours: `export, ${large.toLocaleString('en')} rows`,
    small: `export, ${small.toLocaleString('en')} rows`,
    peer: `fast-csv fed with ${large.toLocaleString('en')} ready rows`,
    cards: 'cards',
  };
  const runs = await runRounds(
    [
      { name: names.ours, run: exporting(firms.large, large, 'export') },
      { name: names.small, run: exporting(firms.small, small, 'export') },
      { name: names.peer, run: exporting(firms.large, large, 'formatting') },
      {
        name: names.cards,
        run: () => {
          const args: CardArgs = { store, firmId: firms.large, clients: large, requests: cardRequests };
          return startChild('measured/card.ts', args).done;
        },
      },
    ],
    options.repeats,
    say,
  );
  const of = (name: string, figure: (figures: Figures) => number) => spreadOf((runs.get(name) ?? []).map(figure));
  const peak = ({ peakMb }: Figures) => peakMb;
  const latency = (name: string) => of(names.cards, ({ extra }) => extra?.[name] ?? Number.NaN);
  return {
    tables: [
      {
        title: 'Export',
        note: 'Clients with a profile, portal access and 60 signals, read from LMDB, into nothing.',
        columns: ['rows per CPU-second', 'rows per second', 'peak MB'],
        rows: [names.ours, names.small, names.peer].map((name) => ({
          name,
          figures: [of(name, perCpuSecond), of(name, perSecond), of(name, peak)],
        })),
      },
      {
        title: 'Cards over HTTP',
        note: `${cardRequests.toLocaleString('en')} one after the other, server and caller in one process.`,
        columns: ['p50 ms', 'p99 ms', 'requests per second'],
        rows: [{ name: 'card', figures: [latency('p50Ms'), latency('p99Ms'), of(names.cards, perSecond)] }],
      },
    ],
    ratios: {
      'export: rows per second against fast-csv with ready rows': {
        value: of(names.ours, perSecond).median / of(names.peer, perSecond).median,
        better: 'higher',
      },
      'export: peak memory of all rows against a quarter of them': {
        value: of(names.ours, peak).median / of(names.small, peak).median,
        better: 'lower',
      },
    },
  };
}
