// One flush: dead letters away, firms known, views saved with their checkpoints, changes told. What remains is to commit.

import { untilDone } from '../runtime/retry.ts';
import type { Batch, Touched } from './batch.ts';
import { putAway } from './dead-letters.ts';
import type { FirmNotes } from './firms.ts';
import { notify } from './notices.ts';
import type { Room } from './room.ts';
import { type Changed, foldAndSave } from './save.ts';

/** Clients loaded, folded and saved at a time: bounds the memory of a flush and how long it keeps others from running. */
export const saveClientsMax = 500;

/** Changes told in one go, if a flush has as many. */
const toldTogetherMin = 2_000;

/** Clients of whose first event the freshness is observed in a flush; of more, an even sample. */
const freshnessSamplesMax = 200;

/** Resolves when everything the batch brought is durable and told. Repeating it changes nothing but tells again. */
export async function flush(room: Room, noteFirms: FirmNotes, batch: Batch): Promise<void> {
  await putAway(room, batch.refused);
  await noteFirms(room, batch.firms);
  await room.probes.reached('before-save');
  // What changed is told while the next chunks are folded and saved, and many changes at a time: each request costs.
  let untold: Changed[] = [];
  let telling = Promise.resolve();
  const tellOn = async () => {
    await telling;
    telling = tell(room, untold);
    untold = [];
    // Whoever awaits it hears of a failure; until then it must not end the process as an unhandled rejection.
    telling.catch(() => undefined);
  };
  for (const clients of chunks(batch)) {
    const changed = await untilDone(room, 'save views', () => foldAndSave(room, batch, clients));
    for (const change of changed) untold.push(change);
    room.progressed();
    observeFreshness(room, clients, saveClientsMax / batch.clients);
    await room.probes.reached('after-save');
    if (untold.length >= toldTogetherMin) await tellOn();
  }
  await tellOn();
  await telling;
  room.metrics.set('signalfold_cache_bytes', {}, room.cache.bytes());
}

async function tell(room: Room, changed: readonly Changed[]): Promise<void> {
  await notify(room, changed);
  await room.probes.reached('after-notice');
}

/** In the order of their ids, as stores keep them: neighbours lie on one page, and one write touches few. */
function* chunks({ firms }: Batch): Generator<readonly Touched[]> {
  let chunk: Touched[] = [];
  for (const { clients } of inOrder(firms, ({ firmId }) => firmId)) {
    for (const touched of inOrder(clients, ({ client }) => client.clientId)) {
      chunk.push(touched);
      if (chunk.length < saveClientsMax) continue;
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

function inOrder<Item>(items: readonly Item[], idOf: (item: Item) => string): Item[] {
  return [...items].sort((one, other) => (idOf(one) < idOf(other) ? -1 : 1));
}

/** `share` is this chunk's part of the flush, so that all chunks together keep within the samples. */
function observeFreshness({ clock, metrics }: Room, clients: readonly Touched[], share: number): void {
  const now = clock.now();
  const samples = Math.max(1, Math.min(clients.length, Math.round(freshnessSamplesMax * Math.min(1, share))));
  for (let sample = 0; sample < samples; sample += 1) {
    const touched = clients[Math.floor((sample * clients.length) / samples)];
    if (touched !== undefined) {
      metrics.observe('signalfold_freshness_seconds', {}, Math.max(0, now - touched.appendedAt) / 1000);
    }
  }
}
