// The Portal Engagement Export of a firm, into nothing.
import { ExportFilter } from '../../../services/core/export-job.ts';
import { FirmId } from '../../../services/core/ids.ts';
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
};

const args = readArgs<ExportArgs>();
let bytes = 0;

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
