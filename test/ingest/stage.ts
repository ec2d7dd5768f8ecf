// A real log and store in a folder of their own, one source, and what is sent to it; with faults where a test wants them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventTopic } from '../../services/core/topics.ts';
import { takeClients } from '../../services/ingest/identity/follow-clients.ts';
import { type Identity, openIdentity } from '../../services/ingest/identity/identity.ts';
import { type Counts, type IntakeParts, takeItems } from '../../services/ingest/intake.ts';
import { placeOfBytes } from '../../services/ingest/provider-letter.ts';
import { readSources } from '../../services/ingest/sources/read-sources.ts';
import type { Source } from '../../services/ingest/sources/source.ts';
import { ownAvroValues } from '../../services/log/avro/values.ts';
import { encodeJson } from '../../services/log/codec.ts';
import { openEmbeddedLog } from '../../services/log/embedded.ts';
import type { EventLog, LogMessage } from '../../services/log/port.ts';
import { topicSpecs } from '../../services/log/topics.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { OperatingError } from '../../services/runtime/errors.ts';
import { createMetrics } from '../../services/runtime/metrics.ts';
import { openEmbeddedStore } from '../../services/store/embedded.ts';
import type { ViewStore } from '../../services/store/port.ts';

export const now = Date.UTC(2026, 2, 1, 12);
export const firmId = 'firm-1';

/** One process of ingest: what it remembers goes with it, what is durable stays. */
export type Actor = {
  readonly identity: Identity;
  readonly parts: IntakeParts;
  deliver(source: Source, events: readonly unknown[]): Promise<Counts>;
  /** As the follower of clients takes messages of the log. */
  follow(topic: 'client' | 'portal-access', events: readonly unknown[]): Promise<void>;
};

export type Stage = {
  readonly log: EventLog;
  readonly store: ViewStore;
  readonly clock: { now: number };
  /** `around` wraps what the process writes to, as a fault does. */
  actor(around?: Around, bounds?: { readonly count: number; readonly days: number }): Actor;
  /** The parsed values of a topic, in the order in which they stand there. */
  logged(topic: string): Promise<readonly { readonly value: unknown; readonly headers: LogMessage['headers'] }[]>;
  close(): Promise<void>;
};

type Around = <Port extends EventLog | ViewStore>(port: Port) => Port;

export async function openStage(): Promise<Stage> {
  const dir = mkdtempSync(join(tmpdir(), 'signalfold-ingest-'));
  const clock = { now };
  const ticking = { ...systemClock, now: () => clock.now };
  const log = await openEmbeddedLog({ dir: join(dir, 'log'), clock: ticking });
  await log.createTopics(topicSpecs);
  const store = openEmbeddedStore({ dir: join(dir, 'store') });
  return {
    log,
    store,
    clock,
    actor(around = (port) => port, bounds = { count: 1000, days: 30 }) {
      const metrics = createMetrics();
      const shared = { log: around(log), store: around(store), clock: ticking, metrics };
      const identity = openIdentity({ ...shared, bounds });
      const parts: IntakeParts = { ...shared, identity };
      return {
        identity,
        parts,
        deliver: (source, events) => {
          const items = events.map((event) => {
            const bytes = encodeJson(event);
            return { bytes, parsed: { value: event }, place: placeOfBytes(source.name, bytes, clock.now, {}) };
          });
          return takeItems(parts, source, items);
        },
        follow: (topic, events) =>
          takeClients(
            identity,
            events.map((event, offset) => messageOf(topic, offset, event, clock.now)),
            ownAvroValues(),
          ),
      };
    },
    async logged(topic) {
      const found: { value: unknown; headers: LogMessage['headers'] }[] = [];
      for await (const { value, headers } of log.scan(topic)) {
        found.push({ value: JSON.parse(Buffer.from(value ?? []).toString()), headers });
      }
      return found;
    },
    async close() {
      await log.close();
      await store.close();
      rmSync(dir, { recursive: true });
    },
  };
}

function messageOf(topic: EventTopic, offset: number, event: unknown, appendedAt: number): LogMessage {
  const at = { topic, incarnation: 'i', partition: 0, offset, appendedAt };
  return { ...at, key: null, value: encodeJson(event), headers: {} };
}

/** A source as a line of configuration makes it. */
export function sourceOf(line: string): Source {
  const surroundings = { environment: { SECRET: 'a-secret' }, host: '127.0.0.1', hasKafka: true, fetch };
  const { sources, mistakes } = readSources(`sources:\n  portal: ${line}\n`, '/', surroundings);
  const [source] = sources?.sources ?? [];
  if (source === undefined) throw new Error(JSON.stringify(mistakes));
  return source;
}

/** The process ends at the nth call of its ports: before the call did anything, or after it, unheard. */
export function crashingAt(nth: number, when: 'before' | 'after'): { readonly around: Around; crashed(): boolean } {
  let calls = 0;
  let isDead = false;
  const around: Around = (port) =>
    new Proxy(port, {
      get(target, name, receiver) {
        const member: unknown = Reflect.get(target, name, receiver);
        if (typeof member !== 'function') return member;
        return async (...given: unknown[]) => {
          const gone = new OperatingError('store_unreachable', 'the process has ended');
          if (isDead) throw gone;
          calls += 1;
          const ends = calls === nth;
          if (ends && when === 'before') isDead = true;
          if (isDead) throw gone;
          const answer: unknown = await member.apply(target, given);
          if (ends) isDead = true;
          if (isDead) throw gone;
          return answer;
        };
      },
    });
  return { around, crashed: () => isDead };
}

export function profile(clientId: string, emails: readonly string[], more: Readonly<Record<string, unknown>> = {}) {
  return {
    ...{ firmId, clientId, version: 1, type: 'individual', status: 'active', emails },
    ...{ createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z', ...more },
  };
}

export function erasure(clientId: string, at: string) {
  return { firmId, clientId, version: 0, erased: true, at };
}

export function granted(clientId: string, email: string) {
  return {
    firmId,
    clientId,
    eventId: `granted-${email}`,
    occurredAt: '2026-01-02T00:00:00Z',
    email,
    change: 'granted',
  };
}

/** A user event of Keycloak's. */
export function keycloakEvent(type: string, more: Readonly<Record<string, unknown>> = {}) {
  return {
    ...{ id: `kc-${type}`, time: now - 60_000, type, realmId: 'realm', clientId: 'portal', userId: 'user-1' },
    ...{ sessionId: 'session-1', ipAddress: '203.0.113.7', ...more },
  };
}
