import { statSync } from 'node:fs';
import path from 'node:path';
import { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
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

// Without garbage, which comes and goes as the engine likes, what is in use can be told exactly.
setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

function inUse(): number {
  collect();
  return process.memoryUsage().heapUsed + process.memoryUsage().external;
}

test('memory does not grow with the rows', async () => {
  await saveClients(stage.store, firmA, []);
  const outPath = path.join(stage.dir, 'out.csv');
  let peak = 0;
  const run = (count: number) => {
    const source = firmOf(count);
    const watched: ViewStore = {
      ...source,
      async *readFirm(firmId, views) {
        let chunks = 0;
        for await (const clients of source.readFirm(firmId, views)) {
          yield clients;
          chunks += 1;
          if (chunks % 50 === 0) peak = Math.max(peak, inUse());
        }
      },
    };
    return exportFirm({ ...stage, store: watched, clock, group, firmId: firmA, filter: {} }, outPath);
  };
  await run(5_000);
  const before = inUse();
  peak = before;
  await run(100_000);
  // Gathered rows would take more than the file.
  expect(statSync(outPath).size).toBeGreaterThan(8 * mib);
  expect(peak - before).toBeLessThan(2 * mib);
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
