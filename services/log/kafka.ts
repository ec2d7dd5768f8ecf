// The Apache Kafka adapter of the event log.
import { randomUUID } from 'node:crypto';
import type { Clock } from '../runtime/clock.ts';
import { OperatingError } from '../runtime/errors.ts';
import {
  adminRequestMsMax,
  connectAdmin,
  connectKafkajs,
  type KafkaConnectionOptions,
  type KafkaContext,
  type KafkaLogger,
} from './kafka-client.ts';
import { kafkaAppender } from './kafka-producer.ts';
import { type KafkaReader, openKafkaReader } from './kafka-reader.ts';
import { type KafkaTopics, kafkaTopics, reasonOf } from './kafka-topics.ts';
import type { EventLog, LogMessage, LogReader, TopicDescription } from './port.ts';

const stallMsDefault = 15_000;
const pollMs = 1_000;
/** In which another broker has taken a group over. */
const coordinatorMsMax = 10_000;
const coordinatorDelayMs = 500;
const pollMessagesMax = 1_000;

export type KafkaLogOptions = KafkaConnectionOptions & {
  /** Put before every topic's name; may be empty. */
  readonly topicPrefix: string;
  readonly clock: Clock;
  /** Of topics we create. Default 1. */
  readonly partitions?: number;
  /** Of topics we create. Default 1; three in production. */
  readonly replication?: number;
  readonly logger?: KafkaLogger;
  /** A consumer with lag and no progress for so long is started anew. Default 15 s. */
  readonly stallMs?: number;
};

const quiet: KafkaLogger = { warn: () => undefined };

export async function openKafkaLog(options: KafkaLogOptions): Promise<EventLog> {
  const logger = options.logger ?? quiet;
  const { clock, topicPrefix } = options;
  const kafka = connectKafkajs(options);
  const admin = connectAdmin(options);
  const context: KafkaContext = { kafka, clock, topicPrefix, logger };
  const { partitions = 1, replication = 1, stallMs = stallMsDefault } = options;
  const topics = kafkaTopics({ admin, kafka, clock, topicPrefix, partitions, replication });
  const appender = kafkaAppender(context, topics);
  // A member that joins again waits for what it tells, so it must not wait long for a broker that hangs.
  const groups = connectKafkajs(options, adminRequestMsMax).admin();
  let connected: Promise<void> | null = null;

  const committedOf = async (group: string, topic: TopicDescription): Promise<ReadonlyMap<number, number>> => {
    const name = topicPrefix + topic.topic;
    const found = await untilAnswered(async () => {
      connected ??= groups.connect().catch((cause: unknown) => {
        connected = null;
        throw cause;
      });
      await connected;
      return groups.fetchOffsets({ groupId: group, topics: [name] });
    });
    const commits = new Map<number, number>();
    for (const { partition, offset, metadata } of found.find((one) => one.topic === name)?.partitions ?? []) {
      // A commit without metadata was made by Kafka's own tools, on purpose.
      const isOfThis = metadata === null || metadata === '' || metadata === topic.incarnation;
      if (Number(offset) >= 0 && isOfThis) commits.set(partition, Number(offset));
    }
    return commits;
  };

  /** kafkajs repeats much, but not what a group's coordinator refuses while it takes over from a broker that is gone. */
  const untilAnswered = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    const lastTryAt = clock.now() + coordinatorMsMax;
    for (;;) {
      try {
        return await ask();
      } catch (cause) {
        if (clock.now() > lastTryAt) throw commitsUnknown(cause);
        await clock.sleep(coordinatorDelayMs);
      }
    }
  };

  const readAlone = (name: string, startOf: (topic: TopicDescription) => Promise<ReadonlyMap<number, number>>) => {
    // kafkajs reads in groups only. This one has a single member and no commits, so Kafka forgets it when it is left.
    const group = `${topicPrefix}${options.clientId}-reader-${randomUUID()}`;
    return openKafkaReader({ context, topics, group, topicNames: [name], stallMs, commits: false, startOf });
  };

  return {
    createTopics: topics.create,
    describe: topics.describe,
    retention: topics.retention,
    keep: topics.keep,
    append: appender.append,
    committed: async (group, name) => {
      const [topic] = await topics.describe([name]);
      return topic === undefined ? new Map() : committedOf(group, topic);
    },
    join: (group, topicNames) =>
      openKafkaReader({
        context,
        topics,
        group,
        topicNames,
        stallMs,
        commits: true,
        startOf: (topic) => committedOf(group, topic),
      }),
    scan: (name) => scanTopic(topics, name, (startOf) => readAlone(name, startOf)),
    follow: async (name, from, onMessages) => {
      const [topic] = await topics.describeAll([name]);
      const reader = await readAlone(name, async () => from);
      const stopping = new AbortController();
      const done = followReader(reader, topic?.incarnation ?? '', onMessages, stopping.signal);
      // Whoever never looks at `done` must not lose the process to an unhandled rejection.
      done.catch(() => undefined);
      return {
        done,
        // Messages come by themselves.
        look: () => {},
        stop: async () => {
          stopping.abort();
          await done.catch(() => undefined);
        },
      };
    },
    close: async () => {
      await appender.close();
      await groups.disconnect();
      await admin.close();
    },
  };
}

async function* scanTopic(
  topics: KafkaTopics,
  name: string,
  readFrom: (startOf: (topic: TopicDescription) => Promise<ReadonlyMap<number, number>>) => Promise<KafkaReader>,
): AsyncGenerator<LogMessage> {
  const [topic] = await topics.describeAll([name]);
  const open = new Map<number, number>();
  for (const { partition, earliest, end } of topic?.partitions ?? []) if (end > earliest) open.set(partition, end);
  if (open.size === 0) return;
  const reader = await readFrom(async () => new Map());
  try {
    while (open.size > 0) {
      const { messages } = await reader.poll(pollMs, pollMessagesMax);
      for (const message of messages) {
        const end = open.get(message.partition);
        if (end === undefined) continue;
        if (message.offset < end) yield message;
        if (message.offset >= end - 1) open.delete(message.partition);
      }
      if (messages.length > 0) continue;
      for (const [partition, end] of open) if (reader.readUpTo(name, partition) >= end) open.delete(partition);
      await closeEmptied(topics, name, open);
    }
  } finally {
    await reader.close();
  }
}

/** Retention may take the very messages that the scan waits for. */
async function closeEmptied(topics: KafkaTopics, name: string, open: Map<number, number>): Promise<void> {
  const [topic] = await topics.describe([name]);
  for (const [partition, end] of open) {
    const extent = topic?.partitions.find((one) => one.partition === partition);
    if (extent === undefined || extent.earliest >= end) open.delete(partition);
  }
}

async function followReader(
  reader: LogReader,
  incarnation: string,
  onMessages: (messages: readonly LogMessage[]) => void | Promise<void>,
  stopping: AbortSignal,
): Promise<void> {
  stopping.addEventListener('abort', () => void reader.close(), { once: true });
  try {
    while (!stopping.aborted) {
      const { messages, losses } = await reader.poll(pollMs, pollMessagesMax);
      if (stopping.aborted) return;
      const first = messages[0];
      if (losses.length > 0 || (first !== undefined && first.incarnation !== incarnation))
        throw cannotFollow(losses[0]?.topic ?? first?.topic ?? '');
      if (messages.length > 0) await onMessages(messages);
    }
  } finally {
    await reader.close();
  }
}

function commitsUnknown(cause: unknown): OperatingError {
  const message = `Kafka does not tell how far the group is: ${reasonOf(cause)}`;
  return new OperatingError('log_unreachable', message, { retryable: true, cause });
}

function cannotFollow(topic: string): OperatingError {
  return new OperatingError(
    'messages_lost',
    `The topic "${topic}" cannot be followed on: what was next is gone. Start again from what it holds now.`,
  );
}
