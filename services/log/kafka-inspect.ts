// What `doctor` asks of a Kafka: can every broker be reached at the address it tells others, and are our topics kept
// long enough, stamped by the broker, and cleaned up as we need it?
import { connect } from 'node:net';
import kafkajs from 'kafkajs';
import { connectKafkajs, type KafkaConnectionOptions } from './kafka-client.ts';
import type { TopicSpec } from './port.ts';

const connectMsMax = 3_000;
const topicResource = kafkajs.ConfigResourceTypes.TOPIC;

/** `mend` says what to do; null when nothing is. */
export type KafkaFinding = { readonly what: string; readonly mend: string | null };

/** Throws what kafkajs throws when no broker answers at all. */
export async function inspectKafka(
  options: Omit<KafkaConnectionOptions, 'clientId'> & {
    readonly topicPrefix: string;
    readonly specs: readonly TopicSpec[];
  },
): Promise<readonly KafkaFinding[]> {
  const kafka = connectKafkajs({ ...options, clientId: 'signalfold-doctor' });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const { brokers } = await admin.describeCluster();
    const reached = await Promise.all(brokers.map(({ host, port }) => checkAddress(host, port)));
    const existing = new Set(await admin.listTopics());
    const specs = options.specs.filter(({ topic }) => existing.has(options.topicPrefix + topic));
    if (specs.length === 0) return reached;
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: specs.map(({ topic }) => ({ type: topicResource, name: options.topicPrefix + topic })),
    });
    const checked = specs.map((spec) => {
      const name = options.topicPrefix + spec.topic;
      const entries = resources.find(({ resourceName }) => resourceName === name)?.configEntries ?? [];
      return checkTopic(name, spec, new Map(entries.map((entry) => [entry.configName, entry.configValue])));
    });
    return [...reached, ...checked.flat()];
  } finally {
    await admin.disconnect();
  }
}

/** An advertised address that only resolves elsewhere is the commonest fault of a Kafka set-up. */
function checkAddress(host: string, port: number): Promise<KafkaFinding> {
  const what = `broker advertised as ${host}:${port}`;
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: connectMsMax });
    const end = (reason: string | null) => {
      socket.destroy();
      const mend = `It cannot be reached from here (${reason}). Set advertised.listeners to an address that this machine can reach.`;
      resolve({ what, mend: reason === null ? null : mend });
    };
    socket.once('connect', () => end(null));
    socket.once('timeout', () => end(`no answer within ${connectMsMax} ms`));
    socket.once('error', (error) => end(error.message));
  });
}

function checkTopic(name: string, spec: TopicSpec, config: ReadonlyMap<string, string>): KafkaFinding[] {
  const findings: KafkaFinding[] = [];
  const alter = (setting: string) =>
    `kafka-configs.sh --bootstrap-server … --alter --entity-type topics --entity-name ${name} --add-config ${setting}`;
  const stamp = config.get('message.timestamp.type');
  if (stamp !== undefined && stamp !== 'LogAppendTime') {
    const mend = `Producers set its time, so freshness and "in the future" are measured by their clocks. ${alter('message.timestamp.type=LogAppendTime')}`;
    findings.push({ what: `topic ${name} has message.timestamp.type=${stamp}`, mend });
  }
  const kept = Number(config.get('retention.ms') ?? '-1');
  if (spec.retentionMs === null && kept >= 0) {
    const mend = `What is older is lost to a rebuild of the views, and to a projector that was down for longer. ${alter('retention.ms=-1')}`;
    findings.push({ what: `topic ${name} keeps messages for ${Math.floor(kept / 3_600_000)} hours`, mend });
  }
  const cleanup = config.get('cleanup.policy') ?? '';
  if (spec.compacted !== cleanup.includes('compact')) {
    const mend = spec.compacted
      ? `Without compaction an erased client stays in it until retention. ${alter('cleanup.policy=[compact,delete]')}`
      : `Compaction loses events. ${alter('cleanup.policy=delete')}`;
    findings.push({ what: `topic ${name} has cleanup.policy=${cleanup}`, mend });
  }
  return findings.length > 0 ? findings : [{ what: `topic ${name}`, mend: null }];
}
