// What must hold of views, notices and commits after kills: nothing goes back, everything is told, every fact is right.
import { isDeepStrictEqual } from 'node:util';
import { type Checkpoint, sourceOf } from '../../services/core/checkpoint.ts';
import { deriveClient, readClient } from '../../services/core/derive/client.ts';
import { frameOf } from '../../services/core/derive/frame.ts';
import { Notice } from '../../services/core/events/changes.ts';
import { FirmId } from '../../services/core/ids.ts';
import { defaultSettings } from '../../services/core/settings.ts';
import { type CanonicalEvent, changesTopic, foldedTopics } from '../../services/core/topics.ts';
import { unseal } from '../../services/core/view.ts';
import { signalsView } from '../../services/core/views/signals/view.ts';
import type { EventLog, TopicDescription } from '../../services/log/port.ts';
import type { StoredView, ViewStore } from '../../services/store/port.ts';
import type { Member } from '../e2e/cast.ts';
import { newestProfile } from '../e2e/expected-card.ts';
import type { World } from '../e2e/world.ts';
import { disagreements, type Expectation, expectationOf } from '../model/agree.ts';
import { fitsLedgers } from '../model/memory.ts';
import { oracleSignals } from '../model/oracle.ts';
import { oracleAccess } from '../model/oracle-access.ts';

/** More than any ledger is promised to hold. */
const crowdMin = 100;
const viewNames = ['signals', 'access', 'profile'];

export type Snapshot = {
  /** By `firm/client`. */
  readonly clients: ReadonlyMap<string, readonly StoredView[]>;
  /** By `topic/partition`. */
  readonly commits: ReadonlyMap<string, number>;
};

export async function snapshotOf(
  { adapters, group }: Pick<World, 'adapters' | 'group'>,
  firms: readonly string[],
): Promise<Snapshot> {
  const clients = new Map<string, readonly StoredView[]>();
  for (const firmId of firms) {
    for await (const some of adapters.store.readFirm(FirmId.parse(firmId), viewNames)) {
      for (const { clientId, views } of some) clients.set(`${firmId}/${clientId}`, views);
    }
  }
  const commits = new Map<string, number>();
  for (const topic of foldedTopics) {
    for (const [partition, offset] of await adapters.log.committed(group, topic)) {
      commits.set(`${topic}/${partition}`, offset);
    }
  }
  return { clients, commits };
}

/** Whatever went back between two snapshots: versions, checkpoints, commits. */
export async function wentBack(log: EventLog, before: Snapshot, after: Snapshot): Promise<readonly string[]> {
  const topics = await log.describe(foldedTopics);
  const wrong: string[] = [];
  for (const [place, offset] of before.commits) {
    const is = after.commits.get(place) ?? 0;
    if (is < offset) wrong.push(`the commit of ${place} fell from ${offset} to ${is}`);
  }
  for (const [client, views] of before.clients) {
    for (const was of views) {
      const is = after.clients.get(client)?.find(({ view }) => view === was.view);
      if (is === undefined || is.version < was.version) {
        wrong.push(`${was.view} of ${client} fell from version ${was.version} to ${is?.version ?? 'nothing'}`);
      } else if (is.version > was.version) {
        const places = coveredBy(was.bytes, topics).filter((place) => !covers(is.bytes, place));
        wrong.push(...places.map(({ topic, offset }) => `${was.view} of ${client} forgot ${topic} at ${offset}`));
      } else if (!isDeepStrictEqual(Buffer.from(is.bytes), Buffer.from(was.bytes))) {
        wrong.push(`${was.view} of ${client} changed under version ${was.version}`);
      }
    }
  }
  return wrong;
}

type Place = {
  readonly topic: string;
  readonly incarnation: string;
  readonly partition: number;
  readonly offset: number;
};

function covers(bytes: Uint8Array, { topic, incarnation, partition, offset }: Place): boolean {
  return unseal(bytes).checkpoint.covers(sourceOf(topic, incarnation), partition, offset);
}

/** The furthest position of each partition that a stored view has folded. */
function coveredBy(bytes: Uint8Array, topics: readonly TopicDescription[]): readonly Place[] {
  const { checkpoint } = unseal(bytes);
  return topics.flatMap(({ topic, incarnation, partitions }) =>
    partitions.flatMap(({ partition, end }) => {
      const offset = furthest(checkpoint, { topic, incarnation, partition, offset: end });
      return offset < 0 ? [] : [{ topic, incarnation, partition, offset }];
    }),
  );
}

/** A checkpoint covers everything up to some offset, so that one is found by halving. */
function furthest(checkpoint: Checkpoint, { topic, incarnation, partition, offset: end }: Place): number {
  const source = sourceOf(topic, incarnation);
  let [covered, open] = [-1, end];
  while (open - covered > 1) {
    const middle = Math.floor((covered + open) / 2);
    if (checkpoint.covers(source, partition, middle)) covered = middle;
    else open = middle;
  }
  return covered;
}

/** Views of which the last change was told to nobody. */
export async function untold(log: EventLog, { clients }: Snapshot): Promise<readonly string[]> {
  const told = new Map<string, number>();
  for await (const { value } of log.scan(changesTopic)) {
    const { firmId, clientId, view, version } = Notice.parse(JSON.parse(Buffer.from(value ?? []).toString('utf8')));
    const name = `${firmId}/${clientId} ${view}`;
    told.set(name, Math.max(version, told.get(name) ?? 0));
  }
  const wrong: string[] = [];
  for (const [client, views] of clients) {
    for (const { view, version } of views) {
      const newest = told.get(`${client} ${view}`) ?? 0;
      if (newest !== version) wrong.push(`${view} of ${client} has version ${version}, told was ${newest}`);
    }
  }
  return wrong;
}

/** Every fact of every client in which the views disagree with the oracle, which sees all events at once. */
export async function disagreeing(
  store: ViewStore,
  members: readonly Member[],
  now: number,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const member of members) {
    const views = await store.loadClient(member.client);
    const found = await wrongAbout(member, views, now);
    if (found.length > 0) wrong.push(`${member.client.firmId}/${member.client.clientId}: ${found.join('; ')}`);
  }
  return wrong;
}

export function wrongAbout(member: Member, views: readonly StoredView[], now: number): readonly string[] {
  const { events } = member;
  const states = readClient(views);
  const profile = newestProfile(events);
  const wrong: string[] = [];
  const late = states.signals === null ? 0 : signalsView.late(states.signals);
  if (late > 0) wrong.push(`${late} events counted as late`);
  const expectation = expectationIn(events);
  for (const settings of [defaultSettings, ...member.settings]) {
    for (const at of [now, ...member.probes]) {
      const facts = deriveClient(states, frameOf(settings, at));
      if (facts === null) return ['nothing is known of it'];
      const oracle = oracleSignals(events, settings, at);
      const found = disagreements(facts.signals, oracle, expectation, settings, at);
      const access = oracleAccess(events, profile?.status ?? null, oracle.lastLogin !== null, settings, at);
      if (!isDeepStrictEqual(plain(facts.access), plain(access))) {
        wrong.push(`access is ${JSON.stringify(facts.access)}, should be ${JSON.stringify(access)}`);
      }
      if (found.length > 0) wrong.push(`at ${new Date(at).toISOString()} under ${JSON.stringify(settings)}`, ...found);
    }
  }
  const { version, lastName, status, emails } = states.profile?.profile ?? {};
  const shown = { version, lastName, status, emails };
  const wanted = {
    version: profile?.version,
    lastName: profile?.lastName,
    status: profile?.status,
    emails: profile?.emails,
  };
  if (!isDeepStrictEqual(shown, wanted)) {
    wrong.push(`profile is ${JSON.stringify(shown)}, should be ${JSON.stringify(wanted)}`);
  }
  return wrong;
}

/** Of histories beyond the ledgers the quarter hour is enough: what is exact there hangs on the order of arrival. */
function expectationIn(events: readonly CanonicalEvent[]): Expectation {
  const expectation = expectationOf(events, false);
  if (fitsLedgers(events)) return expectation;
  const crowd = Array.from({ length: crowdMin }, () => Number.POSITIVE_INFINITY);
  return { ...expectation, seen: { login: crowd, email: crowd, outbound: crowd } };
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
