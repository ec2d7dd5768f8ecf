// Scans that were just made: kept for a moment, and forgotten at once when a client of the firm was erased.
import { FirmId } from '../../services/core/ids.ts';
import { openSnapshots, type Snapshots } from '../../services/query/snapshots.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { firmA, openStage, type Stage, saveClients } from '../export/stage.ts';

const firmB = FirmId.parse('firm-b');
let stage: Stage;
let snapshots: Snapshots;
beforeAll(async () => {
  stage = await openStage(systemClock);
  for (const firmId of [firmA, firmB]) await saveClients(stage.store, firmId, [{ clientId: 'ann' }]);
});
beforeEach(() => {
  snapshots = openSnapshots({ store: stage.store, clock: systemClock }, { keptMs: 600_000, waitMs: 600_000 });
});
afterEach(() => snapshots.close());
afterAll(() => stage.close());

test('who asks again soon gets the same scan', async () => {
  const first = await snapshots.take(firmA, null, null);
  expect(await snapshots.take(firmA, null, null)).toBe(first);
});

test('what is forgotten is read anew, of that firm alone', async () => {
  const [ofA, ofB] = [await snapshots.take(firmA, null, null), await snapshots.take(firmB, null, null)];
  snapshots.forget(firmA);
  expect(await snapshots.take(firmA, null, null)).not.toBe(ofA);
  expect(await snapshots.take(firmB, null, null)).toBe(ofB);
});

test('a scan under way is forgotten too', async () => {
  const underWay = snapshots.take(firmA, null, null);
  snapshots.forget(firmA);
  expect(await snapshots.take(firmA, null, null)).not.toBe(await underWay);
});
