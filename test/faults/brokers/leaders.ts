// Who leads what in a cluster under trial, and whether all copies are in sync again.
import { Admin, FindCoordinatorKeyTypes } from '@platformatic/kafka';

const pollMs = 200;

export type Leaders = {
  /** Creates a topic of three copies. */
  create(topic: string, partitions: number): Promise<void>;
  /** The id of the broker that leads a partition. */
  leaderOf(topic: string, partition: number): Promise<number>;
  /** The id of the broker that a group's members talk to. */
  coordinatorOf(group: string): Promise<number>;
  /** Resolves when every partition has a leader and all three copies in sync, with what that took, ms. */
  untilInSync(topics: readonly string[], waitMsMax: number): Promise<number>;
  close(): Promise<void>;
};

const copies = 3;

export function openLeaders(brokers: readonly string[]): Leaders {
  const admin = new Admin({ clientId: 'trial', bootstrapBrokers: [...brokers], requestTimeout: 3_000, retries: 5 });
  const partitionsOf = async (topic: string) => {
    const metadata = await admin.metadata({ topics: [topic], forceUpdate: true });
    return metadata.topics.get(topic)?.partitions ?? [];
  };
  const isInSync = async (topic: string): Promise<boolean> => {
    const partitions = await partitionsOf(topic);
    return partitions.length > 0 && partitions.every(({ leader, isr }) => leader > 0 && isr.length === copies);
  };
  return {
    create: async (topic, partitions) => {
      await admin.createTopics({
        topics: [topic],
        partitions,
        replicas: copies,
        configs: [{ name: 'message.timestamp.type', value: 'LogAppendTime' }],
      });
    },
    leaderOf: async (topic, partition) => (await partitionsOf(topic))[partition]?.leader ?? 0,
    coordinatorOf: async (group) => {
      const [found] = await admin.findCoordinator({ keyType: FindCoordinatorKeyTypes.GROUP, keys: [group] });
      return found?.nodeId ?? 0;
    },
    untilInSync: async (topics, waitMsMax) => {
      const from = Date.now();
      for (;;) {
        const inSync = await Promise.all(topics.map(isInSync)).catch(() => [false]);
        const tookMs = Date.now() - from;
        if (inSync.every(Boolean)) return tookMs;
        if (tookMs > waitMsMax) throw new Error(`the copies are not in sync after ${waitMsMax} ms`);
        await new Promise((resolve) => setTimeout(resolve, pollMs));
      }
    },
    close: async () => {
      await admin.close();
    },
  };
}
