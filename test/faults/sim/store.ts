// The view store of a simulation: conditional writes in memory, which hold every save to what a save must never do.
import { ByteReader } from '../../../services/core/bytes.ts';
import { compareIds, type FirmId } from '../../../services/core/ids.ts';
import { defaultSettings, type Settings, settingsText } from '../../../services/core/settings.ts';
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
import type { World } from './world.ts';

/** What was known of a client from `at` on. */
type State = { readonly at: number; readonly views: readonly StoredView[] };

/** Small, so that a firm changes while it is read. */
const chunkClients = 3;

/** What stands in the store, whoever asks. */
export class Shelf {
  readonly views = new Map<string, StoredView & ViewKey>();
  readonly firms = new Map<FirmId, FirmRecord>();
  readonly documents = new Map<string, Document>();
  /** Whatever the settings of the one firm were, since when. */
  readonly settingsPast: { readonly at: number; readonly settings: Settings }[] = [
    { at: 0, settings: defaultSettings },
  ];
  private readonly past = new Map<string, State[]>();
  private readonly world: World;
  /** What no save may do, and one did. */
  readonly wrong: string[] = [];
  saves = 0;
  conflicts = 0;

  constructor(world: World) {
    this.world = world;
  }

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
    const saved = { firmId, clientId, view, bytes, version: expected + 1 };
    this.views.set(key, saved);
    const states = this.past.get(clientId) ?? [{ at: 0, views: [] }];
    const others = states.at(-1)?.views.filter((one) => one.view !== view) ?? [];
    this.past.set(clientId, [...states, { at: this.world.now, views: [...others, saved] }]);
    return { kind: 'saved', version: expected + 1 };
  }

  /** Every state of every client that stood, in the order of their ids. */
  historyOf(): readonly (readonly [clientId: string, states: readonly State[]])[] {
    return [...this.past].sort(([one], [other]) => compareIds(one, other));
  }

  settings(): Settings {
    return this.settingsPast.at(-1)?.settings ?? defaultSettings;
  }

  changeSettings(firmId: FirmId, settings: Settings): void {
    const known = this.firm(firmId);
    const settingsVersion = known.settingsVersion + 1;
    this.firms.set(firmId, { ...known, settings: settingsText(settings), settingsVersion });
    this.settingsPast.push({ at: this.world.now, settings });
  }

  firm(firmId: FirmId): FirmRecord {
    return this.firms.get(firmId) ?? { firmId, dataSince: null, settings: null, settingsVersion: 0 };
  }

  /** As ViewStore.saveDocument. */
  saveDocument(document: Omit<Document, 'version'>, expected: number, first = 1): boolean {
    const place = placeOf(document);
    if ((this.documents.get(place)?.version ?? 0) !== expected) return false;
    this.documents.set(place, { ...document, version: expected === 0 ? first : expected + 1 });
    return true;
  }

  /** As ViewStore.deleteDocument. */
  deleteDocument(place: string, expected: number | undefined): boolean {
    const stands = this.documents.get(place);
    if (stands !== undefined && expected !== undefined && stands.version !== expected) return false;
    this.documents.delete(place);
    return true;
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
          const known = shelf.firm(firmId);
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
    saveSettings: () => Promise.reject(new Error('the simulated firm sets its settings itself')),
    loadDocument: (collection, firmId, id) =>
      ask(() => shelf.documents.get(placeOf({ collection, firmId, id })) ?? null),
    saveDocument: (document, expected, first) => {
      let isSaved = false;
      const save = () => {
        isSaved = shelf.saveDocument(document, expected, first);
      };
      return actor.call('store', [save], () => isSaved);
    },
    deleteDocument: (collection, firmId, id, expected) => {
      let isDeleted = false;
      const remove = () => {
        isDeleted = shelf.deleteDocument(placeOf({ collection, firmId, id }), expected);
      };
      return actor.call('store', [remove], () => isDeleted);
    },
    listDocuments: (collection, firmId) =>
      ask(() =>
        [...shelf.documents.values()]
          .filter((one) => one.collection === collection && (firmId === undefined || one.firmId === firmId))
          .sort((one, other) => compareIds(placeOf(one), placeOf(other))),
      ),
    close: async () => undefined,
  };
}

function keyOf({ firmId, clientId, view }: ViewKey): string {
  return `${firmId}/${clientId}/${view}`;
}

function placeOf({ collection, firmId, id }: Pick<Document, 'collection' | 'firmId' | 'id'>): string {
  return `${collection}/${firmId}/${id}`;
}
