// Where an end-to-end test takes place: the embedded profile in a folder of its own, or a real Kafka and a real DynamoDB
// under a topic prefix, a group and a table of its own. The test itself looks in through the same adapters.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin } from '@platformatic/kafka';
import { dynamoForTests } from '../../infra/local/dynamodb.ts';
import { kafkaForTests } from '../../infra/local/servers.ts';
import { type Adapters, openAdapters } from '../../services/cli/adapters.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { loadConfig } from '../../services/runtime/config.ts';
import { createLogger } from '../../services/runtime/logger.ts';

export type WorldName = 'embedded' | 'kafka-dynamodb';

export type World = {
  readonly name: WorldName;
  /** Of the commands that are to work in this world. */
  readonly environment: Readonly<Record<string, string>>;
  readonly group: string;
  readonly topicPrefix: string;
  readonly brokers: readonly string[];
  /** Log and store, opened by the test beside the services; topics and table exist. */
  readonly adapters: Adapters;
  /** After a kill: what Kafka does by itself 30 s later. The group forgets the dead, so that others need not wait. */
  forgetDeadMembers(): Promise<void>;
  close(): Promise<void>;
};

/** Null when the real servers cannot be had; it has been said then what is left out, and with CI=true it throws. */
export async function openWorld(name: WorldName): Promise<World | null> {
  const dir = mkdtempSync(join(tmpdir(), 'signalfold-e2e-'));
  const mark = randomUUID().slice(0, 8);
  const common = { SIGNALFOLD_PORT: '0', SIGNALFOLD_DATA_DIR: dir, SIGNALFOLD_LOG_LEVEL: 'warn' };
  if (name === 'embedded') return worldOf(name, common, dir, async () => undefined);

  const kafka = await kafkaForTests();
  const dynamo = kafka === null ? null : await dynamoForTests();
  if (kafka === null || dynamo === null) {
    await kafka?.stop();
    rmSync(dir, { recursive: true });
    return null;
  }
  const aws = {
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.endpoint,
    AWS_REGION: 'eu-west-2',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  // The SDK reads these from the environment, in the services and in this test alike.
  Object.assign(process.env, aws);
  const environment = {
    ...common,
    ...aws,
    KAFKA_BROKERS: kafka.brokers.join(','),
    DYNAMODB_TABLE: `e2e-${mark}`,
    SIGNALFOLD_TOPIC_PREFIX: `e2e-${mark}.`,
    SIGNALFOLD_GROUP: `e2e-${mark}`,
    SIGNALFOLD_KAFKA_PARTITIONS: '3',
  };
  return worldOf(name, environment, dir, async () => {
    await kafka.stop();
    await dynamo.stop();
  });
}

async function worldOf(
  name: WorldName,
  environment: Readonly<Record<string, string>>,
  dir: string,
  stopServers: () => Promise<void>,
): Promise<World> {
  const config = loadConfig(environment, dir);
  const adapters = await openAdapters({ config, clock: systemClock, logger: createLogger('warn') }, true);
  const brokers = config.kafka?.brokers ?? [];
  return {
    name,
    environment,
    group: config.group,
    topicPrefix: config.topicPrefix,
    brokers,
    adapters,
    forgetDeadMembers: async () => {
      if (brokers.length === 0) return;
      const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...brokers] });
      try {
        const groups = await admin.describeGroups({ groups: [config.group] });
        const members = groups.get(config.group)?.members.size ?? 0;
        if (members > 0) await admin.removeMembersFromConsumerGroup({ groupId: config.group });
      } finally {
        await admin.close();
      }
    },
    close: async () => {
      await adapters.close();
      await stopServers();
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
