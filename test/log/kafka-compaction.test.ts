// Topics that Kafka has compacted: records, whole batches and what they held are gone from the middle, and what is left is
// read wherever reading begins.
import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import { kafkaForTests } from '../../infra/local/servers.ts';
import { openKafkaLog } from '../../services/log/kafka.ts';
import { readLag } from '../../services/log/lag.ts';
import type { LogMessage } from '../../services/log/port.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { commitAll, keyOf, scanAll, until } from '../contract/log-steps.ts';

const topic = 'client';
const segmentMs = 100;
const testMsMax = 180_000;

test(
  'given a compacted topic with gaps and emptied batches, then what is left is read, from any offset on',
  async () => {
    const server = await kafkaForTests();
    if (server === null) {
      process.stderr.write('left out, there is no Kafka: reading a compacted topic\n');
      return;
    }
    const { brokers } = server;
    const topicPrefix = `compaction-${randomUUID().slice(0, 8)}.`;
    const kafka = new kafkajs.Kafka({ brokers, clientId: 'test', logLevel: kafkajs.logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    const configEntries = [
      { name: 'cleanup.policy', value: 'compact' },
      { name: 'segment.ms', value: String(segmentMs) },
      { name: 'min.cleanable.dirty.ratio', value: '0.001' },
    ];
    await admin.createTopics({ topics: [{ topic: topicPrefix + topic, numPartitions: 1, configEntries }] });
    const log = await openKafkaLog({ brokers, clientId: 'test', topicPrefix, clock: systemClock });

    // Of the first batch the first, the last and some between are overwritten, of the second all: Kafka keeps it, empty,
    // because it is its producer's last. The third goes altogether.
    await sendBatch(kafka, topicPrefix + topic, ['a', 'b', 'c', 'd', 'e', 'f']);
    await sendBatch(kafka, topicPrefix + topic, ['g', 'h', 'i']);
    await log.append(topic, messagesOf(['j']));
    await log.append(topic, messagesOf(['a', 'c', 'd', 'f', 'g', 'h', 'i', 'j']));
    await systemClock.sleep(2 * segmentMs);
    await log.append(topic, messagesOf(['end 1']));
    await systemClock.sleep(2 * segmentMs);
    await log.append(topic, messagesOf(['end 2']));
    let left: LogMessage[] = [];
    await until(async () => {
      left = await scanAll(log, topic);
      return left.length === 12;
    }, testMsMax / 2);

    const expected = ['b', 'e', 'a', 'c', 'd', 'f', 'g', 'h', 'i', 'j', 'end 1', 'end 2'];
    expect(left.map(keyOf)).toEqual(expected);
    expect(left.map(({ offset }) => offset)).toEqual([1, 4, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    for (let from = 0; from < 20; from += 3) {
      const followed: LogMessage[] = [];
      const following = await log.follow(topic, new Map([[0, from]]), (more) => void followed.push(...more));
      const behind = left.filter(({ offset }) => offset >= from);
      await until(async () => followed.length >= behind.length);
      await following.stop();
      expect(followed.map(({ offset }) => offset)).toEqual(behind.map(({ offset }) => offset));
    }
    const reader = await log.join(topicPrefix, [topic]);
    const read: LogMessage[] = [];
    await until(async () => {
      const { messages, losses, atEnd } = await reader.poll(200, 3);
      expect(losses).toEqual([]);
      read.push(...messages);
      await commitAll(reader, messages);
      return messages.length === 0 && atEnd;
    });
    const lag = await readLag(log, topicPrefix, [topic]);
    await reader.close();
    await log.close();
    await admin.disconnect();
    await server.stop();
    expect(read.map(keyOf)).toEqual(expected);
    expect(lag.total).toBe(0);
  },
  testMsMax,
);

const messagesOf = (keys: readonly string[]) => keys.map((key) => ({ key, value: Buffer.from(`of ${key}`) }));

/** As one batch of a producer of its own, whose place in its sequence Kafka keeps. */
async function sendBatch(kafka: kafkajs.Kafka, name: string, keys: readonly string[]): Promise<void> {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  await producer.send({ topic: name, messages: messagesOf(keys) });
  await producer.disconnect();
}
