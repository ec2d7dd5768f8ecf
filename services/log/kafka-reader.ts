// Reading Kafka as a member of a group: pulls from what kafkajs pushes, keeps its own positions, tells losses, and starts
// the consumer anew when it has lag and does not move.
import type { ConsumerGroupJoinEvent, EachBatchPayload } from 'kafkajs';
import { OperatingError } from '../runtime/errors.ts';
import type { KafkaContext } from './kafka-client.ts';
import { commitOf, drainHeld, fillHeld, type Held, holdPartition, moveHeld, uncommittedOf } from './kafka-held.ts';
import { type KafkaSession, openSession } from './kafka-session.ts';
import { type KafkaTopics, reasonOf } from './kafka-topics.ts';
import type { LogMessage, LogReader, Loss, Polled, Position, TopicDescription } from './port.ts';
import { createWaker } from './waker.ts';

const bufferedMessagesMax = 20_000;
const bufferedBytesMax = 64 * 1024 * 1024;
const fullLookMs = 1_000;
const retryDelayMs = 1_000;
const joinMsMax = 120_000;
/** Whoever waits longer goes on: the commit is made once the place is known, or its messages come again. */
const placingMsMax = 10_000;
const watchMs = 5_000;

export type ReaderOptions = {
  readonly context: KafkaContext;
  readonly topics: KafkaTopics;
  readonly group: string;
  /** Logical names. */
  readonly topicNames: readonly string[];
  /** With lag and no progress for so long the consumer is started anew. */
  readonly stallMs: number;
  /** False when nobody is to commit anything for the group. */
  readonly commits: boolean;
  /** The next offset by partition, for a topic's incarnation; partitions left out start at the earliest message. */
  readonly startOf: (topic: TopicDescription) => Promise<ReadonlyMap<number, number>>;
};

export type KafkaReader = LogReader & {
  /** Up to which offset (exclusive) a partition has been read; 0 while it is not ours. */
  readUpTo(topic: string, partition: number): number;
};

export async function openKafkaReader(options: ReaderOptions): Promise<KafkaReader> {
  const { context, topics, topicNames, group } = options;
  const { clock, logger, topicPrefix } = context;
  const waker = createWaker(clock, Number.POSITIVE_INFINITY);
  const space = createWaker(clock, fullLookMs);
  const placed = createWaker(clock, Number.POSITIVE_INFINITY);
  const closing = new AbortController();
  const paused = new Set<string>();
  const held = new Map<string, Held>();
  let losses: Loss[] = [];
  let session: KafkaSession | null = null;
  let generation = 0;
  let isPlacing = true;
  let progressAt = clock.now();
  let turn = 0;

  const idOf = (topic: string, partition: number) => `${topic}/${partition}`;
  const isFull = () => {
    let messages = 0;
    let bytes = 0;
    for (const one of held.values()) {
      if (paused.has(one.topic)) continue;
      messages += one.buffered;
      bytes += one.bufferedBytes;
    }
    return messages >= bufferedMessagesMax || bytes >= bufferedBytesMax;
  };
  const seek = (one: Held) => session?.seek(topicPrefix + one.topic, one.partition, one.next);

  /** Kafka's commit of what was lost is gone as soon as kafkajs resets it; put ours back, so that a restart tells it too. */
  const recommit = (one: Held) => {
    if (one.committed === null) return;
    const commit = { ...one, topic: topicPrefix + one.topic, offset: one.committed };
    session
      ?.commit([commit])
      .catch((cause: unknown) => logger.warn({ reason: reasonOf(cause) }, 'commit not repeated'));
  };

  /**
   * Commits what nobody else will: where messages are hidden and none follows, nobody delivers; and what the group refused
   * while it was rebalancing, its owner takes for done.
   */
  const commitRest = (one: Held) => {
    const offset = uncommittedOf(one);
    if (!options.commits || offset === null) return;
    session
      ?.commit([{ ...one, topic: topicPrefix + one.topic, offset }])
      .then((isDurable) => {
        if (isDurable && (one.committed ?? 0) < offset) one.committed = offset;
      })
      .catch((cause: unknown) => logger.warn({ reason: reasonOf(cause) }, 'commit not made yet'));
  };

  /** Compares a partition's place with what stands in the topic; moves it where it has to go. */
  const reconcile = (one: Held, topic: TopicDescription): void => {
    const extent = topic.partitions.find(({ partition }) => partition === one.partition);
    if (extent === undefined || held.get(idOf(one.topic, one.partition)) !== one) return;
    one.end = extent.end;
    if (topic.incarnation !== one.incarnation) {
      logger.warn(
        { topic: one.topic, partition: one.partition },
        'the topic was created anew; reading it from its start',
      );
      const { partition, earliest, end } = { ...extent };
      const anew = {
        topic: one.topic,
        partition,
        incarnation: topic.incarnation,
        next: earliest,
        committed: null,
        end,
      };
      const replacement = holdPartition(anew);
      held.set(idOf(one.topic, one.partition), replacement);
      seek(replacement);
    } else if (extent.earliest > one.next) {
      losses.push({ topic: one.topic, partition: one.partition, from: one.next, to: extent.earliest });
      one.next = extent.earliest;
      if (one.buffered === 0) one.delivered = one.next;
      recommit(one);
      seek(one);
      waker.wake();
    } else if (extent.end < one.next) {
      logger.warn(
        { topic: one.topic, partition: one.partition, end: extent.end, next: one.next },
        'the log was cut back',
      );
      // What was fetched and not delivered yet is fetched again, as far as it is still there.
      moveHeld(one, Math.min(extent.end, one.delivered));
      seek(one);
    }
  };

  /** Puts the partitions of a new assignment in their places; they are paused until then. */
  const place = async (mine: number, assignment: Readonly<Record<string, readonly number[]>>): Promise<void> => {
    const names = Object.keys(assignment).map((name) => name.slice(topicPrefix.length));
    const described = await topics.describeAll(names);
    const starts = new Map<string, ReadonlyMap<number, number>>();
    for (const topic of described) starts.set(topic.topic, await options.startOf(topic));
    if (mine !== generation) return;
    for (const topic of described) {
      for (const { partition, earliest, end } of topic.partitions) {
        if (assignment[topicPrefix + topic.topic]?.includes(partition) !== true) continue;
        const id = idOf(topic.topic, partition);
        const start = starts.get(topic.topic)?.get(partition) ?? null;
        const kept = held.get(id);
        if (kept !== undefined && kept.incarnation === topic.incarnation) {
          // What stays ours goes on where it was, unless another member has been further meanwhile.
          kept.committed = start;
          if (start !== null) {
            kept.done = Math.max(kept.done, start);
            if (start > kept.next) moveHeld(kept, start);
            else if (kept.buffered === 0) kept.delivered = Math.max(kept.delivered, start);
          }
        } else {
          const { incarnation } = topic;
          const next = start ?? earliest;
          held.set(id, holdPartition({ topic: topic.topic, partition, incarnation, next, committed: start, end }));
        }
        const one = held.get(id);
        if (one === undefined) continue;
        reconcile(one, topic);
        seek(one);
      }
    }
    isPlacing = false;
    placed.wake();
    progressAt = clock.now();
    session?.resume(names.filter((name) => !paused.has(name)).map((name) => topicPrefix + name));
  };

  const placeUntilDone = async (mine: number, assignment: Readonly<Record<string, readonly number[]>>) => {
    while (mine === generation && !closing.signal.aborted) {
      try {
        return await place(mine, assignment);
      } catch (cause) {
        logger.warn({ group, reason: reasonOf(cause) }, 'positions cannot be read yet; trying again');
        await clock.sleep(retryDelayMs, closing.signal);
      }
    }
  };

  const onJoin = ({ payload }: ConsumerGroupJoinEvent): Promise<void> => {
    generation += 1;
    isPlacing = true;
    const assignment = payload.memberAssignment;
    session?.pause(Object.keys(assignment));
    for (const [id, one] of held) {
      if (assignment[topicPrefix + one.topic]?.includes(one.partition) !== true) held.delete(id);
    }
    return placeUntilDone(generation, assignment);
  };

  const onBatch = async ({ batch, resolveOffset, heartbeat, isRunning, isStale }: EachBatchPayload): Promise<void> => {
    const topic = batch.topic.slice(topicPrefix.length);
    const one = held.get(idOf(topic, batch.partition));
    if (one === undefined || isPlacing || isStale()) return;
    const began = fetchedOffsetOf(batch);
    if (began !== one.next && one.lookedAt !== one.next) {
      // kafkajs went somewhere by itself: after an offset out of range it goes to the earliest without telling.
      const [description] = await topics.describe([topic]);
      one.lookedAt = one.next;
      if (description !== undefined) reconcile(one, description);
      if (!isStale()) seek(one);
      return;
    }
    fillHeld(one, batch.messages);
    one.next = Math.max(one.next, Number(batch.lastOffset()) + 1);
    one.end = Math.max(one.next, Number(batch.highWatermark));
    resolveOffset(batch.lastOffset());
    progressAt = clock.now();
    if (commitOf(one, one.done) > one.done) commitRest(one);
    waker.wake();
    while (isFull() && !paused.has(topic) && isRunning() && !isPlacing && !closing.signal.aborted) {
      await heartbeat();
      await space.waitForMore(closing.signal);
    }
  };

  const startSession = async (): Promise<void> => {
    isPlacing = true;
    generation += 1;
    progressAt = clock.now();
    session = await openSession({
      context,
      group,
      topics: topicNames.map((name) => topicPrefix + name),
      onJoin,
      onBatch,
      onCrash: (cause) => {
        logger.warn({ group, reason: reasonOf(cause) }, 'the consumer ended; starting it anew');
        void restart();
      },
    });
  };

  let restarting: Promise<void> | null = null;
  const restart = (): Promise<void> => {
    restarting ??= (async () => {
      const old = session;
      session = null;
      await old?.close();
      while (!closing.signal.aborted) {
        try {
          await startSession();
          break;
        } catch (cause) {
          logger.warn({ group, reason: reasonOf(cause) }, 'the consumer cannot be started yet; trying again');
          await clock.sleep(retryDelayMs, closing.signal);
        }
      }
      restarting = null;
    })();
    return restarting;
  };

  const holdsMore = () => [...held.values()].some((one) => !paused.has(one.topic) && one.buffered > 0);
  const hasLag = () => [...held.values()].some((one) => !paused.has(one.topic) && one.end > one.next);
  const watch = async () => {
    while (!closing.signal.aborted) {
      await clock.sleep(Math.min(watchMs, options.stallMs), closing.signal);
      if (!isPlacing) for (const one of held.values()) commitRest(one);
      const idleMs = clock.now() - progressAt;
      if (closing.signal.aborted || restarting !== null || isFull() || idleMs < Math.min(watchMs, options.stallMs))
        continue;
      if (isPlacing) {
        if (idleMs > joinMsMax) void restart();
        continue;
      }
      try {
        const stood = [...held.values()].map((one) => ({ one, next: one.next }));
        const described = await topics.describe(topicNames);
        if (isPlacing) continue;
        for (const { one, next } of stood) {
          const topic = described.find(({ topic: name }) => name === one.topic);
          // Where messages came meanwhile, the end that was seen may lie before what was fetched.
          if (topic !== undefined && one.next === next) reconcile(one, topic);
        }
      } catch (cause) {
        logger.warn({ group, reason: reasonOf(cause) }, 'the log cannot be looked at');
      }
      if (!hasLag()) progressAt = clock.now();
      if (clock.now() - progressAt < options.stallMs) continue;
      logger.warn({ group, idleMs }, 'the consumer has lag and does not move; starting it anew');
      void restart();
    }
  };

  const take = (messagesMax: number): Polled => {
    const messages: LogMessage[] = [];
    const ready = [...held.values()];
    turn += 1;
    for (let step = 0; step < ready.length && messages.length < messagesMax; step += 1) {
      const one = ready[(turn + step) % ready.length];
      if (one !== undefined && !paused.has(one.topic)) drainHeld(one, messages, messagesMax - messages.length);
    }
    const told = losses;
    losses = [];
    if (messages.length > 0) {
      progressAt = clock.now();
      space.wake();
    }
    return { messages, losses: told, atEnd: !isPlacing && !hasLag() && !holdsMore() };
  };

  await topics.describeAll(topicNames);
  await startSession();
  const watching = watch();

  return {
    poll: async (waitMs, messagesMax) => {
      let remaining = waitMs;
      for (;;) {
        const polled = take(messagesMax);
        if (polled.messages.length > 0 || polled.losses.length > 0) return polled;
        if (remaining <= 0 || closing.signal.aborted) return polled;
        remaining = await waker.waitWithin(remaining);
      }
    },
    commit: async (next: readonly Position[]) => {
      for (const { topic, partition, incarnation, offset } of next) {
        const one = held.get(idOf(topic, partition));
        if (one?.incarnation === incarnation) one.done = Math.max(one.done, offset);
      }
      // A commit goes out under the membership of the moment. Under a new one it has to be held to what others committed
      // meanwhile, which is not known before.
      for (let waitMs = placingMsMax; isPlacing && waitMs > 0 && !closing.signal.aborted; ) {
        waitMs = await placed.waitWithin(waitMs);
      }
      if (isPlacing) return;
      const ours = next.flatMap((position) => {
        const one = held.get(idOf(position.topic, position.partition));
        if (one?.incarnation !== position.incarnation) return [];
        // The partition may have been another's meanwhile, who got further; Kafka itself would go back.
        if (position.offset <= (one.committed ?? -1)) return [];
        return { one, position: { ...position, offset: commitOf(one, position.offset) } };
      });
      if (ours.length === 0) return;
      const positions = ours.map(({ position }) => position);
      if (!(await commitWith(session, positions, topicPrefix))) return;
      for (const { one, position } of ours) {
        one.committed = Math.max(one.committed ?? 0, position.offset);
        commitRest(one);
      }
    },
    pause: (names) => {
      for (const name of names) paused.add(name);
      if (!isPlacing) session?.pause(names.map((name) => topicPrefix + name));
      space.wake();
    },
    resume: (names) => {
      for (const name of names) paused.delete(name);
      progressAt = clock.now();
      if (!isPlacing) session?.resume(names.map((name) => topicPrefix + name));
      waker.wake();
    },
    readUpTo: (topic, partition) => held.get(idOf(topic, partition))?.next ?? 0,
    assigned: () => [...held.values()].map(({ topic, partition }) => ({ topic, partition })),
    close: async () => {
      closing.abort();
      generation += 1;
      waker.wake();
      space.wake();
      placed.wake();
      await restarting;
      await session?.close();
      await watching;
    },
  };
}

/** False when the group refused: it is rebalancing, and what is not committed comes again. */
async function commitWith(
  session: KafkaSession | null,
  next: readonly Position[],
  topicPrefix: string,
): Promise<boolean> {
  if (session === null) return false;
  try {
    return await session.commit(next.map((position) => ({ ...position, topic: topicPrefix + position.topic })));
  } catch (cause) {
    throw new OperatingError('log_unreachable', `Kafka did not take a commit: ${reasonOf(cause)}`, {
      retryable: true,
      cause,
    });
  }
}

/** Where a fetch began. kafkajs has it, its types do not. */
function fetchedOffsetOf(batch: object): number {
  if ('fetchedOffset' in batch) return Number(batch.fetchedOffset);
  throw new Error('kafkajs no longer says where a fetch began');
}
