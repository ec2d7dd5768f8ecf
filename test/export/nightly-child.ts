// A nightly run in a process of its own, for nightly.test.ts: data folder, output folder. Says each firm it has done.
import path from 'node:path';
import { runNightly } from '../../services/export/nightly.ts';
import { openEmbeddedLog } from '../../services/log/embedded.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import { openEmbeddedStore } from '../../services/store/embedded.ts';

const [dir = '', outDir = ''] = process.argv.slice(2);
const store = openEmbeddedStore({ dir: path.join(dir, 'store') });
const log = await openEmbeddedLog({ dir: path.join(dir, 'log'), clock: systemClock });
await runNightly({
  store,
  log,
  clock: systemClock,
  logger: createLogger('silent'),
  group: 'signalfold',
  outDir,
  date: '2026-03-01',
  version: '0.0.0',
  progressed: (done) => process.stdout.write(`done ${done}\n`),
});
await log.close();
await store.close();
