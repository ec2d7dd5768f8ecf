// A stage for the whole projector: the real embedded log and store in a folder of their own, a hand-moved clock, and
// words for what is given, what happens and what is seen then.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import type { SignalFacts } from '../../services/core/derive/facts.ts';
import { deriveSignals } from '../../services/core/derive/signals.ts';
import { Notice } from '../../services/core/events/changes.ts';
import { ClientId, FirmId } from '../../services/core/ids.ts';
import { defaultSettings } from '../../services/core/settings.ts';
import { formatInstant } from '../../services/core/time.ts';
import { changesTopic, deadLetterTopic, eventTopics } from '../../services/core/topics.ts';
import { unseal } from '../../services/core/view.ts';
import { profileView } from '../../services/core/views/profile/view.ts';
import { signalsView } from '../../services/core/views/signals/view.ts';
import { type EmbeddedLog, openEmbeddedLog } from '../../services/log/embedded.ts';
import { readLag } from '../../services/log/lag.ts';
import type { EventLog, LogMessage } from '../../services/log/port.ts';
import { topicSpecs } from '../../services/log/topics.ts';
import { type Projector, type ProjectorOptions, runProjector } from '../../services/projector/main.ts';
import { createMetrics } from '../../services/runtime/metrics.ts';
import { openEmbeddedStore } from '../../services/store/embedded.ts';
import type { ViewStore } from '../../services/store/port.ts';
import { type HandClock, openHandClock } from './hand-clock.ts';

export const start = Date.parse('2026-03-02T09:30:00Z');
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

export type Stage = {
  readonly clock: HandClock;
  readonly log: EmbeddedLog;
  readonly store: ViewStore;
  /** Puts messages into the log; null as key spreads them over partitions. */
  append(topic: string, values: readonly unknown[], key?: string | null): Promise<void>;
  run(options?: Partial<ProjectorOptions>): Projector;
  /** Resolves when a group has committed everything; rejects when the projector ends before. */
  drained(projector: Projector, group?: string): Promise<void>;
  /** Runs a projector until it has committed everything, and stops it. */
  fold(options?: Partial<ProjectorOptions>): Promise<void>;
  signals(clientId?: string): Promise<SignalFacts | null>;
  profileText(clientId?: string): Promise<string | null>;
  /** Version by name of view. */
  versions(clientId?: string): Promise<Record<string, number>>;
  /** As `client view version`, in the order told. */
  notices(): Promise<string[]>;
  deadLetters(): Promise<LogMessage[]>;
  close(): Promise<void>;
};

export const config = {
  group: 'signalfold',
  flush: { delayMs: 100, events: 1000, behindDelayMs: 15_000, behindEvents: 250_000 },
  cacheBytesMax: 16 * 1024 * 1024,
};

export async function openStage({ partitions = 1 }: { partitions?: number } = {}): Promise<Stage> {
  const dir = mkdtempSync(path.join(tmpdir(), 'signalfold-projector-'));
  const clock = openHandClock(start);
  const log = await openEmbeddedLog({ dir: path.join(dir, 'log'), clock, partitions });
  const store = openEmbeddedStore({ dir: path.join(dir, 'store') });
  await log.createTopics(topicSpecs);
  const running: Projector[] = [];

  const viewsOf = async (clientId: string) =>
    store.loadClient({ firmId: FirmId.parse('firm'), clientId: ClientId.parse(clientId) });
  const encodedOf = async (clientId: string, view: string) => {
    const stored = (await viewsOf(clientId)).find((candidate) => candidate.view === view);
    return stored === undefined ? null : unseal(stored.bytes).encoded;
  };

  const stage: Stage = {
    clock,
    log,
    store,
    append: (topic, values, key = 'firm/ann') =>
      log.append(
        topic,
        values.map((value) => ({ key, value: bytesOf(value) })),
      ),
    run: (options = {}) => {
      const projector = runProjector({
        config,
        log,
        store,
        clock,
        logger: pino({ level: 'silent' }),
        metrics: createMetrics(),
        ...options,
      });
      running.push(projector);
      return projector;
    },
    drained: async (projector, group = config.group) => {
      let ended = false;
      const end = projector.done.finally(() => {
        ended = true;
      });
      const drained = (async () => {
        while (!ended && (await readLag(log, group, eventTopics)).total > 0) await clock.sleep(100);
      })();
      await Promise.race([drained, end.then(() => Promise.reject(new Error('the projector ended early')))]);
    },
    fold: async (options = {}) => {
      const projector = stage.run(options);
      await stage.drained(projector, options.config?.group);
      await projector.stop();
      await projector.done;
    },
    signals: async (clientId = 'ann') => {
      const encoded = await encodedOf(clientId, 'signals');
      return encoded === null ? null : deriveSignals(signalsView.decode(encoded), defaultSettings, clock.now());
    },
    profileText: async (clientId = 'ann') => {
      const encoded = await encodedOf(clientId, 'profile');
      return encoded === null ? null : JSON.stringify(profileView.decode(encoded));
    },
    versions: async (clientId = 'ann') =>
      Object.fromEntries((await viewsOf(clientId)).map(({ view, version }) => [view, version])),
    notices: async () => {
      const told: string[] = [];
      for await (const { key, value } of log.scan(changesTopic)) {
        const notice = Notice.parse(JSON.parse(Buffer.from(value ?? []).toString()));
        expect(Buffer.from(key ?? []).toString()).toBe(`${notice.firmId}/${notice.clientId}`);
        told.push(`${notice.clientId} ${notice.view} ${notice.version}`);
      }
      return told;
    },
    deadLetters: () => collect(log, deadLetterTopic),
    close: async () => {
      for (const projector of running) await projector.stop();
      await log.close();
      await store.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return stage;
}

export async function collect(log: EventLog, topic: string): Promise<LogMessage[]> {
  const found: LogMessage[] = [];
  for await (const message of log.scan(topic)) found.push(message);
  return found;
}

function bytesOf(value: unknown): Uint8Array | null {
  if (value === null || value instanceof Uint8Array) return value;
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}

let events = 0;
function head(clientId: string, at: number) {
  events += 1;
  return { eventId: `event-${events}`, firmId: 'firm', clientId, occurredAt: formatInstant(at) };
}

export function login(session: string, at: number, clientId = 'ann') {
  return { ...head(clientId, at), sessionId: session, outcome: 'success' };
}

export function impersonation(session: string, at: number, clientId = 'ann') {
  return { ...head(clientId, at), sessionId: session, phase: 'started', impersonator: { id: 'colleague' } };
}

export function email(messageId: string, at: number, clientId = 'ann') {
  return { ...head(clientId, at), messageId, status: 'sent' };
}

export function profile(version: number, firstName: string, at: number, clientId = 'ann') {
  const times = { createdAt: formatInstant(start - 1000 * hourMs), updatedAt: formatInstant(at) };
  return { firmId: 'firm', clientId, version, firstName, type: 'individual', status: 'active', emails: [], ...times };
}

export function erasure(version: number, at: number, clientId = 'ann') {
  return { firmId: 'firm', clientId, version, erased: true, at: formatInstant(at) };
}

/** The value of one metric line, as `name{label="x"}`; 0 when nothing was counted. */
export async function metric(metrics: { text(): Promise<string> }, line: string): Promise<number> {
  const found = (await metrics.text()).split('\n').find((candidate) => candidate.startsWith(`${line} `));
  return Number(found?.slice(line.length + 1) ?? 0);
}
