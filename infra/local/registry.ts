// A schema registry for tests as a child JVM on 127.0.0.1: Apicurio, in memory, by Confluent's API.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort, resolveClasspath, spawnJvm, underLock } from './jvm.ts';
import { serverForTests } from './servers.ts';

const run = promisify(execFile);

const pomDir = path.join('infra', 'local', 'registry');
/** Where Apicurio speaks as Confluent's registry does. */
const apiPath = '/apis/ccompat/v7';
const readyMsMax = 180_000;
const readyPollMs = 250;
const jvmArgs = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

export type LocalRegistry = { readonly url: string; readonly pid: number; stop(): Promise<void> };

/** Starts the registry and resolves when it answers. Needs a JDK, and Maven the first time. */
async function startRegistry(guardPid: number): Promise<LocalRegistry> {
  const jar = await resolveJar();
  const port = await freePort();
  const workDir = await mkdtemp(path.join(tmpdir(), 'signalfold-registry-'));
  const logFile = path.join(workDir, 'registry.out');
  const server = await spawnJvm({
    classpath: jar,
    mainClass: 'io.quarkus.runner.GeneratedMain',
    args: [],
    jvmArgs: [...jvmArgs, '-Dquarkus.http.host=127.0.0.1', `-Dquarkus.http.port=${port}`],
    cwd: workDir,
    logFile,
    guardPid,
  });
  const stop = async () => {
    await server.stop();
    await rm(workDir, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}${apiPath}`;
  for (let waited = 0; !(await answers(url)); waited += readyPollMs) {
    if (waited > readyMsMax || !server.isRunning()) {
      const log = await readFile(logFile, 'utf8');
      await stop();
      throw new Error(`the schema registry did not come up:\n${log.slice(-2000)}`);
    }
    await wait(readyPollMs);
  }
  server.unref();
  return { url, pid: server.pid, stop };
}

/** Unpacks the archive once for each content of the pom. */
async function resolveJar(): Promise<string> {
  const folder = path.dirname(await resolveClasspath(pomDir));
  const unpacked = path.join(folder, 'unpacked');
  const runnerOf = async () => (await readdir(unpacked).catch(() => [])).find((name) => name.endsWith('-runner.jar'));
  await underLock(`${unpacked}.lock`, async () => {
    if ((await runnerOf()) !== undefined) return;
    const archive = (await readdir(folder)).find((name) => name.endsWith('.tar.gz'));
    if (archive === undefined) throw new Error(`there is no archive in ${folder}`);
    await rm(`${unpacked}.part`, { recursive: true, force: true });
    await mkdir(`${unpacked}.part`);
    await run('tar', ['-xzf', path.join(folder, archive), '-C', `${unpacked}.part`]);
    await rename(`${unpacked}.part`, unpacked);
  });
  const runner = await runnerOf();
  if (runner === undefined) throw new Error(`there is no runner in ${unpacked}`);
  return path.join(unpacked, runner);
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/subjects`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

export type TestRegistry = { readonly url: string; stop(): Promise<void> };

/** One for a whole test run; take subjects of your own. Null where it cannot be started; with CI=true that is an error. */
export async function registryForTests(): Promise<TestRegistry | null> {
  const server = await serverForTests('schema registry', async ({ guardPid }) => {
    const registry = await startRegistry(guardPid);
    return { addresses: [registry.url], pid: registry.pid, stop: registry.stop };
  });
  const [url] = server?.addresses ?? [];
  return server === null || url === undefined ? null : { url, stop: server.stop };
}
