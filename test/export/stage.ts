// A firm in a real embedded store, folded from events, and an embedded log beside it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Checkpoint } from '../../services/core/checkpoint.ts';
import { decodeValue } from '../../services/core/decode.ts';
import { ClientId, FirmId } from '../../services/core/ids.ts';
import type { CanonicalEvent, EventTopic } from '../../services/core/topics.ts';
import { seal, type View } from '../../services/core/view.ts';
import { accessView } from '../../services/core/views/access/view.ts';
import { profileView } from '../../services/core/views/profile/view.ts';
import { signalsView } from '../../services/core/views/signals/view.ts';
import { openEmbeddedLog } from '../../services/log/embedded.ts';
import type { EventLog } from '../../services/log/port.ts';
import { topicSpecs } from '../../services/log/topics.ts';
import { openDeviceOf } from '../../services/projector/device-of.ts';
import type { Clock } from '../../services/runtime/clock.ts';
import { openEmbeddedStore } from '../../services/store/embedded.ts';
import type { ViewStore, ViewWrite } from '../../services/store/port.ts';

export const firmA = FirmId.parse('firm-a');
export const now = Date.parse('2026-03-01T12:00:00Z');
export const group = 'signalfold';

export const macUserAgent =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36';

/** An event without what every event has. */
export type Happened = { readonly topic: EventTopic } & Readonly<Record<string, unknown>>;

export type TestClient = {
  readonly clientId: string;
  /** Null: no profile has arrived. */
  readonly profile?: Readonly<Record<string, unknown>> | null;
  readonly events?: readonly Happened[];
};

export const granted: Happened = { topic: 'portal-access', email: 'a@example.com', change: 'granted' };

/** `n` logins, the newest at `newest`, one day apart. */
export function logins(n: number, newest: string): Happened[] {
  return Array.from({ length: n }, (_, index) => ({
    topic: 'login',
    occurredAt: new Date(Date.parse(newest) - index * 86_400_000).toISOString(),
    sessionId: `s${index}`,
    outcome: 'success',
    userAgent: macUserAgent,
  }));
}

const views: readonly View<unknown>[] = [profileView, accessView, signalsView];
const deviceOf = openDeviceOf();

export function writesOf(firmId: FirmId, client: TestClient): ViewWrite[] {
  const clientId = ClientId.parse(client.clientId);
  const events = eventsOf(firmId, client);
  return views.flatMap((view) => writeOf(view, events, { firmId, clientId }));
}

/** In the order in which they arrive. */
export function eventsOf(firmId: FirmId, client: TestClient): readonly CanonicalEvent[] {
  const clientId = ClientId.parse(client.clientId);
  const all = client.profile === null ? [] : [profileEvent(client.profile ?? {})];
  all.push(...(client.events ?? []));
  return all.map(({ topic, ...fields }, index) => {
    const common = { firmId, clientId, eventId: `e${index}`, occurredAt: '2026-01-01T00:00:00Z' };
    const decoded = decodeValue(topic, { ...common, ...fields }, now);
    if (decoded.kind !== 'event') throw new Error(`the test's event is ${decoded.kind}: ${decoded.detail}`);
    return decoded.event;
  });
}

function profileEvent(profile: Readonly<Record<string, unknown>>): Happened {
  return {
    topic: 'client',
    version: 1,
    type: 'individual',
    status: 'active',
    emails: [],
    createdAt: '2025-01-01T00:00:00Z',
    updatedAt: '2025-01-01T00:00:00Z',
    ...profile,
  };
}

function writeOf(
  view: View<unknown>,
  events: readonly CanonicalEvent[],
  key: { readonly firmId: FirmId; readonly clientId: ClientId },
): ViewWrite[] {
  const state = view.empty();
  let touched = false;
  for (const event of events) {
    if (!view.concerns(event)) continue;
    view.fold(state, event, deviceOf);
    touched = true;
  }
  if (!touched) return [];
  return [{ ...key, view: view.name, expected: 0, bytes: seal(new Checkpoint(), view.encode(state)), readable: {} }];
}

export async function saveClients(store: ViewStore, firmId: FirmId, clients: readonly TestClient[]): Promise<void> {
  await store.noteFirms([{ firmId, dataSince: null }]);
  for (let start = 0; start < clients.length; start += 2_000) {
    await store.save(clients.slice(start, start + 2_000).flatMap((client) => writesOf(firmId, client)));
  }
}

export type Stage = {
  readonly dir: string;
  readonly store: ViewStore;
  readonly log: EventLog;
  close(): Promise<void>;
};

export async function openStage(clock: Clock): Promise<Stage> {
  const dir = mkdtempSync(path.join(tmpdir(), 'signalfold-export-'));
  const store = openEmbeddedStore({ dir: path.join(dir, 'store') });
  const log = await openEmbeddedLog({ dir: path.join(dir, 'log'), clock });
  await log.createTopics(topicSpecs);
  return {
    dir,
    store,
    log,
    close: async () => {
      await log.close();
      await store.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Waits, however long it takes, until `look` answers something. The test's own time limit ends it. */
export async function eventually<Found>(look: () => Promise<Found | null> | Found | null): Promise<Found> {
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
