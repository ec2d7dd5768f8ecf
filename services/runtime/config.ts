// Reads the configuration from the environment and one optional JSON file, and tells all mistakes at once.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { type AuthConfig, authOf } from './config-auth.ts';
import { codeOf, OperatingError } from './errors.ts';
import { isLoopback } from './loopback.ts';
import { nearest } from './nearest.ts';
import {
  type ConfigMistake,
  configFileName,
  configFilePreset,
  type SettingDescription,
  type Settings,
  settingDescriptions,
  settingsTable,
} from './settings-table.ts';

export type KafkaConfig = {
  /** host:port of the brokers to start from. */
  readonly brokers: readonly string[];
  readonly ssl: boolean;
  readonly sasl: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  } | null;
  readonly partitions: number;
  readonly replication: number;
};

export type SchemaRegistryConfig = {
  /** Without a slash at its end. */
  readonly url: string;
  /** The value of the header Authorization. */
  readonly authorization: string | null;
};

export type Config = {
  /** Null: the log is embedded. */
  readonly kafka: KafkaConfig | null;
  /** Null: the store is embedded. */
  readonly dynamodbTable: string | null;
  /** 0 takes a free port. */
  readonly port: number;
  readonly host: string;
  /** Null leaves the API open, which only loopback may. */
  readonly auth: AuthConfig | null;
  /** Of one principal; 0: no limit. */
  readonly requestsPerMinuteMax: number;
  /** Addresses and ranges; what they say of who calls is believed. */
  readonly trustedProxies: readonly string[];
  readonly metricsOpen: boolean;
  /** Origins whose pages may call what elements need. */
  readonly allowedOrigins: readonly string[];
  /** Absolute path, or `stdout`; null: in the data folder. */
  readonly auditLog: string | null;
  /** Absolute path. */
  readonly dataDir: string;
  /** Absolute path; null: no provider is a source. */
  readonly sourcesFile: string | null;
  readonly topicPrefix: string;
  /** Null: no values in the framing of a registry are read. */
  readonly schemaRegistry: SchemaRegistryConfig | null;
  readonly group: string;
  /** How long dead letters are kept; null: 90 days where we create the topic, and as it is where it exists. */
  readonly deadLetterDays: number | null;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  readonly flush: {
    /** Near the head of the log: save after this long, or after this many events. */
    readonly delayMs: number;
    readonly events: number;
    /** The same while far behind. */
    readonly behindDelayMs: number;
    readonly behindEvents: number;
  };
  readonly cacheBytesMax: number;
  /** Of all firms whose lists are held in memory. */
  readonly rosterBytesMax: number;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every setting with its default and meaning: for help, doctor and docs. */
export function describeConfig(): readonly SettingDescription[] {
  const file: SettingDescription = {
    name: configFileName,
    preset: `./${configFilePreset}, if there is one`,
    expected: 'a file',
    meaning: 'JSON file with settings by these names. The environment wins over the file.',
  };
  return [...settingDescriptions, file];
}

/**
 * Reads the configuration; the environment wins over the file, an empty value counts as absent. Relative paths start at
 * `directory`. Throws config_invalid with every mistake in its message.
 */
export function loadConfig(environment: Environment = process.env, directory: string = process.cwd()): Config {
  const outcome = readConfig(environment, directory);
  if (outcome.config !== null) return outcome.config;
  const lines = outcome.mistakes.map(({ name, wrong, expected }) => `  ${name}: ${wrong}; expected ${expected}`);
  throw new OperatingError(
    'config_invalid',
    `The configuration has mistakes, nothing was started.\n${lines.join('\n')}`,
  );
}

/** As loadConfig, with the mistakes as a value. */
export function readConfig(
  environment: Environment,
  directory: string,
): { readonly config: Config | null; readonly mistakes: readonly ConfigMistake[] } {
  const mistakes: ConfigMistake[] = [];
  const given = gather(environment, directory, mistakes);
  const parsed = settingsTable.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    for (const name of new Set(parsed.error.issues.map((issue) => String(issue.path[0])))) {
      const expected = settingDescriptions.find((row) => row.name === name)?.expected ?? 'another value';
      mistakes.push({ name, wrong: `cannot be ${shown(name, given.get(name) ?? '')}`, expected });
    }
    return { config: null, mistakes };
  }
  const config = assemble(parsed.data, directory, mistakes);
  return mistakes.length === 0 ? { config, mistakes } : { config: null, mistakes };
}

function gather(environment: Environment, directory: string, mistakes: ConfigMistake[]): Map<string, string> {
  const known = settingDescriptions.map(({ name }) => name);
  const given = readFile(environment, directory, mistakes);
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && value.trim() !== '' && (known.includes(name) || isOurs(name)))
      given.set(name, value.trim());
  }
  for (const name of given.keys()) {
    if (known.includes(name)) continue;
    given.delete(name);
    mistakes.push({ name, wrong: 'there is no such setting', expected: `perhaps ${nearest(name, known)}` });
  }
  return given;
}

/** Names that can only be meant for us; a tool's own name, such as KAFKA_HEAP_OPTS, is none of our business. */
function isOurs(name: string): boolean {
  return name.startsWith('SIGNALFOLD_') && name !== configFileName && !name.startsWith('SIGNALFOLD_TEST_');
}

const FileContent = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]));

function readFile(environment: Environment, directory: string, mistakes: ConfigMistake[]): Map<string, string> {
  const named = environment[configFileName]?.trim() || null;
  const path = resolve(directory, named ?? configFilePreset);
  const found = new Map<string, string>();
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const missing = codeOf(error) === 'ENOENT';
    if (named === null && missing) return found;
    const wrong = missing ? `there is no file ${path}` : `${path} cannot be read`;
    mistakes.push({ name: configFileName, wrong, expected: 'a JSON file' });
    return found;
  }
  const expected = 'a JSON object of settings by name, each a text, a number, true, false or a list of texts';
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    mistakes.push({ name: path, wrong: 'is not JSON', expected });
    return found;
  }
  const parsed = FileContent.safeParse(content);
  if (!parsed.success) {
    const names = parsed.error.issues.map((issue) => issue.path.join('.')).filter((name) => name !== '');
    mistakes.push({
      name: path,
      wrong: `has another shape${names.length > 0 ? ` at ${names.join(', ')}` : ''}`,
      expected,
    });
    return found;
  }
  for (const [name, value] of Object.entries(parsed.data)) {
    if (value !== null && value !== '') found.set(name, String(value));
  }
  return found;
}

function assemble(values: Settings, directory: string, mistakes: ConfigMistake[]): Config {
  const config: Config = {
    kafka: kafkaOf(values, mistakes),
    dynamodbTable: values.DYNAMODB_TABLE,
    port: values.SIGNALFOLD_PORT,
    host: values.SIGNALFOLD_HOST,
    auth: authOf(values, mistakes),
    requestsPerMinuteMax: values.SIGNALFOLD_RATE_LIMIT,
    trustedProxies: values.SIGNALFOLD_TRUSTED_PROXIES ?? [],
    metricsOpen: values.SIGNALFOLD_METRICS_OPEN,
    allowedOrigins: values.SIGNALFOLD_ALLOWED_ORIGINS ?? [],
    auditLog: auditLogOf(values, directory),
    dataDir: resolve(directory, values.SIGNALFOLD_DATA_DIR),
    sourcesFile: values.SIGNALFOLD_SOURCES === null ? null : resolve(directory, values.SIGNALFOLD_SOURCES),
    topicPrefix: values.SIGNALFOLD_TOPIC_PREFIX,
    schemaRegistry: schemaRegistryOf(values, mistakes),
    group: values.SIGNALFOLD_GROUP,
    deadLetterDays: values.SIGNALFOLD_DEAD_LETTER_DAYS,
    logLevel: values.SIGNALFOLD_LOG_LEVEL,
    flush: {
      delayMs: values.SIGNALFOLD_FLUSH_DELAY_MS,
      events: values.SIGNALFOLD_FLUSH_EVENTS,
      behindDelayMs: values.SIGNALFOLD_BEHIND_FLUSH_DELAY_MS,
      behindEvents: values.SIGNALFOLD_BEHIND_FLUSH_EVENTS,
    },
    cacheBytesMax: values.SIGNALFOLD_CACHE_BYTES,
    rosterBytesMax: values.SIGNALFOLD_ROSTER_BYTES,
  };
  if (!isLoopback(config.host) && config.auth === null) {
    mistakes.push({
      name: 'SIGNALFOLD_HOST',
      wrong: `${config.host} can be reached from other machines, and no authentication is configured`,
      expected: 'SIGNALFOLD_API_KEYS or SIGNALFOLD_OIDC_ISSUER to be set, or a loopback address such as 127.0.0.1',
    });
  }
  return deepFreeze(config);
}

/** Without views in the data folder there may be no such folder, but somebody who collects standard output. */
function auditLogOf(values: Settings, directory: string): string | null {
  const given = values.SIGNALFOLD_AUDIT_LOG ?? (values.DYNAMODB_TABLE === null ? null : 'stdout');
  return given === null || given === 'stdout' ? given : resolve(directory, given);
}

function schemaRegistryOf(values: Settings, mistakes: ConfigMistake[]): SchemaRegistryConfig | null {
  const { SIGNALFOLD_SCHEMA_REGISTRY_URL: url, SIGNALFOLD_SCHEMA_REGISTRY_AUTH: given } = values;
  if (url === null) {
    const name = 'SIGNALFOLD_SCHEMA_REGISTRY_URL';
    if (given !== null)
      mistakes.push({ name, wrong: 'is missing', expected: 'the registry that the credentials are for' });
    return null;
  }
  if (given === null) return { url, authorization: null };
  const basic = `Basic ${Buffer.from(given).toString('base64')}`;
  return { url, authorization: given.includes(':') ? basic : `Bearer ${given}` };
}

function kafkaOf(values: Settings, mistakes: ConfigMistake[]): KafkaConfig | null {
  const [mechanism, username, password] = [
    values.KAFKA_SASL_MECHANISM,
    values.KAFKA_SASL_USERNAME,
    values.KAFKA_SASL_PASSWORD,
  ];
  const complete = mechanism !== null && username !== null && password !== null;
  if (!complete && (mechanism !== null || username !== null || password !== null)) {
    for (const [name, value] of [
      ['KAFKA_SASL_MECHANISM', mechanism],
      ['KAFKA_SASL_USERNAME', username],
      ['KAFKA_SASL_PASSWORD', password],
    ] as const) {
      if (value === null)
        mistakes.push({ name, wrong: 'is missing', expected: 'mechanism, user name and password together' });
    }
  }
  if (values.KAFKA_BROKERS === null) return null;
  return {
    brokers: values.KAFKA_BROKERS,
    ssl: values.KAFKA_SSL,
    sasl: complete ? { mechanism, username, password } : null,
    partitions: values.SIGNALFOLD_KAFKA_PARTITIONS,
    replication: values.SIGNALFOLD_KAFKA_REPLICATION,
  };
}

const secretSettings: ReadonlySet<string> = new Set([
  'KAFKA_SASL_PASSWORD',
  'SIGNALFOLD_API_KEYS',
  'SIGNALFOLD_SCHEMA_REGISTRY_AUTH',
]);

/** Secrets are never repeated, and nothing long is. */
function shown(name: string, value: string): string {
  if (secretSettings.has(name)) return 'what it is';
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}
