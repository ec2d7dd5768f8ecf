// The processes on trial, each started as a user starts it and started again whenever it ended; killed, stopped and woken
// from here.
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../../infra/local/jvm.ts';
import { cli, type Reply, type Service, send, startProgram } from '../../e2e/service.ts';

export type Command = 'ingest' | 'project' | 'query' | 'export';

/** How a process ended that nobody from here had ended, or why it did not start. */
export type Ending = { readonly name: string; readonly how: string; readonly said: string };

/** What a process runs: the command line as users have it, or a program of the trial that kills itself. */
export type Run = { readonly program: string; readonly args: readonly string[] };

type Hand = { readonly name: string; readonly command: Command; readonly url: string; service: Service | null };

export type Crew = {
  readonly endings: readonly Ending[];
  /** Keeps a process of that name up from here on; resolves once it is up. */
  hire(name: string, command: Command): Promise<void>;
  /** Kills it with -9. False when it is not up. */
  kill(name: string): Promise<boolean>;
  /** Stops it for so long, so that it wakes up as a zombie. */
  pause(name: string, ms: number): Promise<boolean>;
  /** Ends it as an orchestrator would; it is started again. */
  restart(name: string): Promise<boolean>;
  /** Rejects when no answer came. */
  ask(
    name: string,
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Reply>;
  pidOf(name: string): number | null;
  outputOf(name: string): string;
  /** Ends all in order. */
  dismiss(): Promise<void>;
};

export type CrewOptions = {
  readonly environment: Readonly<Record<string, string>>;
  /** Asked at each start; null: the command as it is. */
  readonly runOf: (command: Command) => Run | null;
  /** Told of every end by -9. */
  readonly onKilled: (command: Command, said: string) => void;
};

const restartMs = 200;
/** Eight start at once. */
const startMsMax = 180_000;
const askMsMax = 8_000;
const saidCharactersMax = 3_000;

export function openCrew({ environment, runOf, onKilled }: CrewOptions): Crew {
  const hands = new Map<string, Hand>();
  const endings: Ending[] = [];
  const outputs = new Map<string, string>();
  const ours = new Set<number>();
  const kept: Promise<void>[] = [];
  let closing = false;

  const keepUp = async (hand: Hand, up: () => void) => {
    while (!closing) {
      const port = new URL(hand.url).port;
      let service: Service;
      try {
        const { program, args } = runOf(hand.command) ?? { program: cli, args: [hand.command] };
        service = await startProgram(program, args, { ...environment, SIGNALFOLD_PORT: port }, startMsMax);
      } catch (error) {
        endings.push({ name: hand.name, how: 'did not start', said: String(error).slice(-saidCharactersMax) });
        await wait(restartMs);
        continue;
      }
      hand.service = service;
      up();
      const { code, signal } = await service.exited;
      hand.service = null;
      outputs.set(hand.name, (outputs.get(hand.name) ?? '') + service.output());
      if (signal === 'SIGKILL') onKilled(hand.command, service.output());
      else if (!ours.has(service.pid) || (signal === null && code !== 0)) {
        const how = `ended with ${code ?? signal}${ours.has(service.pid) ? ' when it was asked to' : ''}`;
        endings.push({ name: hand.name, how, said: service.output().slice(-saidCharactersMax) });
      }
      await wait(restartMs);
    }
  };

  const end = async (name: string, signal: 'SIGKILL' | 'SIGTERM'): Promise<boolean> => {
    const service = hands.get(name)?.service ?? null;
    if (service === null || ours.has(service.pid)) return false;
    ours.add(service.pid);
    await service.kill(signal);
    return true;
  };

  return {
    endings,
    hire: async (name, command) => {
      const hand: Hand = { name, command, url: `http://127.0.0.1:${await freePort()}`, service: null };
      hands.set(name, hand);
      await new Promise<void>((up) => kept.push(keepUp(hand, up)));
    },
    kill: (name) => end(name, 'SIGKILL'),
    restart: (name) => end(name, 'SIGTERM'),
    pause: async (name, ms) => {
      const service = hands.get(name)?.service ?? null;
      if (service === null) return false;
      process.kill(service.pid, 'SIGSTOP');
      await wait(ms);
      // It may have been killed meanwhile.
      if (hands.get(name)?.service === service) process.kill(service.pid, 'SIGCONT');
      return true;
    },
    ask: async (name, method, path, body, headers = {}) => {
      const url = hands.get(name)?.url;
      if (url === undefined) throw new RangeError(`nobody is called ${name}`);
      return send(url, method, path, body, headers, askMsMax);
    },
    pidOf: (name) => hands.get(name)?.service?.pid ?? null,
    outputOf: (name) => (outputs.get(name) ?? '') + (hands.get(name)?.service?.output() ?? ''),
    dismiss: async () => {
      closing = true;
      await Promise.all([...hands.keys()].map((name) => end(name, 'SIGTERM')));
      await Promise.all(kept);
    },
  };
}
