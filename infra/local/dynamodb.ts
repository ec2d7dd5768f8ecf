// DynamoDB Local as a child JVM on 127.0.0.1. From the shell: `node infra/local/dynamodb.ts [dataDir]`.
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort, resolveClasspath, spawnJvm } from './jvm.ts';

const pomDir = path.join('infra', 'local', 'dynamodb');
const image = 'amazon/dynamodb-local:3.1.0';
const imagePort = 8000;
const readyMsMax = 60_000;
const readyPollMs = 50;
const jvmArgs = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

export type DynamoDbOptions = {
  /** A free port when not given. */
  readonly port?: number;
  /** Keeps the tables over restarts; without it they live in memory. */
  readonly dataDir?: string;
  /** The server is killed when this process ends; by default our own. */
  readonly guardPid?: number;
};

export type LocalDynamoDb = {
  readonly endpoint: string;
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
  /** Sends a signal; resolves once the server is gone when that is SIGKILL. */
  kill(signal: NodeJS.Signals): Promise<void>;
};

/** Starts the server and resolves when it answers. All regions and credentials see the same tables. Needs a JDK. */
export async function startDynamoDb(options: DynamoDbOptions = {}): Promise<LocalDynamoDb> {
  const classpath = await resolveClasspath(pomDir);
  const port = options.port ?? (await freePort());
  const workDir = await mkdtemp(path.join(tmpdir(), 'signalfold-dynamodb-'));
  if (options.dataDir !== undefined) await mkdir(options.dataDir, { recursive: true });
  const where = options.dataDir === undefined ? ['-inMemory'] : ['-dbPath', path.resolve(options.dataDir)];
  const logFile = path.join(workDir, 'server.out');
  const server = await spawnJvm({
    classpath,
    // Java runs a single source file as it is.
    mainClass: path.resolve(pomDir, 'Loopback.java'),
    args: ['-port', String(port), '-sharedDb', '-disableTelemetry', ...where],
    // SQLite's native library stands among the jars.
    jvmArgs: [...jvmArgs, `-Dsqlite4java.library.path=${path.dirname(classpath)}`],
    cwd: workDir,
    logFile,
    ...(options.guardPid === undefined ? {} : { guardPid: options.guardPid }),
  });
  const stop = async () => {
    await server.stop();
    await rm(workDir, { recursive: true, force: true });
  };
  try {
    await untilReady(port, logFile, () => server.isRunning());
  } catch (cause) {
    await stop();
    throw cause;
  }
  server.unref();
  return { endpoint: `http://127.0.0.1:${port}`, port, pid: server.pid, stop, kill: server.kill };
}

async function untilReady(port: number, logFile: string, isRunning: () => boolean): Promise<void> {
  for (let waited = 0; waited < readyMsMax; waited += readyPollMs) {
    if (!isRunning()) {
      const log = await readFile(logFile, 'utf8');
      throw new Error(`DynamoDB Local ended while it started (it needs a JDK 17 or newer):\n${log.slice(-2000)}`);
    }
    if (await accepts(port)) return;
    await wait(readyPollMs);
  }
  throw new Error(`DynamoDB Local was not ready after ${readyMsMax} ms`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}

export type TestDynamoDb = { readonly endpoint: string; stop(): Promise<void> };

/**
 * A real DynamoDB for tests: the one DYNAMODB_ENDPOINT_TEST names, else Docker's, else a JVM. Null, having said so, when
 * there is none; with CI=true that is an error. Tables are shared with whoever uses it too: take names of your own.
 */
export async function dynamoForTests(): Promise<TestDynamoDb | null> {
  const given = process.env['DYNAMODB_ENDPOINT_TEST'];
  if (given !== undefined && given !== '') return { endpoint: given, stop: async () => undefined };
  const failures: unknown[] = [];
  for (const start of [startInDocker, startDynamoDb]) {
    try {
      return await start();
    } catch (error) {
      failures.push(error);
    }
  }
  const message = 'no DynamoDB for tests: no DYNAMODB_ENDPOINT_TEST, no Docker, no JVM';
  if (process.env['CI'] === 'true') throw new AggregateError(failures, message);
  process.stderr.write(`LEFT OUT: ${message}\n${failures.map((failure) => `  ${String(failure)}\n`).join('')}`);
  return null;
}

async function startInDocker(): Promise<TestDynamoDb> {
  const { GenericContainer } = await import('testcontainers');
  const container = await new GenericContainer(image)
    .withCommand(['-jar', 'DynamoDBLocal.jar', '-sharedDb', '-inMemory', '-disableTelemetry'])
    .withExposedPorts(imagePort)
    .start();
  return {
    endpoint: `http://${container.getHost()}:${container.getMappedPort(imagePort)}`,
    stop: async () => void (await container.stop()),
  };
}

async function main(): Promise<void> {
  const dataDir = process.argv[2];
  const server = await startDynamoDb(dataDir === undefined ? {} : { dataDir });
  process.stdout.write(`${JSON.stringify({ endpoint: server.endpoint, port: server.port, pid: server.pid })}\n`);
  // The server's own child handles do not keep us alive; this does.
  const staying = setInterval(() => undefined, 60_000);
  const end = () => void server.stop().then(() => clearInterval(staying));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
}

if (process.argv[1]?.endsWith(path.join('infra', 'local', 'dynamodb.ts'))) void main();
