// Connections on which nothing is answered any more, without any error: whoever appends, reads and commits gets on.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../../infra/local/jvm.ts';
import { type LocalKafka, startKafka } from '../../infra/local/kafka.ts';
import { hasDocker } from '../../infra/local/servers.ts';
import { encodeJson } from '../../services/log/codec.ts';
import { openKafkaLog } from '../../services/log/kafka.ts';
import { readLag } from '../../services/log/lag.ts';
import type { EventLog, LogReader } from '../../services/log/port.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { commitAll, textOf } from '../contract/log-steps.ts';
import { type SilentProxy, startSilentProxy } from './silent-proxy.ts';

const testMsMax = 120_000;
const stalled = 'the consumer has lag and does not move; starting it anew';
const ended = 'the consumer ended; starting it anew';

/** Needs a broker that names the proxy as its address, and therefore a JVM of its own. */
async function kafkaBehind(proxyPort: number, port: number, dataDir: string): Promise<LocalKafka | null> {
  try {
    const configOverrides = { 'advertised.listeners': `PLAINTEXT://127.0.0.1:${proxyPort}` };
    return await startKafka({ dataDir, port, configOverrides });
  } catch (cause) {
    if (process.env['CI'] === 'true' && !(await hasDocker())) throw cause;
    process.stderr.write(`left out, there is no JVM for a Kafka of its own: ${String(cause)}\n`);
    return null;
  }
}

describe('given a member that has read and committed, and connections that fall silent', () => {
  let [proxy, kafka, dataDir]: [SilentProxy | null, LocalKafka | null, string] = [null, null, ''];
  beforeAll(async () => {
    dataDir = await mkdtemp(path.join(tmpdir(), 'signalfold-stall-'));
    const port = await freePort();
    proxy = await startSilentProxy(port);
    kafka = await kafkaBehind(proxy.port, port, dataDir);
  }, testMsMax);
  afterAll(async () => {
    await kafka?.kill('SIGKILL');
    await proxy?.stop();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  });

  /** A log of its own with one topic, of which the first message has been read and committed. */
  async function readingMember(name: string, stallMs: number) {
    const warnings: string[] = [];
    const log = await openKafkaLog({
      ...{
        brokers: [`127.0.0.1:${proxy?.port}`],
        clientId: name,
        topicPrefix: `${name}.`,
        clock: systemClock,
        stallMs,
      },
      logger: { warn: (_fields, message) => void warnings.push(message) },
    });
    await log.createTopics([{ topic: 'login', retentionMs: null, compacted: false }]);
    const reader = await log.join(name, ['login']);
    await append(log, 'before');
    await readUntil(reader, 'before');
    return { log, reader, warnings };
  }

  it(
    'when only fetches do, then the watchdog starts the member anew, and it reads on',
    async () => {
      if (kafka === null || proxy === null) return;
      const { log, reader, warnings } = await readingMember('fetches', 2_000);

      const silenced = proxy.silence('fetches');
      await append(log, 'after');
      await readUntil(reader, 'after');

      await reader.close();
      await log.close();
      expect(silenced).toBe(1);
      expect(warnings).toContain(stalled);
    },
    testMsMax,
  );

  it(
    'when all do, then what is appended is delivered and committed over new ones, without a new member',
    async () => {
      if (kafka === null || proxy === null) return;
      const { log, reader, warnings } = await readingMember('all', testMsMax);

      proxy.silence('all');
      await append(log, 'after');
      await readUntil(reader, 'after');
      while ((await readLag(log, 'all', ['login'])).total > 0) await systemClock.sleep(200);

      await reader.close();
      await log.close();
      expect(warnings).not.toContain(ended);
    },
    testMsMax,
  );
});

function append(log: EventLog, text: string): Promise<void> {
  return log.append('login', [{ key: 'key', value: encodeJson(text) }]);
}

/** Commits what it reads. */
async function readUntil(reader: LogReader, text: string): Promise<void> {
  for (let found = false; !found; ) {
    const { messages } = await reader.poll(200, 500);
    if (messages.length > 0) await commitAll(reader, messages);
    found = messages.some((message) => textOf(message) === `"${text}"`);
  }
}
