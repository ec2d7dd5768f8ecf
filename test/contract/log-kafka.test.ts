// The event-log contract on a real Kafka.
import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import { kafkaForTests } from '../../infra/local/servers.ts';
import { openKafkaLog } from '../../services/log/kafka.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { logContract } from './log.ts';

logContract('kafka', async () => {
  const server = await kafkaForTests();
  if (server === null) return null;
  const { brokers } = server;
  const topicPrefix = `contract-${randomUUID().slice(0, 8)}.`;
  const options = { brokers, clientId: 'contract', topicPrefix, clock: systemClock, partitions: 4 };
  const admin = new kafkajs.Kafka({ brokers, clientId: 'admin', logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  let log = await openKafkaLog(options);
  return {
    log: () => log,
    reopen: async () => {
      await log.close();
      log = await openKafkaLog(options);
    },
    deleteTopic: async (topic) => {
      await admin.deleteTopics({ topics: [topicPrefix + topic] });
      while ((await log.describe([topic])).length > 0) await systemClock.sleep(20);
    },
    overtake: async (topic) => {
      const offsets = await admin.fetchTopicOffsets(topicPrefix + topic);
      await admin.deleteTopicRecords({
        topic: topicPrefix + topic,
        partitions: offsets.map(({ partition, offset }) => ({ partition, offset })),
      });
    },
    appenderArgs: () => ['kafka', brokers[0] ?? '', topicPrefix],
    close: async () => {
      await log.close();
      await admin.disconnect();
      await server.stop();
    },
  };
});
