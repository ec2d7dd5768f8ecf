// One embedded service on a disk that becomes full twice: it gets room while it runs, then it is killed while it is full.
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openAdapters } from '../../../services/cli/adapters.ts';
import { foldedTopics } from '../../../services/core/topics.ts';
import { readLag } from '../../../services/log/lag.ts';
import { systemClock } from '../../../services/runtime/clock.ts';
import { loadConfig } from '../../../services/runtime/config.ts';
import { createLogger } from '../../../services/runtime/logger.ts';
import { castOf, type Member, type Sent } from '../../e2e/cast.ts';
import { type HttpService, ProblemAnswer, startService, until, untilFolded } from '../../e2e/service.ts';
import { randomFrom } from '../../model/timeline.ts';
import { disagreeing } from '../kill-checks.ts';
import { burstsOf } from '../kill-load.ts';
import { type Arrivals, halfOrLost, noteArrival, openPosting, type Send } from '../posting.ts';
import { openSmallDisk } from './small-disk.ts';

/** `all`: the whole data folder, as most have it. */
export type Place = 'all' | 'log' | 'store';
export type Trial = { readonly wrong: readonly string[]; readonly figures: Readonly<Record<string, unknown>> };

const mib = 1024 * 1024;
/** So small that the clients below fill it. */
const firstBytes: Readonly<Record<Place, number>> = { all: 2 * mib, log: 1.25 * mib, store: 0.4 * mib };
const moreBytes: Readonly<Record<Place, number>> = { all: 0.75 * mib, log: 0.5 * mib, store: 0.2 * mib };
const enoughBytes = 256 * mib;
const waveClients = 60;
const firmId = 'harbour';
const fullMsMax = 60_000;
const retryMs = 50;
const refusalsWanted = 3;
const burstsBetween = 5;

/** What a full disk is told by: to whoever posts, and in the log of the service. */
const told = 'data_folder_unwritable';

export async function tryDisk(place: Place, folder: string, seed: number): Promise<Trial> {
  const environment = {
    SIGNALFOLD_PORT: '0',
    SIGNALFOLD_DATA_DIR: folder,
    SIGNALFOLD_LOG_LEVEL: 'warn',
  };
  const disk = openSmallDisk(place === 'all' ? folder : join(folder, place), firstBytes[place]);
  const posting = openPosting();
  const load = openLoad(seed);
  const wrong: string[] = [];
  const figures: Record<string, unknown> = { disk: disk.kind };
  const start = async () => {
    const dev = await startService('dev', environment);
    disk.holdDown(dev.pid);
    return dev;
  };
  let dev = await start();
  const sendTo =
    (service: HttpService): Send =>
    (path, lines) =>
      service.send('POST', path, lines, { 'content-type': 'application/x-ndjson' });

  /** Posts until the disk is full: nothing more is taken, or nothing more is saved. */
  const fillUp = async () => {
    const deadline = Date.now() + fullMsMax;
    for (let refused = 0; refused < refusalsWanted; ) {
      if (Date.now() > deadline) throw new Error(`the disk did not get full:\n${dev.output()}`);
      const isTaken = await posting.tryOnce(sendTo(dev), load.first());
      if (isTaken) load.taken();
      else refused += 1;
      if (place === 'store' && saysFull(dev)) return;
    }
  };
  const postOn = async (bursts: number) => {
    const deadline = Date.now() + fullMsMax;
    for (let burst = 0; burst < bursts && !load.isWaveOver(); burst += 1) {
      while (!(await posting.tryOnce(sendTo(dev), load.first()))) {
        if (Date.now() > deadline) throw new Error(`nothing is taken although there is room:\n${dev.output()}`);
        await wait(retryMs);
      }
      load.taken();
    }
  };

  try {
    await fillUp();
    wrong.push(...(await wrongWhileFull(place, dev, load.members[0])));
    disk.grow(moreBytes[place], dev.pid);
    await postOn(burstsBetween);
    await untilFolded(dev);
    figures['afterFirst'] = posting.posts.length;

    await fillUp();
    const [, end] = await Promise.all([posting.tryOnce(sendTo(dev), load.first()), dev.kill('SIGKILL')]);
    if (end.signal !== 'SIGKILL') wrong.push(`on the full disk it ended by itself, with ${end.code ?? end.signal}`);
    const again = await startWhileFull(start);
    figures['startedWhileFull'] = again.service !== null;
    wrong.push(...again.wrong);
    disk.grow(enoughBytes, again.service?.pid ?? null);
    dev = again.service ?? (await start());
    await postOn(Number.POSITIVE_INFINITY);
    await untilFolded(dev);
    const { code } = await dev.kill('SIGTERM');
    if (code !== 0) wrong.push(`it ended with ${code} after SIGTERM:\n${dev.output()}`);
    wrong.push(...(await wrongAfterwards(environment, folder, posting.posts, load.members)));
    const inAll = { requests: posting.posts.length, answers: Object.fromEntries(posting.answers) };
    Object.assign(figures, { clients: load.members.length, ...inAll });
    return { wrong, figures };
  } finally {
    await dev.kill('SIGKILL');
    disk.close();
  }
}

/** What is asked while the disk is full: who posts hears what to do, who reads gets an answer, and the process lives. */
async function wrongWhileFull(place: Place, dev: HttpService, member: Member | undefined): Promise<string[]> {
  const wrong: string[] = [];
  if (!saysFull(dev)) wrong.push(`the log of the service does not say ${told}:\n${dev.output().slice(-2_000)}`);
  const large = Array.from({ length: 2_000 }, (_, index) => ({
    ...{ firmId, clientId: 'large', eventId: `large-${index}`, sessionId: `large-${index}`, outcome: 'success' },
    occurredAt: new Date(Date.now() - index * 60_000).toISOString(),
    userAgent: 'x'.repeat(400),
  }));
  if (place !== 'store') {
    const reply = await dev.send('POST', '/v1/events/login', large);
    const problem = ProblemAnswer.safeParse(reply.json()).data;
    if (reply.status !== 503 || problem?.code !== 'unavailable' || !/room/.test(problem.detail)) {
      wrong.push(`who posts is told ${reply.status} ${reply.text}`);
    }
    if (reply.headers.get('retry-after') === null) wrong.push('who posts is not told when to come again');
  } else {
    const reply = await dev.send('PUT', `/v1/firms/${firmId}/settings`, { timeZone: 'Europe/London' });
    if (reply.status !== 200 && reply.status !== 503) wrong.push(`who saves is told ${reply.status} ${reply.text}`);
    await dev.send('PUT', `/v1/firms/${firmId}/settings`, { timeZone: 'UTC' });
  }
  const card = await dev.send('GET', `/v1/firms/${firmId}/clients/${member?.client.clientId}`);
  if (card.status !== 200) wrong.push(`who reads is told ${card.status} ${card.text}`);
  return wrong;
}

function saysFull(dev: HttpService): boolean {
  return dev.output().includes(told);
}

/** It may start, or end at once and say what to do. */
async function startWhileFull(start: () => Promise<HttpService>) {
  try {
    return { service: await start(), wrong: [] };
  } catch (error) {
    const said = String(error);
    const isClear = /make room/.test(said) && !/\n\s+at /.test(said);
    return { service: null, wrong: isClear ? [] : [`on the full disk it does not start, and says: ${said}`] };
  }
}

/** Clients without end, a wave after the other. */
function openLoad(seed: number) {
  const now = Date.now();
  const members: Member[] = [];
  const random = randomFrom(seed);
  let waiting: (readonly Sent[])[] = [];
  return {
    members,
    /** The same again until it was taken. */
    first: (): readonly Sent[] => {
      if (waiting.length === 0) {
        const cast = castOf({ seed: seed + members.length, clients: waveClients, firmId }, now);
        members.push(...cast);
        waiting = [...burstsOf(cast, random)].map((burst) => [...burst]);
      }
      return waiting[0] ?? [];
    },
    taken: () => void waiting.shift(),
    isWaveOver: () => waiting.length === 0,
  };
}

async function wrongAfterwards(
  environment: Readonly<Record<string, string>>,
  folder: string,
  posts: Parameters<typeof halfOrLost>[0],
  members: readonly Member[],
): Promise<readonly string[]> {
  const config = loadConfig(environment, folder);
  const adapters = await openAdapters({ config, clock: systemClock, logger: createLogger('warn') }, false);
  try {
    await until(
      async () => (await readLag(adapters.log, config.group, foldedTopics)).total === 0,
      fullMsMax,
      () => 'the lag is not 0',
    );
    const arrived: Arrivals = new Map();
    for (const topic of foldedTopics) {
      for await (const { value } of adapters.log.scan(topic)) noteArrival(arrived, topic, Buffer.from(value ?? []));
    }
    const lost = halfOrLost(posts, arrived);
    return [...lost, ...(await disagreeing(adapters.store, members, Date.now()))];
  } finally {
    await adapters.close();
  }
}
