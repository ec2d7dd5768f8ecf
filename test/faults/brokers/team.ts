// Starts the clients on trial as processes and keeps what they report.
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Acknowledged, Noted, Received, Report, Role, Uncaught } from './contestant.ts';

const endMsMax = 30_000;

export type Member = {
  readonly role: Role;
  readonly acknowledged: Acknowledged[];
  readonly received: Received[];
  readonly notes: Noted[];
  readonly uncaught: Uncaught[];
  /** CPU time is read from the system, so that a dead one still tells it. */
  readonly pid: number;
  /** Asks it to end, and kills it when it does not. */
  end(): Promise<void>;
  kill(): Promise<void>;
  isRunning(): boolean;
};

/** Resolves once the client is connected, or has a place in its group. */
export async function startMember(role: Role): Promise<Member> {
  const child = fork(join(import.meta.dirname, 'contestant.ts'), [JSON.stringify(role)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const [acknowledged, received, notes, uncaught]: [Acknowledged[], Received[], Noted[], Uncaught[]] = [[], [], [], []];
  await new Promise<void>((resolve, reject) => {
    void exited.then(() => reject(new Error(`${role.name} (${role.role}) ended before it was ready`)));
    child.on('message', (report: Report) => {
      if (report.kind === 'ready') resolve();
      else if (report.kind === 'acknowledged') acknowledged.push(report);
      else if (report.kind === 'received') received.push(report);
      else if (report.kind === 'noted') notes.push(report);
      else uncaught.push(report);
    });
  });
  return {
    ...{ role, acknowledged, received, notes, uncaught },
    pid: child.pid ?? 0,
    isRunning: () => isRunning(child),
    end: async () => {
      if (!isRunning(child)) return;
      child.send('end');
      const late = setTimeout(() => child.kill('SIGKILL'), endMsMax);
      await exited;
      clearTimeout(late);
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
