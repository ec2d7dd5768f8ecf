// `signalfold demo`: puts a made history into the log, as producers would, lets the real path fold it, exports a report,
// and shows what came out beside what must come out.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Presets, SingleBar } from 'cli-progress';
import { FirmId } from '../core/ids.ts';
import { defaultSettings, settingsText } from '../core/settings.ts';
import { formatInstant } from '../core/time.ts';
import { deadLetterTopic, foldedTopics } from '../core/topics.ts';
import { firms } from '../demo/cast.ts';
import { demoHistory, type History } from '../demo/history.ts';
import { exportFirm } from '../export/export-firm.ts';
import { readLag } from '../log/lag.ts';
import type { EventLog, OutgoingMessage } from '../log/port.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Config } from '../runtime/config.ts';
import { OperatingError } from '../runtime/errors.ts';
import type { Lifecycle } from '../runtime/lifecycle.ts';
import { lockForProjector } from '../store/embedded-lock.ts';
import type { ViewStore } from '../store/port.ts';
import { type Adapters, logFolder, type Surroundings, storeFolder } from './adapters.ts';
import { type Found, readTotals } from './demo-totals.ts';
import type { Say } from './say.ts';
import { serve, serviceNames } from './serve.ts';

const appendMessagesMax = 5_000;
const lagPollMs = 200;
/** Only to tell a stuck demo from a slow machine. */
const foldMsMax = 10 * 60_000;
const cardsShown = 2;

/** Stays up when it is done; the lifecycle stops it. */
export async function demo(surroundings: Surroundings, lifecycle: Lifecycle, say: Say): Promise<void> {
  // Only for this machine, so that the lines it prints work without a key.
  const { config: given } = surroundings;
  const config = { ...given, dataDir: join(given.dataDir, 'demo'), host: '127.0.0.1', auth: null };
  await clearFolder(config);
  const inDemo = { ...surroundings, config };
  let history: History | null = null;
  const { url, adapters } = await serve(inDemo, lifecycle, {
    services: serviceNames,
    create: true,
    prepare: async (opened) => {
      history = await load(inDemo, opened, say);
    },
  });
  await untilFolded(inDemo, adapters.log, say);
  const exported = await exportAll(inDemo, adapters, say);
  await show({ url, config, adapters, history, exported, clock: inDemo.clock }, say);
}

/** A demo starts afresh; the folder is its own. */
async function clearFolder(config: Config): Promise<void> {
  const lock = lockForProjector(config.dataDir);
  try {
    for (const folder of [
      logFolder(config),
      storeFolder(config),
      join(config.dataDir, 'exports'),
      join(config.dataDir, 'reports'),
    ]) {
      await rm(folder, { recursive: true, force: true });
    }
  } finally {
    lock.release();
  }
}

/** Null when the log (a Kafka that was used before) holds events already. */
async function load({ clock }: Surroundings, { log, store }: Adapters, say: Say): Promise<History | null> {
  const described = await log.describe(foldedTopics);
  if (described.some(({ partitions }) => partitions.some(({ end }) => end > 0))) {
    say.line('The log holds events already, so none were added. A demo on Kafka wants a SIGNALFOLD_TOPIC_PREFIX.');
    return null;
  }
  await setZones(store);
  say.line('Making 400 days of 3 firms and 5,000 clients …');
  const history = demoHistory(clock.now());
  const total = history.messages.length;
  const bar = startBar('into the log', total);
  for (let start = 0; start < total; start += appendMessagesMax) {
    await append(log, history.messages.slice(start, start + appendMessagesMax));
    bar.update(Math.min(start + appendMessagesMax, total));
  }
  bar.stop();
  say.line(`${total.toLocaleString('en')} events are in the log.`);
  return history;
}

async function setZones(store: ViewStore): Promise<void> {
  for (const { firmId, timeZone } of firms) {
    await store.saveSettings(FirmId.parse(firmId), 0, settingsText({ ...defaultSettings, timeZone }));
  }
}

async function append(log: EventLog, messages: History['messages']): Promise<void> {
  const byTopic = new Map<string, OutgoingMessage[]>();
  for (const { topic, key, text } of messages) {
    const outgoing = byTopic.get(topic) ?? [];
    outgoing.push({ key, value: Buffer.from(text) });
    byTopic.set(topic, outgoing);
  }
  await Promise.all([...byTopic].map(([topic, outgoing]) => log.append(topic, outgoing)));
}

async function untilFolded({ config, clock }: Surroundings, log: EventLog, say: Say): Promise<void> {
  const since = clock.now();
  const first = await readLag(log, config.group, foldedTopics);
  const bar = startBar('into views  ', first.total);
  for (let lag = first; lag.total > 0; lag = await readLag(log, config.group, foldedTopics)) {
    bar.update(Math.max(first.total - lag.total, 0));
    if (clock.now() - since > foldMsMax) {
      bar.stop();
      throw new OperatingError(
        'demo_stuck',
        `${lag.total} events are still not folded after ${foldMsMax / 60_000} minutes.`,
      );
    }
    await clock.sleep(lagPollMs);
  }
  bar.update(first.total);
  bar.stop();
  say.line(`Folded in ${((clock.now() - since) / 1000).toFixed(1)} s.`);
}

function startBar(what: string, total: number): SingleBar {
  const bar = new SingleBar({ format: `  ${what} {bar} {percentage}%`, hideCursor: true }, Presets.shades_classic);
  bar.start(total, 0);
  return bar;
}

type Exported = { readonly firmId: string; readonly path: string };

async function exportAll({ config, clock }: Surroundings, { log, store }: Adapters, say: Say): Promise<Exported[]> {
  const folder = join(config.dataDir, 'reports');
  await mkdir(folder, { recursive: true });
  const exported: Exported[] = [];
  for (const { firmId } of firms) {
    const path = join(folder, `portal-engagement_${firmId}.csv`);
    await exportFirm({ store, log, clock, group: config.group, firmId: FirmId.parse(firmId), filter: {} }, path);
    exported.push({ firmId, path });
  }
  say.line('Exported one Portal Engagement Export per firm.');
  return exported;
}

type Shown = {
  readonly clock: Clock;
  readonly url: string;
  readonly config: Config;
  readonly adapters: Adapters;
  readonly history: History | null;
  readonly exported: readonly Exported[];
};

async function show({ url, adapters, history, exported, config, clock }: Shown, say: Say): Promise<void> {
  for (let number = 1; number <= cardsShown; number += 1) {
    const path = `/v1/firms/harbour/clients/client-0000${number}`;
    say.line(`\nGET ${path}`);
    say.line(JSON.stringify(await (await fetch(url + path)).json(), null, 2));
  }
  const found = await Promise.all(exported.map(({ firmId, path }) => readTotals(firmId, path)));
  const letters = await countDeadLetters(adapters.log);
  if (history !== null) sayTotals(history, found, letters, say);
  say.line('\nReports:');
  for (const { path } of exported) say.line(`  ${path}`);
  say.line(`\nData in ${config.dataDir}. Try:\n`);
  for (const line of curlLines(url, clock.now())) say.line(`  ${line}`);
  say.line(`\nOpen ${url} in a browser to see it. Ctrl-C stops it.`);
  say.result({ url, expected: history?.totals ?? null, found, deadLetters: letters, reports: exported });
}

async function countDeadLetters(log: EventLog): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for await (const { headers } of log.scan(deadLetterTopic)) {
    const reason = headers['reason'] ?? 'unknown';
    counts[reason] = (counts[reason] ?? 0) + 1;
  }
  return counts;
}

function sayTotals(history: History, found: readonly Found[], letters: Record<string, number>, say: Say): void {
  say.line('\nWhat must come out, by bookkeeping beside the history, and what came out:');
  const row = (cells: readonly (string | number)[]) =>
    say.line(
      `  ${cells.map((cell, index) => (index === 0 ? String(cell).padEnd(24) : String(cell).padStart(10))).join('')}`,
    );
  row(['', 'expected', 'found']);
  for (const expected of history.totals) {
    const came = found.find(({ firmId }) => firmId === expected.firmId);
    row([`${expected.firmId} clients`, expected.clients, came?.clients ?? '?']);
    row(['  with portal access', expected.withAccess, came?.withAccess ?? '?']);
    row(['  never logged in', expected.neverLoggedIn, came?.neverLoggedIn ?? '?']);
    row(['  logins in 365 days', expected.logins365, came?.logins365 ?? '?']);
  }
  for (const [reason, expected] of Object.entries(history.broken))
    row([`dead: ${reason}`, expected, letters[reason] ?? 0]);
}

function curlLines(url: string, now: number): readonly string[] {
  const at = formatInstant(now);
  const event = { eventId: `try-${at}`, firmId: 'harbour', clientId: 'client-00001', occurredAt: at };
  const login = JSON.stringify({ ...event, sessionId: `try-${at}`, outcome: 'success' });
  return [
    `curl ${url}/v1/firms/harbour/clients/client-00001`,
    `curl -X POST ${url}/v1/events/login -H 'content-type: application/json' -d '${login}'`,
    `curl ${url}/v1/lag`,
    `curl -X PUT ${url}/v1/firms/harbour/settings -H 'content-type: application/json' -d '{"greenDays":7}'`,
    `curl -X POST ${url}/v1/firms/harbour/exports -H 'content-type: application/json' -d '{"report":"portal-engagement","format":"csv","filter":{"rating":"red"}}'`,
    `curl -X DELETE ${url}/v1/firms/harbour/clients/client-00002`,
  ];
}
