// Keycloak as a child JVM on 127.0.0.1, its database in memory. From the shell: `node infra/local/keycloak.ts`.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort, resolveClasspath, spawnJvm, underLock } from './jvm.ts';

const run = promisify(execFile);

const pomDir = path.join('infra', 'local', 'keycloak');
const buildMsMax = 300_000;
const readyMsMax = 240_000;
const readyPollMs = 200;
/** The heap and compiler of a short life; the rest as Keycloak's own script has it. */
const jvmArgs = [
  '-Xmx400m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory',
  '--add-opens=java.base/java.util=ALL-UNNAMED',
  '--add-opens=java.base/java.util.concurrent=ALL-UNNAMED',
  '--add-opens=java.base/java.security=ALL-UNNAMED',
  '-Dkc.config.built=true',
];

/** Of the realm `master`, on a server that only this machine reaches and that forgets everything. */
export const keycloakAdmin = { username: 'admin', password: 'admin' } as const;

export type LocalKeycloak = {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
};

/** Starts the server and resolves when it answers: after 15 to 60 seconds of two cores. Needs a JDK and Maven. */
export async function startKeycloak(options: { readonly guardPid?: number } = {}): Promise<LocalKeycloak> {
  const home = await unpacked();
  const port = await freePort();
  const workDir = await mkdtemp(path.join(tmpdir(), 'signalfold-keycloak-'));
  const logFile = path.join(workDir, 'server.out');
  const server = await spawnJvm({
    classpath: path.join(home, 'lib', 'quarkus-run.jar'),
    mainClass: 'io.quarkus.bootstrap.runner.QuarkusEntryPoint',
    args: [
      ...['start', '--optimized', '--http-enabled=true', '--hostname-strict=false'],
      ...['--http-host=127.0.0.1', `--http-port=${port}`],
    ],
    jvmArgs: [
      ...jvmArgs,
      `-Dkc.home.dir=${home}`,
      `-Djboss.server.config.dir=${path.join(home, 'conf')}`,
      `-Dkc.bootstrap-admin-username=${keycloakAdmin.username}`,
      `-Dkc.bootstrap-admin-password=${keycloakAdmin.password}`,
    ],
    cwd: workDir,
    logFile,
    ...options,
  });
  const stop = async () => {
    await server.stop();
    await rm(workDir, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilReady(url, logFile, () => server.isRunning());
  } catch (cause) {
    await stop();
    throw cause;
  }
  server.unref();
  return { url, pid: server.pid, stop };
}

/** The distribution's folder, unpacked and built once for each content of the pom. */
async function unpacked(): Promise<string> {
  const folder = path.dirname(await resolveClasspath(pomDir));
  const home = path.join(folder, 'home');
  await underLock(`${folder}.lock`, async () => {
    if ((await stat(home).catch(() => null)) !== null) return;
    const zip = (await readdir(folder)).find((name) => name.endsWith('.zip'));
    if (zip === undefined)
      throw new Error(`there is no distribution of Keycloak in ${folder}; delete it and try again`);
    const part = path.join(folder, 'part');
    await rm(part, { recursive: true, force: true });
    await mkdir(part);
    // The JDK has a tool that unpacks, and no other is sure to be there.
    await run('jar', ['xf', path.join(folder, zip)], { cwd: part });
    const [inner = ''] = await readdir(part);
    // Built once, so that no start has to.
    await run('sh', [path.join(part, inner, 'bin', 'kc.sh'), 'build', '--db=dev-mem'], { timeout: buildMsMax });
    await rename(path.join(part, inner), home);
    await rm(part, { recursive: true });
  });
  return home;
}

async function untilReady(url: string, logFile: string, isRunning: () => boolean): Promise<void> {
  for (let waited = 0; waited < readyMsMax; waited += readyPollMs) {
    if (!isRunning()) {
      throw new Error(`Keycloak ended while it started:\n${(await readFile(logFile, 'utf8')).slice(-2000)}`);
    }
    const answered = await fetch(`${url}/realms/master`).catch(() => null);
    if (answered?.ok === true) return;
    await wait(readyPollMs);
  }
  throw new Error(`Keycloak was not ready after ${readyMsMax} ms`);
}

async function main(): Promise<void> {
  const { url, pid, stop } = await startKeycloak();
  process.stdout.write(`${JSON.stringify({ url, pid, admin: keycloakAdmin })}\n`);
  // The server's own child handles do not keep us alive; this does.
  const staying = setInterval(() => undefined, 60_000);
  const end = () => void stop().then(() => clearInterval(staying));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
}

if (process.argv[1]?.endsWith(path.join('infra', 'local', 'keycloak.ts'))) void main();
