// A firm as a stream out of LMDB. By itself lmdb makes a Buffer of every key and value, which takes three times as long as
// reading them; here the keys and values of a chunk are copied behind each other into one.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RootDatabase } from 'lmdb';
import { ByteReader } from '../core/bytes.ts';
import { type ClientId, type FirmId, knownClientId } from '../core/ids.ts';
import { type ClientViews, chunkClientsMax, type StoredView, type ViewName } from './port.ts';

/** Entries read in one go: less than a millisecond. */
const entriesMax = 3 * chunkClientsMax;
const chunkBytesMin = 128 * 1024;
const tab = '\t'.charCodeAt(0);

/** Reads a firm; see the port. `names`: of the views asked for. */
export type FirmScanner = (firmId: FirmId, names: readonly ViewName[]) => AsyncIterable<readonly ClientViews[]>;

/** Keys and values behind each other, and by turns how long each of them is. */
type Chunk = { readonly bytes: Buffer; readonly lengths: readonly number[] };

/** Of a table whose keys are `firmId <tab> clientId <tab> view` and whose values are a version and the view's bytes. */
export function openFirmScanner(environment: RootDatabase, tableName: string): FirmScanner {
  let bytes: Buffer = Buffer.alloc(0);
  let end = 0;
  /** Copies, because LMDB's memory is only valid until its next step. Large values come as plain bytes. */
  const take = (source: Uint8Array, start: number, stop: number): number => {
    const length = stop - start;
    if (end + length > bytes.length) bytes = grown(bytes, end + length);
    bytes.set(new Uint8Array(source.buffer, source.byteOffset + start, length), end);
    end += length;
    return length;
  };
  // Not given in place: lmdb's types do not know that it takes a key encoder.
  const options = {
    name: tableName,
    cache: false,
    keyEncoder: {
      writeKey: (key: Buffer, target: Uint8Array, start: number) => {
        target.set(key, start);
        return start + key.length;
      },
      readKey: take,
    },
    encoder: {
      encode: (value: Buffer) => value,
      // The buffer may be larger than the value in it.
      decode: (source: Uint8Array, length: number) => take(source, 0, length),
    },
  };
  const table = environment.openDB<number, number | Buffer>(options);

  /** In a read transaction of its own, so that no old page is held back while a reader pauses. */
  const readChunk = (start: Buffer, stop: Buffer): Chunk => {
    // Those who read the chunk before keep its memory.
    bytes = Buffer.allocUnsafeSlow(Math.max(bytes.length, chunkBytesMin));
    end = 0;
    const lengths: number[] = [];
    for (const { key, value } of table.getRange({ start, end: stop, limit: entriesMax })) {
      lengths.push(Number(key), value);
    }
    return { bytes, lengths };
  };
  return (firmId, names) => scanFirm(readChunk, firmId, names);
}

async function* scanFirm(
  readChunk: (start: Buffer, stop: Buffer) => Chunk,
  firmId: FirmId,
  names: readonly ViewName[],
): AsyncGenerator<readonly ClientViews[]> {
  const prefix = Buffer.from(`${firmId}\t`);
  const stop = Buffer.from(prefix);
  stop[stop.length - 1] = tab + 1;
  const clients = new ClientsRead(prefix.length, names);
  let start = prefix;
  for (let isLast = false; !isLast; ) {
    const chunk = readChunk(start, stop);
    isLast = chunk.lengths.length < 2 * entriesMax;
    const lastKey = clients.take(chunk);
    for (const some of clients.complete(isLast)) {
      yield some;
      await nextTurn();
    }
    // The smallest key above the last one.
    start = Buffer.concat([lastKey, Buffer.of(0)]);
  }
}

/** Puts entries together to clients; the views of one may stand in two chunks. */
class ClientsRead {
  private readonly prefixLength: number;
  private readonly wanted: readonly { readonly name: ViewName; readonly bytes: Buffer }[];
  private clients: { readonly clientId: ClientId; readonly views: StoredView[] }[] = [];
  /** Where the id of the last client stands. */
  private lastBytes: Buffer = Buffer.alloc(0);
  private lastStart = 0;
  private lastEnd = 0;

  constructor(prefixLength: number, names: readonly ViewName[]) {
    this.prefixLength = prefixLength;
    this.wanted = names.map((name) => ({ name, bytes: Buffer.from(name) }));
  }

  /** Answers the last key of the chunk. */
  take({ bytes, lengths }: Chunk): Buffer {
    let keyStart = 0;
    let keyEnd = 0;
    let end = 0;
    for (let index = 0; index < lengths.length; index += 2) {
      keyStart = end;
      keyEnd = keyStart + (lengths[index] ?? 0);
      end = keyEnd + (lengths[index + 1] ?? 0);
      this.takeEntry(bytes, keyStart + this.prefixLength, keyEnd, end);
    }
    return bytes.subarray(keyStart, keyEnd);
  }

  private takeEntry(bytes: Buffer, idStart: number, keyEnd: number, end: number): void {
    let idEnd = keyEnd - 1;
    while (idEnd > idStart && bytes[idEnd] !== tab) idEnd -= 1;
    const view = this.viewAt(bytes, idEnd + 1, keyEnd);
    if (view === null) return;
    let client = this.clients.at(-1);
    if (client === undefined || !isSame(bytes, idStart, idEnd, this.lastBytes, this.lastStart, this.lastEnd)) {
      this.lastBytes = bytes;
      this.lastStart = idStart;
      this.lastEnd = idEnd;
      client = { clientId: knownClientId(bytes.toString('utf8', idStart, idEnd)), views: [] };
      this.clients.push(client);
    }
    client.views.push(viewIn(view, bytes, keyEnd, end));
  }

  private viewAt(bytes: Buffer, start: number, end: number): ViewName | null {
    for (const { name, bytes: wanted } of this.wanted) {
      if (isSame(bytes, start, end, wanted, 0, wanted.length)) return name;
    }
    return null;
  }

  /** What can be given out: the last client may not be complete until the end. */
  *complete(isLast: boolean): Generator<readonly ClientViews[]> {
    const given = this.clients;
    this.clients = isLast ? [] : given.splice(-1);
    for (let at = 0; at < given.length; at += chunkClientsMax) yield given.slice(at, at + chunkClientsMax);
  }
}

function isSame(one: Buffer, start: number, end: number, other: Buffer, otherStart: number, otherEnd: number): boolean {
  const length = end - start;
  if (length !== otherEnd - otherStart) return false;
  // From the end, where neighbours differ.
  for (let index = length - 1; index >= 0; index -= 1) {
    if (one[start + index] !== other[otherStart + index]) return false;
  }
  return true;
}

function viewIn(view: ViewName, bytes: Buffer, start: number, end: number): StoredView {
  const source = new ByteReader(bytes, start, end);
  return { view, version: source.varint(), bytes: source.rest() };
}

function grown(bytes: Buffer, length: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.max(bytes.length * 2, length));
  larger.set(bytes);
  return larger;
}
