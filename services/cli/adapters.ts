// Which log and which store: Kafka or embedded, DynamoDB or embedded, as the configuration says. Kafka's and Amazon's
// clients take longer to load than all the rest, so that they are loaded where they are configured.
import { join } from 'node:path';
import { dayMs } from '../core/time.ts';
import { deadLetterTopic } from '../core/topics.ts';
import { openEmbeddedLog } from '../log/embedded.ts';
import type { EventLog } from '../log/port.ts';
import { topicSpecsOf } from '../log/topics.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Config, KafkaConfig } from '../runtime/config.ts';
import { OperatingError } from '../runtime/errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { DynamoOptions } from '../store/dynamodb-connection.ts';
import { openEmbeddedStore } from '../store/embedded.ts';
import type { ViewStore } from '../store/port.ts';

/** Requests to DynamoDB under way at once: enough to fill the two or three milliseconds each takes. */
const dynamoRequestsMax = 64;

export type Adapters = { readonly log: EventLog; readonly store: ViewStore; close(): Promise<void> };

export type Surroundings = { readonly config: Config; readonly clock: Clock; readonly logger: Logger };

/** Two environments of LMDB, so that the log's writes never wait for the store's. */
export function logFolder(config: Config): string {
  return join(config.dataDir, 'log');
}

export function storeFolder(config: Config): string {
  return join(config.dataDir, 'store');
}

/**
 * Opens both. `create`: make what is missing (topics, table); else a missing one is an OperatingError that says what to
 * do.
 */
export async function openAdapters(surroundings: Surroundings, create: boolean): Promise<Adapters> {
  const log = await openLog(surroundings);
  try {
    await prepareTopics(surroundings, log, create);
    const store = await openStore(surroundings, create);
    return {
      log,
      store,
      close: async () => {
        await log.close();
        await store.close();
      },
    };
  } catch (error) {
    await log.close();
    throw error;
  }
}

export async function openLog({ config, clock, logger }: Surroundings): Promise<EventLog> {
  if (config.kafka === null) return openEmbeddedLog({ dir: logFolder(config), clock });
  const { partitions, replication } = config.kafka;
  const { topicPrefix } = config;
  const { openKafkaLog } = await import('../log/kafka.ts');
  const connection = { ...kafkaOptions(config.kafka), clientId: 'signalfold' };
  return openKafkaLog({ ...connection, partitions, replication, topicPrefix, clock, logger });
}

/** The same log, but topics are named as the broker names them. The caller closes it, unless it is `log` itself. */
export async function openSourceLog(surroundings: Surroundings, log: EventLog): Promise<EventLog> {
  const { config } = surroundings;
  if (config.kafka === null || config.topicPrefix === '') return log;
  return openLog({ ...surroundings, config: { ...config, topicPrefix: '' } });
}

export function kafkaOptions({ brokers, ssl, sasl }: KafkaConfig) {
  return { brokers, ssl, ...(sasl === null ? {} : { sasl }) };
}

async function openStore({ config, clock }: Surroundings, create: boolean): Promise<ViewStore> {
  if (config.dynamodbTable === null) return openEmbeddedStore({ dir: storeFolder(config) });
  const [{ openDynamoStore }, { checkTable, createTable }] = await Promise.all([
    import('../store/dynamodb.ts'),
    import('../store/dynamodb-table.ts'),
  ]);
  const options = dynamoOptions(config.dynamodbTable, clock);
  if (create) await createTable(options);
  const faults = await checkTable(options);
  if (faults.length > 0) throw new OperatingError('table_missing', faults.join(' '));
  return openDynamoStore(options);
}

export function dynamoOptions(table: string, clock: Clock): DynamoOptions {
  return { table, clock, requestConcurrencyMax: dynamoRequestsMax };
}

async function prepareTopics({ config, logger }: Surroundings, log: EventLog, create: boolean): Promise<void> {
  if (create) {
    const created = await createTopics(log, config);
    if (created.length > 0) logger.info({ topics: created }, 'created topics');
    return;
  }
  const names = topicSpecsOf(config.deadLetterDays).map(({ topic }) => topic);
  const present = new Set((await log.describe(names)).map(({ topic }) => topic));
  const missing = names.filter((name) => !present.has(name));
  if (missing.length === 0) return;
  const where = config.kafka === null ? `in ${logFolder(config)}` : `on ${config.kafka.brokers.join(', ')}`;
  throw new OperatingError(
    'topic_missing',
    `Topics are missing ${where}: ${missing.join(', ')}. Run \`signalfold doctor\`, which says how to create them, ` +
      'or `signalfold dev`, which creates them.',
  );
}

/** Those that are missing; and dead letters are kept as long as is configured, also where their topic was there before. */
export async function createTopics(
  log: EventLog,
  { deadLetterDays }: Pick<Config, 'deadLetterDays'>,
): Promise<readonly string[]> {
  const created = await log.createTopics(topicSpecsOf(deadLetterDays));
  if (deadLetterDays !== null) await keepDeadLetters(log, deadLetterDays);
  return created;
}

async function keepDeadLetters(log: EventLog, days: number): Promise<void> {
  const wanted = days * dayMs;
  if ((await log.retention([deadLetterTopic])).get(deadLetterTopic) === wanted) return;
  await log.keep(deadLetterTopic, wanted);
}
