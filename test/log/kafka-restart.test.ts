// A broker that dies and comes back: appends that were acknowledged are there, and a member that was reading reads on.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type LocalKafka, startKafka } from '../../infra/local/kafka.ts';
import { hasDocker } from '../../infra/local/servers.ts';
import { encodeJson } from '../../services/log/codec.ts';
import { openKafkaLog } from '../../services/log/kafka.ts';
import type { EventLog } from '../../services/log/port.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { scanAll, textOf } from '../contract/log-steps.ts';

const restartMsMax = 180_000;
const enough = 2_000;

/** Needs a broker of its own to kill, and therefore a JVM of its own. */
async function ownKafka(dataDir: string): Promise<LocalKafka | null> {
  try {
    return await startKafka({ dataDir });
  } catch (cause) {
    if (process.env['CI'] === 'true' && !(await hasDocker())) throw cause;
    process.stderr.write(`left out, there is no JVM for a Kafka of its own: ${String(cause)}\n`);
    return null;
  }
}

it(
  'given a broker killed with -9 while it is written and read, when it is back, then nothing acknowledged is missing',
  async () => {
    const dataDir = await mkdtemp(path.join(tmpdir(), 'signalfold-restart-'));
    const kafka = await ownKafka(dataDir);
    if (kafka === null) return;
    const { brokers, port } = kafka;
    const log = await openKafkaLog({
      brokers,
      clientId: 'restart',
      topicPrefix: '',
      clock: systemClock,
      partitions: 2,
    });
    await log.createTopics([{ topic: 'login', retentionMs: null, compacted: false }]);
    const acknowledged: string[] = [];
    const appending = { isOn: true };
    const appends = Promise.all([0, 1].map((lane) => appendWhile(log, lane, appending, acknowledged)));
    const reader = await log.join('restart', ['login']);
    const read = new Set<string>();
    const readUntil = async (isDone: () => boolean) => {
      while (!isDone()) for (const message of (await reader.poll(200, 500)).messages) read.add(textOf(message));
    };

    await readUntil(() => acknowledged.length > enough && read.size > enough);
    await kafka.kill('SIGKILL');
    const acknowledgedBefore = acknowledged.length;
    const again = await startKafka({ dataDir, port });
    await readUntil(() => acknowledged.length > acknowledgedBefore + enough);
    appending.isOn = false;
    await appends;
    await readUntil(() => acknowledged.every((id) => read.has(id)));

    const inLog = new Set((await scanAll(log, 'login')).map(textOf));
    await reader.close();
    await log.close();
    await again.stop();
    await rm(dataDir, { recursive: true, force: true });
    expect(acknowledged.filter((id) => !inLog.has(id))).toEqual([]);
  },
  restartMsMax,
);

async function appendWhile(log: EventLog, lane: number, appending: { isOn: boolean }, acknowledged: string[]) {
  for (let turn = 0; appending.isOn; turn += 1) {
    const ids = Array.from({ length: 10 }, (_, index) => `${lane}-${turn}-${index}`);
    const messages = ids.map((id) => ({ key: id, value: encodeJson(id) }));
    try {
      await log.append('login', messages);
      acknowledged.push(...ids.map((id) => `"${id}"`));
    } catch {
      // Not acknowledged: it may be in the log or not, and is not asked for.
    }
  }
}
