// Real processes, a real Kafka and a real DynamoDB behind a proxy that fails: node test/faults/processes/main.ts [--seed N]
// [--seconds N | --minutes N]. With --minutes the broker is its own, and is stopped and killed too. Ends with 1 when
// something was wrong.
import { rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startKafka } from '../../../infra/local/kafka.ts';
import { openWorld } from '../../e2e/world.ts';
import { type Broker, tryProcesses } from './trial.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string' }, seconds: { type: 'string', default: '40' }, minutes: { type: 'string' } },
});
const say = (text: string) => process.stdout.write(`${text}\n`);
const wrongShownMax = 40;

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const forMs = values.minutes === undefined ? Number(values.seconds) * 1000 : Number(values.minutes) * 60_000;
say(`processes: --seed ${seed}`);
const broker = values.minutes === undefined ? null : await ownBroker();
const world = await openWorld('kafka-dynamodb');
if (world !== null) {
  const dynamoEndpoint = world.environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? '';
  try {
    const { wrong, figures } = await tryProcesses({ world, dynamoEndpoint, seed, forMs, broker });
    for (const fault of wrong.slice(0, wrongShownMax)) say(`WRONG: ${fault}`);
    say(JSON.stringify({ trial: 'processes', ...figures, wrong: wrong.length }, null, 2));
    if (wrong.length > 0) process.exitCode = 1;
  } finally {
    await world.close();
    await broker?.end();
  }
}
process.exit();

/** A broker that nobody shares, and that openWorld finds as the one to take. */
async function ownBroker(): Promise<Broker & { end(): Promise<void> }> {
  let kafka = await startKafka();
  const { port, dataDir } = kafka;
  process.env['KAFKA_BROKERS_TEST'] = kafka.brokers.join(',');
  return {
    pause: async (ms) => {
      await kafka.kill('SIGSTOP');
      await wait(ms);
      await kafka.kill('SIGCONT');
    },
    killAndRestart: async () => {
      await kafka.kill('SIGKILL');
      kafka = await startKafka({ port, dataDir });
    },
    end: async () => {
      await kafka.stop();
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
