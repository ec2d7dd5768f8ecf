// Kafka's topics: creating them, and what stands in them now, with the topic ids that tell re-created topics apart.
import {
  type Admin,
  ConfigResourceTypes,
  FetchIsolationLevels,
  IncrementalAlterConfigOperationTypes,
} from '@platformatic/kafka';
import kafkajs, { type Kafka } from 'kafkajs';
import type { Clock } from '../runtime/clock.ts';
import { OperatingError } from '../runtime/errors.ts';
import type { TopicDescription, TopicSpec } from './port.ts';

const earliestTimestamp = -2n;
const latestTimestamp = -1n;

/** How long new topics may take to appear: ten seconds. */
const thereTriesMax = 100;
const thereDelayMs = 100;

export type KafkaTopics = {
  describe(topics: readonly string[]): Promise<readonly TopicDescription[]>;
  /** As `describe`, but all of them must be there. Throws topic_missing. */
  describeAll(topics: readonly string[]): Promise<readonly TopicDescription[]>;
  create(specs: readonly TopicSpec[]): Promise<readonly string[]>;
  retention(topics: readonly string[]): Promise<ReadonlyMap<string, number | null>>;
  keep(topic: string, retentionMs: number | null): Promise<void>;
};

export type TopicOptions = {
  readonly clock: Clock;
  readonly admin: Admin;
  readonly kafka: Kafka;
  readonly topicPrefix: string;
  readonly partitions: number;
  readonly replication: number;
};

export function kafkaTopics(options: TopicOptions): KafkaTopics {
  const { admin, kafka, clock, topicPrefix, partitions, replication } = options;
  const listOffsets = async (counts: ReadonlyMap<string, number>, timestamp: bigint) => {
    const topics = [...counts].map(([name, count]) => ({
      name,
      partitions: Array.from({ length: count }, (_, partitionIndex) => ({ partitionIndex, timestamp })),
    }));
    const offsets = new Map<string, number>();
    // What an open transaction has written, and all behind it, is not there to be read yet.
    const isolationLevel = FetchIsolationLevels.READ_COMMITTED;
    for (const { name, partitions: found } of await admin.listOffsets({ topics, isolationLevel })) {
      for (const { partitionIndex, offset } of found) offsets.set(`${name}/${partitionIndex}`, Number(offset));
    }
    return offsets;
  };

  const describeOnce = async (topics: readonly string[]): Promise<readonly TopicDescription[]> => {
    const existing = new Set(await admin.listTopics());
    const names = topics.map((topic) => topicPrefix + topic).filter((name) => existing.has(name));
    if (names.length === 0) return [];
    const metadata = await admin.metadata({ topics: [...names], forceUpdate: true });
    const counts = new Map(names.map((name) => [name, metadata.topics.get(name)?.partitionsCount ?? 0]));
    const earliest = await listOffsets(counts, earliestTimestamp);
    const end = await listOffsets(counts, latestTimestamp);
    return names.map((name) => ({
      topic: name.slice(topicPrefix.length),
      incarnation: metadata.topics.get(name)?.id ?? '',
      partitions: Array.from({ length: counts.get(name) ?? 0 }, (_, partition) => ({
        partition,
        earliest: earliest.get(`${name}/${partition}`) ?? 0,
        end: end.get(`${name}/${partition}`) ?? 0,
      })),
    }));
  };

  const describe = async (topics: readonly string[]) => {
    try {
      return await describeOnce(topics);
    } catch (cause) {
      throw new OperatingError('log_unreachable', `Kafka does not describe its topics: ${reasonOf(cause)}`, {
        retryable: true,
        cause,
      });
    }
  };

  /** A topic just created is known to a broker a moment later, and has leaders another moment later. */
  const untilThere = async (topics: readonly string[]): Promise<void> => {
    for (let tries = 1; ; tries += 1) {
      const found = await describe(topics).catch((error: unknown) => {
        if (tries >= thereTriesMax) throw error;
        return [];
      });
      if (found.length === topics.length && found.every(({ partitions: there }) => there.length > 0)) return;
      if (tries >= thereTriesMax) {
        const message = 'Kafka took the new topics but does not show them yet. Start again in a moment.';
        throw new OperatingError('log_unreachable', message, { retryable: true });
      }
      await clock.sleep(thereDelayMs);
    }
  };

  const missingTopics = (topics: readonly string[]) => {
    const names = topics.map((topic) => `"${topicPrefix}${topic}"`).join(', ');
    return new OperatingError('topic_missing', `Kafka has no topic ${names}; create the topics first.`);
  };

  return {
    describe,
    describeAll: async (topics) => {
      const found = await describe(topics);
      const missing = topics.filter((topic) => !found.some((one) => one.topic === topic));
      if (missing.length === 0) return found;
      throw missingTopics(missing);
    },
    create: async (specs) => {
      const existing = new Set(await admin.listTopics());
      const missing = specs.filter(({ topic }) => !existing.has(topicPrefix + topic));
      if (missing.length === 0) return [];
      const creating = kafka.admin();
      await creating.connect();
      try {
        const created: string[] = [];
        for (const spec of missing) {
          const topic = {
            topic: topicPrefix + spec.topic,
            numPartitions: partitions,
            replicationFactor: replication,
            configEntries: configOf(spec),
          };
          // kafkajs would wait for leaders, but gives up at once while a broker has not heard of the topic yet.
          if (await creating.createTopics({ topics: [topic], waitForLeaders: false })) created.push(spec.topic);
        }
        await untilThere(missing.map(({ topic }) => topic));
        return created;
      } finally {
        await creating.disconnect();
      }
    },
    keep: async (name, retentionMs) => {
      await describe([name]).then((found) => {
        if (found.length === 0) throw missingTopics([name]);
      });
      // Only this one setting: kafkajs would put all others back to their defaults.
      const change = { name: 'retention.ms', value: String(retentionMs ?? -1) };
      await admin.incrementalAlterConfigs({
        resources: [
          {
            resourceType: ConfigResourceTypes.TOPIC,
            resourceName: topicPrefix + name,
            configs: [{ ...change, configOperation: IncrementalAlterConfigOperationTypes.SET }],
          },
        ],
      });
    },
    retention: async (names) => {
      const existing = new Set(await admin.listTopics());
      const kept = new Map<string, number | null>();
      const present = names.filter((name) => existing.has(topicPrefix + name));
      if (present.length === 0) return kept;
      const asking = kafka.admin();
      await asking.connect();
      try {
        const { resources } = await asking.describeConfigs({
          includeSynonyms: false,
          resources: present.map((name) => ({
            type: kafkajs.ConfigResourceTypes.TOPIC,
            name: topicPrefix + name,
            configNames: ['retention.ms'],
          })),
        });
        for (const { resourceName, configEntries } of resources) {
          const keptMs = Number(configEntries[0]?.configValue ?? '-1');
          kept.set(resourceName.slice(topicPrefix.length), keptMs < 0 ? null : keptMs);
        }
        return kept;
      } finally {
        await asking.disconnect();
      }
    },
  };
}

function configOf({ compacted, retentionMs }: TopicSpec): { name: string; value: string }[] {
  return [
    // The broker's time, which no producer can set: "late" and "too far ahead" are measured against it.
    { name: 'message.timestamp.type', value: 'LogAppendTime' },
    { name: 'retention.ms', value: String(retentionMs ?? -1) },
    { name: 'cleanup.policy', value: compacted ? (retentionMs === null ? 'compact' : 'compact,delete') : 'delete' },
  ];
}

export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
