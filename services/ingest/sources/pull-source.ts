// Sources that are asked: pulls what is new, takes it, and only then keeps the cursor. One process of several pulls a
// source at a time; were it two, they would take the same events, which count once.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { FirmId } from '../../core/ids.ts';
import { encodeJson } from '../../log/codec.ts';
import { OperatingError } from '../../runtime/errors.ts';
import { Interrupted, type Patience, untilDone } from '../../runtime/retry.ts';
import type { ViewStore } from '../../store/port.ts';
import { changeDocument } from '../change-document.ts';
import { type IntakeParts, takeItems } from '../intake.ts';
import { placeOfBytes } from '../provider-letter.ts';
import type { Puller } from '../providers/puller.ts';
import type { Source } from './source.ts';

export type PullParts = Patience & { readonly store: ViewStore; readonly intake: IntakeParts };

const Progress = z.object({
  cursor: z.string().nullable(),
  /** Who pulls, and until when (epoch ms) nobody else does. */
  by: z.string().nullable(),
  until: z.number(),
});
type Progress = z.infer<typeof Progress>;

/** Of no firm: a document has to name one, and no firm's documents are in this collection. */
const nobodysFirm = FirmId.parse('sources');
/** A process that died holds a source for so long. Longer than any pull takes. */
const leaseMs = 60_000;

/** Until the signal aborts. */
export async function pullSource(parts: PullParts, source: Source, puller: Puller): Promise<void> {
  const { clock, logger, signal } = parts;
  const by = randomUUID();
  while (!signal.aborted) {
    let more = false;
    try {
      more = await untilDone(parts, `pull ${source.name}`, () => pullOnce(parts, source, puller, by));
    } catch (error) {
      if (error instanceof Interrupted) break;
      // A refusal needs somebody to act; the other sources go on, and so does this one once it is mended.
      if (!(error instanceof OperatingError) || error.code !== 'source_refused') throw error;
      logger.error({ code: error.code, source: source.name }, error.message);
    }
    if (!more) await clock.sleep(puller.everyMs, signal);
  }
  await release(parts, source, by);
}

/** True when more is there by now. Resolves once what was pulled is durable and the cursor says so. */
export async function pullOnce(parts: PullParts, source: Source, puller: Puller, by: string): Promise<boolean> {
  const { store, intake, clock, signal } = parts;
  const claimed = await change(store, source, (progress) => {
    const now = clock.now();
    if (progress.by !== null && progress.by !== by && progress.until > now) return progress;
    return { ...progress, by, until: now + leaseMs };
  });
  if (claimed.by !== by) return false;
  const { items, cursor, more } = await puller.pull(claimed.cursor, clock.now(), signal);
  const arrivedAt = clock.now();
  const placed = items.map((value) => {
    const bytes = encodeJson(value);
    return { bytes, parsed: { value }, place: placeOfBytes(source.name, bytes, arrivedAt, {}) };
  });
  await takeItems(intake, source, placed);
  await change(store, source, (progress) => (progress.by === by ? { ...progress, cursor } : progress));
  intake.metrics.set('signalfold_source_pull_seconds', { source: source.name }, arrivedAt / 1000);
  return more;
}

/** So that the next process need not wait for the lease to end. */
async function release({ store }: PullParts, source: Source, by: string): Promise<void> {
  await change(store, source, (progress) =>
    progress.by === by ? { ...progress, by: null, until: 0 } : progress,
  ).catch(() => undefined);
}

function change(store: ViewStore, { name }: Source, how: (progress: Progress) => Progress): Promise<Progress> {
  const place = { collection: 'source-progress', firmId: nobodysFirm, id: name };
  return changeDocument(store, place, Progress, { cursor: null, by: null, until: 0 }, how);
}
