// The embedded log's LMDB environment: topics, messages, commits, retention. Several processes may have it open at once;
// whatever decides something (offsets, commits, pruning) happens inside a write transaction.
import { createHash, randomUUID } from 'node:crypto';
import { type Database, open } from 'lmdb';
import { untilCommitted } from '../runtime/disk.ts';
import { OperatingError } from '../runtime/errors.ts';
import { appendedAtOf, decodeRecord, encodeRecord, messageKey, offsetOfKey } from './embedded-record.ts';
import type { LogMessage, OutgoingMessage, Position, TopicSpec } from './port.ts';

const databasesMax = 8;
const pruneMessagesMax = 20_000;
const offsetMax = Number.MAX_SAFE_INTEGER;

export type StoredTopic = TopicSpec & {
  readonly incarnation: string;
  /** Never used twice, so that what a deleted topic left behind is never read. */
  readonly number: number;
  readonly partitions: number;
};

export type Extent = { readonly earliest: number; readonly end: number };
type Commit = { readonly incarnation: string; readonly offset: number };
type Newest = { readonly partition: number; readonly offset: number };
export type Placed = { readonly partition: number; readonly message: OutgoingMessage };

export type Storage = {
  topic(name: string): StoredTopic | null;
  extent(topic: StoredTopic, partition: number): Extent;
  /** At most `messagesMax` messages from offset `from` (inclusive) to `to` (exclusive). */
  read(topic: StoredTopic, partition: number, from: number, to: number, messagesMax: number): LogMessage[];
  committed(group: string, topic: StoredTopic): Map<number, number>;
  /** False when the topic exists already. */
  create(spec: TopicSpec, partitions: number): Promise<boolean>;
  /** Changes a topic's retention. */
  keep(topic: string, retentionMs: number | null): Promise<void>;
  append(topic: string, placed: readonly Placed[], now: number): Promise<void>;
  /** Keeps, for each partition, the larger of what stands and what is given, as long as the incarnation is current. */
  commit(group: string, next: readonly Position[]): Promise<void>;
  /** Removes what is older than the topic's retention. */
  prune(topic: string, now: number): Promise<void>;
  deleteTopic(topic: string): Promise<void>;
  topicNames(): string[];
  /** Makes the next reads see what other processes have written. */
  refresh(): void;
  close(): Promise<void>;
};

export function openStorage(dir: string): Storage {
  // Without overlapping syncs a message is visible only once it is on disk, so nobody can fold one that a power cut
  // takes back (and whose offset would then be given to another).
  // Batches by event turn have promises that nobody can reach: a full disk would end the process by them.
  const root = open({
    path: dir,
    noSubdir: false,
    maxDbs: databasesMax,
    overlappingSync: false,
    eventTurnBatching: false,
  });
  const topics = root.openDB<StoredTopic, string>({ name: 'topics', encoding: 'json' });
  const counters = root.openDB<number, string>({ name: 'counters', encoding: 'json' });
  const extents = root.openDB<Extent, [number, number]>({ name: 'extents', encoding: 'json' });
  const commits = root.openDB<Commit, [string, string, number]>({ name: 'commits', encoding: 'json' });
  const messages = root.openDB<Uint8Array, Uint8Array>({ name: 'messages', encoding: 'binary', keyEncoding: 'binary' });
  const newest = root.openDB<Newest, [number, string]>({ name: 'newest', encoding: 'json' });

  const extentOf = (topic: StoredTopic, partition: number): Extent =>
    extents.get([topic.number, partition]) ?? { earliest: 0, end: 0 };

  /** Resolves when the transaction is on disk. */
  const durably = async <T>(work: () => T): Promise<T> => {
    const result = await untilCommitted(dir, () => root.transaction(work));
    await untilCommitted(dir, () => root.flushed);
    return result;
  };

  const appendNow = (name: string, placed: readonly Placed[], now: number) => {
    const topic = topics.get(name);
    if (topic === undefined) throw topicMissing(name);
    const ends = new Map<number, number>();
    for (const { partition, message } of placed) {
      const offset = ends.get(partition) ?? extentOf(topic, partition).end;
      if (topic.compacted && message.key !== null)
        replaceNewest(newest, messages, topic, message.key, partition, offset);
      messages.putSync(messageKey(topic.number, partition, offset), encodeRecord(message, now));
      ends.set(partition, offset + 1);
    }
    for (const [partition, end] of ends) {
      extents.putSync([topic.number, partition], { earliest: extentOf(topic, partition).earliest, end });
    }
  };

  const pruneNow = (name: string, now: number) => {
    const topic = topics.get(name);
    if (topic === undefined || topic.retentionMs === null) return;
    for (let partition = 0; partition < topic.partitions; partition += 1) {
      const { earliest, end } = extentOf(topic, partition);
      const kept = removeOlder(messages, topic, partition, now - topic.retentionMs, pruneMessagesMax);
      if (kept !== null && kept > earliest) extents.putSync([topic.number, partition], { earliest: kept, end });
    }
  };

  return {
    topic: (name) => topics.get(name) ?? null,
    extent: extentOf,
    read: (topic, partition, from, to, messagesMax) => {
      const found: LogMessage[] = [];
      const start = messageKey(topic.number, partition, from);
      const end = messageKey(topic.number, partition, to);
      for (const { key, value } of messages.getRange({ start, end, limit: messagesMax })) {
        const position = { topic: topic.topic, incarnation: topic.incarnation, partition, offset: offsetOfKey(key) };
        found.push(decodeRecord(value, position));
      }
      return found;
    },
    committed: (group, topic) => {
      const found = new Map<number, number>();
      for (let partition = 0; partition < topic.partitions; partition += 1) {
        const commit = commits.get([group, topic.topic, partition]);
        if (commit?.incarnation === topic.incarnation) found.set(partition, commit.offset);
      }
      return found;
    },
    create: (spec, partitions) =>
      durably(() => {
        if (topics.get(spec.topic) !== undefined) return false;
        const number = (counters.get('topics') ?? 0) + 1;
        counters.putSync('topics', number);
        const { topic, retentionMs, compacted } = spec;
        topics.putSync(topic, { topic, retentionMs, compacted, incarnation: randomUUID(), number, partitions });
        return true;
      }),
    keep: (name, retentionMs) =>
      durably(() => {
        const topic = topics.get(name);
        if (topic === undefined) throw topicMissing(name);
        topics.putSync(name, { ...topic, retentionMs });
      }),
    append: (name, placed, now) => durably(() => appendNow(name, placed, now)),
    commit: (group, next) =>
      durably(() => {
        for (const { topic, incarnation, partition, offset } of next) {
          if (topics.get(topic)?.incarnation !== incarnation) continue;
          const key: [string, string, number] = [group, topic, partition];
          const standing = commits.get(key);
          if (standing?.incarnation === incarnation && standing.offset >= offset) continue;
          commits.putSync(key, { incarnation, offset });
        }
      }),
    prune: (name, now) => durably(() => pruneNow(name, now)),
    deleteTopic: (name) =>
      durably(() => {
        const topic = topics.get(name);
        if (topic === undefined) return;
        topics.removeSync(name);
        for (let partition = 0; partition < topic.partitions; partition += 1) {
          extents.removeSync([topic.number, partition]);
          removeOlder(messages, topic, partition, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
        }
      }),
    topicNames: () => [...topics.getKeys()],
    refresh: () => root.resetReadTxn(),
    close: () => root.close(),
  };
}

function topicMissing(name: string): OperatingError {
  return new OperatingError('topic_missing', `The embedded log has no topic "${name}"; create the topics first.`);
}

/** A key's earlier message goes when a newer one comes; the newest, a null value too, stays for those who read later. */
function replaceNewest(
  newest: Database<Newest, [number, string]>,
  messages: Database<Uint8Array, Uint8Array>,
  topic: StoredTopic,
  key: string,
  partition: number,
  offset: number,
): void {
  // LMDB's keys are short, ours need not be.
  const entry: [number, string] = [topic.number, createHash('sha256').update(key).digest('base64')];
  const earlier = newest.get(entry);
  if (earlier !== undefined) messages.removeSync(messageKey(topic.number, earlier.partition, earlier.offset));
  newest.putSync(entry, { partition, offset });
}

/**
 * Removes messages appended before `before`, from the front, a bounded number in one go; answers the offset behind the
 * last one removed, null when none was.
 */
function removeOlder(
  messages: Database<Uint8Array, Uint8Array>,
  topic: StoredTopic,
  partition: number,
  before: number,
  removeMax: number,
): number | null {
  const old: Uint8Array[] = [];
  const range = { start: messageKey(topic.number, partition, 0), end: messageKey(topic.number, partition, offsetMax) };
  for (const { key, value } of messages.getRange(range)) {
    if (appendedAtOf(value) >= before || old.length === removeMax) break;
    old.push(Uint8Array.prototype.slice.call(key));
  }
  for (const key of old) messages.removeSync(key);
  const last = old.at(-1);
  return last === undefined ? null : offsetOfKey(last) + 1;
}
