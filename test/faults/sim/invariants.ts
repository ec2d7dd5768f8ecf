// What must hold when all is calm again: every fact as the oracle has it, every refused message put away once, every
// change told, the list and the file as the views.
import { deriveClient, readClient } from '../../../services/core/derive/client.ts';
import { frameOf } from '../../../services/core/derive/frame.ts';
import { Notice } from '../../../services/core/events/changes.ts';
import { compareIds, type FirmId } from '../../../services/core/ids.ts';
import { defaultSettings } from '../../../services/core/settings.ts';
import { changesTopic, deadLetterTopic } from '../../../services/core/topics.ts';
import { writeCut } from '../../../services/export/cut.ts';
import type { Rosters } from '../../../services/query/roster/rosters.ts';
import type { Clock } from '../../../services/runtime/clock.ts';
import type { ViewStore } from '../../../services/store/port.ts';
import type { Member } from '../../e2e/cast.ts';
import { newestProfile } from '../../e2e/expected-card.ts';
import { oracleSignals } from '../../model/oracle.ts';
import { oracleAccess } from '../../model/oracle-access.ts';
import { shownOn } from '../../query/shown-on.ts';
import { wrongAbout } from '../kill-checks.ts';
import type { Broker } from './broker.ts';
import type { Feed } from './feed.ts';
import type { Shelf } from './store.ts';

export type Aftermath = {
  readonly broker: Broker;
  readonly shelf: Shelf;
  readonly feed: Feed;
  readonly members: readonly Member[];
  readonly firmId: FirmId;
  readonly rosters: Rosters;
  /** One that always answers. */
  readonly store: ViewStore;
  readonly clock: Clock;
};

const listTriesMax = 5;
const listSettlesMs = 20_000;

/** What is wrong, in words; empty when all is as it must be. */
export async function wrongAfter(aftermath: Aftermath): Promise<readonly string[]> {
  const wrong = [...wrongFacts(aftermath), ...wrongLetters(aftermath), ...untold(aftermath)];
  return [...wrong, ...(await wrongList(aftermath)), ...(await wrongFile(aftermath))];
}

function wrongFacts({ shelf, feed, members, firmId, clock }: Aftermath): string[] {
  const stored = new Map(shelf.clients(firmId).map(({ clientId, views }) => [clientId, views]));
  const wrong: string[] = [];
  for (const member of members) {
    const { clientId } = member.client;
    const views = stored.get(clientId) ?? [];
    if (feed.erased.has(clientId)) {
      const facts = deriveClient(readClient(views), frameOf(defaultSettings, clock.now()));
      if (facts !== null) wrong.push(`${clientId} is erased, and something is known of it: ${JSON.stringify(facts)}`);
    } else {
      wrong.push(...wrongAbout(member, views, clock.now()).map((fault) => `${clientId}: ${fault}`));
    }
  }
  return wrong;
}

/** By position: accepted = in the views, ignored on purpose, or put away. A repeated dead letter has the key of the first. */
function wrongLetters({ broker, feed }: Aftermath): string[] {
  const found = new Map<string, string>();
  for (const { key, headers } of broker.all(deadLetterTopic)) {
    found.set(Buffer.from(key ?? []).toString(), headers['reason'] ?? 'no reason');
  }
  const wrong: string[] = [];
  for (const [position, { reason, isCertain }] of feed.deadLetters) {
    const is = found.get(position);
    found.delete(position);
    if (is !== reason && !(is === undefined && !isCertain)) {
      wrong.push(`${position} should be a dead letter for ${reason}, it is ${is ?? 'none'}`);
    }
  }
  for (const [position, reason] of found) wrong.push(`${position} became a dead letter: ${reason}`);
  return wrong;
}

function untold({ broker, shelf }: Aftermath): string[] {
  const told = new Map<string, number>();
  for (const { value } of broker.all(changesTopic)) {
    const { firmId, clientId, view, version } = Notice.parse(JSON.parse(Buffer.from(value ?? []).toString()));
    const name = `${firmId}/${clientId}/${view}`;
    told.set(name, Math.max(version, told.get(name) ?? 0));
  }
  return [...shelf.views].flatMap(([name, { version }]) =>
    told.get(name) === version ? [] : [`${name} has version ${version}, told was ${told.get(name) ?? 'none'}`],
  );
}

/** The clients a list shows, in the order of their ids, with what the oracle says of each at `at`. */
function shown({ members, feed }: Aftermath, at: number) {
  return members
    .filter(({ client }) => !feed.erased.has(client.clientId))
    .sort((one, other) => compareIds(one.client.clientId, other.client.clientId))
    .map(({ client, events }) => {
      const signals = oracleSignals(events, defaultSettings, at);
      const status = newestProfile(events)?.status ?? null;
      const access = oracleAccess(events, status, signals.lastLogin !== null, defaultSettings, at);
      return { clientId: client.clientId, signals, access };
    });
}

/**
 * While the log is slow to answer, a list says that it is being loaded, or is some seconds old: it is asked until it has
 * had time enough.
 */
async function wrongList(aftermath: Aftermath): Promise<string[]> {
  let wrong: string[] = [];
  for (let tries = 0; tries < listTriesMax; tries += 1) {
    wrong = await listed(aftermath).catch((error: unknown) => [String(error)]);
    if (wrong.length === 0) break;
    await aftermath.clock.sleep(listSettlesMs);
  }
  return wrong;
}

async function listed(aftermath: Aftermath): Promise<string[]> {
  const { at, page } = await aftermath.rosters.page({ firmId: aftermath.firmId, dataSince: null }, everybody);
  const { items, total, facets } = shownOn(page);
  const clients = shown(aftermath, at);
  const count = (rating: string) => clients.filter(({ signals }) => signals.rating === rating).length;
  const notEngaged = clients.filter(({ signals, access }) => signals.rating === 'none' && access.everGranted).length;
  const wanted = {
    clientIds: clients.map(({ clientId }) => clientId).sort(compareIds),
    total: clients.length,
    rating: { green: count('green'), amber: count('amber'), red: count('red'), none: notEngaged },
  };
  const is = {
    clientIds: items.map(({ clientId }) => clientId).sort(compareIds),
    total,
    rating: facets.rating,
  };
  const [one, other] = [JSON.stringify(is), JSON.stringify(wanted)];
  return one === other ? [] : [`the list is ${one}, should be ${other}`];
}

async function wrongFile(aftermath: Aftermath): Promise<string[]> {
  const { store, firmId, clock } = aftermath;
  const at = Math.floor(clock.now());
  const blocks: Buffer[] = [];
  const task = { firmId, book: null, filter: {}, asOf: null };
  await writeCut(store, task, at, { clients: 0, rows: 0, partial: 0 }, async (block) => {
    blocks.push(Buffer.from(block));
  });
  // The last four columns hold figures and words of ours, so they need no reader of CSV.
  const lines = Buffer.concat(blocks).toString('utf8').trim().split('\n').slice(1);
  const is = lines.map((line) => line.trim().split(',').slice(-4).join(','));
  const wanted = shown(aftermath, at).map(({ signals: { logins, rating } }) =>
    [logins.d30, logins.d90, logins.d365, rating].join(','),
  );
  const [one, other] = [is.join(' '), wanted.join(' ')];
  return one === other ? [] : [`the file says ${one}, should say ${other}`];
}

export const everybody = {
  filter: { book: null, status: null },
  sort: 'last_name',
  order: 'asc',
  limit: 200,
  settings: defaultSettings,
  at: null,
  after: null,
} as const;
