// The event-log contract on LMDB.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openEmbeddedLog } from '../../services/log/embedded.ts';
import { type Clock, systemClock } from '../../services/runtime/clock.ts';
import { logContract } from './log.ts';

const beyondRetentionMs = 2 * 3_600_000;

logContract('embedded', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'signalfold-log-'));
  let shiftMs = 0;
  const clock: Clock = { now: () => systemClock.now() + shiftMs, sleep: systemClock.sleep };
  const open = () => openEmbeddedLog({ dir, clock, partitions: 4 });
  let log = await open();
  return {
    log: () => log,
    reopen: async () => {
      await log.close();
      log = await open();
    },
    deleteTopic: (topic) => log.deleteTopic(topic),
    overtake: async () => {
      shiftMs += beyondRetentionMs;
    },
    appenderArgs: () => ['embedded', dir, ''],
    close: async () => {
      await log.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
});
