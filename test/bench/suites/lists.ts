// Lists of a large firm over HTTP while its views change, beside the naive way to them; and what a roster costs to load.
import { mkdirSync } from 'node:fs';
import { get } from 'node:http';
import path from 'node:path';
import type { Ground } from '../ground.ts';
import { type Child, perCpuSecond, perSecond, runRounds, spreadOf, startChild } from '../measure.ts';
import type { BookArgs } from '../measured/book.ts';
import type { ListsChangeArgs } from '../measured/lists-change.ts';
import type { ListsLoadArgs } from '../measured/lists-load.ts';
import type { ListsServerArgs, ServerFigures } from '../measured/lists-server.ts';
import type { RosterArgs } from '../measured/roster.ts';
import type { BenchOptions } from '../options.ts';
import type { LogPlace, StorePlace } from '../places.ts';
import type { Section } from '../report.ts';

const million = 1_000_000;
const hundredThousand = 100_000;
const cardsPerSecond = 50;
const warmUpSeconds = 3;
const changesAloneSeconds = 4;

type Url = { readonly url: string };
const anyList = '/v1/firms/book/clients?limit=50&sort=last_login&order=desc&rating=red,amber';
const anyNaiveList = '/naive/book?limit=50&sort=last_login&order=desc&rating=red,amber';

export async function lists(ground: Ground, options: BenchOptions, say: (text: string) => void): Promise<Section> {
  const clients = options.listClients;
  const rate = options.listRate ?? (clients >= million ? 50 : 100);
  const seconds = options.listSeconds;
  const dir = ground.folder('lists');
  mkdirSync(dir, { recursive: true });
  const store: StorePlace = { kind: 'embedded', dir: path.join(dir, 'store') };
  const log: LogPlace = { kind: 'embedded', dir: path.join(dir, 'log') };
  await ground.createTopics(log);
  const book: BookArgs = { store, clients, now: Date.now() };
  await startChild('measured/book.ts', book).done;
  say(`  saved a firm of ${clients.toLocaleString('en')} clients`);

  const rosterArgs: RosterArgs = { store };
  const loaded =
    (
      await runRounds(
        [{ name: 'load', run: () => startChild('measured/roster.ts', rosterArgs).done }],
        options.repeats,
        say,
      )
    ).get('load') ?? [];

  const serverArgs: ListsServerArgs = { dir, threaded: true };
  const server = startChild('measured/lists-server.ts', serverArgs);
  server.done.catch(() => undefined);
  try {
    const { url } = await firstLine<Url>(server);
    // The first question waits for the firm to be loaded.
    while ((await fetchText(url + anyList)).status !== 200);
    const load = (for_: number): ListsLoadArgs => ({ url, clients, lists: rate, cards: cardsPerSecond, seconds: for_ });
    const asking = (for_: number) => startChild('measured/lists-load.ts', load(for_)).done;
    const changing = async (for_: number): Promise<Child> => {
      const args: ListsChangeArgs = { log, store, clients, rate: options.listChanges, seconds: for_ };
      const child = startChild('measured/lists-change.ts', args);
      await firstLine(child);
      return child;
    };

    const alone = await changing(changesAloneSeconds);
    await readFigures(url);
    await alone.done;
    const idle = await readFigures(url);
    const idleCpu = idle.cpuMs / changesAloneSeconds;

    const changes = await changing(warmUpSeconds + seconds + 1);
    await asking(warmUpSeconds);
    await readFigures(url);
    const asked = await asking(seconds);
    const busy = await readFigures(url);
    const changed = await changes.done;
    const httpCpu = busy.httpCpuMs / asked.items;
    const listCpu = (busy.cpuMs - (idleCpu * asked.wallMs) / 1000) / asked.items;
    say(`  p50 ${asked.extra?.['p50Ms']?.toFixed(1)} ms, p99 ${asked.extra?.['p99Ms']?.toFixed(1)} ms`);

    await readFigures(url);
    const naiveRequests = clients >= million ? 1 : 3;
    const naiveMs: number[] = [];
    for (let request = 0; request < naiveRequests; request += 1) {
      const startedAt = performance.now();
      await fetchText(url + anyNaiveList);
      naiveMs.push(performance.now() - startedAt);
    }
    const naive = await readFigures(url);
    const naiveCpu = naive.cpuMs / naiveRequests;
    const figure = (name: string) => asked.extra?.[name] ?? Number.NaN;
    const extra = (name: string) => spreadOf(loaded.map((one) => one.extra?.[name] ?? Number.NaN));
    return {
      tables: [
        {
          title: `Lists over HTTP, ${clients.toLocaleString('en')} clients`,
          note:
            `${rate} lists a second for ${seconds} s, any filter with any sort, pages of 50 with totals and facets, ` +
            `and ${cardsPerSecond} cards a second, timed from when each was due; meanwhile ` +
            `${Math.round(perSecond(changed)).toLocaleString('en')} views a second were saved and told of. Server, load ` +
            'and changes are processes of their own on this machine. CPU of a list is that of the whole server, less ' +
            'what taking in the changes alone costs, cards included. The naive way reads the firm from the store at every request.',
          columns: [
            'p50 ms',
            'p99 ms',
            'most ms',
            'CPU ms a list',
            'of it on the HTTP thread',
            'longest block of the HTTP thread, ms',
          ],
          rows: [
            {
              name: 'lists',
              figures: [figure('p50Ms'), figure('p99Ms'), figure('mostMs'), listCpu, httpCpu, busy.blockedMsMost],
            },
            { name: 'cards meanwhile', figures: [figure('cardP50Ms'), figure('cardP99Ms'), '–', '–', '–', '–'] },
            {
              name: 'naive, one at a time, no changes',
              figures: [spreadOf(naiveMs).median, '–', spreadOf(naiveMs).max, naiveCpu, '–', naive.blockedMsMost],
            },
          ],
        },
        {
          title: 'Rosters',
          note: 'Loaded from LMDB. Names, addresses and ids are told apart from what a client takes beside them.',
          columns: [
            'clients per CPU-second',
            'clients per second',
            'bytes a client beside its texts',
            'bytes of its texts',
            'growth of the heap and buffers, bytes',
          ],
          rows: [
            {
              name: `${clients.toLocaleString('en')} clients`,
              figures: [
                spreadOf(loaded.map(perCpuSecond)),
                spreadOf(loaded.map(perSecond)),
                extra('besideBytes'),
                extra('ownBytes'),
                extra('grownBytes'),
              ],
            },
            {
              name: `taking in ${options.listChanges.toLocaleString('en')} changes a second, share of a core`,
              figures: [idleCpu / 1000, '–', '–', '–', '–'],
            },
          ],
        },
      ],
      ratios: {
        'lists: CPU of the naive way against ours': { value: naiveCpu / listCpu, better: 'higher' },
        'roster: bytes a client beside its texts': { value: extra('besideBytes').median, better: 'lower' },
      },
      figures: {
        ...(clients === million ? { 'lists p99 ms, 1,000,000 clients': figure('p99Ms') } : {}),
        ...(clients === hundredThousand ? { 'lists p99 ms, 100,000 clients': figure('p99Ms') } : {}),
        'cards p99 ms, embedded': figure('cardP99Ms'),
        'longest block of the HTTP thread, ms': busy.blockedMsMost,
        'roster: bytes a client beside its texts': extra('besideBytes').median,
        'roster: clients loaded per second': spreadOf(loaded.map(perSecond)).median,
      },
    };
  } finally {
    server.stop();
  }
}

function firstLine<Line>(child: Child): Promise<Line> {
  return new Promise((resolve, reject) => {
    child.onLine((line) => resolve(JSON.parse(line)));
    child.done.catch(reject);
  });
}

function fetchText(url: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    get(url, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(pieces).toString() }));
    }).on('error', reject);
  });
}

async function readFigures(url: string): Promise<ServerFigures> {
  const figures: ServerFigures = JSON.parse((await fetchText(`${url}/figures`)).text);
  return figures;
}
