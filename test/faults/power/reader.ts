// A process that opens one folder after the other, as after a power cut, and prints for each what log and store hold there,
// in the words of the writer. A disk that cannot be read ends it.
import { join } from 'node:path';
import { ClientId, FirmId } from '../../../services/core/ids.ts';
import { openEmbeddedLog } from '../../../services/log/embedded.ts';
import { systemClock } from '../../../services/runtime/clock.ts';
import { openEmbeddedStore } from '../../../services/store/embedded.ts';
import { scanAll, textOf } from '../../contract/log-steps.ts';
import { lanes, type Said } from './cut.ts';

const firmId = FirmId.parse('firm');
const view = { firmId, clientId: ClientId.parse('ann'), view: 'signals' };

async function readBack(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  const add = (said: Said) => found.push(JSON.stringify(said));
  /** What stands at a number has stood at all before it. */
  const addUpTo = (last: number, said: (number: number) => Said) => {
    for (let number = 1; number <= last; number += 1) add(said(number));
  };
  const log = await openEmbeddedLog({ dir: join(folder, 'log'), clock: systemClock });
  const store = openEmbeddedStore({ dir: join(folder, 'store') });
  // Before anything was made durable the topic itself is not there.
  if ((await log.describe(['login'])).length > 0) {
    for (const message of await scanAll(log, 'login')) add({ kind: 'appended', id: JSON.parse(textOf(message)) });
    addUpTo((await log.committed('group', 'login')).get(0) ?? 0, (next) => ({ kind: 'committed', next }));
  }
  const [stored] = await store.load([view]);
  addUpTo(stored?.version ?? 0, (version) => ({ kind: 'saved', version }));
  for (const id of lanes) {
    const note = await store.loadDocument('notes', firmId, id);
    addUpTo(note?.version ?? 0, (version) => ({ kind: 'noted', id, version }));
  }
  await log.close();
  await store.close();
  return found;
}

for (const folder of process.argv.slice(2)) process.stdout.write(`${JSON.stringify(await readBack(folder))}\n`);
