// A signalfold command as a real child process, and plain HTTP towards it; for tests, and for trials that run without jest.
import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';

// Tests and trials run in the repository's root.
export const cli = resolve('services', 'cli.ts');
const startMsMax = 60_000;
const foldedMsMax = 120_000;
const pollMs = 20;

/** Whatever a failed test has left running ends with its file, or with the trial. */
const running = new Set<ChildProcess>();
const endAll = () => {
  for (const child of running) child.kill('SIGKILL');
};
if ('afterAll' in globalThis) afterAll(endAll);
else process.once('exit', endAll);

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

export type Service = {
  readonly pid: number;
  /** What it said first; of the long-running commands that holds the URL. */
  readonly firstLine: string;
  readonly exited: Promise<Exit>;
  /** Standard output and error so far. */
  output(): string;
  kill(signal: NodeJS.Signals): Promise<Exit>;
};

/** Starts a program and resolves with its first line on standard output; rejects when it ends before. */
export function startProgram(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  saysWithinMs = startMsMax,
): Promise<Service> {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [program, ...args], {
    // Away from any configuration file of the repository.
    cwd: tmpdir(),
    env: { PATH, HOME, NODE_COMPILE_CACHE, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const exited = new Promise<Exit>((ended) => {
    child.once('close', (code, signal) => {
      running.delete(child);
      ended({ code, signal });
    });
  });
  return new Promise((up, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${program} ${args.join(' ')} said nothing within ${saysWithinMs} ms:\n${output}`));
    }, saysWithinMs);
    void exited.then(({ code, signal }) => {
      clearTimeout(late);
      reject(new Error(`${program} ${args.join(' ')} ended with ${code ?? signal} before it was up:\n${output}`));
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      said += text;
      if (!said.includes('\n')) return;
      clearTimeout(late);
      up({
        pid: child.pid ?? 0,
        firstLine: said.slice(0, said.indexOf('\n')),
        exited,
        output: () => output,
        kill: (signal) => {
          child.kill(signal);
          return exited;
        },
      });
    });
  });
}

export type Reply = { readonly status: number; readonly text: string; json(): unknown; readonly headers: Headers };
export type HttpService = Service & {
  readonly url: string;
  send(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Reply>;
};

/** Runs a command that serves HTTP, `dev` say. */
export async function startService(
  command: string,
  environment: Readonly<Record<string, string>>,
): Promise<HttpService> {
  const service = await startProgram(cli, [command], environment);
  const url = /http:\/\/\S+/.exec(service.firstLine)?.[0];
  if (url === undefined) throw new Error(`no URL in ${service.firstLine}`);
  return { ...service, url, send: (method, path, body, headers) => send(url, method, path, body, headers) };
}

/** A text or bytes go as they are, anything else as JSON. Rejects after `msMax` without the whole answer. */
export async function send(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
  msMax?: number,
): Promise<Reply> {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const reply = await fetch(url + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: raw ? Buffer.from(body) : JSON.stringify(body) }),
    ...(msMax === undefined ? {} : { signal: AbortSignal.timeout(msMax) }),
  });
  // Server-sent events do not end: that they began is the answer.
  const isEndless = reply.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (isEndless) await reply.body?.cancel();
  const text = isEndless ? '' : await reply.text();
  return { status: reply.status, text, headers: reply.headers, json: () => JSON.parse(text) };
}

export const Answer = z.object({
  accepted: z.int(),
  rejected: z.array(z.object({ index: z.int(), code: z.string(), detail: z.string() })),
});
export const ProblemAnswer = z.object({ status: z.int(), code: z.string(), title: z.string(), detail: z.string() });
const LagAnswer = z.object({ total: z.int(), topics: z.record(z.string(), z.int()) });

/** Waits for a lag of 0, after which everything accepted so far shows. */
export async function untilFolded(service: HttpService, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  await until(
    async () => LagAnswer.parse((await service.send('GET', '/v1/lag', undefined, headers)).json()).total === 0,
    foldedMsMax,
    () => `the lag did not come down to 0:\n${service.output()}`,
  );
}

export async function until(isDone: () => Promise<boolean>, msMax: number, failure: () => string): Promise<void> {
  const deadline = Date.now() + msMax;
  while (!(await isDone())) {
    if (Date.now() > deadline) throw new Error(failure());
    await wait(pollMs);
  }
}
