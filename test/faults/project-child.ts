// A projector as its own process, for kill.test.ts, that may kill itself with -9 at one point of its work: the first
// argument names the point, the second how often it is to be reached before. Without arguments it runs until killed.
import { writeSync } from 'node:fs';
import { openAdapters } from '../../services/cli/adapters.ts';
import { runProjector } from '../../services/projector/main.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { loadConfig } from '../../services/runtime/config.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import { createMetrics } from '../../services/runtime/metrics.ts';
import { lockForProjector } from '../../services/store/embedded-lock.ts';

const [point, reachedBefore] = process.argv.slice(2);
let left = Number(reachedBefore ?? 0);

const config = loadConfig();
const logger = createLogger(config.logLevel);
if (config.kafka === null) lockForProjector(config.dataDir);
const { log, store } = await openAdapters({ config, clock: systemClock, logger }, false);
const projector = runProjector({
  ...{ config, log, store, logger, clock: systemClock, metrics: createMetrics() },
  probes: {
    reached: (reached) => {
      if (reached !== point) return;
      left -= 1;
      if (left >= 0) return;
      writeSync(1, `killed at ${reached}\n`);
      process.kill(process.pid, 'SIGKILL');
    },
  },
});
writeSync(1, 'projecting\n');
await projector.done;
