// Real servers for tests: given by the environment, else Docker, else JVMs. One of each serves a whole test run.
import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { GenericContainer, Wait } from 'testcontainers';
import { freePort, isAlive, underLock } from './jvm.ts';
import { startKafka } from './kafka.ts';

const run = promisify(execFile);

const kafkaImage = 'apache/kafka:4.3.1';
const dockerMsMax = 5_000;
const containerStartMsMax = 120_000;

/** Names the folder of the test run that test/servers.setup.ts makes; servers noted there are shared and end with it. */
export const testRunVariable = 'SIGNALFOLD_TEST_RUN';

export type TestServer = {
  /** What a client connects to: `host:port`, or a URL. */
  readonly addresses: string[];
  stop(): Promise<void>;
};

/** The run's folder, where a server may keep its data; null outside a run. It is to die with the process `guardPid`. */
type Run = { readonly runDir: string | null; readonly guardPid: number };
type Started = { readonly addresses: string[]; readonly pid: number; stop(): Promise<void> };

/**
 * A Kafka that tests may fill as they like, under topic prefixes of their own. Null when there is none to be had; the
 * caller then prints what it leaves out. With CI=true that is an error.
 */
export async function kafkaForTests(): Promise<{ brokers: string[]; stop(): Promise<void> } | null> {
  const given = process.env['KAFKA_BROKERS_TEST'];
  if (given !== undefined && given !== '') return { brokers: given.split(','), stop: async () => undefined };
  const server = await serverForTests('Kafka', async ({ guardPid, runDir }) => {
    const docker = await kafkaInDocker();
    if (docker !== null) return docker;
    const kafka = await startKafka(runDir === null ? { guardPid } : { guardPid, dataDir: path.join(runDir, 'kafka') });
    return { addresses: kafka.brokers, pid: kafka.pid, stop: kafka.stop };
  });
  return server === null ? null : { brokers: server.addresses, stop: server.stop };
}

/** Starts a server, or joins the one that this test run has already; null when it cannot be started outside CI. */
export async function serverForTests(name: string, start: (run: Run) => Promise<Started>): Promise<TestServer | null> {
  try {
    const runDir = process.env[testRunVariable];
    if (runDir === undefined) return await start({ runDir: null, guardPid: process.pid });
    return await underLock(path.join(runDir, `${name}.lock`), () => sharedServer(runDir, name, start));
  } catch (cause) {
    if (process.env['CI'] === 'true') throw new Error(`${name} is needed for tests and cannot be started`, { cause });
    process.stderr.write(`${name} cannot be started, tests that need it are left out: ${String(cause)}\n`);
    return null;
  }
}

/** Whoever comes first starts it for all, guarded by the run's main process, whose id the folder's name ends with. */
async function sharedServer(runDir: string, name: string, start: (run: Run) => Promise<Started>): Promise<TestServer> {
  const note = path.join(runDir, `${name}.json`);
  const stop = async () => undefined;
  const noted = await readNote(note);
  if (noted !== null) return { addresses: noted, stop };
  const { addresses, pid } = await start({ runDir, guardPid: Number(path.basename(runDir).split('-').at(-1)) });
  await writeFile(note, JSON.stringify({ addresses, pid }));
  return { addresses, stop };
}

async function readNote(note: string): Promise<string[] | null> {
  try {
    const { addresses, pid }: { addresses: string[]; pid: number } = JSON.parse(await readFile(note, 'utf8'));
    return pid === 0 || isAlive(pid) ? addresses : null;
  } catch {
    return null;
  }
}

/** Ends what a test run started; for test/servers.teardown.ts. */
export async function stopShared(runDir: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    try {
      const { pid }: { pid: number } = JSON.parse(await readFile(path.join(runDir, `${name}.json`), 'utf8'));
      if (pid > 0) process.kill(pid, 'SIGKILL');
    } catch {
      // It was never started, or has ended already.
    }
  }
  await rm(runDir, { recursive: true, force: true, maxRetries: 5 });
}

export async function hasDocker(): Promise<boolean> {
  try {
    await run('docker', ['info'], { timeout: dockerMsMax });
    return true;
  } catch {
    return false;
  }
}

async function kafkaInDocker(): Promise<Started | null> {
  if (!(await hasDocker())) return null;
  // The port must be known beforehand, because the broker tells clients its own address.
  const port = await freePort();
  const container = await new GenericContainer(kafkaImage)
    .withExposedPorts({ container: port, host: port })
    .withEnvironment({
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_LISTENERS: `PLAINTEXT://:${port},CONTROLLER://:19093`,
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:19093',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
    })
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
    .withStartupTimeout(containerStartMsMax)
    .start();
  // testcontainers' own reaper removes it when this process has gone, so it has no process id to stop it by.
  return { addresses: [`127.0.0.1:${port}`], pid: 0, stop: async () => void (await container.stop()) };
}
