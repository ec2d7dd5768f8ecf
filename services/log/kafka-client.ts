// Connections to Kafka: kafkajs for producing, consuming and groups; @platformatic/kafka for topic ids, which kafkajs
// cannot read.
import type { ConnectionOptions as TlsOptions } from 'node:tls';
import { Admin } from '@platformatic/kafka';
import kafkajs, { type Kafka, type SASLOptions } from 'kafkajs';
import type { Clock } from '../runtime/clock.ts';
import { fetchRecordBatches } from './kafka-fetch.ts';
import { mendKafkajs } from './kafka-mends.ts';

const connectMsMax = 10_000;
/** A broker that says nothing for so long has been given up by its cluster too (after 9 s, unless that is set up otherwise). */
const requestMsMax = 10_000;
/** What an admin asks is answered at once, or by another broker. */
export const adminRequestMsMax = 3_000;
const retriesMax = 10;
const retryDelayMs = 200;
// kafkajs doubles its delays up to half a minute, in which a broker that is back would not be noticed.
const retryDelayMsMax = 1_500;
/** Who leads what is asked again so often, because a broker that hangs tells nobody that others lead in its place. */
export const metadataAgeMsMax = 10_000;
const tokenLifeMs = 600_000;

export type KafkaLogger = {
  warn(fields: object, message: string): void;
};

export type KafkaSasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  /** `token` is asked for at every (re)authentication; MSK's IAM tokens come this way. */
  | { readonly mechanism: 'oauthbearer'; readonly token: () => Promise<string> };

export type KafkaConnectionOptions = {
  /** `host:port` of some brokers. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl?: boolean | TlsOptions;
  readonly sasl?: KafkaSasl;
};

export type KafkaContext = {
  readonly kafka: Kafka;
  readonly clock: Clock;
  readonly topicPrefix: string;
  readonly logger: KafkaLogger;
};

/** How often kafkajs repeats what failed: about ten seconds. */
export const kafkajsRetry = {
  retries: retriesMax,
  initialRetryTime: retryDelayMs,
  maxRetryTime: retryDelayMsMax,
} as const;

export function connectKafkajs(options: KafkaConnectionOptions, requestTimeout = requestMsMax): Kafka {
  fetchRecordBatches();
  mendKafkajs();
  silenceNegativeTimeouts();
  return new kafkajs.Kafka({
    clientId: options.clientId,
    brokers: [...options.brokers],
    connectionTimeout: connectMsMax,
    requestTimeout,
    retry: kafkajsRetry,
    // What it logs are mostly things that it then repeats; what matters reaches us as a rejection or a crash.
    logLevel: kafkajs.logLevel.NOTHING,
    ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
    ...(options.sasl === undefined ? {} : { sasl: saslForKafkajs(options.sasl) }),
  });
}

export function connectAdmin(options: KafkaConnectionOptions): Admin {
  const { ssl, sasl } = options;
  return new Admin({
    clientId: options.clientId,
    bootstrapBrokers: [...options.brokers],
    connectTimeout: connectMsMax,
    requestTimeout: adminRequestMsMax,
    retries: retriesMax,
    retryDelay: retryDelayMs,
    ...(ssl === undefined || ssl === false ? {} : { tls: ssl === true ? {} : ssl }),
    ...(sasl === undefined ? {} : { sasl: saslForAdmin(sasl) }),
  });
}

function saslForKafkajs(sasl: KafkaSasl): SASLOptions {
  if (sasl.mechanism !== 'oauthbearer') return sasl;
  const { token } = sasl;
  return {
    mechanism: 'oauthbearer',
    oauthBearerProvider: async () => ({ value: await token(), lifetime: tokenLifeMs }),
  };
}

function saslForAdmin(sasl: KafkaSasl) {
  switch (sasl.mechanism) {
    case 'plain':
      return { mechanism: 'PLAIN' as const, username: sasl.username, password: sasl.password };
    case 'scram-sha-256':
      return { mechanism: 'SCRAM-SHA-256' as const, username: sasl.username, password: sasl.password };
    case 'scram-sha-512':
      return { mechanism: 'SCRAM-SHA-512' as const, username: sasl.username, password: sasl.password };
    case 'oauthbearer':
      return { mechanism: 'OAUTHBEARER' as const, token: sasl.token };
  }
}

let isSilenced = false;

/** kafkajs asks for timers in the past; Node fires them at once, as kafkajs means it, but warns about each process. */
function silenceNegativeTimeouts(): void {
  if (isSilenced) return;
  isSilenced = true;
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (rest[0] === 'TimeoutNegativeWarning') return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
}
