// Transactions of producers who use them: only what was committed is read, and neither what was aborted, nor the marks, nor
// what is still open makes us seem to be behind.
import { randomUUID } from 'node:crypto';
import kafkajs, { type Producer } from 'kafkajs';
import { kafkaForTests } from '../../infra/local/servers.ts';
import { openKafkaLog } from '../../services/log/kafka.ts';
import { readLag } from '../../services/log/lag.ts';
import type { EventLog, LogReader } from '../../services/log/port.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { commitAll, pollAll, scanAll, textOf, until } from '../contract/log-steps.ts';

const topic = 'login';
const stallMs = 400;
const startMsMax = 180_000;
const testMsMax = 60_000;

type World = {
  readonly log: EventLog;
  readonly reader: LogReader;
  /** What the reader complained of. */
  readonly warnings: readonly string[];
  /** Of the group, and in front of the topic's name. */
  readonly prefix: string;
  readonly producer: Producer;
  close(): Promise<void>;
};

async function openWorld(): Promise<World | null> {
  const server = await kafkaForTests();
  if (server === null) return null;
  const { brokers } = server;
  const topicPrefix = `transactions-${randomUUID().slice(0, 8)}.`;
  const warnings: string[] = [];
  const logger = { warn: (_details: object, message: string) => void warnings.push(message) };
  const log = await openKafkaLog({ brokers, clientId: 'test', topicPrefix, clock: systemClock, logger, stallMs });
  await log.createTopics([{ topic, retentionMs: null, compacted: false }]);
  const kafka = new kafkajs.Kafka({ brokers, clientId: 'test', logLevel: kafkajs.logLevel.NOTHING });
  const producer = kafka.producer({ transactionalId: topicPrefix, maxInFlightRequests: 1, idempotent: true });
  await producer.connect();
  const reader = await log.join(topicPrefix, [topic]);
  return {
    log,
    reader,
    warnings,
    prefix: topicPrefix,
    producer,
    close: async () => {
      await reader.close();
      await producer.disconnect();
      await log.close();
      await server.stop();
    },
  };
}

const append = (log: EventLog, texts: readonly string[]) =>
  log.append(
    topic,
    texts.map((text) => ({ key: 'f/c', value: Buffer.from(text) })),
  );

async function write({ producer, prefix }: World, texts: readonly string[]) {
  const transaction = await producer.transaction();
  await transaction.send({ topic: prefix + topic, messages: texts.map((value) => ({ key: 'f/c', value })) });
  return transaction;
}

/**
 * Reads and commits until nothing more is there. A reader learns of what was appended by fetching it, so an end that comes
 * before `countMin` messages is not the one that is waited for.
 */
async function readToEnd(reader: LogReader, countMin: number): Promise<string[]> {
  const read: string[] = [];
  await until(async () => {
    const { messages, atEnd } = await reader.poll(200, 3);
    await commitAll(reader, messages);
    read.push(...messages.map(textOf));
    return messages.length === 0 && atEnd && read.length >= countMin;
  });
  return read;
}

function untilNoLag({ log, prefix }: World): Promise<void> {
  return until(async () => (await readLag(log, prefix, [topic])).total === 0);
}

describe('transactions', () => {
  let world: World | null = null;
  beforeEach(async () => {
    world = await openWorld();
  }, startMsMax);
  afterEach(() => world?.close());

  const whenThere = (name: string, run: (there: World) => Promise<void>) =>
    test(
      name,
      async () => {
        if (world === null) process.stderr.write(`left out, there is no Kafka: ${name}\n`);
        else await run(world);
      },
      testMsMax,
    );

  whenThere('given some committed and some aborted, then the committed ones are read, in order', async (there) => {
    await append(there.log, ['plain 1']);
    await (await write(there, ['aborted 1', 'aborted 2'])).abort();
    await (await write(there, ['committed 1', 'committed 2', 'committed 3', 'committed 4'])).commit();
    await append(there.log, ['plain 2']);
    await (await write(there, ['aborted 3'])).abort();
    await (await write(there, ['committed 5'])).commit();
    const committed = ['plain 1', 'committed 1', 'committed 2', 'committed 3', 'committed 4', 'plain 2', 'committed 5'];
    expect(await readToEnd(there.reader, committed.length)).toEqual(committed);
    expect((await scanAll(there.log, topic)).map(textOf)).toEqual(committed);
  });

  whenThere('given a mark at the end, when all is committed, then nobody seems to be behind', async (there) => {
    await (await write(there, ['one', 'two'])).commit();
    expect(await readToEnd(there.reader, 2)).toEqual(['one', 'two']);
    await untilNoLag(there);
  });

  whenThere('given aborted messages alone, then nobody seems to be behind, before and after others', async (there) => {
    await (await write(there, ['never 1'])).abort();
    expect(await readToEnd(there.reader, 0)).toEqual([]);
    await untilNoLag(there);
    await append(there.log, ['plain']);
    expect(await readToEnd(there.reader, 1)).toEqual(['plain']);
    await (await write(there, ['never 2'])).abort();
    await untilNoLag(there);
    expect(await readToEnd(there.reader, 0)).toEqual([]);
  });

  whenThere(
    'given messages in hand, when aborted ones follow, then what is in hand is not committed',
    async (there) => {
      await append(there.log, ['in hand']);
      const { messages } = await there.reader.poll(20_000, 3);
      await (await write(there, ['never'])).abort();
      for (let polls = 0; polls < 5; polls += 1) await there.reader.poll(200, 3);
      expect([...(await there.log.committed(there.prefix, topic))]).toEqual([]);
      await commitAll(there.reader, messages);
      await untilNoLag(there);
    },
  );

  whenThere(
    'given an open transaction, then what stands before it is read, and the reader waits at its end',
    async (there) => {
      await append(there.log, ['before']);
      const open = await write(there, ['within']);
      await append(there.log, ['behind']);
      expect(await readToEnd(there.reader, 1)).toEqual(['before']);
      await untilNoLag(there);
      expect((await scanAll(there.log, topic)).map(textOf)).toEqual(['before']);
      await systemClock.sleep(4 * stallMs);
      expect(there.warnings).toEqual([]);
      await open.commit();
      expect((await pollAll(there.reader, 2)).map(textOf)).toEqual(['within', 'behind']);
    },
  );
});
