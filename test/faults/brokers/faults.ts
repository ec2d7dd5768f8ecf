// What happens to a cluster on trial: leaders killed, brokers restarted one by one, leaders stopped and woken, members of
// groups that come and go. Each is noted with its time, and waits until all copies are in sync again.
import type { ClusterNode, LocalCluster } from '../../../infra/local/kafka-cluster.ts';
import type { Leaders } from './leaders.ts';

export type FaultKind = 'kill' | 'roll' | 'stop' | 'storm';

export type Fault = {
  readonly kind: FaultKind;
  readonly at: number;
  /** The broker's id; 0 where it is none. */
  readonly node: number;
  /** How long the broker was away, ms. */
  readonly awayMs: number;
};

export type Stage = {
  readonly cluster: LocalCluster;
  readonly leaders: Leaders;
  /** Loaded topics, of which a leader is chosen. */
  readonly topics: readonly string[];
  readonly partitions: number;
  readonly random: () => number;
  readonly faults: Fault[];
  readonly say: (text: string) => void;
};

const inSyncMsMax = 90_000;
const calmMsMin = 1_000;
const calmMsMax = 4_000;

/** kill -9 of the leader of some loaded partition, and its return after up to `awayMsMax`. */
export async function killLeader(stage: Stage, awayMsMax: number): Promise<void> {
  const { node, topic } = await someLeader(stage);
  const awayMs = Math.floor(stage.random() * awayMsMax);
  await calm(stage);
  const at = Date.now();
  stage.faults.push({ kind: 'kill', at, node: node.id, awayMs });
  await node.kill('SIGKILL');
  await sleep(awayMs);
  await node.start();
  await settle(stage, `killed broker ${node.id}, the leader of ${topic}, for ${awayMs} ms`);
}

/** Every broker in turn ends in order and comes back. */
export async function rollAll(stage: Stage): Promise<void> {
  for (const node of stage.cluster.nodes) {
    await calm(stage);
    stage.faults.push({ kind: 'roll', at: Date.now(), node: node.id, awayMs: 0 });
    await node.stop();
    await node.start();
    await settle(stage, `restarted broker ${node.id}`);
  }
}

/** A leader that does nothing and keeps its connections, until it wakes up as a zombie. */
export async function stopLeader(stage: Stage, awayMs: number): Promise<void> {
  const { node, topic } = await someLeader(stage);
  await calm(stage);
  stage.faults.push({ kind: 'stop', at: Date.now(), node: node.id, awayMs });
  await node.kill('SIGSTOP');
  await sleep(awayMs);
  await node.kill('SIGCONT');
  await settle(stage, `stopped broker ${node.id}, the leader of ${topic}, for ${awayMs} ms`);
}

async function someLeader({ cluster, leaders, topics, partitions, random }: Stage) {
  for (;;) {
    const topic = topics[Math.floor(random() * topics.length)] ?? '';
    const partition = Math.floor(random() * partitions);
    const id = await leaders.leaderOf(topic, partition).catch(() => 0);
    const node: ClusterNode | undefined = cluster.nodes.find((one) => one.id === id);
    if (node !== undefined) return { node, topic };
    await sleep(calmMsMin);
  }
}

async function calm({ random }: Stage): Promise<void> {
  await sleep(calmMsMin + random() * (calmMsMax - calmMsMin));
}

async function settle({ leaders, topics, say }: Stage, what: string): Promise<void> {
  const tookMs = await leaders.untilInSync(topics, inSyncMsMax);
  say(`${what}; in sync ${tookMs} ms after it was back`);
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
