// Dead letters on the log that is asked for, real Kafka or embedded, with a projector, an API of several keys, and words
// for what stands in the log.
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { z } from 'zod';
import { kafkaForTests } from '../../infra/local/servers.ts';
import { deadLetterOf } from '../../services/core/dead-letter.ts';
import { parseMessageKey } from '../../services/core/ids.ts';
import { deadLetterTopic, eventTopics } from '../../services/core/topics.ts';
import { openEmbeddedLog } from '../../services/log/embedded.ts';
import { openKafkaLog } from '../../services/log/kafka.ts';
import { readLag } from '../../services/log/lag.ts';
import type { EventLog, LogMessage } from '../../services/log/port.ts';
import { topicSpecs } from '../../services/log/topics.ts';
import { type Projector, runProjector } from '../../services/projector/main.ts';
import { registerCard } from '../../services/query/card.ts';
import { openLetterBook } from '../../services/query/dead-letters/book.ts';
import { registerDeadLetters } from '../../services/query/dead-letters/routes.ts';
import { registerErasure } from '../../services/query/erase.ts';
import { openPulse } from '../../services/query/pipeline/pulse.ts';
import { type Configured, registerPipeline } from '../../services/query/pipeline/route.ts';
import { parseApiKeys } from '../../services/runtime/api-keys.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { createMetrics } from '../../services/runtime/metrics.ts';
import { openEmbeddedStore } from '../../services/store/embedded.ts';
import { collect } from '../projector/stage.ts';
import { type Reply, runServer } from '../runtime/server.ts';

export const logs = ['embedded', 'kafka'] as const;
export type LogName = (typeof logs)[number];

/** By key: which scopes it has, and of which firm it is. */
const keys = {
  everything: '',
  operate: ':scopes=operate',
  read: ':scopes=read',
  'operate-firm': ':scopes=operate:firm=firm',
  'read-operate-firm': ':scopes=operate+read:firm=firm',
} as const;
export type KeyName = keyof typeof keys;

export type LettersStage = {
  readonly log: EventLog;
  append(topic: string, value: unknown, key?: string | null, headers?: Record<string, string>): Promise<void>;
  /** A letter that an earlier release put away, for a message that stood at that offset. */
  putAway(
    offset: number,
    value: unknown,
    client?: string | null,
    reason?: 'wrong_shape' | 'unknown_version' | 'unknown_schema',
  ): Promise<string>;
  /** Runs a projector of that group until everything is folded. */
  fold(group?: string): Promise<void>;
  project(group?: string): Projector;
  ask(method: string, path: string, body?: unknown, key?: KeyName): Promise<Reply>;
  messages(topic: string): Promise<LogMessage[]>;
  audited(): Promise<readonly Record<string, unknown>[]>;
  close(): Promise<void>;
};

const configured: Configured = {
  log: { kind: 'embedded', topicPrefix: '', group: 'signalfold' },
  store: { kind: 'embedded', table: null },
  access: { open: false, keys: 4, issuer: null },
  services: ['query'],
  sources: null,
};

type Given = (what: string, run: (stage: LettersStage) => Promise<void>) => void;

/** In a describe: tests with a stage of their own each. Nothing where there is no such log, which whoever looks for it tells. */
export function stagedOn(name: LogName): Given {
  let opened: LettersStage | null = null;
  beforeEach(async () => {
    opened = await openLettersStage(name);
  }, 240_000);
  afterEach(() => opened?.close());
  return (what, run) =>
    test(what, async () => {
      if (opened !== null) await run(opened);
    }, 60_000);
}

/** Null where there is no Kafka to be had. `withLog`: puts a faulty log in front of the real one, for the API alone. */
export async function openLettersStage(
  name: LogName,
  withLog: (log: EventLog) => EventLog = (log) => log,
): Promise<LettersStage | null> {
  const kafka = name === 'kafka' ? await kafkaForTests() : null;
  if (name === 'kafka' && kafka === null) return null;
  const dir = mkdtempSync(join(tmpdir(), 'signalfold-letters-'));
  const clock = systemClock;
  const topicPrefix = `letters-${randomUUID().slice(0, 8)}.`;
  const log =
    kafka === null
      ? await openEmbeddedLog({ dir: join(dir, 'log'), clock, partitions: 2 })
      : await openKafkaLog({ brokers: kafka.brokers, clientId: 'letters', topicPrefix, clock, partitions: 2 });
  const store = openEmbeddedStore({ dir: join(dir, 'store') });
  await log.createTopics(topicSpecs);
  const logger = pino({ level: 'silent' });
  const auditLog = join(dir, 'audit.log');
  const server = await runServer({
    auditLog,
    config: { auth: { keys: parseApiKeys(keyEntries()).keys, oidc: null }, requestsPerMinuteMax: 0 },
    routes: (fastify, metrics) => {
      const parts = { log: withLog(log), store, clock, logger, metrics };
      const book = openLetterBook(parts);
      fastify.addHook('onClose', book.close);
      registerDeadLetters(fastify, { ...parts, book, atSource: null });
      const pulse = openPulse({ ...parts, group: 'signalfold' });
      fastify.addHook('onClose', pulse.close);
      registerPipeline(fastify, { ...parts, book, pulse, fold: null, configured });
      registerCard(fastify, parts);
      registerErasure(fastify, { ...parts, onErased: () => undefined });
    },
  });
  const config = {
    flush: { delayMs: 50, events: 1000, behindDelayMs: 500, behindEvents: 250_000 },
    cacheBytesMax: 16 * 1024 * 1024,
  };
  const project = (group = 'signalfold') =>
    runProjector({ config: { ...config, group }, log, store, clock, logger, metrics: createMetrics() });
  return {
    log,
    append: (topic, value, key = 'firm/ann', headers = {}) =>
      log.append(topic, [{ key, value: bytesOf(value), headers }]),
    putAway: async (offset, value, client = 'firm/ann', reason = 'wrong_shape') => {
      const message = {
        ...{ topic: 'login', incarnation: 'earlier', partition: 0, offset, appendedAt: clock.now() },
        ...{ key: client, value: bytesOf(value) },
      };
      const about = client === null ? null : parseMessageKey(client);
      const letter = deadLetterOf(message, 'decode', { reason, detail: 'an earlier release said so', client: about });
      await log.append(deadLetterTopic, [letter]);
      return letter.key;
    },
    project,
    fold: async (group = 'signalfold') => {
      const projector = project(group);
      while ((await readLag(log, group, eventTopics)).total > 0) await clock.sleep(20);
      await projector.stop();
      await projector.done;
    },
    ask: (method, path, body, key = 'everything') =>
      server.send(
        method,
        path,
        { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        body === undefined ? undefined : JSON.stringify(body),
      ),
    messages: (topic) => collect(log, topic),
    audited: async () => {
      // Lines reach the file soon after.
      await clock.sleep(100);
      const lines = readFileSync(auditLog, 'utf8').trim().split('\n');
      return lines.map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)));
    },
    close: async () => {
      await server.stop();
      await log.close();
      await store.close();
      await kafka?.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function keyEntries(): string {
  return Object.entries(keys)
    .map(([key, parts]) => `${createHash('sha256').update(key).digest('hex')}:name=${encodeURIComponent(key)}${parts}`)
    .join(',');
}

function bytesOf(value: unknown): Uint8Array | null {
  if (value === null || value instanceof Uint8Array) return value;
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}
