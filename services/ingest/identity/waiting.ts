// Events that wait for a client that is not known yet: durable, in documents by what they wait for, bounded in number. An
// entry stays until what became of it is durable elsewhere.
import { z } from 'zod';
import type { FirmId } from '../../core/ids.ts';
import type { ViewStore } from '../../store/port.ts';
import { changeDocument } from '../change-document.ts';
import { draftTopics } from '../providers/provider.ts';
import { isLookupKey, type LookupKey } from './keys.ts';

const collection = 'waiting';

/** Of one key together, so that a document stays within what any store takes. */
const keyBytesMax = 300 * 1024;

export const WaitingEntry = z.object({
  source: z.string(),
  topic: z.enum(draftTopics),
  /** A draft of a canonical event. */
  event: z.record(z.string(), z.unknown()),
  userId: z.string().nullable(),
  /** Normalised. */
  address: z.string().nullable(),
  /** Since when it waits, epoch ms. */
  since: z.number(),
});
export type WaitingEntry = z.infer<typeof WaitingEntry>;

const Entries = z.object({ entries: z.array(WaitingEntry) });

/** What waits under one key of one firm. */
export type Queue = { readonly firmId: FirmId; readonly key: LookupKey; readonly entries: readonly WaitingEntry[] };

export type WaitingPlace = {
  /** False when there is no room. An entry that waits already is not added again. */
  add(firmId: FirmId, key: LookupKey, entry: WaitingEntry): Promise<boolean>;
  load(firmId: FirmId, key: LookupKey): Promise<Queue>;
  /** Once what became of them is durable. */
  remove(firmId: FirmId, key: LookupKey, entries: readonly WaitingEntry[]): Promise<void>;
  /** All, or those of one firm. Counting is as good as the last listing: processes do not tell each other. */
  list(firmId?: FirmId): Promise<readonly Queue[]>;
};

export function openWaitingPlace(store: ViewStore, bounds: { readonly count: number }): WaitingPlace {
  /** Null until all were listed once. */
  let counted: number | null = null;

  async function list(firmId?: FirmId): Promise<readonly Queue[]> {
    const queues: Queue[] = [];
    for (const document of await store.listDocuments(collection, firmId)) {
      if (!isLookupKey(document.id)) throw new RangeError(`"${document.id}" is nothing an event waits for`);
      const { entries } = Entries.parse(JSON.parse(document.body));
      queues.push({ firmId: document.firmId, key: document.id, entries });
    }
    if (firmId === undefined) counted = queues.reduce((sum, { entries }) => sum + entries.length, 0);
    return queues;
  }

  return {
    async add(firmId, key, entry) {
      if (counted === null) await list();
      let [added, full] = [false, false];
      await changeDocument(store, { collection, firmId, id: key }, Entries, { entries: [] }, (known) => {
        [added, full] = [false, false];
        if (known.entries.some((one) => entryName(one) === entryName(entry))) return known;
        const entries = [...known.entries, entry];
        full = (counted ?? 0) >= bounds.count || Buffer.byteLength(JSON.stringify(entries)) > keyBytesMax;
        if (full) return known;
        added = true;
        return { entries };
      });
      if (added) counted = (counted ?? 0) + 1;
      return !full;
    },

    async load(firmId, key) {
      const found = await store.loadDocument(collection, firmId, key);
      return { firmId, key, entries: found === null ? [] : Entries.parse(JSON.parse(found.body)).entries };
    },

    async remove(firmId, key, entries) {
      const names = new Set(entries.map(entryName));
      let removed = 0;
      await changeDocument(store, { collection, firmId, id: key }, Entries, { entries: [] }, (known) => {
        const left = known.entries.filter((one) => !names.has(entryName(one)));
        removed = known.entries.length - left.length;
        if (removed === 0) return known;
        return left.length === 0 ? null : { entries: left };
      });
      if (counted !== null) counted = Math.max(0, counted - removed);
    },

    list,
  };
}

/** The same event, however often it comes. */
function entryName({ source, topic, event }: WaitingEntry): string {
  return `${source}\t${topic}\t${String(event['eventId'])}`;
}
