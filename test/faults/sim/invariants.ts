// What must hold when all is calm again: every fact as the oracle has it, every refused message put away once, every
// change told, the list and the file as the views.
import { deriveClient, readClient } from '../../../services/core/derive/client.ts';
import { frameOf } from '../../../services/core/derive/frame.ts';
import { compareIds, type FirmId } from '../../../services/core/ids.ts';
import { deadLetterTopic } from '../../../services/core/topics.ts';
import { newestProfile } from '../../e2e/expected-card.ts';
import { oracleSignals } from '../../model/oracle.ts';
import { oracleAccess } from '../../model/oracle-access.ts';
import { wrongAbout } from '../kill-checks.ts';
import type { Broker } from './broker.ts';
import { askForExport, type Folder, jobsOf, wrongExports } from './exports.ts';
import type { Feed } from './feed.ts';
import { disagreeing, everybody, listOf, type Query } from './query.ts';
import type { Shelf } from './store.ts';
import { untold } from './untold.ts';
import type { World } from './world.ts';

export type Aftermath = {
  readonly broker: Broker;
  readonly shelf: Shelf;
  readonly feed: Feed;
  readonly folder: Folder;
  readonly query: Query;
  readonly firmId: FirmId;
  readonly world: World;
};

const listTriesMax = 5;
const listSettlesMs = 20_000;
/** Time enough for every lease to end, as often as a job may be begun. */
const exportedMsMax = 300_000;

/** What is wrong, in words; empty when all is as it must be. */
export async function wrongAfter(aftermath: Aftermath): Promise<readonly string[]> {
  const { broker, shelf, folder, firmId, query } = aftermath;
  const wrong = [...wrongFacts(aftermath), ...wrongLetters(aftermath), ...untold(broker, shelf)];
  const lists = await wrongList(aftermath);
  askForExport(aftermath.world, shelf, firmId);
  await untilExported(aftermath);
  return [...wrong, ...lists, ...wrongExports(shelf, folder, firmId, query.erased), ...lastFile(aftermath)];
}

function wrongFacts(aftermath: Aftermath): string[] {
  const { shelf, feed, firmId, world } = aftermath;
  const stored = new Map(shelf.clients(firmId).map(({ clientId, views }) => [clientId, views]));
  const wrong: string[] = [];
  for (const member of feed.members) {
    const { clientId } = member.client;
    const views = stored.get(clientId) ?? [];
    if (isErased(aftermath, clientId)) {
      const facts = deriveClient(readClient(views), frameOf(shelf.settings(), world.now));
      if (facts !== null) wrong.push(`${clientId} is erased, and something is known of it: ${JSON.stringify(facts)}`);
    } else {
      wrong.push(...wrongAbout(member, views, world.now).map((fault) => `${clientId}: ${fault}`));
    }
  }
  return wrong;
}

function isErased({ feed, query }: Aftermath, clientId: string): boolean {
  return feed.erased.has(clientId) || query.erased.has(clientId);
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

/**
 * While the log is slow to answer, a list says that it is being loaded, or is some seconds old: it is asked until it has
 * had time enough.
 */
async function wrongList(aftermath: Aftermath): Promise<readonly string[]> {
  let wrong: readonly string[] = [];
  for (let tries = 0; tries < listTriesMax; tries += 1) {
    wrong = await listed(aftermath).catch((error: unknown) => [String(error)]);
    if (wrong.length === 0) break;
    await aftermath.query.actor().clock.sleep(listSettlesMs);
  }
  return wrong;
}

async function listed({ query, shelf, firmId }: Aftermath): Promise<readonly string[]> {
  const settings = shelf.settings();
  const ask = { ...everybody, sort: 'last_name', settings } as const;
  const { at, page } = await query.rosters().page({ firmId, dataSince: null }, ask);
  return disagreeing(page, listOf(shelf, firmId, settings, at));
}

/** Until every job came to an end, and workers have swept what is left of others. */
async function untilExported({ shelf, folder, world, query, firmId }: Aftermath): Promise<void> {
  const { clock } = query.actor();
  const isDone = () => wrongExports(shelf, folder, firmId, query.erased).length === 0;
  for (const deadline = world.now + exportedMsMax; world.now < deadline && !isDone(); ) await clock.sleep(1_000);
}

/** The last export began when all was calm: its figures are the oracle's. */
function lastFile(aftermath: Aftermath): string[] {
  const { shelf, feed, folder, firmId } = aftermath;
  const job = jobsOf(shelf).at(-1);
  const file = folder.finished.get(`${firmId}/${job?.id}.csv`);
  const at = job?.cut?.at ?? null;
  if (file === undefined || at === null) return ['the last export has no file'];
  const settings = shelf.settings();
  const wanted = feed.members
    .filter(({ client, events }) => !isErased(aftermath, client.clientId) && newestProfile(events) !== null)
    .sort((one, other) => compareIds(one.client.clientId, other.client.clientId))
    .map(({ events }) => {
      const { logins, lastLogin, rating } = oracleSignals(events, settings, at);
      const status = newestProfile(events)?.status ?? null;
      const access = oracleAccess(events, status, lastLogin !== null, settings, at);
      const shown = access.has ? (lastLogin === null ? 'never_logged_in' : 'active') : 'no_portal_access';
      return [access.has ? 'yes' : 'no', shown, logins.d30, logins.d90, logins.d365, rating].join(',');
    });
  const lines = file.toString('utf8').trim().split('\n').slice(1);
  const is = lines.map((line) => {
    const cells = line.trim().split(',');
    // Names may hold commas; from the end there are none.
    return [cells.at(-9), cells.at(-8), ...cells.slice(-4)].join(',');
  });
  const [one, other] = [is.join(' '), wanted.join(' ')];
  return one === other ? [] : [`the file says ${one}, should say ${other}`];
}
