// A member that was away for two rebalances: what it still has in hand must not take back what others committed.
import { randomUUID } from 'node:crypto';
import { Admin } from '@platformatic/kafka';
import { kafkaForTests } from '../../infra/local/servers.ts';
import { openKafkaLog } from '../../services/log/kafka.ts';
import { connectAdmin, connectKafkajs } from '../../services/log/kafka-client.ts';
import { openKafkaReader } from '../../services/log/kafka-reader.ts';
import { kafkaTopics } from '../../services/log/kafka-topics.ts';
import type { LogMessage } from '../../services/log/port.ts';
import { systemClock } from '../../services/runtime/clock.ts';

const clock = systemClock;
const messagesMax = 30;

test('given a batch from before a rebalance, when it is committed while partitions are placed, then it is held to what others committed', async () => {
  const server = await kafkaForTests();
  if (server === null) return;
  const { brokers } = server;
  const mark = randomUUID().slice(0, 8);
  const [topicPrefix, group] = [`commit-${mark}.`, `commit-${mark}`];
  const connection = { brokers, clientId: 'commit' };
  const log = await openKafkaLog({ ...connection, topicPrefix, clock });
  await log.createTopics([{ topic: 'login', retentionMs: null, compacted: false }]);
  await log.append(
    'login',
    Array.from({ length: messagesMax }, () => ({ key: 'one', value: Buffer.from('{}') })),
  );

  const kafka = connectKafkajs(connection);
  const admin = connectAdmin(connection);
  const topics = kafkaTopics({ admin, kafka, clock, topicPrefix, partitions: 1, replication: 1 });
  const logger = { warn: () => undefined };
  // Told at each assignment: first nothing is committed, then another member had come to the end.
  let asked = 0;
  let answer = () => {};
  const answering = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const reader = await openKafkaReader({
    ...{ context: { kafka, clock, topicPrefix, logger }, topics, group, topicNames: ['login'] },
    ...{ stallMs: 60_000, commits: true },
    startOf: async () => {
      asked += 1;
      if (asked === 1) return new Map();
      await answering;
      return new Map([[0, messagesMax]]);
    },
  });
  const positionAfter = ({ topic, incarnation, partition, offset }: LogMessage) => [
    { topic, incarnation, partition, offset: offset + 1 },
  ];
  const read: LogMessage[] = [];
  while (read.length < 10) read.push(...(await reader.poll(200, 10 - read.length)).messages);
  const [first, last] = [read[0], read.at(-1)];
  if (first === undefined || last === undefined) throw new Error('nothing was read');
  await reader.commit(positionAfter(first));

  const groups = new Admin({ clientId: 'test', bootstrapBrokers: brokers });
  await groups.removeMembersFromConsumerGroup({ groupId: group });
  while (asked < 2) await clock.sleep(20);
  const committing = reader.commit(positionAfter(last));
  await clock.sleep(500);
  const meanwhile = await log.committed(group, 'login');
  answer();
  await committing;
  const afterwards = await log.committed(group, 'login');

  await reader.close();
  await groups.close();
  await admin.close();
  await log.close();
  await server.stop();
  expect([...meanwhile, ...afterwards]).toEqual([
    [0, 1],
    [0, 1],
  ]);
}, 60_000);
