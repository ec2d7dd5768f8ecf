// The producers on trial, each behind one function: ours through the log port, and both clients used in the other ways.
import { Producer as PlatformaticProducer } from '@platformatic/kafka';
import kafkajs from 'kafkajs';
import { openKafkaLog } from '../../../services/log/kafka.ts';
import { connectKafkajs } from '../../../services/log/kafka-client.ts';
import { systemClock } from '../../../services/runtime/clock.ts';

export type Outgoing = { readonly id: string; readonly key: string; readonly value: Buffer };

export type Sender = {
  /** Resolves when the client says that all of them are in the log. */
  send(messages: readonly Outgoing[]): Promise<void>;
  close(): Promise<void>;
};

type Shape = {
  readonly client: 'kafkajs' | 'platformatic';
  readonly idempotent: boolean;
  /** What one call of the client may hold: one partition's messages, or those of several. */
  readonly partitions: 'one' | 'several';
};

export const shapes = {
  'kafkajs-several': { client: 'kafkajs', idempotent: false, partitions: 'several' },
  'kafkajs-several-idempotent': { client: 'kafkajs', idempotent: true, partitions: 'several' },
  'kafkajs-one-idempotent': { client: 'kafkajs', idempotent: true, partitions: 'one' },
  'platformatic-one': { client: 'platformatic', idempotent: false, partitions: 'one' },
  'platformatic-one-idempotent': { client: 'platformatic', idempotent: true, partitions: 'one' },
  'platformatic-several': { client: 'platformatic', idempotent: false, partitions: 'several' },
  'platformatic-several-idempotent': { client: 'platformatic', idempotent: true, partitions: 'several' },
} as const satisfies Record<string, Shape>;

/** `ours` is services/log: kafkajs, not idempotent, one partition a call. */
export const senderNames = ['ours', ...Object.keys(shapes)] as const;
export const isShape = (name: string): name is keyof typeof shapes => name in shapes;

export const idHeader = 'trial';
export const partitionCount = 6;
const acksFromAllInSync = -1;
/** As long as our own adapter tries: some ten seconds. */
const retriesMax = 10;
const retryDelayMs = 1_000;

export function openSender(name: string, brokers: readonly string[], topic: string): Promise<Sender> {
  if (!isShape(name)) return openOurs(brokers, topic);
  const shape: Shape = shapes[name];
  return shape.client === 'kafkajs' ? openKafkajs(shape, brokers, topic) : openPlatformatic(shape, brokers, topic);
}

async function openOurs(brokers: readonly string[], topic: string): Promise<Sender> {
  const log = await openKafkaLog({ brokers, clientId: 'trial-ours', topicPrefix: '', clock: systemClock });
  return {
    send: (messages) =>
      log.append(
        topic,
        messages.map(({ id, key, value }) => ({ key, value, headers: { [idHeader]: id } })),
      ),
    close: () => log.close(),
  };
}

async function openKafkajs(shape: Shape, brokers: readonly string[], topic: string): Promise<Sender> {
  const { idempotent } = shape;
  const kafka = connectKafkajs({ brokers, clientId: 'trial-kafkajs' });
  const producer = kafka.producer({
    idempotent,
    allowAutoTopicCreation: false,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    // kafkajs wants both of whoever is idempotent.
    ...(idempotent ? { maxInFlightRequests: 1, retry: { retries: Number.MAX_SAFE_INTEGER } } : {}),
  });
  await producer.connect();
  const sendOnce = async (messages: readonly Outgoing[]) => {
    await producer.send({
      topic,
      acks: acksFromAllInSync,
      messages: messages.map(({ id, key, value }) => ({
        key,
        value,
        partition: partitionOf(key),
        headers: { [idHeader]: id },
      })),
    });
  };
  return {
    send: shape.partitions === 'several' ? sendOnce : byLanes(sendOnce),
    close: () => producer.disconnect(),
  };
}

async function openPlatformatic(shape: Shape, brokers: readonly string[], topic: string): Promise<Sender> {
  const { idempotent } = shape;
  const producer = new PlatformaticProducer({
    clientId: 'trial-platformatic',
    bootstrapBrokers: [...brokers],
    acks: acksFromAllInSync,
    idempotent,
    autocreateTopics: false,
    connectTimeout: 10_000,
    // Its own default for an idempotent producer is to try for ever.
    ...(idempotent ? {} : { retries: retriesMax, retryDelay: retryDelayMs }),
  });
  const sendOnce = async (messages: readonly Outgoing[]) => {
    await producer.send({
      acks: acksFromAllInSync,
      messages: messages.map(({ id, key, value }) => ({
        topic,
        key: Buffer.from(key),
        value,
        partition: partitionOf(key),
        headers: new Map([[Buffer.from(idHeader), Buffer.from(id)]]),
      })),
    });
  };
  return {
    send: shape.partitions === 'several' ? sendOnce : byLanes(sendOnce),
    close: async () => {
      await producer.close();
    },
  };
}

/** One call a partition at a time, as our own adapter has it. */
function byLanes(sendOnce: (messages: readonly Outgoing[]) => Promise<void>): Sender['send'] {
  const lanes = new Map<number, Promise<void>>();
  return async (messages) => {
    const byPartition = new Map<number, Outgoing[]>();
    for (const message of messages) {
      const partition = partitionOf(message.key);
      const some = byPartition.get(partition) ?? [];
      byPartition.set(partition, some);
      some.push(message);
    }
    const sends = [...byPartition].map(([partition, some]) => {
      const sending = (lanes.get(partition) ?? Promise.resolve()).then(() => sendOnce(some));
      lanes.set(
        partition,
        sending.catch(() => undefined),
      );
      return sending;
    });
    // What fails is known only when the rest has ended: whoever sends again must not overtake himself.
    const outcomes = await Promise.allSettled(sends);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  };
}

export function partitionOf(key: string): number {
  let hash = 0;
  for (let index = 0; index < key.length; index += 1) hash = (hash * 31 + key.charCodeAt(index)) >>> 0;
  return hash % partitionCount;
}
