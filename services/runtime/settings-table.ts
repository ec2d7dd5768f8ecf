// Every setting there is, once: its name, how its text is read, its default and its meaning. A new setting is a row here.
import { isIP } from 'node:net';
import { z } from 'zod';
import { isTrustworthy } from './loopback.ts';

type Note = {
  /** As somebody would write it; null when the setting is off unless given. */
  readonly preset: string | null;
  readonly expected: string;
  readonly meaning: string;
};

const notes = z.registry<Note>();

/** A setting that always has a value. It is read from text, as the environment gives it. */
function preset<Value>(read: z.ZodType<Value, string>, value: string, expected: string, meaning: string) {
  return z.prefault(read, value).register(notes, { preset: value, expected, meaning });
}

/** A setting that is null unless given. */
function optional<Value>(read: z.ZodType<Value, string>, expected: string, meaning: string) {
  return z.prefault(z.nullable(read), null).register(notes, { preset: null, expected, meaning });
}

function whole(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max));
}

/** An address, or a range of them with the length of its prefix. */
function isAddressRange(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  if (prefix === undefined) return bits > 0;
  return more.length === 0 && /^[1-9]\d*$/.test(prefix) && Number(prefix) <= bits;
}

/** Scheme, host and port as browsers send them; what can be changed on its way must not read clients. */
function isOrigin(text: string): boolean {
  if (!URL.canParse(text) || text.includes('*')) return false;
  return new URL(text).origin === text && isTrustworthy(new URL(text));
}

function list(item: RegExp) {
  return z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .pipe(z.array(z.string().regex(item)).min(1));
}

const text = z.string().min(1);
const flag = z.enum(['true', 'false', '1', '0']).transform((word) => word === 'true' || word === '1');
const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
const mib = 1024 * 1024;

/** The files that may hold settings are named by this one, which only the environment can give. */
export const configFileName = 'SIGNALFOLD_CONFIG';
export const configFilePreset = 'signalfold.config.json';

export const apiKeysExpected =
  'entries by comma, each a SHA-256 hash of 64 hex digits and, as needed, :name=… :scopes=read+export :firm=… :adviser=…';

export const settingsTable = z.object({
  KAFKA_BROKERS: optional(
    list(/^(\[[0-9a-f:.]+\]|[^\s:/,]+):\d{1,5}$/i),
    'host:port, several by comma',
    'Kafka brokers to start from. Given: the log is Kafka; else it is embedded in the data folder.',
  ),
  KAFKA_SSL: preset(flag, 'false', 'true or false', 'Speak TLS to Kafka.'),
  KAFKA_SASL_MECHANISM: optional(
    z.string().toLowerCase().pipe(z.enum(mechanisms)),
    mechanisms.join(', '),
    'How to sign in to Kafka; needs the user name and the password.',
  ),
  KAFKA_SASL_USERNAME: optional(text, 'text', 'User name for Kafka.'),
  KAFKA_SASL_PASSWORD: optional(text, 'text', 'Password for Kafka.'),
  SIGNALFOLD_KAFKA_PARTITIONS: preset(
    whole(1, 10_000),
    '6',
    'a whole number, 1 to 10000',
    'Partitions of the topics we create.',
  ),
  SIGNALFOLD_KAFKA_REPLICATION: preset(
    whole(1, 10),
    '1',
    'a whole number, 1 to 10',
    'Copies of each partition of the topics we create. Use 3 where there are three brokers.',
  ),
  DYNAMODB_TABLE: optional(
    z.string().regex(/^[A-Za-z0-9_.-]{3,255}$/),
    '3 to 255 letters, digits, "_", "." or "-"',
    'DynamoDB table for the views; the AWS SDK’s own variables say where and as whom. Given: the store is DynamoDB; ' +
      'else it is embedded in the data folder.',
  ),
  SIGNALFOLD_PORT: preset(whole(0, 65_535), '4400', 'a port, 0 to 65535', 'Port to listen on; 0 takes a free one.'),
  SIGNALFOLD_HOST: preset(
    z.string().regex(/^[^\s/]+$/),
    '127.0.0.1',
    'an address or host name of this machine',
    'Address to listen on. Any but loopback needs SIGNALFOLD_API_KEYS or SIGNALFOLD_OIDC_ISSUER.',
  ),
  SIGNALFOLD_API_KEYS: optional(
    text,
    apiKeysExpected,
    'Keys that callers send as "Authorization: Bearer <key>", each by its hash: printf %s "$KEY" | sha256sum. Given: ' +
      'every /v1 request needs a key or a token. A hash alone may do everything; parts behind it narrow that: ' +
      '<hash>:name=crm:scopes=ingest:firm=firm-1. Scopes: read, export, ingest, settings, erase, operate, joined by +, or none. ' +
      'With :adviser=<id>, which needs :firm=, it reads and exports the clients of that adviser alone. In values write ' +
      '%3A for ":", %2C for "," and %25 for "%".',
  ),
  SIGNALFOLD_OIDC_ISSUER: optional(
    text,
    'a URL, as tokens write it in their claim "iss"',
    'Issuer of OpenID Connect tokens that callers send as "Authorization: Bearer <token>"; needs the audience. Given: ' +
      'every /v1 request needs a key or a token.',
  ),
  SIGNALFOLD_OIDC_AUDIENCE: optional(
    list(/./),
    'text, several by comma',
    'What tokens name in their claim "aud" when they are meant for this API; any of these.',
  ),
  SIGNALFOLD_OIDC_JWKS_URL: optional(
    text,
    'a URL',
    'Where the public keys of the issuer are, if not where its /.well-known/openid-configuration says.',
  ),
  SIGNALFOLD_OIDC_FIRM_CLAIM: preset(
    text,
    'firm_id',
    'the name of a claim',
    'Claim with the id of the firm that the holder belongs to. Dots lead into objects, as in org.firm; the same for the ' +
      'other claims.',
  ),
  SIGNALFOLD_OIDC_ROLE_CLAIM: preset(
    text,
    'roles',
    'the name of a claim',
    "Claim with the holder's role or roles, a text or a list, as in realm_access.roles.",
  ),
  SIGNALFOLD_OIDC_ADVISER_CLAIM: preset(
    text,
    'adviser_id',
    'the name of a claim',
    'Claim with the adviser id of a holder who is an adviser, as client profiles write it.',
  ),
  SIGNALFOLD_OIDC_ROLES: preset(
    list(/./),
    'owner=owner,manager=manager,adviser=adviser',
    '<name in tokens>=<owner, manager or adviser>, several by comma',
    'Which role is which; of several the widest counts. owner: everything of the own firm. manager: read, export, ' +
      'settings. adviser: read and export the own book. No role of these: refused.',
  ),
  SIGNALFOLD_OIDC_SCOPE_PREFIX: optional(
    text,
    'text, such as signalfold:',
    "Given: a token's claim scope or scp must name what it may do, as in signalfold:read, and narrows the role. Else the " +
      'role alone decides.',
  ),
  SIGNALFOLD_OIDC_CLIENT_ID: optional(
    text,
    'the id of a public client at the issuer',
    "With it people sign in to the dashboard at the issuer, by authorization code with PKCE. The client's redirect URI is " +
      '<address of this service>/sign-in, and the issuer must let that origin call it.',
  ),
  SIGNALFOLD_OIDC_SIGN_IN_SCOPE: preset(
    text,
    'openid',
    'scopes, parted by spaces',
    'What the dashboard asks the issuer for; with offline_access many issuers give what renews a sign-in without leaving the ' +
      'page.',
  ),
  SIGNALFOLD_OIDC_SIGN_IN_PARAMETERS: optional(
    list(/^[\w.-]+=./),
    '<name>=<value>, several by comma',
    'What the dashboard sends the issuer besides, where it wants to know whom tokens are for: audience=… or resource=….',
  ),
  SIGNALFOLD_RATE_LIMIT: preset(
    whole(0, 10_000_000),
    '6000',
    'a whole number, 0 to 10000000',
    'Requests a minute that one key or token holder may make of one process; 0 for no limit. Without keys and tokens ' +
      'there is none.',
  ),
  SIGNALFOLD_TRUSTED_PROXIES: optional(
    list(/./).pipe(z.array(z.string().refine(isAddressRange))),
    'addresses or ranges such as 10.0.0.0/8, several by comma',
    'Proxies in front of us whose X-Forwarded-For is believed, so that failed sign-ins are limited by the real address.',
  ),
  SIGNALFOLD_METRICS_OPEN: preset(
    flag,
    'true',
    'true or false',
    '/metrics is answered to everybody; false: where keys or tokens are needed, to whoever has one, with any scopes.',
  ),
  SIGNALFOLD_ALLOWED_ORIGINS: optional(
    list(/./).pipe(z.array(z.string().refine(isOrigin))),
    'origins such as https://crm.example.com, with https (or http on a loopback address) and no path, several by comma',
    'Pages of these origins may load /elements.js and show tiles: …/clients/batch and …/changes answer them, nothing else ' +
      'does. They come with a view token (POST …/view-tokens) where keys or tokens are needed.',
  ),
  SIGNALFOLD_AUDIT_LOG: optional(
    text,
    'a file, or stdout',
    'Where the audit log goes: a JSON line for each reading of clients, export, change of settings and erasure. Unless ' +
      'given, audit.log in the data folder, or with DynamoDB stdout. A file is appended to and never rotated: rotate it ' +
      'by copying and truncating.',
  ),
  SIGNALFOLD_DATA_DIR: preset(text, './data', 'a folder', 'Folder of the embedded log and store.'),
  SIGNALFOLD_SOURCES: optional(
    text,
    'a file',
    'YAML or JSON file that names the sources: providers whose events come in by webhook, from a Kafka topic, or are ' +
      'pulled. docs/providers.md has a line for each provider.',
  ),
  SIGNALFOLD_TOPIC_PREFIX: preset(
    z.string().regex(/^[A-Za-z0-9._-]{0,100}$/),
    '',
    'up to 100 letters, digits, ".", "_" or "-"',
    'Put in front of every topic name, as in "prod." for "prod.login".',
  ),
  SIGNALFOLD_SCHEMA_REGISTRY_URL: optional(
    z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, '')),
    'a URL, https:// or http://',
    'Schema registry for Avro values in its framing, by the API of Confluent’s: Karapace, Apicurio (…/apis/ccompat/v7), ' +
      'Redpanda.',
  ),
  SIGNALFOLD_SCHEMA_REGISTRY_AUTH: optional(
    text,
    'user:password, or a token',
    'How to sign in to the schema registry: with a colon it is sent as Basic, else as a bearer token.',
  ),
  SIGNALFOLD_GROUP: preset(
    z.string().regex(/^[A-Za-z0-9._-]{1,200}$/),
    'signalfold',
    '1 to 200 letters, digits, ".", "_" or "-"',
    'Consumer group of the projector. Projectors of one group share the work.',
  ),
  SIGNALFOLD_DEAD_LETTER_DAYS: optional(
    whole(1, 3650),
    'days, 1 to 3650',
    'How long messages that could not be used are kept, to be looked at and sent again; they hold personal data. Unless ' +
      'given, 90 days where we create the topic, and as it is where it exists.',
  ),
  SIGNALFOLD_LOG_LEVEL: preset(
    z.string().toLowerCase().pipe(z.enum(logLevels)),
    'info',
    logLevels.join(', '),
    'The least important lines to log.',
  ),
  SIGNALFOLD_FLUSH_DELAY_MS: preset(
    whole(1, 60_000),
    '100',
    'milliseconds, 1 to 60000',
    'Near the head of the log: the longest an event waits in memory before its views are saved.',
  ),
  SIGNALFOLD_FLUSH_EVENTS: preset(
    whole(1, 10_000_000),
    '1000',
    'a whole number, 1 to 10000000',
    'Near the head of the log: save after this many events, if the delay has not passed before.',
  ),
  SIGNALFOLD_BEHIND_FLUSH_DELAY_MS: preset(
    whole(1, 3_600_000),
    '30000',
    'milliseconds, 1 to 3600000',
    'Far behind the head: the longest an event waits in memory before its views are saved.',
  ),
  SIGNALFOLD_BEHIND_FLUSH_EVENTS: preset(
    whole(1, 100_000_000),
    '2000000',
    'a whole number, 1 to 100000000',
    'Far behind the head: save after this many events, so that a client with many of them costs one write.',
  ),
  SIGNALFOLD_CACHE_BYTES: preset(
    whole(mib, 1024 * 1024 * mib),
    String(64 * mib),
    'bytes, 1 MiB (1048576) or more',
    'Memory for views that are kept loaded between flushes.',
  ),
  SIGNALFOLD_ROSTER_BYTES: preset(
    whole(mib, 1024 * 1024 * mib),
    String(768 * mib),
    'bytes, 1 MiB (1048576) or more',
    'Memory for the clients of firms whose lists were asked for, about 250 bytes a client. Above it the firm not asked ' +
      'for longest goes, and is loaded again when it is asked for; the one asked for last stays.',
  ),
});

export type Settings = z.output<typeof settingsTable>;

export type SettingDescription = Note & { readonly name: string };

/** The settings as a table for help, doctor and docs. */
export const settingDescriptions: readonly SettingDescription[] = Object.entries(settingsTable.shape).map(
  ([name, schema]) => {
    const note = notes.get(schema);
    if (note === undefined) throw new Error(`setting ${name} has no description`);
    return { name, ...note };
  },
);

export type ConfigMistake = { readonly name: string; readonly wrong: string; readonly expected: string };
