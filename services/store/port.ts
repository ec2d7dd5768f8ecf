// The view-store port: conditional saves of one client's views, whole firms as ordered streams, small documents.
// Adapters: dynamodb.ts, embedded.ts.
import type { ClientId, ClientKey, FirmId } from '../core/ids.ts';

/** One view of one client; the store does not look inside. */
export type ViewName = string;
export type ViewKey = ClientKey & { readonly view: ViewName };

export type StoredView = {
  readonly view: ViewName;
  /** Counts this view's saves: 1 after the first. */
  readonly version: number;
  readonly bytes: Uint8Array;
};

/**
 * What people look for in a console; never read back. Null is what there is none of: a view names all it ever shows in
 * each write, so that what is gone goes from the console too.
 */
export type Readable = Readonly<Record<string, string | number | null>>;

export type ViewWrite = ViewKey & {
  /** The version that was loaded; 0 when there was none. The save succeeds only while it is still current. */
  readonly expected: number;
  readonly bytes: Uint8Array;
  readonly readable: Readable;
};

export type SaveOutcome =
  | { readonly kind: 'saved'; readonly version: number }
  /** Somebody else saved first; `current` is what stands there now, so no second read is needed. */
  | { readonly kind: 'conflict'; readonly current: StoredView | null };

export type ClientViews = { readonly clientId: ClientId; readonly views: readonly StoredView[] };

/** A firm is read in chunks of at most so many clients. */
export const chunkClientsMax = 256;

export type FirmRecord = {
  readonly firmId: FirmId;
  /** The earliest occurrence folded for the firm, epoch ms; null before any. */
  readonly dataSince: number | null;
  /** Settings as JSON text; null while all are defaults. */
  readonly settings: string | null;
  /** Counts saves of the settings; 0 before the first. */
  readonly settingsVersion: number;
};

/** A small JSON item: an export job, a schedule, a key. */
export type Document = {
  readonly collection: string;
  readonly firmId: FirmId;
  readonly id: string;
  readonly version: number;
  readonly body: string;
};

export interface ViewStore {
  /** Answers in the order asked; null where there is no such view. Strongly consistent. */
  load(keys: readonly ViewKey[]): Promise<readonly (StoredView | null)[]>;
  /** All views of one client, one strongly consistent read. */
  loadClient(client: ClientKey): Promise<readonly StoredView[]>;
  /**
   * Saves each view on its own condition; answers in the order asked, once all are durable or refused. Keys must be
   * distinct. A write whose answer was lost is settled by what stands there: it is `saved` when it is ours. Rejects
   * (retryable) when the store cannot be reached within its budget; some writes may then be durable.
   */
  save(writes: readonly ViewWrite[]): Promise<readonly SaveOutcome[]>;
  /**
   * A firm's clients in ascending order of client id (by UTF-8 bytes), each with the views asked for that it has. They
   * come in chunks, never empty and at most `chunkClientsMax` large, between which others get their turn: a chunk is
   * worked off in a few milliseconds, and a step for each client would cost more than reading it.
   */
  readFirm(firmId: FirmId, views: readonly ViewName[]): AsyncIterable<readonly ClientViews[]>;

  /** Makes the firms known and moves each `dataSince` back to the earlier instant. Repeating it changes nothing. */
  noteFirms(firms: readonly { readonly firmId: FirmId; readonly dataSince: number | null }[]): Promise<void>;
  /** Ascending by firm id. */
  listFirms(): Promise<readonly FirmRecord[]>;
  loadFirm(firmId: FirmId): Promise<FirmRecord | null>;
  /** Needs no existing firm. False when `expected` is no longer the version. */
  saveSettings(firmId: FirmId, expected: number, settings: string): Promise<boolean>;

  loadDocument(collection: string, firmId: FirmId, id: string): Promise<Document | null>;
  /**
   * `expected` 0 creates. False when it is no longer the version. `first` is the version that creating gives, 1 unless
   * told: a random one where documents are deleted and made again, so that a stale save never meets its version by chance.
   */
  saveDocument(document: Omit<Document, 'version'>, expected: number, first?: number): Promise<boolean>;
  /** With `expected`: false when it is no longer the version. True also when there is none. */
  deleteDocument(collection: string, firmId: FirmId, id: string, expected?: number): Promise<boolean>;
  /** All of a collection, or those of one firm; ascending by firm id, then id. */
  listDocuments(collection: string, firmId?: FirmId): Promise<readonly Document[]>;

  close(): Promise<void>;
}
