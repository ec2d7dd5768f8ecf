// One simulation: projectors and a query service over a log and a store that fail as the seed says, until all is calm; then
// everything that must hold is asked.
import { FirmId } from '../../../services/core/ids.ts';
import { defaultSettings } from '../../../services/core/settings.ts';
import { changesTopic, eventTopics, foldedTopics } from '../../../services/core/topics.ts';
import { topicSpecs } from '../../../services/log/topics.ts';
import { castOf } from '../../e2e/cast.ts';
import { dayMs, minuteMs } from '../../model/timeline.ts';
import { calm, type Weather } from './actor.ts';
import { Broker } from './broker.ts';
import { askForExport, Folder, superviseWorker } from './exports.ts';
import { openFeed } from './feed.ts';
import { wrongAfter } from './invariants.ts';
import { superviseQuery } from './query.ts';
import { Shelf } from './store.ts';
import { supervise } from './supervisor.ts';
import { World } from './world.ts';

/** What may go wrong, by name; a play can be repeated without some of it. */
export const faultKinds = [
  'crash',
  'stop',
  'cut-log',
  'cut-store',
  'weather',
  'rebalance',
  'recreate',
  'repartition',
  'retention',
  'days',
  'bad',
  'erase',
  'delete',
  'settings',
  'list',
  'export',
  'notices',
] as const;
export type FaultKind = (typeof faultKinds)[number];

export type Play = {
  readonly seed: number;
  readonly clients: number;
  readonly without: readonly FaultKind[];
};

export type Outcome = {
  readonly wrong: readonly string[];
  readonly faults: ReadonlyMap<FaultKind, number>;
  readonly messages: number;
  readonly clients: number;
  readonly saves: number;
  readonly conflicts: number;
  readonly happened: number;
  /** The same whenever the play is repeated. */
  readonly digest: string;
};

const group = 'signalfold';
const firmId = FirmId.parse('firm');
const start = Date.parse('2026-03-02T09:30:00Z');
/** Within which messages come and things go wrong, on the simulated clock. */
const troubledMs = 30_000;
/** By when all must be well again. */
const calmMsMax = 30 * minuteMs;
const daysMsMax = 3 * dayMs;
const faultsMax = 18;
/** A play that never comes to rest is a fault of its own. */
const happenedMax = 100_000;
/** A request has at most such a chance of each mishap. */
const mishapShareMax = 0.12;

export async function play({ seed, clients, without }: Play): Promise<Outcome> {
  const world = new World(seed, start);
  // The product asks for chance only to spread its retries; here that, too, is the seed's.
  Math.random = () => world.chance();
  const broker = new Broker(world);
  const shelf = new Shelf(world);
  for (const { topic } of topicSpecs) broker.create(topic, 1 + world.below(3));

  const faults = new Map<FaultKind, number>();
  const isAllowed = (kind: FaultKind) => !without.includes(kind);
  const note = (kind: FaultKind, by = 1) => faults.set(kind, (faults.get(kind) ?? 0) + by);

  const members = castOf({ seed, clients, firmId, accepts: ({ bounded }) => !bounded }, start);
  const feed = openFeed(world, broker, members, {
    group,
    bad: isAllowed('bad'),
    erase: isAllowed('erase'),
    withinMs: troubledMs,
  });
  note('bad', feed.badCount);
  note('erase', feed.erased.size);
  const wrong: string[] = [];
  const stage = { world, broker, shelf, feed, group, wrong };
  const projectors = Array.from({ length: 1 + world.below(3) }, (_, number) => supervise(stage, `projector-${number}`));
  const folder = new Folder();
  const workers = ['worker-0', 'worker-1']
    .slice(0, 1 + world.below(2))
    .map((name) => superviseWorker(stage, folder, name));
  const query = superviseQuery(stage, firmId);
  const processes = [...projectors, ...workers, query];

  const anyOf = <Item>(items: readonly Item[]) => items[world.below(items.length)];
  const anyTopic = () => anyOf(eventTopics) ?? 'login';
  // Mostly projectors, because most can go wrong there.
  const anyProcess = () => anyOf(world.happens(0.6) ? projectors : processes);
  const acts = {
    crash: () => anyProcess()?.crash(),
    stop: () =>
      anyProcess()
        ?.actor()
        .stopFor(500 + world.chance() * 40_000),
    'cut-log': () =>
      anyProcess()
        ?.actor()
        .cutFor('log', 500 + world.chance() * 20_000),
    'cut-store': () =>
      anyProcess()
        ?.actor()
        .cutFor('store', 500 + world.chance() * 20_000),
    rebalance: () => broker.rebalanceAll(),
    recreate: () => feed.recreate(anyTopic()),
    repartition: () => broker.addPartition(anyTopic()),
    retention: () => feed.overtake(anyTopic()),
    days: () => {
      world.now += Math.floor(world.chance() * daysMsMax);
    },
    settings: () => shelf.changeSettings(firmId, anyOf(members.flatMap(({ settings }) => settings)) ?? defaultSettings),
    list: () => query.askList(),
    export: () => askForExport(world, shelf, firmId),
    delete: () => {
      const member = anyOf(members);
      if (member !== undefined) query.erase(member.client);
    },
    // Subscribers lose what they have not read, as when the topic is made anew.
    notices: () => {
      const { partitions } = broker.topic(changesTopic);
      if (world.happens(0.5)) broker.create(changesTopic, partitions.length);
      else for (const number of partitions.keys()) broker.truncate(changesTopic, number, Number.POSITIVE_INFINITY);
    },
  };
  // Clocks jump, so that it is not by the clock when there will be no more of it.
  let toCome = 0;
  const trouble = (inMs: number, run: () => void) => {
    toCome += 1;
    world.schedule(inMs, () => {
      toCome -= 1;
      run();
    });
  };
  const names = Object.keys(acts).filter((name): name is keyof typeof acts => name in acts);
  for (let left = world.below(faultsMax); left > 0; left -= 1) {
    const kind = names[world.below(names.length)] ?? 'crash';
    trouble(world.chance() * troubledMs, () => {
      if (!isAllowed(kind)) return;
      note(kind);
      acts[kind]();
    });
  }
  if (world.happens(0.7) && isAllowed('weather')) {
    note('weather');
    const share = () => (world.happens(0.5) ? world.chance() * mishapShareMax : 0);
    const weather = { refused: share(), unanswered: share(), torn: share(), belated: share() };
    const setWeather = (next: Weather) => {
      for (const one of processes) one.setWeather(next);
      feed.producer.weather = next;
    };
    setWeather(weather);
    trouble(troubledMs, () => setWeather(calm));
  }
  // So that the roster is loaded in the middle of it all, or not before the end.
  if (world.happens(0.7)) trouble(world.chance() * troubledMs, () => query.askList());

  const isWell = () =>
    toCome === 0 &&
    world.belated === 0 &&
    feed.isOver() &&
    query.isIdle() &&
    processes.every((one) => one.actor().isWell()) &&
    backlogOf(broker) === 0;
  const deadline = start + troubledMs + calmMsMax + faultsMax * daysMsMax;
  const isStuck = () => world.now > deadline || world.happened > happenedMax;
  while (wrong.length === 0 && !isWell()) {
    if ((await world.step()) && !isStuck()) continue;
    wrong.push(
      `it does not come to rest: ${backlogOf(broker)} messages are left, producers are ${feed.isOver() ? '' : 'not '}done, ` +
        `erasures are ${query.isIdle() ? '' : 'not '}answered`,
    );
  }
  if (wrong.length === 0) {
    const asking = wrongAfter({ broker, shelf, feed, folder, query, firmId, world });
    wrong.push(...(await whileItGoesOn(world, asking)));
  }
  return {
    wrong: [...shelf.wrong, ...wrong],
    faults,
    messages: feed.sentCount(),
    clients: members.length,
    saves: shelf.saves,
    conflicts: shelf.conflicts,
    happened: world.happened,
    digest: `${world.happened} ${world.now.toFixed(3)} ${shelf.saves} ${shelf.conflicts} ${wrong.length}`,
  };
}

/** Messages of the folded topics that the group has not committed. */
function backlogOf(broker: Broker): number {
  let backlog = 0;
  for (const name of foldedTopics) {
    const topic = broker.topic(name);
    const commits = broker.group(group).commitsOf(topic);
    topic.partitions.forEach(({ earliest, messages }, partition) => {
      backlog += earliest + messages.length - Math.max(earliest, commits.get(partition) ?? 0);
    });
  }
  return backlog;
}

async function whileItGoesOn<Result>(world: World, work: Promise<Result>): Promise<Result> {
  let isDone = false;
  const over = work.finally(() => {
    isDone = true;
  });
  over.catch(() => undefined);
  for (const end = world.happened + happenedMax; !isDone; ) {
    await world.step();
    if (world.happened > end) throw new Error('what must hold cannot be asked: nobody answers');
  }
  return over;
}
