// One flush: dead letters away, firms known, views saved with their checkpoints, changes told. What remains is to commit.
import type { Batch, Touched } from './batch.ts';
import { putAway } from './dead-letters.ts';
import type { FirmNotes } from './firms.ts';
import { notify } from './notices.ts';
import { untilDone } from './retry.ts';
import type { Room } from './room.ts';
import { foldAndSave } from './save.ts';

/** Clients loaded, folded and saved at a time: bounds the memory of a flush and how long it keeps others from running. */
export const saveClientsMax = 500;

/** Messages whose freshness is observed in a flush; of more, an even sample. */
const freshnessSamplesMax = 200;

/** Resolves when everything the batch brought is durable and told. Repeating it changes nothing but tells again. */
export async function flush(room: Room, noteFirms: FirmNotes, batch: Batch): Promise<void> {
  await putAway(room, batch.refused);
  await noteFirms(room, batch.firms);
  await room.probes.reached('before-save');
  for (const clients of chunks(batch.clients)) {
    const changed = await untilDone(room, 'save views', () => foldAndSave(room, clients));
    room.progressed();
    observeFreshness(room, clients, saveClientsMax / batch.clients.size);
    await room.probes.reached('after-save');
    await notify(room, changed);
    await room.probes.reached('after-notice');
  }
  room.metrics.set('signalfold_cache_bytes', {}, room.cache.bytes());
}

function* chunks(clients: ReadonlyMap<string, Touched>): Generator<readonly Touched[]> {
  let chunk: Touched[] = [];
  for (const touched of clients.values()) {
    chunk.push(touched);
    if (chunk.length < saveClientsMax) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** `share` is this chunk's part of the flush, so that all chunks together keep within the samples. */
function observeFreshness({ clock, metrics }: Room, clients: readonly Touched[], share: number): void {
  const now = clock.now();
  const events = clients.flatMap(({ byView }) => byView.flat());
  const samples = Math.max(1, Math.min(events.length, Math.round(freshnessSamplesMax * Math.min(1, share))));
  for (let sample = 0; sample < samples; sample += 1) {
    const event = events[Math.floor((sample * events.length) / samples)];
    if (event !== undefined) {
      metrics.observe('signalfold_freshness_seconds', {}, Math.max(0, now - event.appendedAt) / 1000);
    }
  }
}
