// The sweep of the folder of exports, beside a worker that writes there.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ExportRequest, queuedExportJob } from '../../services/core/export-job.ts';
import { saveJob } from '../../services/export/jobs.ts';
import { leaseMs, openExportFiles } from '../../services/export/room.ts';
import { sweep } from '../../services/export/sweep.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import { openHandClock } from '../projector/hand-clock.ts';
import { firmA, now, openStage, type Stage } from './stage.ts';

const clock = openHandClock(now);
const logger = createLogger('silent');
let stage: Stage;
beforeEach(async () => {
  stage = await openStage(clock);
});
afterEach(() => stage.close());

test('deletes what dead workers left, and nothing that is being written', async () => {
  const files = openExportFiles({ dataDir: stage.dir });
  const queued = queuedExportJob(
    'running',
    ExportRequest.parse({ report: 'portal-engagement', format: 'csv' }),
    now,
    null,
  );
  const lease = { worker: 'w', until: now + leaseMs };
  const job = { ...queued, status: 'running', attempts: 2, lease } as const;
  expect(await saveJob(stage.store, { firmId: firmA, version: 0, job }, job)).not.toBeNull();
  const name = { firmId: firmA, jobId: 'running' };
  const writing = await files.create(name, 2);
  writeFileSync(path.join(stage.dir, 'exports', files.unfinishedName(name, 1)), 'left over');
  writeFileSync(path.join(stage.dir, 'exports', files.finishedName({ firmId: firmA, jobId: 'nobody' })), 'left over');
  await sweep({ store: stage.store, files, clock, logger });
  expect(await files.list()).toEqual([files.unfinishedName(name, 2)]);
  await writing.write(Buffer.from('whole'));
  await writing.finish();
  await sweep({ store: stage.store, files, clock, logger });
  expect(readFileSync(path.join(stage.dir, 'exports', files.finishedName(name)), 'utf8')).toBe('whole');
});
