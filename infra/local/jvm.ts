// JVM servers for tests and laptops: their jars from Maven, a free port, and a child process that never outlives us.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

const lockPollMs = 200;
const lockWaitMsMax = 600_000;
const mavenMsMax = 600_000;
const stopMsMax = 20_000;

/** Jars, data and logs of local servers; git-ignored. Found from the working folder, which is the repository's root. */
export function cacheDir(): string {
  return path.resolve('.cache', 'local');
}

/** The class path that a folder's pom.xml resolves to, as `java -cp` takes it. Asks Maven once for each content of the pom. */
export async function resolveClasspath(pomDir: string): Promise<string> {
  const pom = await readFile(path.join(pomDir, 'pom.xml'));
  const hash = createHash('sha256').update(pom).digest('hex').slice(0, 16);
  const jars = path.join(cacheDir(), `jars-${path.basename(pomDir)}-${hash}`);
  const known = path.join(jars, 'classpath.txt');
  return (await textIfThere(known)) ?? (await underLock(`${jars}.lock`, () => copyJars(pomDir, jars, known)));
}

async function copyJars(pomDir: string, jars: string, known: string): Promise<string> {
  const meanwhile = await textIfThere(known);
  if (meanwhile !== null) return meanwhile;
  await rm(jars, { recursive: true, force: true });
  const pom = path.resolve(pomDir, 'pom.xml');
  await run('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${path.resolve(jars)}`], {
    timeout: mavenMsMax,
  });
  const classpath = path.join(path.resolve(jars), '*');
  await writeFile(`${known}.part`, classpath);
  await rename(`${known}.part`, known);
  return classpath;
}

async function textIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return null;
  }
}

/** Runs `work` while no other process does under the same lock file. A lock whose owner has died is taken over. */
export async function underLock<T>(lockFile: string, work: () => Promise<T>): Promise<T> {
  await mkdir(path.dirname(lockFile), { recursive: true });
  for (let waited = 0; ; waited += lockPollMs) {
    try {
      const lock = await open(lockFile, 'wx');
      await lock.writeFile(String(process.pid));
      await lock.close();
      break;
    } catch {
      const owner = Number(await textIfThere(lockFile));
      if (owner > 0 && !isAlive(owner)) await rm(lockFile, { force: true });
      if (waited > lockWaitMsMax) throw new Error(`${lockFile} has been held for too long; delete it if nobody runs`);
      await wait(lockPollMs);
    }
  }
  try {
    return await work();
  } finally {
    await unlink(lockFile);
  }
}

/** Whether a process with this id runs (and may be signalled by us). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A TCP port on 127.0.0.1 that was free just now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('the probe has no port'));
        else resolve(address.port);
      });
    });
  });
}

export type JvmOptions = {
  readonly classpath: string;
  readonly mainClass: string;
  readonly args: readonly string[];
  /** Passed to java before the class, such as `-Xmx256m`. */
  readonly jvmArgs?: readonly string[];
  readonly cwd?: string;
  /** Where stdout and stderr go, appended. */
  readonly logFile: string;
  /** The JVM is killed when this process ends, instead of ours. */
  readonly guardPid?: number;
};

export type Jvm = {
  readonly pid: number;
  /** Resolves with the exit code, or the signal's name. */
  readonly exited: Promise<number | string>;
  isRunning(): boolean;
  /** Lets this process end although the JVM runs; call it once the JVM is ready. */
  unref(): void;
  /** SIGTERM, then SIGKILL when that takes too long. Resolves once it is gone; stopping twice is harmless. */
  stop(): Promise<void>;
  /** Sends a signal and waits for the end when that signal is SIGKILL. */
  kill(signal: NodeJS.Signals): Promise<void>;
};

/** Starts java as a child which is killed when this process (or the one named) ends, in whichever way it ends. */
export async function spawnJvm(options: JvmOptions): Promise<Jvm> {
  const log = openSync(options.logFile, 'a');
  const child = spawn(
    'java',
    [...(options.jvmArgs ?? []), '-cp', options.classpath, options.mainClass, ...options.args],
    { stdio: ['ignore', log, log], detached: true, ...(options.cwd === undefined ? {} : { cwd: options.cwd }) },
  );
  closeSync(log);
  const exited = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  const pid = await pidOf(child);
  const guard = options.guardPid === undefined ? guardByPipe(pid) : guardByPid(pid, options.guardPid);
  void exited.then(() => guard.kill('SIGKILL'));
  const isRunning = () => child.exitCode === null && child.signalCode === null;

  const kill = async (signal: NodeJS.Signals) => {
    if (!isRunning()) return;
    // Whoever waits for its end must live as long.
    if (signal === 'SIGKILL') child.ref();
    child.kill(signal);
    if (signal === 'SIGKILL') await exited;
  };
  const stop = async () => {
    if (!isRunning()) return;
    child.ref();
    child.kill('SIGTERM');
    const late = new AbortController();
    const timeout = wait(stopMsMax, 'late', { signal: late.signal }).catch(() => 'stopped');
    if ((await Promise.race([exited, timeout])) === 'late') child.kill('SIGKILL');
    late.abort();
    await exited;
  };
  return { pid, exited, isRunning, unref: () => child.unref(), stop, kill };
}

function pidOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Error('java cannot be started; is a JRE 17 or newer installed?', { cause })),
    );
    child.once('spawn', () => {
      if (child.pid === undefined) reject(new Error('java has no process id'));
      else resolve(child.pid);
    });
  });
}

/** A shell that waits for our end of a pipe to close, which the system does however we die, and then kills the JVM. */
function guardByPipe(pid: number): ChildProcess {
  const guard = spawn('sh', ['-c', `cat >/dev/null; kill -9 ${pid} 2>/dev/null`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.unref();
  if (guard.stdin !== null && 'unref' in guard.stdin && typeof guard.stdin.unref === 'function') guard.stdin.unref();
  return guard;
}

/** The same for another process than ours, which has no pipe with us: looks once a second. */
function guardByPid(pid: number, guardPid: number): ChildProcess {
  const look = `while kill -0 ${guardPid} 2>/dev/null && kill -0 ${pid} 2>/dev/null; do sleep 1; done; kill -9 ${pid} 2>/dev/null`;
  const guard = spawn('sh', ['-c', look], { stdio: 'ignore', detached: true });
  guard.unref();
  return guard;
}
