// The trial: processes, producers and readers go on while deeds are done to them; then all is calm, and everything is compared.
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { foldedTopics } from '../../../services/core/topics.ts';
import { readLag } from '../../../services/log/lag.ts';
import type { ProbePoint } from '../../../services/projector/room.ts';
import { OperatingError } from '../../../services/runtime/errors.ts';
import { until } from '../../e2e/service.ts';
import type { World } from '../../e2e/world.ts';
import { randomFrom } from '../../model/timeline.ts';
import { disagreeing, type Snapshot, snapshotOf, untold, wentBack } from '../kill-checks.ts';
import { startFaultProxy } from '../proxy.ts';
import { openWeather } from '../weather.ts';
import { openBooks } from './accounts.ts';
import { type BadMessage, badMessage } from './bad-messages.ts';
import { wrongCards, wrongExports, wrongLists } from './compare.ts';
import { type Crew, type Ending, openCrew, type Run } from './crew.ts';
import { type Deed, deedsOf, hands, survivor } from './deeds.ts';
import { startProducers } from './producer.ts';
import { startReaders } from './readers.ts';

export type TrialOptions = {
  readonly world: World;
  readonly dynamoEndpoint: string;
  readonly seed: number;
  readonly forMs: number;
  /** The trial's own broker, which may be stopped and killed; null: shared with others. */
  readonly broker: Broker | null;
};
export type Broker = { pause(ms: number): Promise<void>; killAndRestart(): Promise<void> };
export type Outcome = { readonly wrong: readonly string[]; readonly figures: Readonly<Record<string, unknown>> };

const firms = ['north', 'south', 'east'];
const badEveryMs = 700;
const snapshotEveryMs = 6_000;
const foldedMsMax = 180_000;
const fresh = 'query-fresh';
const forgottenShare = 0.7;
const child = resolve('test', 'faults', 'project-child.ts');
const killPoints: readonly ProbePoint[] = [
  'before-save',
  'after-save',
  'after-notice',
  'before-commit',
  'after-commit',
];
const reachedBeforeMax = 25;

export async function tryProcesses({ world, dynamoEndpoint, seed, forMs, broker }: TrialOptions): Promise<Outcome> {
  const { log, store } = world.adapters;
  const random = randomFrom(seed);
  const began = Date.now();
  const weather = openWeather(seed);
  const proxy = await startFaultProxy(dynamoEndpoint);
  proxy.choose(weather.choose);
  const points = openPoints(randomFrom(seed + 2));
  const crew = openCrew({
    environment: { ...world.environment, AWS_ENDPOINT_URL_DYNAMODB: proxy.endpoint },
    runOf: (command) => (command === 'project' && !isCalm ? points.next() : null),
    onKilled: (command, said) => {
      note(`${command} killed${/killed( at \S+)/.exec(said)?.[1] ?? ''}`);
      // What Kafka does by itself after the 10 s of a session; in most cases nobody waits for that.
      if (command === 'project' && random() < forgottenShare) void forget(world);
    },
  });
  const wrong: string[] = [];
  const done = new Map<string, number>();
  const bad: BadMessage[] = [];
  let before: Snapshot = { clients: new Map(), commits: new Map() };
  let snapshots = 0;
  let isCalm = false;
  let isOver = false;
  const note = (name: string) => void done.set(name, (done.get(name) ?? 0) + 1);
  const phases: Record<string, number> = {};
  let phaseAt = began;
  const phase = (name: string) => {
    phases[name] = Math.round((Date.now() - phaseAt) / 100) / 10;
    phaseAt = Date.now();
  };

  const lookBack = async () => {
    const after = await snapshotOf(world, firms);
    wrong.push(...(await wentBack(log, before, after)));
    before = after;
    snapshots += 1;
  };
  const repeatedly = async (everyMs: number, work: () => Promise<void>) => {
    while (!isOver) {
      await wait(everyMs);
      await work().catch((error: unknown) => {
        // The broker is stopped, or not yet back.
        if (!(error instanceof OperatingError && error.retryable)) throw error;
      });
    }
  };
  const sendBad = async () => {
    const message = badMessage(bad.length, Date.now());
    bad.push(message);
    const { topic, key, value } = message;
    for (;;) {
      // What was not confirmed is sent again, and may be there twice.
      const isSent = await log.append(topic, [{ key, value }]).then(
        () => true,
        () => false,
      );
      if (isSent) return;
    }
  };

  try {
    await Promise.all(hands.map(([name, command]) => crew.hire(name, command)));
    phase('start');
    const survivorPid = crew.pidOf(survivor);
    const producers = startProducers(crew, seed, firms, began);
    const readers = startReaders(crew, firms, randomFrom(seed + 1));
    const beside = [repeatedly(badEveryMs, sendBad), repeatedly(snapshotEveryMs, lookBack)];
    const pauses: Promise<unknown>[] = [];
    for (const { deed, restMs } of deedsOf(random, broker !== null)) {
      const doing = act(deed, { crew, world, broker, setWeather: weather.set }, note);
      if (deed.kind === 'pause' || deed.kind === 'restart') pauses.push(doing);
      else await doing;
      await wait(restMs);
      if (Date.now() - began > forMs) break;
    }
    await Promise.all(pauses);
    weather.set(0);
    isCalm = true;
    phase('chaos');
    // Those that would kill themselves go.
    await Promise.all(['project-a', 'project-b'].map(crew.kill));
    await forget(world);
    await producers.finish();
    isOver = true;
    await Promise.all(beside);
    phase('finish');
    const exports = await readers.finish();
    await untilLagIsGone(world, crew);
    await lookBack();
    phase('drain');

    const { members, posts, answers } = producers;
    await crew.hire(fresh, 'query');
    if (crew.pidOf(survivor) !== survivorPid) wrong.push(`${survivor} did not live through it`);
    wrong.push(...(await disagreeing(store, members, Date.now())), ...(await untold(log, before)), ...readers.wrong);
    for (const name of [survivor, fresh]) {
      wrong.push(...(await wrongCards(crew, name, members)), ...(await wrongLists(crew, name, members)));
    }
    wrong.push(...(await wrongExports(crew, survivor, members)));
    const { brokers, topicPrefix } = world;
    const books = await openBooks({ brokers, topicPrefix, members, posts, bad });
    phase('compare');
    await crew.dismiss();
    phase('end');
    const faults = crew.endings.filter((ending) => !(broker !== null && isAwayAtStart(ending)));
    for (const { name, how, said } of faults) wrong.push(`${name} ${how}: ${said}`);
    const met = Object.fromEntries([...weather.met].sort(([one], [other]) => (one < other ? -1 : 1)));
    return {
      wrong: [...wrong, ...books.wrong],
      figures: {
        ...{ seed, phases, clients: members.length, ...books.figures, snapshots, exports },
        notStarted: crew.endings.length - faults.length,
        ...{ deeds: Object.fromEntries(done), posts: posts.length, answersToPosts: Object.fromEntries(answers) },
        ...{ answersToReaders: Object.fromEntries(readers.answers) },
        dynamodb: {
          passed: weather.passed(),
          faults: [...weather.met.values()].reduce((sum, one) => sum + one, 0),
          met,
        },
      },
    };
  } finally {
    isOver = true;
    await crew.dismiss();
    await proxy.stop();
  }
}

type Around = {
  readonly crew: Crew;
  readonly world: World;
  readonly broker: Broker | null;
  setWeather(chance: number): void;
};

/** Does it, and notes it under a name if it was done to somebody. */
async function act(
  deed: Deed,
  { crew, world, broker, setWeather }: Around,
  note: (name: string) => void,
): Promise<void> {
  switch (deed.kind) {
    case 'weather':
      return setWeather(deed.chance);
    case 'forget':
      await forget(world);
      return note('group forgets its members');
    case 'broker pause':
      await broker?.pause(deed.ms);
      return note('broker stopped');
    case 'broker kill':
      await broker?.killAndRestart();
      return note('broker killed');
    case 'pause':
      if (await crew.pause(deed.name, deed.ms)) note(`${commandOf(deed.name)} stopped ${Math.round(deed.ms / 1000)} s`);
      return;
    default:
      // Kills are noted when they are seen.
      if ((await crew[deed.kind](deed.name)) && deed.kind === 'restart') note(`${commandOf(deed.name)} restarted`);
  }
}

/** Projectors that kill themselves at a point of their work, each point in its turn. */
function openPoints(random: () => number): { next(): Run } {
  let turn = 0;
  return {
    next: () => {
      const point = killPoints[turn % killPoints.length] ?? 'after-save';
      turn += 1;
      return { program: child, args: [point, String(Math.floor(random() * reachedBeforeMax))] };
    },
  };
}

/** Two at a time forget the same members; the second finds none. */
async function forget(world: World): Promise<void> {
  await world.forgetDeadMembers().catch(() => undefined);
}

/** Who is started while the broker is away says so, and ends; whoever supervises it starts it again. */
function isAwayAtStart({ how, said }: Ending): boolean {
  return how === 'did not start' && /Kafka does not describe its topics|Cannot connect to any broker/.test(said);
}

function commandOf(name: string): string {
  return name.split('-')[0] ?? name;
}

async function untilLagIsGone({ adapters, group }: World, crew: Crew): Promise<void> {
  await until(
    async () => (await readLag(adapters.log, group, foldedTopics)).total === 0,
    foldedMsMax,
    () => `the lag did not come down to 0:\n${crew.outputOf('project-a')}\n${crew.outputOf('project-b')}`,
  );
}
