// A process that appends, commits and saves on the embedded adapters, and says at once what was acknowledged: for as many
// rounds as it is told, in the folder it is told.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { ClientId, FirmId } from '../../../services/core/ids.ts';
import { encodeJson } from '../../../services/log/codec.ts';
import { openEmbeddedLog } from '../../../services/log/embedded.ts';
import { systemClock } from '../../../services/runtime/clock.ts';
import { openEmbeddedStore } from '../../../services/store/embedded.ts';
import { lanes, type Said } from './cut.ts';

const [folder = '', rounds = ''] = process.argv.slice(2);
const topic = 'login';
const key = { firmId: FirmId.parse('firm'), clientId: ClientId.parse('ann'), view: 'signals' };

// In one write, so that a trace shows it in its place among what goes to the disk.
const say = (said: Said) => writeSync(1, `${JSON.stringify(said)}\n`);

const log = await openEmbeddedLog({ dir: join(folder, 'log'), clock: systemClock });
await log.createTopics([{ topic, retentionMs: null, compacted: false }]);
const store = openEmbeddedStore({ dir: join(folder, 'store') });
const reader = await log.join('group', [topic]);

/** Does it again and again, with others beside it, so that there is always something to write. */
async function repeat(once: (round: number) => Promise<void>): Promise<void> {
  for (let round = 0; round < Number(rounds); round += 1) await once(round);
}

const appends = (lane: string) =>
  repeat(async (round) => {
    const id = `${lane}-${round}`;
    await log.append(topic, [{ key: null, value: encodeJson(id) }]);
    say({ kind: 'appended', id });
  });
const saves = repeat(async (round) => {
  const [outcome] = await store.save([{ ...key, expected: round, bytes: Buffer.alloc(900, round), readable: {} }]);
  if (outcome?.kind === 'saved') say({ kind: 'saved', version: outcome.version });
});
const notes = (lane: string) =>
  repeat(async (round) => {
    await store.saveDocument({ collection: 'notes', firmId: key.firmId, id: lane, body: `${round}` }, round);
    say({ kind: 'noted', id: lane, version: round + 1 });
  });
const commits = repeat(async () => {
  const last = (await reader.poll(1_000, 1)).messages.at(-1);
  if (last === undefined) throw new Error('what was appended is not there');
  const next = last.offset + 1;
  await reader.commit([{ topic, incarnation: last.incarnation, partition: 0, offset: next }]);
  say({ kind: 'committed', next });
});
await Promise.all([...lanes.map(appends), ...lanes.map(notes), saves, commits]);
await log.close();
await store.close();
