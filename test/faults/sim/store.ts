// The view store of a simulation: conditional writes in memory, which hold every save to what a save must never do.
import { ByteReader } from '../../../services/core/bytes.ts';
import { compareIds, type FirmId } from '../../../services/core/ids.ts';
import type {
  ClientViews,
  Document,
  FirmRecord,
  SaveOutcome,
  StoredView,
  ViewKey,
  ViewStore,
  ViewWrite,
} from '../../../services/store/port.ts';
import type { Actor } from './actor.ts';

/** Small, so that a firm changes while it is read. */
const chunkClients = 3;

/** What stands in the store, whoever asks. */
export class Shelf {
  readonly views = new Map<string, StoredView & ViewKey>();
  readonly firms = new Map<FirmId, FirmRecord>();
  /** What no save may do, and one did. */
  readonly wrong: string[] = [];
  saves = 0;
  conflicts = 0;

  save(write: ViewWrite): SaveOutcome {
    const { firmId, clientId, view, bytes, expected } = write;
    const key = keyOf(write);
    const stands = this.views.get(key) ?? null;
    if ((stands?.version ?? 0) !== expected) {
      this.conflicts += 1;
      return { kind: 'conflict', current: stands };
    }
    if (stands !== null) {
      for (const place of forgotten(stands.bytes, bytes)) this.wrong.push(`${key} forgot ${place}`);
    }
    this.saves += 1;
    this.views.set(key, { firmId, clientId, view, bytes, version: expected + 1 });
    return { kind: 'saved', version: expected + 1 };
  }

  clients(firmId: FirmId): ClientViews[] {
    const found = new Map<string, { clientId: ClientViews['clientId']; views: StoredView[] }>();
    for (const stored of this.views.values()) {
      if (stored.firmId !== firmId) continue;
      const client = found.get(stored.clientId) ?? { clientId: stored.clientId, views: [] };
      client.views.push(stored);
      found.set(stored.clientId, client);
    }
    return [...found.values()].sort((one, other) => compareIds(one.clientId, other.clientId));
  }
}

/** Positions that a stored view had folded and its successor has not; but of two incarnations of a topic before it. */
function forgotten(before: Uint8Array, after: Uint8Array): readonly string[] {
  const newer = entriesOf(after);
  return entriesOf(before).flatMap(({ topicTag, incarnationTag, offsets }) => {
    const ofTopic = newer.filter((entry) => entry.topicTag === topicTag);
    const entry = ofTopic.find((one) => one.incarnationTag === incarnationTag);
    if (entry === undefined && ofTopic.length === 2) return [];
    return [...offsets]
      .filter(([partition, offset]) => (entry?.offsets.get(partition) ?? -1) < offset)
      .map(([partition, offset]) => `topic ${topicTag}, partition ${partition}, offset ${offset}`);
  });
}

/** The checkpoint of a sealed view, read as it is written: see core/checkpoint.ts. */
function entriesOf(bytes: Uint8Array) {
  const source = new ByteReader(bytes);
  source.byte();
  return Array.from({ length: source.varint() }, () => {
    const [topicTag, incarnationTag] = [source.varint(), source.varint()];
    const offsets = new Map(Array.from({ length: source.varint() }, () => [source.varint(), source.varint()] as const));
    return { topicTag, incarnationTag, offsets };
  });
}

export function openSimStore(shelf: Shelf, actor: Actor): ViewStore {
  const ask = <Answer>(answer: () => Answer) => actor.call('store', [], answer);
  const noDocuments = (): Document[] => [];
  return {
    load: (keys) => ask(() => keys.map((key) => shelf.views.get(keyOf(key)) ?? null)),
    loadClient: (client) =>
      ask(() => shelf.clients(client.firmId).find(({ clientId }) => clientId === client.clientId)?.views ?? []),
    save: (writes) => {
      const outcomes: SaveOutcome[] = [];
      // Each write stands alone: a request that is cut off has saved some and not others.
      return actor.call(
        'store',
        writes.map((write) => () => void outcomes.push(shelf.save(write))),
        () => outcomes,
      );
    },
    async *readFirm(firmId, views) {
      let last = '';
      for (;;) {
        const chunk = await ask(() =>
          shelf
            .clients(firmId)
            .filter(({ clientId }) => last === '' || compareIds(clientId, last) > 0)
            .slice(0, chunkClients)
            .map((client) => ({ ...client, views: client.views.filter(({ view }) => views.includes(view)) })),
        );
        const newest = chunk.at(-1);
        if (newest === undefined) return;
        last = newest.clientId;
        yield chunk;
      }
    },
    noteFirms: (firms) =>
      actor.call(
        'store',
        firms.map(({ firmId, dataSince }) => () => {
          const known = shelf.firms.get(firmId) ?? { firmId, dataSince: null, settings: null, settingsVersion: 0 };
          const since =
            known.dataSince === null || dataSince === null
              ? (known.dataSince ?? dataSince)
              : Math.min(known.dataSince, dataSince);
          shelf.firms.set(firmId, { ...known, dataSince: since });
        }),
        () => undefined,
      ),
    listFirms: () => ask(() => [...shelf.firms.values()]),
    loadFirm: (firmId) => ask(() => shelf.firms.get(firmId) ?? null),
    saveSettings: async () => false,
    loadDocument: async () => null,
    saveDocument: async () => false,
    deleteDocument: async () => false,
    listDocuments: async () => noDocuments(),
    close: async () => undefined,
  };
}

function keyOf({ firmId, clientId, view }: ViewKey): string {
  return `${firmId}/${clientId}/${view}`;
}
