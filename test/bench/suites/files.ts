// What is read: the export beside fast-csv and csv-stringify fed with ready rows, and cards over HTTP.
import type { Ground } from '../ground.ts';
import { type Figures, perCpuSecond, perSecond, runRounds, type Subject, spreadOf, startChild } from '../measure.ts';
import type { CardArgs } from '../measured/card.ts';
import type { ExportArgs } from '../measured/export.ts';
import type { ViewsArgs } from '../measured/views.ts';
import type { BenchOptions } from '../options.ts';
import type { ReadyRowsArgs } from '../peers/ready-rows.ts';
import type { StorePlace } from '../places.ts';
import type { Section } from '../report.ts';

const cardRequests = 3_000;
/** Memory must not grow from the smaller to the larger. */
const smallShare = 0.25;

/** Makes a firm whose clients have a profile, portal access and 60 signals each. */
export async function fillFirm(store: StorePlace, firmId: string, clients: number): Promise<void> {
  const args: ViewsArgs = { store, firmId, clients };
  await startChild('measured/views.ts', args).done;
}

export function exportSubject(ground: Ground, store: StorePlace, firmId: string, rows: number): Subject['run'] {
  return () => {
    const args: ExportArgs = { store, logDir: ground.folder('log'), firmId, rows };
    return startChild('measured/export.ts', args).done;
  };
}

export function cardSubject(store: StorePlace, firmId: string, clients: number): Subject['run'] {
  return () => {
    const args: CardArgs = { store, firmId, clients, requests: cardRequests };
    return startChild('measured/card.ts', args).done;
  };
}

function readyRowsSubject(library: ReadyRowsArgs['library'], rows: number): Subject['run'] {
  return () => {
    const args: ReadyRowsArgs = { library, rows };
    return startChild('peers/ready-rows.ts', args).done;
  };
}

export async function files(ground: Ground, options: BenchOptions, say: (text: string) => void): Promise<Section> {
  const store: StorePlace = { kind: 'embedded', dir: ground.folder('views') };
  const large = options.exportRows;
  const small = Math.max(1, Math.floor(large * smallShare));
  await fillFirm(store, 'large', large);
  await fillFirm(store, 'small', small);
  const names = {
    ours: `export, ${large.toLocaleString('en')} rows`,
    small: `export, ${small.toLocaleString('en')} rows`,
    fastCsv: `fast-csv fed with ${large.toLocaleString('en')} ready rows`,
    csvStringify: `csv-stringify fed with ${large.toLocaleString('en')} ready rows`,
    cards: 'cards',
  };
  const runs = await runRounds(
    [
      { name: names.ours, run: exportSubject(ground, store, 'large', large) },
      { name: names.small, run: exportSubject(ground, store, 'small', small) },
      { name: names.fastCsv, run: readyRowsSubject('fast-csv', large) },
      { name: names.csvStringify, run: readyRowsSubject('csv-stringify', large) },
      { name: names.cards, run: cardSubject(store, 'large', large) },
    ],
    options.repeats,
    say,
  );
  const of = (name: string, figure: (figures: Figures) => number) => spreadOf((runs.get(name) ?? []).map(figure));
  const peak = ({ peakMb }: Figures) => peakMb;
  const latency = (name: string) => of(names.cards, ({ extra }) => extra?.[name] ?? Number.NaN);
  const speedAgainst = (peer: string) => of(names.ours, perCpuSecond).median / of(peer, perCpuSecond).median;
  const memory = of(names.ours, peak).median / of(names.small, peak).median;
  return {
    tables: [
      {
        title: 'Export',
        note: 'Clients with a profile, portal access and 60 signals, read from LMDB, into nothing.',
        columns: ['rows per CPU-second', 'rows per second', 'peak MB'],
        rows: [names.ours, names.small, names.fastCsv, names.csvStringify].map((name) => ({
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
      'export: rows per CPU-second against fast-csv': { value: speedAgainst(names.fastCsv), better: 'higher' },
      'export: rows per CPU-second against csv-stringify': {
        value: speedAgainst(names.csvStringify),
        better: 'higher',
      },
      'export: peak memory of all rows against a quarter of them': { value: memory, better: 'lower' },
    },
    figures: {
      'export against fast-csv, rows per CPU-second': speedAgainst(names.fastCsv),
      'peak memory, all rows against a quarter of them': memory,
    },
  };
}
