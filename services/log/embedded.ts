// The embedded adapter of the event log: LMDB in a folder, for one machine, with several processes at once if need be.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../runtime/clock.ts';
import { OperatingError } from '../runtime/errors.ts';
import { type Group, joinGroup } from './embedded-group.ts';
import { openStorage, type Placed, type Storage, type StoredTopic } from './embedded-storage.ts';
import type { EventLog, LogMessage, OutgoingMessage, TopicDescription } from './port.ts';
import { createWaker } from './waker.ts';

/** How soon messages of other processes are seen. */
const lookAgainMs = 50;
const pruneIntervalMs = 60_000;
const pageMessagesMax = 1_000;
/** Whoever follows does so beside other work: about a millisecond of reading in one go. */
const followedMessagesMax = 256;
const appendMessagesMax = 5_000;

export type EmbeddedLogOptions = {
  /** Created when it is missing. */
  readonly dir: string;
  readonly clock: Clock;
  /** Of topics created from here on; default 1. */
  readonly partitions?: number;
};

export type EmbeddedLog = EventLog & {
  /** Removes a topic and its messages; one created afterwards under its name is another incarnation. */
  deleteTopic(topic: string): Promise<void>;
};

export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<EmbeddedLog> {
  const { clock } = options;
  const storage = openStorage(options.dir);
  const waker = createWaker(clock, lookAgainMs);
  const groups = new Map<string, Group>();
  const prunedAt = new Map<string, number>();
  const place = createPlacer();

  const pruneIfDue = async (topic: string) => {
    const now = clock.now();
    if (now - (prunedAt.get(topic) ?? now) < pruneIntervalMs) {
      if (!prunedAt.has(topic)) prunedAt.set(topic, now);
      return;
    }
    prunedAt.set(topic, now);
    await storage.prune(topic, now);
  };

  for (const topic of storage.topicNames()) {
    prunedAt.set(topic, clock.now());
    await storage.prune(topic, clock.now());
  }

  return {
    createTopics: async (specs) => {
      const created: string[] = [];
      for (const spec of specs) if (await storage.create(spec, options.partitions ?? 1)) created.push(spec.topic);
      return created;
    },
    describe: async (topics) => {
      storage.refresh();
      return topics.flatMap((name) => {
        const topic = storage.topic(name);
        return topic === null ? [] : [describeTopic(storage, topic)];
      });
    },
    retention: async (topics) => {
      storage.refresh();
      const kept = new Map<string, number | null>();
      for (const name of topics) {
        const topic = storage.topic(name);
        if (topic !== null) kept.set(name, topic.retentionMs);
      }
      return kept;
    },
    keep: storage.keep,
    append: async (topic, messages) => {
      const placed = place(existingTopic(storage, topic), messages);
      for (let start = 0; start < placed.length; start += appendMessagesMax) {
        await storage.append(topic, placed.slice(start, start + appendMessagesMax), clock.now());
      }
      waker.wake();
      await pruneIfDue(topic);
    },
    committed: async (group, name) => {
      storage.refresh();
      const topic = storage.topic(name);
      return topic === null ? new Map() : storage.committed(group, topic);
    },
    join: async (group, topics) => joinGroup({ storage, waker, groups, group, topics }),
    scan: (topic) => scanTopic(storage, topic),
    follow: async (name, from, onMessages) => {
      storage.refresh();
      const topic = existingTopic(storage, name);
      const stopping = new AbortController();
      const done = followTopic(storage, topic, from, onMessages, waker.waitForMore, stopping.signal);
      // Whoever never looks at `done` must not lose the process to an unhandled rejection.
      done.catch(() => undefined);
      return {
        done,
        look: waker.wake,
        stop: async () => {
          stopping.abort();
          waker.wake();
          await done.catch(() => undefined);
        },
      };
    },
    deleteTopic: (topic) => storage.deleteTopic(topic),
    close: async () => {
      waker.wake();
      await storage.close();
    },
  };
}

function existingTopic(storage: Storage, name: string): StoredTopic {
  const topic = storage.topic(name);
  if (topic !== null) return topic;
  throw new OperatingError('topic_missing', `The embedded log has no topic "${name}"; create the topics first.`);
}

function describeTopic(storage: Storage, topic: StoredTopic): TopicDescription {
  const partitions = partitionsOf(topic).map((partition) => ({ partition, ...storage.extent(topic, partition) }));
  return { topic: topic.topic, incarnation: topic.incarnation, partitions };
}

function partitionsOf(topic: StoredTopic): number[] {
  return Array.from({ length: topic.partitions }, (_, partition) => partition);
}

/** Chooses partitions: by key, or in turn where there is none. */
function createPlacer(): (topic: StoredTopic, messages: readonly OutgoingMessage[]) => Placed[] {
  let turn = 0;
  return (topic, messages) =>
    messages.map((message) => {
      if (topic.partitions === 1) return { partition: 0, message };
      if (message.key !== null) return { partition: hashOf(message.key) % topic.partitions, message };
      turn += 1;
      return { partition: turn % topic.partitions, message };
    });
}

/** FNV-1a over UTF-16 units. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

async function* scanTopic(storage: Storage, name: string): AsyncGenerator<LogMessage> {
  storage.refresh();
  const topic = existingTopic(storage, name);
  const { partitions } = describeTopic(storage, topic);
  for (const { partition, earliest, end } of partitions) {
    let next = earliest;
    for (;;) {
      const page = storage.read(topic, partition, next, end, pageMessagesMax);
      yield* page;
      const last = page.at(-1);
      if (last === undefined) break;
      next = last.offset + 1;
    }
  }
}

async function followTopic(
  storage: Storage,
  topic: StoredTopic,
  from: ReadonlyMap<number, number>,
  onMessages: (messages: readonly LogMessage[]) => void | Promise<void>,
  waitForMore: (signal: AbortSignal) => Promise<void>,
  stopping: AbortSignal,
): Promise<void> {
  const next = new Map(partitionsOf(topic).map((partition) => [partition, from.get(partition) ?? 0]));
  while (!stopping.aborted) {
    storage.refresh();
    if (storage.topic(topic.topic)?.incarnation !== topic.incarnation) throw cannotFollow(topic, 'it was deleted');
    let found = 0;
    for (const [partition, offset] of next) {
      const { earliest, end } = storage.extent(topic, partition);
      if (offset < earliest && from.has(partition)) throw cannotFollow(topic, 'retention deleted what was next');
      const page = storage.read(topic, partition, offset, end, followedMessagesMax);
      const last = page.at(-1);
      if (last === undefined) continue;
      found += page.length;
      await onMessages(page);
      // Taking messages may never wait for anything, and others must have their turn all the same.
      await nextTurn();
      if (stopping.aborted) return;
      next.set(partition, last.offset + 1);
    }
    if (found === 0) await waitForMore(stopping);
  }
}

function cannotFollow(topic: StoredTopic, what: string): OperatingError {
  return new OperatingError(
    'messages_lost',
    `The topic "${topic.topic}" cannot be followed on: ${what}. Start again from what it holds now.`,
  );
}
