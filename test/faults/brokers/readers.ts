// The consumers on trial, each as a member of a group: ours through the log port, and @platformatic/kafka as an adapter
// would use it, which commits by itself and opens a stream that has failed anew.
import { Consumer, MessagesStreamFallbackModes, MessagesStreamModes } from '@platformatic/kafka';
import { openKafkaLog } from '../../../services/log/kafka.ts';
import type { LogMessage, Position } from '../../../services/log/port.ts';
import { systemClock } from '../../../services/runtime/clock.ts';

export const readerNames = ['ours', 'platformatic'] as const;
export type ReaderName = (typeof readerNames)[number];

export type Receipt = { readonly partition: number; readonly offset: number; readonly appendedAt: number };

export type ReaderOptions = {
  readonly brokers: readonly string[];
  readonly group: string;
  readonly topic: string;
  readonly onReceipts: (receipts: readonly Receipt[]) => void;
  /** A restart, an error that was told, a stream opened anew. */
  readonly onNote: (note: string) => void;
};

export type Reader = { close(): Promise<void> };

const pollMs = 200;
const pollMessagesMax = 1_000;
const commitMs = 200;
const reopenMs = 1_000;
const retriesMax = 10;
const retryDelayMs = 1_000;

export function openReader(name: ReaderName, options: ReaderOptions): Promise<Reader> {
  return name === 'ours' ? openOurs(options) : openPlatformatic(options);
}

async function openOurs({ brokers, group, topic, onReceipts, onNote }: ReaderOptions): Promise<Reader> {
  const log = await openKafkaLog({
    brokers,
    clientId: 'trial-ours',
    topicPrefix: '',
    clock: systemClock,
    logger: { warn: (fields, message) => onNote(`${message} ${JSON.stringify(fields)}`) },
  });
  const reader = await log.join(group, [topic]);
  let isOpen = true;
  const reading = (async () => {
    while (isOpen) {
      const { messages } = await reader.poll(pollMs, pollMessagesMax);
      if (messages.length === 0) continue;
      onReceipts(messages.map(receiptOf));
      try {
        await reader.commit(nextOf(messages));
      } catch (cause) {
        onNote(`commit failed: ${String(cause)}`);
      }
    }
  })();
  return {
    close: async () => {
      isOpen = false;
      await reading;
      await reader.close();
      await log.close();
    },
  };
}

function receiptOf({ partition, offset, appendedAt }: LogMessage): Receipt {
  return { partition, offset, appendedAt };
}

function nextOf(messages: readonly LogMessage[]): Position[] {
  const next = new Map<number, Position>();
  for (const { topic, incarnation, partition, offset } of messages) {
    next.set(partition, { topic, incarnation, partition, offset: offset + 1 });
  }
  return [...next.values()];
}

async function openPlatformatic({ brokers, group, topic, onReceipts, onNote }: ReaderOptions): Promise<Reader> {
  const consumer = new Consumer({
    clientId: 'trial-platformatic',
    bootstrapBrokers: [...brokers],
    groupId: group,
    autocommit: false,
    sessionTimeout: 10_000,
    rebalanceTimeout: 60_000,
    heartbeatInterval: 3_000,
    minBytes: 32 * 1024,
    maxWaitTime: 50,
    connectTimeout: 10_000,
    retries: retriesMax,
    retryDelay: retryDelayMs,
  });
  const done = new Map<number, bigint>();
  let isOpen = true;
  let close: (() => Promise<void>) | null = null;
  const reading = (async () => {
    while (isOpen) {
      try {
        const stream = await consumer.consume({
          topics: [topic],
          mode: MessagesStreamModes.COMMITTED,
          fallbackMode: MessagesStreamFallbackModes.EARLIEST,
        });
        close = async () => {
          await stream.close();
        };
        for await (const { partition, offset, timestamp } of stream) {
          onReceipts([{ partition, offset: Number(offset), appendedAt: Number(timestamp) }]);
          done.set(partition, offset + 1n);
        }
      } catch (cause) {
        onNote(`the stream failed: ${String(cause)}`);
      }
      if (isOpen) await systemClock.sleep(reopenMs);
    }
  })();
  const committing = (async () => {
    while (isOpen) {
      await systemClock.sleep(commitMs);
      const offsets = [...done].map(([partition, offset]) => ({ topic, partition, offset, leaderEpoch: -1 }));
      done.clear();
      if (offsets.length === 0) continue;
      try {
        await consumer.commit({ offsets });
      } catch (cause) {
        onNote(`commit failed: ${String(cause)}`);
      }
    }
  })();
  return {
    close: async () => {
      isOpen = false;
      await close?.();
      await committing;
      await reading;
      await consumer.close(true);
    },
  };
}
