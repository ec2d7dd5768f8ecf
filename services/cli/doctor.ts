// `signalfold doctor`: checks what is configured from where it stands, and says what to mend.

import { dayMs } from '../core/time.ts';
import { deadLetterTopic } from '../core/topics.ts';
import type { EventLog } from '../log/port.ts';
import { topicSpecsOf } from '../log/topics.ts';
import { within } from '../runtime/clock.ts';
import type { Config } from '../runtime/config.ts';
import { OperatingError } from '../runtime/errors.ts';
import { countIssuerKeys } from '../runtime/issuer-keys.ts';
import {
  createTopics,
  dynamoOptions,
  kafkaOptions,
  logFolder,
  openLog,
  type Surroundings,
  storeFolder,
} from './adapters.ts';
import type { Say } from './say.ts';
import { configuredSources, sourceText } from './sources.ts';

const pullMsMax = 15_000;

/** One thing looked at. `mend` says what to do when it is not as it should be; null when it is. */
export type Finding = { readonly what: string; readonly mend: string | null };

/** `create` makes missing topics and the table first. Answers whether all is well. */
export async function doctor(surroundings: Surroundings, create: boolean, say: Say): Promise<boolean> {
  const findings = [
    ...(await checkLog(surroundings, create)),
    ...(await checkStore(surroundings, create)),
    ...(await checkIssuer(surroundings)),
    ...(await checkSources(surroundings)),
  ];
  for (const { what, mend } of findings) say.line(mend === null ? `ok    ${what}` : `MEND  ${what}\n      ${mend}`);
  const well = findings.every(({ mend }) => mend === null);
  say.line(well ? 'All is well.' : 'Mend what is marked, then run doctor again.');
  say.result({ ok: well, findings });
  return well;
}

async function checkLog(surroundings: Surroundings, create: boolean): Promise<readonly Finding[]> {
  const { config } = surroundings;
  const where = config.kafka === null ? `embedded log in ${logFolder(config)}` : `Kafka at ${config.kafka.brokers}`;
  try {
    const log = await openLog(surroundings);
    try {
      const topicSpecs = topicSpecsOf(config.deadLetterDays);
      if (create) await createTopics(log, config);
      const present = new Set((await log.describe(topicSpecs.map(({ topic }) => topic))).map(({ topic }) => topic));
      const missing = topicSpecs.map(({ topic }) => topic).filter((topic) => !present.has(topic));
      const topics: Finding = {
        what: `topics: ${present.size} of ${topicSpecs.length}${missing.length > 0 ? `, missing ${missing.join(', ')}` : ''}`,
        mend:
          missing.length > 0
            ? 'Run `signalfold doctor --create`, or create them as your platform does, with message.timestamp.type=LogAppendTime.'
            : null,
      };
      const broker = await checkBroker(config, topicSpecs);
      const letters = await checkDeadLetters(log, config.deadLetterDays);
      return [{ what: where, mend: null }, ...broker, topics, ...letters];
    } finally {
      await log.close();
    }
  } catch (error) {
    const next = 'Check KAFKA_BROKERS, that a broker runs there, and that this machine may reach it.';
    return [{ what: where, mend: config.kafka === null ? mendOf(error) : `${mendOf(error)} ${next}` }];
  }
}

async function checkBroker(
  { kafka, topicPrefix }: Config,
  specs: ReturnType<typeof topicSpecsOf>,
): Promise<readonly Finding[]> {
  if (kafka === null) return [];
  const { inspectKafka } = await import('../log/kafka-inspect.ts');
  return inspectKafka({ ...kafkaOptions(kafka), topicPrefix, specs });
}

/** What is configured counts where the topic is created, or told with --create. */
async function checkDeadLetters(log: EventLog, days: number | null): Promise<readonly Finding[]> {
  const keptMs = (await log.retention([deadLetterTopic])).get(deadLetterTopic);
  if (keptMs === undefined) return [];
  const what = `dead letters are kept ${keptMs === null ? 'without end' : `${Math.round(keptMs / dayMs)} days`}`;
  if (days === null || keptMs === days * dayMs) return [{ what, mend: null }];
  const mend = `SIGNALFOLD_DEAD_LETTER_DAYS says ${days}. Run \`signalfold doctor --create\`, which sets it.`;
  return [{ what, mend }];
}

async function checkStore({ config, clock }: Surroundings, create: boolean): Promise<readonly Finding[]> {
  if (config.dynamodbTable === null) return [{ what: `embedded store in ${storeFolder(config)}`, mend: null }];
  const what = `DynamoDB table ${config.dynamodbTable}`;
  const options = dynamoOptions(config.dynamodbTable, clock);
  const { checkTable, createTable } = await import('../store/dynamodb-table.ts');
  const { checkRights } = await import('../store/dynamodb-rights.ts');
  try {
    if (create) await createTable(options);
    const unfit = await checkTable(options);
    const faults = unfit.length > 0 ? unfit : await checkRights(options);
    return faults.length === 0 ? [{ what, mend: null }] : faults.map((mend) => ({ what, mend }));
  } catch (error) {
    return [{ what, mend: mendOf(error) }];
  }
}

async function checkIssuer({ config }: Surroundings): Promise<readonly Finding[]> {
  const oidc = config.auth?.oidc ?? null;
  if (oidc === null) return [];
  const what = `token issuer ${oidc.issuer}`;
  try {
    const keys = await countIssuerKeys(oidc);
    const mend = keys > 0 ? null : 'It publishes no keys, so no token counts. Have it publish those it signs with.';
    return [{ what: `${what}, ${keys} keys`, mend }];
  } catch (error) {
    const next = 'Check SIGNALFOLD_OIDC_ISSUER and SIGNALFOLD_OIDC_JWKS_URL, and that this machine may reach them.';
    return [{ what, mend: `${mendOf(error)}. ${next}` }];
  }
}

/** Reads the file of the sources as ingest does, and pulls each that is pulled once, without taking anything. */
async function checkSources({ config, clock }: Surroundings): Promise<readonly Finding[]> {
  const what = `sources in ${config.sourcesFile}`;
  if (config.sourcesFile === null) return [];
  try {
    const { sources } = configuredSources(config);
    const findings: Finding[] = [{ what: `${what}: ${sources.map(sourceText).join(', ') || 'none'}`, mend: null }];
    for (const { name, transport } of sources) {
      if (transport.kind !== 'pull') continue;
      const pulled = await mendingOf(transport.puller.pull(null, clock.now(), within(pullMsMax)));
      findings.push({ what: `source ${name} can be pulled`, mend: pulled });
    }
    return findings;
  } catch (error) {
    return [{ what, mend: mendOf(error) }];
  }
}

async function mendingOf(work: Promise<unknown>): Promise<string | null> {
  return work.then(
    () => null,
    (error: unknown) => mendOf(error),
  );
}

function mendOf(error: unknown): string {
  if (error instanceof OperatingError) return error.message;
  return error instanceof Error ? error.message : String(error);
}
