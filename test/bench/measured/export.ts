// The Portal Engagement Export of a firm, into nothing; or fast-csv fed with rows that are ready, the ceiling for it.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { format } from 'fast-csv';
import { ExportFilter } from '../../../services/core/export-job.ts';
import { FirmId } from '../../../services/core/ids.ts';
import { portalEngagementColumns } from '../../../services/export/portal-engagement.ts';
import { runExport } from '../../../services/export/run-export.ts';
import { openEmbeddedLog } from '../../../services/log/embedded.ts';
import { topicSpecs } from '../../../services/log/topics.ts';
import type { Clock } from '../../../services/runtime/clock.ts';
import { openStoreAt, type StorePlace } from '../places.ts';
import { historyEnd } from '../workload.ts';
import { readArgs, startWatch, tell } from './child.ts';

export type ExportArgs = {
  readonly store: StorePlace;
  readonly logDir: string;
  readonly firmId: string;
  readonly rows: number;
  readonly doing: 'export' | 'formatting';
};

const args = readArgs<ExportArgs>();
let bytes = 0;

if (args.doing === 'formatting') {
  const ready = Array.from({ length: 1_000 }, (_, index) => readyRow(index));
  const watch = startWatch();
  await pipeline(
    Readable.from(cycle(ready, args.rows)),
    format({ headers: [...portalEngagementColumns], rowDelimiter: '\r\n' }),
    async (formatted: AsyncIterable<Buffer>) => {
      for await (const piece of formatted) bytes += piece.length;
    },
  );
  tell(watch(args.rows, { bytes }));
} else {
  const clock: Clock = { now: () => historyEnd, sleep: async () => undefined };
  const log = await openEmbeddedLog({ dir: args.logDir, clock });
  await log.createTopics(topicSpecs);
  const store = openStoreAt(args.store);
  const firmId = FirmId.parse(args.firmId);
  const file = {
    write: async (block: Uint8Array) => {
      bytes += block.length;
    },
    finish: async () => undefined,
    discard: async () => undefined,
  };
  const watch = startWatch();
  const { rows } = await runExport(
    { store, log, clock, group: 'bench' },
    { firmId, book: null, filter: ExportFilter.parse({}), asOf: null },
    file,
  );
  if (rows !== args.rows) throw new Error(`${rows} rows came out, ${args.rows} were expected`);
  tell(watch(rows, { bytes }));
}

function readyRow(index: number): string[] {
  const name = `Last ${index}, First ${index}`;
  const login = '2026-05-30T10:11:12.000+01:00';
  const counts = ['3', '9', '31'];
  return [
    name,
    `c${index}@mail.example`,
    'individual',
    'Adviser 7',
    'yes',
    'active',
    login,
    'Desktop',
    'macOS',
    ...counts,
    'green',
  ];
}

function* cycle(ready: readonly string[][], rows: number): Generator<string[]> {
  for (let row = 0; row < rows; row += 1) yield ready[row % ready.length] ?? [];
}
