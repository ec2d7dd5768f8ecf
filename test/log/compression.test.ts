// Topics that other clients compress are read: Kafka's own console producer with each codec, and snappy in both framings.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import snappy from 'snappy';
import { resolveClasspath } from '../../infra/local/jvm.ts';
import { kafkaForTests } from '../../infra/local/servers.ts';
import { decompress, decompressSnappy } from '../../services/log/compression.ts';
import { openKafkaLog } from '../../services/log/kafka.ts';
import type { EventLog } from '../../services/log/port.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { keyOf, scanAll, textOf } from '../contract/log-steps.ts';

const run = promisify(execFile);
const startMsMax = 180_000;
const producerMsMax = 60_000;

describe('compressed topics', () => {
  const topicPrefix = `compression-${randomUUID().slice(0, 8)}.`;
  let log: EventLog | null = null;
  let broker = '';
  let stop = async () => undefined as undefined;

  beforeAll(async () => {
    const server = await kafkaForTests();
    if (server === null) return;
    broker = server.brokers[0] ?? '';
    log = await openKafkaLog({ brokers: server.brokers, clientId: 'compression', topicPrefix, clock: systemClock });
    stop = async () => {
      await log?.close();
      await server.stop();
      return undefined;
    };
  }, startMsMax);
  afterAll(() => stop());

  for (const codec of ['gzip', 'snappy', 'lz4', 'zstd']) {
    it(
      `given messages that the Java console producer compressed with ${codec}, then they are read`,
      async () => {
        if (log === null) {
          process.stderr.write(`left out, there is no Kafka: reading ${codec}\n`);
          return;
        }
        await log.createTopics([{ topic: codec, retentionMs: null, compacted: false }]);
        const lines = Array.from(
          { length: 500 },
          (_, index) => `key-${index}\tmessage ${index} ${'again '.repeat(100)}`,
        );
        await produceWithJava(broker, topicPrefix + codec, codec, lines);
        const read = await scanAll(log, codec);
        expect(read.map((message) => `${keyOf(message)}\t${textOf(message)}`)).toEqual(lines);
      },
      startMsMax,
    );
  }

  it('given bytes that are not what the attributes say, or a codec that Kafka does not have, then that is told', () => {
    for (const codec of [1, 2, 3, 4, 5])
      expect(() => decompress(codec, Buffer.from('not compressed at all'))).toThrow();
  });

  it('given raw snappy, then it is read', () => {
    const plain = Buffer.from('a message '.repeat(50));
    expect(decompressSnappy(Buffer.from(snappy.compressSync(plain)))).toEqual(plain);
  });

  it('given snappy in the xerial framing with several blocks, then it is read', () => {
    const blocks = ['first '.repeat(30), 'second '.repeat(30)].map((text) => Buffer.from(snappy.compressSync(text)));
    const header = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
    const framed = Buffer.concat([header, ...blocks.flatMap((block) => [int32(block.length), block])]);
    expect(decompressSnappy(framed).toString()).toBe('first '.repeat(30) + 'second '.repeat(30));
  });
});

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

async function produceWithJava(broker: string, topic: string, codec: string, lines: readonly string[]): Promise<void> {
  const classpath = await resolveClasspath('infra/local/kafka');
  const args = ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-cp', classpath, 'org.apache.kafka.tools.ConsoleProducer'];
  args.push('--bootstrap-server', broker, '--topic', topic, '--compression-codec', codec);
  args.push('--reader-property', 'parse.key=true');
  const producing = run('java', args, { timeout: producerMsMax });
  producing.child.stdin?.end(`${lines.join('\n')}\n`);
  await producing;
}
