// The embedded store: LMDB in a folder. Other processes may open the same folder beside us.
import { mkdirSync } from 'node:fs';
import { type Database, open } from 'lmdb';
import { ByteReader, ByteWriter } from '../core/bytes.ts';
import { FirmId } from '../core/ids.ts';
import { untilCommitted } from '../runtime/disk.ts';
import { openFirmScanner } from './embedded-scan.ts';
import { clientPrefix, parseSortKey, sortKey } from './keys.ts';
import type { Document, FirmRecord, SaveOutcome, StoredView, ViewKey, ViewName, ViewStore } from './port.ts';

type Table = Database<Buffer, Buffer>;

/** Opens (creating it if need be) the store in a folder of its own. */
export function openEmbeddedStore({ dir }: { readonly dir: string }): ViewStore {
  mkdirSync(dir, { recursive: true });
  // Without overlapping syncs a transaction's promise resolves only after fsync, and rejects when that fails.
  // Batches by event turn have promises that nobody can reach: a full disk would end the process by them.
  const environment = open({ path: dir, overlappingSync: false, eventTurnBatching: false, cache: false, maxDbs: 8 });
  const table = (name: string): Table =>
    environment.openDB<Buffer, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary', cache: false });
  const views = table('views');
  const firms = table('firms');
  const documents = table('documents');
  const transact = <T>(work: () => T): Promise<T> => untilCommitted(dir, () => environment.transaction(work));

  return {
    async load(keys) {
      return keys.map((key) => readView(views, key));
    },

    async loadClient({ firmId, clientId }) {
      const found: StoredView[] = [];
      const prefix = firmPrefix(firmId) + clientPrefix(clientId);
      for (const { key, value } of views.getRange(under(prefix))) found.push(unpack(viewOf(key, firmId).view, value));
      return found;
    },

    async save(writes) {
      if (writes.length === 0) return [];
      // What is readable in a console has no console here, so it is not kept.
      return transact(() =>
        writes.map((write): SaveOutcome => {
          const key = viewKey(write);
          const stored = views.get(key);
          // Of what stands there only the version is read, unless it is in the way.
          if ((stored === undefined ? 0 : versionOf(stored)) !== write.expected) {
            return { kind: 'conflict', current: stored === undefined ? null : unpack(write.view, stored) };
          }
          const version = write.expected + 1;
          void views.put(key, pack(version, write.bytes));
          return { kind: 'saved', version };
        }),
      );
    },

    readFirm: openFirmScanner(environment, 'views'),

    async noteFirms(notes) {
      const isNews = (note: (typeof notes)[number]) => {
        const known = readFirmRecord(firms, note.firmId);
        return known === null || earlier(known.dataSince, note.dataSince) !== known.dataSince;
      };
      if (!notes.some(isNews)) return;
      await transact(() => {
        for (const { firmId, dataSince } of notes) {
          const known = readFirmRecord(firms, firmId) ?? newFirm(firmId);
          writeFirm(firms, { ...known, dataSince: earlier(known.dataSince, dataSince) });
        }
      });
    },

    async listFirms() {
      const found: FirmRecord[] = [];
      for (const { key, value } of firms.getRange({})) found.push(parseFirm(FirmId.parse(key.toString()), value));
      return found;
    },

    async loadFirm(firmId) {
      return readFirmRecord(firms, firmId);
    },

    async saveSettings(firmId, expected, settings) {
      return transact(() => {
        const known = readFirmRecord(firms, firmId) ?? newFirm(firmId);
        if (known.settingsVersion !== expected) return false;
        writeFirm(firms, { ...known, settings, settingsVersion: expected + 1 });
        return true;
      });
    },

    async loadDocument(collection, firmId, id) {
      const value = documents.get(documentKey(collection, firmId, id));
      return value === undefined ? null : parseDocument(collection, firmId, id, value);
    },

    async saveDocument({ collection, firmId, id, body }, expected, first = 1) {
      const key = documentKey(collection, firmId, id);
      return transact(() => {
        const value = documents.get(key);
        const version = value === undefined ? 0 : unpack('', value).version;
        if (version !== expected) return false;
        void documents.put(key, pack(expected === 0 ? first : expected + 1, Buffer.from(body)));
        return true;
      });
    },

    async deleteDocument(collection, firmId, id, expected) {
      const key = documentKey(collection, firmId, id);
      return transact(() => {
        const value = documents.get(key);
        if (value === undefined) return true;
        if (expected !== undefined && versionOf(value) !== expected) return false;
        void documents.remove(key);
        return true;
      });
    },

    async listDocuments(collection, firmId) {
      const prefix = firmId === undefined ? `${collection}\t` : `${collection}\t${firmPrefix(firmId)}`;
      const found: Document[] = [];
      for (const { key, value } of documents.getRange(under(prefix))) {
        const [, firm, id] = key.toString().split('\t');
        if (id === undefined) throw new RangeError(`the document key "${key.toString()}" names no firm and id`);
        found.push(parseDocument(collection, FirmId.parse(firm), id, value));
      }
      return found;
    },

    async close() {
      await environment.close();
    },
  };
}

function firmPrefix(firmId: FirmId): string {
  return `${firmId}\t`;
}

function viewKey({ firmId, clientId, view }: ViewKey): Buffer {
  return Buffer.from(firmPrefix(firmId) + sortKey(clientId, view));
}

function viewOf(key: Buffer, firmId: FirmId): { readonly clientId: string; readonly view: ViewName } {
  return parseSortKey(key.toString().slice(firmPrefix(firmId).length));
}

function documentKey(collection: string, firmId: FirmId, id: string): Buffer {
  return Buffer.from(`${collection}\t${firmPrefix(firmId)}${id}`);
}

/** The range of all keys that begin with `prefix`, which ends with a tab. */
function under(prefix: string): { readonly start: Buffer; readonly end: Buffer } {
  const end = Buffer.from(prefix);
  end[end.length - 1] = '\t'.charCodeAt(0) + 1;
  return { start: Buffer.from(prefix), end };
}

function readView(views: Table, key: ViewKey): StoredView | null {
  // Into memory that the next read uses again: unpacking copies.
  const value = views.getBinaryFast(viewKey(key));
  return value === undefined ? null : unpack(key.view, value);
}

/** A value is its version as a varint, then the bytes. */
function pack(version: number, bytes: Uint8Array): Buffer {
  head.clear();
  head.varint(version);
  return Buffer.concat([head.take(), bytes]);
}

// One for all values: packing is done in one go.
const head = new ByteWriter();

function versionOf(value: Buffer): number {
  return new ByteReader(value).varint();
}

/** Copies: LMDB may hand out memory that is only valid until the transaction ends. */
function unpack(view: ViewName, value: Buffer): StoredView {
  const source = new ByteReader(value);
  return { view, version: source.varint(), bytes: new Uint8Array(source.rest()) };
}

function newFirm(firmId: FirmId): FirmRecord {
  return { firmId, dataSince: null, settings: null, settingsVersion: 0 };
}

function earlier(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

function readFirmRecord(firms: Table, firmId: FirmId): FirmRecord | null {
  const value = firms.get(Buffer.from(firmId));
  return value === undefined ? null : parseFirm(firmId, value);
}

function writeFirm(firms: Table, { firmId, ...fields }: FirmRecord): void {
  void firms.put(Buffer.from(firmId), Buffer.from(JSON.stringify(fields)));
}

function parseFirm(firmId: FirmId, value: Buffer): FirmRecord {
  const fields: Omit<FirmRecord, 'firmId'> = JSON.parse(value.toString());
  return { firmId, ...fields };
}

function parseDocument(collection: string, firmId: FirmId, id: string, value: Buffer): Document {
  const { version, bytes } = unpack('', value);
  return { collection, firmId, id, version, body: Buffer.from(bytes).toString() };
}
