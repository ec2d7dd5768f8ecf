// Appending to Kafka: one request a partition at a time, in order, acknowledged by all replicas in sync.
import kafkajs, { type Message, type PartitionMetadata, type Producer } from 'kafkajs';
import { OperatingError } from '../runtime/errors.ts';
import { type KafkaContext, metadataAgeMsMax } from './kafka-client.ts';
import { type KafkaTopics, reasonOf } from './kafka-topics.ts';
import type { OutgoingMessage } from './port.ts';

const requestBytesMax = 900_000;
// kafkajs copies the list of a request for every message in it.
const requestMessagesMax = 500;
const messageOverheadBytes = 100;
const acksFromAllInSync = -1;
const partitionCountAgeMsMax = 300_000;

type Waiting = { readonly message: Message; readonly bytes: number; readonly receipt: Receipt };
type Receipt = { open: number; failed: unknown; settle(): void };
type Lane = { readonly waiting: Waiting[]; isSending: boolean };

export type KafkaAppender = {
  append(topic: string, messages: readonly OutgoingMessage[]): Promise<void>;
  close(): Promise<void>;
};

/**
 * Every partition has a lane that sends one request after the other, so that messages of one key keep their order and
 * small appends made at the same time travel together. Not idempotent, and never two partitions in one request: kafkajs's
 * idempotent producer acknowledges records that are lost when a leader dies. Repeats are harmless to those who read.
 */
export function kafkaAppender(context: KafkaContext, topics: KafkaTopics): KafkaAppender {
  const { kafka, clock, topicPrefix } = context;
  const producer = kafka.producer({
    idempotent: false,
    allowAutoTopicCreation: false,
    metadataMaxAge: metadataAgeMsMax,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  const choosePartition = kafkajs.Partitioners.DefaultPartitioner();
  const counts = new Map<string, { readonly partitions: PartitionMetadata[]; readonly readAt: number }>();
  const lanes = new Map<string, Lane>();
  let connected: Promise<void> | null = null;

  const partitionsOf = async (topic: string): Promise<PartitionMetadata[]> => {
    const known = counts.get(topic);
    if (known !== undefined && clock.now() - known.readAt < partitionCountAgeMsMax) return known.partitions;
    const [description] = await topics.describeAll([topic]);
    const partitions = (description?.partitions ?? []).map(({ partition }) => ({
      partitionErrorCode: 0,
      partitionId: partition,
      leader: 0,
      replicas: [],
      isr: [],
    }));
    counts.set(topic, { partitions, readAt: clock.now() });
    return partitions;
  };

  const send = async (topic: string, lane: Lane) => {
    lane.isSending = true;
    while (lane.waiting.length > 0) {
      const batch = takeBatch(lane.waiting);
      let failure: unknown = null;
      try {
        await producer.send({ topic, acks: acksFromAllInSync, messages: batch.map(({ message }) => message) });
      } catch (cause) {
        failure = cause;
      }
      for (const { receipt } of batch) {
        receipt.open -= 1;
        receipt.failed ??= failure;
        if (receipt.open === 0) receipt.settle();
      }
    }
    lane.isSending = false;
  };

  return {
    append: async (topic, messages) => {
      if (messages.length === 0) return;
      connected ??= producer.connect().catch((cause: unknown) => {
        connected = null;
        throw appendFailed(topic, cause);
      });
      await connected;
      const partitionMetadata = await partitionsOf(topic);
      const name = topicPrefix + topic;
      const touched = new Map<string, Lane>();
      const { receipt, settled } = openReceipt(messages.length);
      for (const outgoing of messages) {
        const message = toKafka(outgoing);
        message.partition = choosePartition({ topic: name, partitionMetadata, message });
        const id = `${name}/${message.partition}`;
        const lane = lanes.get(id) ?? { waiting: [], isSending: false };
        lanes.set(id, lane);
        lane.waiting.push({ message, bytes: bytesOf(outgoing), receipt });
        touched.set(id, lane);
      }
      for (const lane of touched.values()) if (!lane.isSending) void send(name, lane);
      await settled;
      if (receipt.failed !== null) {
        counts.delete(topic);
        throw appendFailed(topic, receipt.failed);
      }
    },
    close: () => disconnect(producer),
  };
}

async function disconnect(producer: Producer): Promise<void> {
  await producer.disconnect();
}

function openReceipt(open: number): { receipt: Receipt; settled: Promise<void> } {
  const receipt: Receipt = { open, failed: null, settle: () => undefined };
  const settled = new Promise<void>((resolve) => {
    receipt.settle = resolve;
  });
  return { receipt, settled };
}

/** At least one message, and no more than a request may hold. */
function takeBatch(waiting: Waiting[]): Waiting[] {
  let bytes = 0;
  let count = 0;
  for (const next of waiting) {
    if (count === requestMessagesMax || (count > 0 && bytes + next.bytes > requestBytesMax)) break;
    bytes += next.bytes;
    count += 1;
  }
  return waiting.splice(0, count);
}

function bytesOf({ key, value }: OutgoingMessage): number {
  return messageOverheadBytes + (key?.length ?? 0) + (value?.length ?? 0);
}

function toKafka({ key, value, headers }: OutgoingMessage): Message {
  return {
    key,
    value: value === null ? null : Buffer.from(value.buffer, value.byteOffset, value.byteLength),
    ...(headers === undefined ? {} : { headers: { ...headers } }),
  };
}

function appendFailed(topic: string, cause: unknown): OperatingError {
  return new OperatingError(
    'log_append_failed',
    `Kafka did not confirm messages for the topic "${topic}": ${reasonOf(cause)}. Append them again; repeats are harmless.`,
    { retryable: true, cause },
  );
}
