// What producing and consuming costs with our adapter and with @platformatic/kafka, one after the other on the same brokers.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Leaders } from './leaders.ts';
import { partitionCount } from './senders.ts';
import type { Speed, Task } from './speed-child.ts';

const run = promisify(execFile);
const count = 100_000;
const rounds = 3;
const waitMsMax = 60_000;

const producers = ['ours', 'platformatic-one', 'platformatic-several'] as const;
const consumers = ['ours', 'platformatic'] as const;

export type SpeedRow = {
  readonly what: 'produce' | 'consume';
  readonly name: string;
  /** The best of some rounds, which noise disturbs least. */
  readonly perSecond: number;
  readonly cpuMsPer100k: number;
};

export async function measureSpeed(brokers: readonly string[], leaders: Leaders): Promise<readonly SpeedRow[]> {
  const found = new Map<string, { task: Task; speeds: Speed[] }>();
  for (let round = 1; round <= rounds; round += 1) {
    const topicOf = (name: string) => `speed-${name}-${round}`;
    for (const name of producers) {
      await leaders.create(topicOf(name), partitionCount);
      await leaders.untilInSync([topicOf(name)], waitMsMax);
    }
    const tasks: Task[] = [
      ...producers.map((name) => ({
        what: 'produce' as const,
        name,
        brokers: [...brokers],
        topic: topicOf(name),
        count,
      })),
      ...consumers.map((name) => ({
        what: 'consume' as const,
        name,
        brokers: [...brokers],
        topic: topicOf('ours'),
        count,
      })),
    ];
    for (const task of tasks) {
      const { stdout } = await run(process.execPath, [
        join(import.meta.dirname, 'speed-child.ts'),
        JSON.stringify(task),
      ]);
      const speed: Speed = JSON.parse(stdout);
      const id = `${task.what} ${task.name}`;
      const row = found.get(id) ?? { task, speeds: [] };
      row.speeds.push(speed);
      found.set(id, row);
    }
  }
  return [...found.values()].map(({ task: { what, name }, speeds }) => {
    const least = (of: (speed: Speed) => number) => Math.min(...speeds.map(of));
    const ms = least((speed) => speed.ms);
    return {
      what,
      name,
      perSecond: Math.round(count / (ms / 1_000)),
      cpuMsPer100k: Math.round(least((speed) => speed.cpuMs)),
    };
  });
}
