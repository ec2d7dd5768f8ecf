// What one would otherwise compare with: a plain kafkajs consumer that does nothing with what it reads, or parses it, or
// parses and validates it. It stores nothing, so it is the ceiling for whoever reads Kafka with kafkajs.
import kafkajs from 'kafkajs';
import { eventSchemas } from '../../../services/core/topics.ts';
import type { KafkaPlace } from '../places.ts';
import { benchTopics } from '../workload.ts';
import { readArgs, startWatch, tell } from './child.ts';

export type DrainArgs = {
  readonly log: KafkaPlace;
  readonly group: string;
  readonly messages: number;
  readonly doing: 'nothing' | 'parsing' | 'validating';
};

const { log, group, messages, doing } = readArgs<DrainArgs>();
const { topicPrefix } = log;
const kafka = new kafkajs.Kafka({
  clientId: 'bench',
  brokers: [...log.brokers],
  logLevel: kafkajs.logLevel.NOTHING,
});
// As our own reader fetches.
const consumer = kafka.consumer({
  groupId: group,
  maxWaitTimeInMs: 250,
  maxBytes: 8 * 1024 * 1024,
  maxBytesPerPartition: 1024 * 1024,
});
const schemas = new Map(benchTopics.map((topic) => [topicPrefix + topic, eventSchemas[topic]]));

const watch = startWatch();
let read = 0;
let refused = 0;
await consumer.connect();
await consumer.subscribe({ topics: [...schemas.keys()], fromBeginning: true });
const drained = new Promise<void>((resolve) => {
  void consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: true,
    eachBatch: async ({ batch }) => {
      const schema = schemas.get(batch.topic);
      for (const { value } of batch.messages) {
        if (doing === 'nothing') continue;
        const parsed: unknown = JSON.parse(value?.toString() ?? '');
        if (doing === 'validating' && schema?.safeParse(parsed).success !== true) refused += 1;
      }
      read += batch.messages.length;
      if (read >= messages) resolve();
    },
  });
});
await drained;
const figures = watch(read);
if (refused > 0) throw new Error(`${refused} events of the bench are not valid`);
await consumer.disconnect();
tell(figures);
