// One life of a kafkajs consumer: it is opened, reads until it crashes or is closed, and is never started again.
import type { ConsumerGroupJoinEvent, EachBatchPayload } from 'kafkajs';
import { inTime } from '../runtime/clock.ts';
import { OperatingError } from '../runtime/errors.ts';
import { type KafkaContext, kafkajsRetry, metadataAgeMsMax } from './kafka-client.ts';
import { coordinatorGone, withinGeneration } from './kafka-mends.ts';
import { reasonOf } from './kafka-topics.ts';
import type { Position } from './port.ts';

// After a broker's death a new member waits for the old one's session to run out.
const sessionMsMax = 10_000;
const rebalanceMsMax = 60_000;
const heartbeatMs = 3_000;
// A broker that answered with every single message would be asked hundreds of times a second; so it waits a moment for more.
const fetchBytesMin = 32 * 1024;
const fetchWaitMs = 50;
const fetchBytesMax = 8 * 1024 * 1024;
const fetchPartitionBytesMax = 1024 * 1024;
const closeMsMax = 10_000;
// A minute of trying again keeps the membership, which a new consumer would have to wait for.
const retriesMax = 40;

const refusals: readonly string[] = [
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  coordinatorGone,
  'GROUP_LOAD_IN_PROGRESS',
];

export type SessionOptions = {
  readonly context: KafkaContext;
  readonly group: string;
  /** Names as Kafka knows them; so everywhere in this file. */
  readonly topics: readonly string[];
  /** Called when an assignment came, before anything of it is fetched; its partitions may be paused there. */
  readonly onJoin: (event: ConsumerGroupJoinEvent) => Promise<void>;
  readonly onBatch: (payload: EachBatchPayload) => Promise<void>;
  /** Called at most once, and not after `close`. */
  readonly onCrash: (cause: Error) => void;
};

export type KafkaSession = {
  seek(topic: string, partition: number, offset: number): void;
  pause(topics: readonly string[]): void;
  resume(topics: readonly string[]): void;
  /** False when the group refused: it is rebalancing, or its coordinator is gone. */
  commit(next: readonly Position[]): Promise<boolean>;
  close(): Promise<void>;
};

/** Resolves once the consumer is under way; the first assignment comes through `onJoin`. */
export async function openSession(options: SessionOptions): Promise<KafkaSession> {
  const { context, group, topics, onJoin, onBatch, onCrash } = options;
  let isOpen = true;
  let joins = 0;
  let lastCommit: Promise<unknown> = Promise.resolve();
  const consumer = context.kafka.consumer({
    groupId: group,
    sessionTimeout: sessionMsMax,
    rebalanceTimeout: rebalanceMsMax,
    heartbeatInterval: heartbeatMs,
    minBytes: fetchBytesMin,
    maxWaitTimeInMs: fetchWaitMs,
    maxBytes: fetchBytesMax,
    maxBytesPerPartition: fetchPartitionBytesMax,
    metadataMaxAge: metadataAgeMsMax,
    allowAutoTopicCreation: false,
    retry: { ...kafkajsRetry, retries: retriesMax, restartOnFailure: async () => false },
  });
  consumer.on(consumer.events.GROUP_JOIN, (event) => {
    joins += 1;
    return isOpen ? onJoin(event) : Promise.resolve();
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (isOpen) onCrash(payload.error);
    isOpen = false;
  });

  const commitOnce = async (next: readonly Position[], hasRebalanced: () => boolean): Promise<boolean> => {
    const offsets = next.map(({ topic, partition, offset, incarnation }) => ({
      topic,
      partition,
      offset: String(offset),
      metadata: incarnation,
    }));
    try {
      await withinGeneration(hasRebalanced, () => consumer.commitOffsets(offsets));
      // A consumer that has ended takes commits and drops them.
      return isOpen;
    } catch (cause) {
      if (isRefusal(cause)) return false;
      throw cause;
    }
  };

  const session: KafkaSession = {
    seek: (topic, partition, offset) => consumer.seek({ topic, partition, offset: String(offset) }),
    pause: (names) => consumer.pause(names.map((topic) => ({ topic }))),
    resume: (names) => consumer.resume(names.map((topic) => ({ topic }))),
    commit: (next) => {
      const joinsBefore = joins;
      // One at a time, or else one that is repeated would end up behind the one after it, and take it back.
      const commit = lastCommit.then(() => commitOnce(next, () => joins !== joinsBefore));
      lastCommit = commit.catch(() => undefined);
      return commit;
    },
    close: async () => {
      isOpen = false;
      // kafkajs waits for what is under way, which after a broker's death may be for ever.
      await inTime(context.clock, closeMsMax, () => consumer.disconnect().catch(() => undefined));
    },
  };

  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    // Of the callbacks only those after this point can come, and they find the session through its owner.
    setImmediate(() => {
      void consumer
        .run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: onBatch })
        .catch((cause: unknown) =>
          isOpen ? onCrash(cause instanceof Error ? cause : new Error(reasonOf(cause))) : undefined,
        );
    });
    return session;
  } catch (cause) {
    await session.close();
    throw new OperatingError('log_unreachable', `Kafka cannot be read: ${reasonOf(cause)}`, { retryable: true, cause });
  }
}

function isRefusal(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false;
  if ('type' in cause && typeof cause.type === 'string' && refusals.includes(cause.type)) return true;
  return 'cause' in cause && cause.cause !== cause && isRefusal(cause.cause);
}
