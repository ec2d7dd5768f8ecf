// Three Kafka brokers as child JVMs on 127.0.0.1, each also a controller, for whoever wants to see one of them die: topics
// replicated three times, two copies in sync before anything is acknowledged.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from './jvm.ts';
import { type LocalKafka, startKafka } from './kafka.ts';

const nodeCount = 3;
/** Kafka's own default; what a broker's silence lasts before others lead in its place. */
const sessionMsDefault = 9_000;
const sessionPerHeartbeats = 6;

export type ClusterOptions = {
  /** How long a broker may be silent before its partitions get other leaders, ms. Default 9 s, which is Kafka's. */
  readonly sessionMs?: number;
  /** More lines for every server.properties; they win over ours. */
  readonly configOverrides?: Readonly<Record<string, string>>;
};

export type ClusterNode = {
  /** As the cluster's metadata names it. */
  readonly id: number;
  readonly address: string;
  /** SIGKILL resolves once it is gone. SIGSTOP and SIGCONT make a broker that is silent and then a zombie. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** In order: it hands its partitions over before it ends. */
  stop(): Promise<void>;
  /** On the same data and port; resolves when it serves. It must have ended before. */
  start(): Promise<void>;
};

export type LocalCluster = {
  readonly brokers: readonly string[];
  readonly nodes: readonly ClusterNode[];
  /** Ends all of them at once and removes their data. */
  stop(): Promise<void>;
};

/** Resolves when all three serve. */
export async function startCluster(options: ClusterOptions = {}): Promise<LocalCluster> {
  const dir = await mkdtemp(path.join(tmpdir(), 'signalfold-cluster-'));
  const ids = Array.from({ length: nodeCount }, (_, index) => index + 1);
  const places = await Promise.all(
    ids.map(async (id) => ({ id, port: await freePort(), controllerPort: await freePort() })),
  );
  const voters = places.map(({ id, controllerPort }) => `${id}@127.0.0.1:${controllerPort}`).join(',');
  const common = { ...clusterSettings(options.sessionMs ?? sessionMsDefault), 'controller.quorum.voters': voters };
  const nodes = places.map(({ id, port, controllerPort }) => {
    const configOverrides = {
      ...common,
      'node.id': String(id),
      listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
      ...options.configOverrides,
    };
    return openNode(id, port, path.join(dir, String(id)), configOverrides);
  });
  const stop = async () => {
    // Two of three that end in order would wait for a majority that is gone.
    await Promise.all(nodes.map((node) => node.kill('SIGKILL')));
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    // None serves before two are there.
    await Promise.all(nodes.map((node) => node.start()));
  } catch (cause) {
    await stop();
    throw cause;
  }
  return { brokers: nodes.map(({ address }) => address), nodes, stop };
}

function openNode(
  id: number,
  port: number,
  dataDir: string,
  configOverrides: Readonly<Record<string, string>>,
): ClusterNode {
  let server: LocalKafka | null = null;
  return {
    id,
    address: `127.0.0.1:${port}`,
    kill: async (signal) => server?.kill(signal),
    stop: async () => server?.stop(),
    start: async () => {
      server = await startKafka({ dataDir, port, configOverrides });
    },
  };
}

function clusterSettings(sessionMs: number): Record<string, string> {
  return {
    'default.replication.factor': '3',
    'min.insync.replicas': '2',
    // Several, so that groups have their coordinators on different brokers.
    'offsets.topic.num.partitions': '6',
    'offsets.topic.replication.factor': '3',
    'transaction.state.log.replication.factor': '3',
    'transaction.state.log.min.isr': '2',
    'broker.session.timeout.ms': String(sessionMs),
    'broker.heartbeat.interval.ms': String(Math.round(sessionMs / sessionPerHeartbeats)),
    // A broker that is back leads again soon, so that the next death meets partitions everywhere.
    'leader.imbalance.check.interval.seconds': '5',
    'unclean.leader.election.enable': 'false',
  };
}
