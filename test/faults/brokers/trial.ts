// One trial: every producer and consumer under the same load on the same three brokers meets the same faults; at the end
// kcat reads back what stands in the topics.
import { type LocalCluster, startCluster } from '../../../infra/local/kafka-cluster.ts';
import { randomFrom } from '../../model/timeline.ts';
import { commitsBack } from './commits.ts';
import { type Fault, killLeader, rollAll, type Stage, sleep, stopLeader } from './faults.ts';
import { openLeaders } from './leaders.ts';
import { type Comparison, compare, readBack } from './read-back.ts';
import { type ReaderName, readerNames } from './readers.ts';
import { partitionCount } from './senders.ts';
import { measureSpeed, type SpeedRow } from './speed.ts';
import { type Member, startMember } from './team.ts';

export type TrialOptions = {
  readonly seed: number;
  readonly senders: readonly string[];
  readonly kills: number;
  readonly rolls: number;
  readonly stops: number;
  readonly stormMs: number;
  readonly sessionMs: number;
  /** Whether to measure what both clients cost, before anything is broken. */
  readonly speed: boolean;
  readonly say: (text: string) => void;
};

export type SenderOutcome = { readonly member: Member; readonly comparison: Comparison };
export type ReaderOutcome = {
  readonly name: ReaderName;
  /** All that were ever in the group. */
  readonly members: readonly Member[];
  /** Messages in the log that no member received. */
  readonly missed: number;
  readonly received: number;
  readonly commitsBack: readonly string[];
};

export type TrialOutcome = {
  readonly speeds: readonly SpeedRow[];
  readonly faults: readonly Fault[];
  readonly senders: readonly SenderOutcome[];
  readonly readers: readonly ReaderOutcome[];
};

const membersPerGroup = 2;
const awayMsMax = 12_000;
const stoppedMs = 25_000;
const drainMsMax = 90_000;
const load = { lanes: 2, messagesPerSend: 10, pauseMs: 120 };

/** What consumers read: the topic of our own producer. */
const readTopic = 'trial-ours';
const groupOf = (name: ReaderName) => `readers-${name}`;

export async function runTrial(options: TrialOptions): Promise<TrialOutcome> {
  const cluster = await startCluster({ sessionMs: options.sessionMs });
  try {
    return await runOn(cluster, options);
  } finally {
    await cluster.stop();
  }
}

async function runOn(cluster: LocalCluster, options: TrialOptions): Promise<TrialOutcome> {
  const { senders: names, say } = options;
  const brokers = [...cluster.brokers];
  const topics = names.map((name) => `trial-${name}`);
  const leaders = openLeaders(brokers);
  const speeds = options.speed ? await measureSpeed(brokers, leaders) : [];
  for (const topic of topics) await leaders.create(topic, partitionCount);
  await leaders.untilInSync(topics, drainMsMax);

  const senders = await Promise.all(
    names.map((name) => startMember({ role: 'sender', name, brokers, topic: `trial-${name}`, ...load })),
  );
  const groups = new Map<ReaderName, Member[]>(readerNames.map((name) => [name, []]));
  const join = async (name: ReaderName) => {
    const member = await startMember({ role: 'reader', name, brokers, topic: readTopic, group: groupOf(name) });
    groups.get(name)?.push(member);
    return member;
  };
  for (const name of readerNames) for (let count = 0; count < membersPerGroup; count += 1) await join(name);

  const random = randomFrom(options.seed);
  const faults: Fault[] = [];
  const stage: Stage = { cluster, leaders, topics, partitions: partitionCount, random, faults, say };
  await sleep(5_000);
  for (let count = 1; count <= options.kills; count += 1) {
    say(`kill ${count} of ${options.kills}`);
    await killLeader(stage, awayMsMax);
  }
  for (let count = 0; count < options.rolls; count += 1) await rollAll(stage);
  for (let count = 0; count < options.stops; count += 1) await stopLeader(stage, stoppedMs);
  if (options.stormMs > 0) await storm(stage, join, options.stormMs);

  say('ending the producers');
  await sleep(5_000);
  faults.push({ kind: 'storm', at: Date.now(), node: 0, awayMs: 0 });
  await Promise.all(senders.map((sender) => sender.end()));
  const messages = new Map<string, Awaited<ReturnType<typeof readBack>>>();
  for (const topic of topics) messages.set(topic, await readBack(brokers, topic));
  const wanted = messages.get(readTopic) ?? [];
  await untilRead(groups, wanted.length);
  const backwards = await commitsBack(brokers);
  await Promise.all([...groups.values()].flat().map((member) => member.end()));
  await leaders.close();

  return {
    speeds,
    faults,
    senders: senders.map((member) => {
      const acknowledged = new Set(member.acknowledged.flatMap(({ ids }) => ids));
      return { member, comparison: compare(acknowledged, messages.get(`trial-${member.role.name}`) ?? []) };
    }),
    readers: [...groups].map(([name, members]) => {
      const received = placesOf(members);
      const missed = wanted.filter(({ partition, offset }) => !received.has(`${partition}:${offset}`)).length;
      const back = backwards.get(groupOf(name)) ?? [];
      return { name, members, missed, received: received.size, commitsBack: back };
    }),
  };
}

/** Members come, stay a moment and go, some without a word. */
async function storm(stage: Stage, join: (name: ReaderName) => Promise<Member>, forMs: number): Promise<void> {
  const until = Date.now() + forMs;
  let count = 0;
  while (Date.now() < until) {
    stage.faults.push({ kind: 'storm', at: Date.now(), node: 0, awayMs: 0 });
    const guests = await Promise.all(readerNames.map((name) => join(name)));
    await sleep(500 + stage.random() * 3_000);
    const isSilent = stage.random() < 0.4;
    await Promise.all(guests.map((guest) => (isSilent ? guest.kill() : guest.end())));
    count += 1;
  }
  stage.say(`${count} members came to each group and went`);
}

function placesOf(members: readonly Member[]): Set<string> {
  return new Set(members.flatMap(({ received }) => received.flatMap(({ places }) => places)));
}

/** A group that does not get there in time has stalled; the figures tell. */
async function untilRead(groups: ReadonlyMap<ReaderName, readonly Member[]>, count: number): Promise<void> {
  for (let waited = 0; waited < drainMsMax; waited += 1_000) {
    if ([...groups.values()].every((members) => placesOf(members).size >= count)) return;
    await sleep(1_000);
  }
}
