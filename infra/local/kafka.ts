// Apache Kafka as a child JVM on 127.0.0.1, one node in KRaft mode. From the shell: `node infra/local/kafka.ts [dataDir]`.
import { mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort, resolveClasspath, spawnJvm } from './jvm.ts';

const pomDir = path.join('infra', 'local', 'kafka');
const clusterId = 'c2lnbmFsZm9sZC1sb2NhbA';
const readyMsMax = 90_000;
const readyPollMs = 100;
const jvmArgs = ['-Xms128m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

export type KafkaOptions = {
  /** Kept over restarts when given; otherwise a temporary folder that `stop` removes. */
  readonly dataDir?: string;
  /** A free port when not given. */
  readonly port?: number;
  /** More lines for server.properties; they win over ours. */
  readonly configOverrides?: Readonly<Record<string, string>>;
  /** The server is killed when this process ends; by default our own. */
  readonly guardPid?: number;
};

export type LocalKafka = {
  readonly brokers: string[];
  readonly port: number;
  readonly pid: number;
  readonly dataDir: string;
  /** Shuts down in order and, when the data folder is temporary, removes it. */
  stop(): Promise<void>;
  /** Sends a signal; resolves once the server is gone when that is SIGKILL. */
  kill(signal: NodeJS.Signals): Promise<void>;
};

/** Formats the data folder when it is new, starts the server, and resolves when it answers. */
export async function startKafka(options: KafkaOptions = {}): Promise<LocalKafka> {
  const classpath = await resolveClasspath(pomDir);
  const dataDir = options.dataDir ?? (await mkdtemp(path.join(tmpdir(), 'signalfold-kafka-')));
  await mkdir(dataDir, { recursive: true });
  const port = options.port ?? (await freePort());
  const config = path.join(dataDir, 'server.properties');
  await writeFile(config, serverProperties(dataDir, port, await freePort(), options.configOverrides ?? {}));

  const logFile = path.join(dataDir, 'server.out');
  const jvm = { classpath, logFile, cwd: dataDir };
  if (!(await exists(path.join(dataDir, 'logs', 'meta.properties')))) {
    const args = ['format', '--cluster-id', clusterId, '--config', config];
    const format = await spawnJvm({ ...jvm, mainClass: 'kafka.tools.StorageTool', args, jvmArgs });
    if ((await format.exited) !== 0) throw new Error(`Kafka's storage cannot be formatted: see ${logFile}`);
  }
  const logStart = (await stat(logFile)).size;
  const server = await spawnJvm({
    ...jvm,
    mainClass: 'kafka.Kafka',
    args: [config],
    jvmArgs: [...jvmArgs, `-Dlog4j2.configurationFile=${path.resolve(pomDir, 'log4j2.properties')}`],
    ...(options.guardPid === undefined ? {} : { guardPid: options.guardPid }),
  });
  const stop = async () => {
    await server.stop();
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await untilReady(logFile, logStart, () => server.isRunning());
  } catch (cause) {
    await server.stop();
    throw cause;
  }
  server.unref();
  return { brokers: [`127.0.0.1:${port}`], port, pid: server.pid, dataDir, stop, kill: server.kill };
}

function serverProperties(
  dataDir: string,
  port: number,
  controllerPort: number,
  overrides: Readonly<Record<string, string>>,
): string {
  const settings: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': path.join(path.resolve(dataDir), 'logs'),
    'auto.create.topics.enable': 'false',
    'offsets.topic.num.partitions': '1',
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'log.cleaner.backoff.ms': '1000',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    'num.network.threads': '2',
    'num.io.threads': '2',
    ...overrides,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

async function untilReady(logFile: string, logStart: number, isRunning: () => boolean): Promise<void> {
  for (let waited = 0; waited < readyMsMax; waited += readyPollMs) {
    const log = (await readFile(logFile)).subarray(logStart).toString('utf8');
    if (log.includes('Kafka Server started')) return;
    if (!isRunning()) throw new Error(`Kafka ended while it started:\n${log.slice(-2000)}`);
    await wait(readyPollMs);
  }
  throw new Error(`Kafka was not ready after ${readyMsMax} ms: see ${logFile}`);
}

async function exists(file: string): Promise<boolean> {
  try {
    await (await open(file)).close();
    return true;
  } catch {
    return false;
  }
}

async function stayUntilStopped(dataDir: string | undefined): Promise<void> {
  const kafka = await startKafka(dataDir === undefined ? {} : { dataDir });
  process.stdout.write(`${JSON.stringify({ brokers: kafka.brokers, port: kafka.port, pid: kafka.pid })}\n`);
  // The server alone does not keep us alive; this does.
  const staying = setInterval(() => undefined, 60_000);
  const end = () => void kafka.stop().then(() => clearInterval(staying));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
}

if (process.argv[1]?.endsWith(path.join('infra', 'local', 'kafka.ts'))) void stayUntilStopped(process.argv[2]);
