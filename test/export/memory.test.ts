import { statSync } from 'node:fs';
import path from 'node:path';
import { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ClientId } from '../../services/core/ids.ts';
import { exportFirm } from '../../services/export/export-firm.ts';
import { chunkClientsMax, type ViewStore } from '../../services/store/port.ts';
import { openHandClock } from '../projector/hand-clock.ts';
import { firmA, granted, group, logins, now, openStage, type Stage, saveClients, writesOf } from './stage.ts';

const mib = 1024 * 1024;
const clock = openHandClock(now);
let stage: Stage;
beforeEach(async () => {
  stage = await openStage(clock);
});
afterEach(() => stage.close());

/** A firm of `count` clients with the same history, made as it is read. */
function firmOf(count: number): ViewStore {
  const client = {
    clientId: 'c',
    profile: { firstName: 'Ann' },
    events: [granted, ...logins(5, '2026-02-28T00:00:00Z')],
  };
  const views = writesOf(firmA, client).map((write) => ({ ...write, version: 1 }));
  return {
    ...stage.store,
    async *readFirm() {
      for (let start = 0; start < count; start += chunkClientsMax) {
        yield Array.from({ length: Math.min(chunkClientsMax, count - start) }, (_, index) => {
          return { clientId: ClientId.parse(`c${String(start + index).padStart(7, '0')}`), views };
        });
        await nextTurn();
      }
    },
  };
}

/** The most that was in use at any moment while the work ran, above what was in use before it. */
async function peakOf(work: () => Promise<unknown>): Promise<number> {
  const used = () => process.memoryUsage().heapUsed + process.memoryUsage().external;
  const before = used();
  let peak = before;
  let running = true;
  const watching = (async () => {
    while (running) {
      peak = Math.max(peak, used());
      await nextTurn();
    }
  })();
  await work();
  running = false;
  await watching;
  return peak - before;
}

test('memory does not grow with the rows', async () => {
  await saveClients(stage.store, firmA, []);
  const outPath = path.join(stage.dir, 'out.csv');
  const run = (count: number) =>
    exportFirm({ ...stage, store: firmOf(count), clock, group, firmId: firmA, filter: {} }, outPath);
  await run(5_000);
  const peak = await peakOf(() => run(100_000));
  const bytes = statSync(outPath).size;
  // Gathered rows would take many times the size of the file; what is left is garbage between two collections.
  expect(bytes).toBeGreaterThan(8 * mib);
  expect(peak).toBeLessThan(50 * mib);
}, 120_000);

test('a slow reader slows the export down instead of filling the memory', async () => {
  await saveClients(stage.store, firmA, []);
  let taken = 0;
  let read = 0;
  const source = firmOf(100_000);
  const store: ViewStore = {
    ...source,
    async *readFirm(firmId, views) {
      for await (const clients of source.readFirm(firmId, views)) {
        read += clients.length;
        yield clients;
      }
    },
  };
  const stuck = new Writable({
    write(chunk: Buffer, _encoding, taking) {
      taken += chunk.length;
      // Never asks for more.
      if (taken < 0) taking();
    },
  });
  const stop = new AbortController();
  const running = exportFirm(
    { ...stage, store, clock, group, firmId: firmA, filter: {}, signal: stop.signal },
    '-',
    stuck,
  );
  let before = -1;
  while (read !== before || taken === 0) {
    before = read;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(read).toBeLessThan(5_000);
  stop.abort(new Error('enough'));
  await expect(running).rejects.toThrow('enough');
}, 60_000);
