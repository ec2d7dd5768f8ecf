// The roster: follows what the projector saves, loads once for all who wait, and goes when memory or interest ends.
import { pino } from 'pino';
import { type ClientId, FirmId } from '../../../services/core/ids.ts';
import { defaultSettings } from '../../../services/core/settings.ts';
import { formatInstant } from '../../../services/core/time.ts';
import { changesTopic, foldedTopics } from '../../../services/core/topics.ts';
import { encodeJson } from '../../../services/log/codec.ts';
import { readLag } from '../../../services/log/lag.ts';
import type { EventLog } from '../../../services/log/port.ts';
import { runProjector } from '../../../services/projector/main.ts';
import { openRoster } from '../../../services/query/roster/roster.ts';
import { systemClock } from '../../../services/runtime/clock.ts';
import { createMetrics } from '../../../services/runtime/metrics.ts';
import type { ViewStore } from '../../../services/store/port.ts';
import {
  eventually,
  firmA,
  granted,
  now,
  openStage,
  type Stage,
  saveClients,
  type TestClient,
  writesOf,
} from '../../export/stage.ts';
import { config, erasure, login, profile } from '../../projector/stage.ts';
import { type ListStage, openListStage } from '../list-stage.ts';

let stage: Stage;
const opened: { close(): Promise<void> }[] = [];
beforeEach(async () => {
  stage = await openStage(systemClock);
});
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
  await stage.close();
});

async function openLists(
  parts: { store?: ViewStore; log?: EventLog } = {},
  limits: Parameters<typeof openListStage>[1] = {},
): Promise<ListStage> {
  const lists = await openListStage({ store: stage.store, log: stage.log, clock: systemClock, ...parts }, limits);
  opened.push(lists);
  return lists;
}

function project(): void {
  const projector = runProjector({
    config: { ...config, flush: { ...config.flush, delayMs: 20 } },
    log: stage.log,
    store: stage.store,
    clock: systemClock,
    logger: pino({ level: 'silent' }),
    metrics: createMetrics(),
  });
  opened.push({ close: () => projector.stop() });
}

async function arrive(topic: string, event: { readonly clientId: string }): Promise<void> {
  const key = `firm/${event.clientId}`;
  await stage.log.append(topic, [{ key, value: Buffer.from(JSON.stringify(event)) }]);
  await eventually(async () => ((await readLag(stage.log, config.group, foldedTopics)).total === 0 ? true : null));
}

/** Counts how often a firm is read, and lets a test hold the reading up. */
function watched(store: ViewStore): { readonly store: ViewStore; reads: number; hold: Promise<void> } {
  const watch = {
    reads: 0,
    hold: Promise.resolve(),
    store: {
      ...store,
      async *readFirm(firmId: FirmId, views: readonly string[]) {
        watch.reads += 1;
        await watch.hold;
        yield* store.readFirm(firmId, views);
      },
    },
  };
  return watch;
}

const named = (...ids: string[]): TestClient[] =>
  ids.map((clientId) => ({ clientId, profile: { lastName: clientId } }));

describe('a roster that is in memory', () => {
  test('shows what the projector has taken in, as soon as there is no lag', async () => {
    project();
    const lists = await openLists();
    const at = Date.now() - 60_000;
    const ids = async () => (await lists.page('firm')).items.map(({ clientId }) => clientId);

    await arrive('client', profile(1, 'Ann', at));
    expect(await ids()).toEqual(['ann']);
    await arrive('login', login('s1', at));
    expect((await lists.page('firm')).items[0]?.engagement.rating).toBe('green');
    expect((await lists.page('firm', 'rating=green')).total).toBe(1);
    await arrive('login', login('s1', at, 'bob'));
    expect(await ids()).toEqual(['ann']);
    await arrive('client', profile(1, 'Bob', at, 'bob'));
    expect(await ids()).toEqual(['ann', 'bob']);
    expect((await lists.page('firm', 'rating=green')).total).toBe(2);
    await arrive('client', erasure(1, Date.now()));
    expect(await ids()).toEqual(['bob']);
    expect((await lists.page('firm', 'name=ann')).total).toBe(0);
    await arrive('client', profile(2, 'Ann', Date.now()));
    expect(await ids()).toEqual(['ann', 'bob']);
    expect((await lists.page('firm', 'rating=green')).total).toBe(1);
  });

  test('takes a new name into search and order', async () => {
    project();
    const lists = await openLists();
    const at = Date.now() - 60_000;
    const order = async () => (await lists.page('firm', 'sort=first_name')).items.map(({ firstName }) => firstName);
    for (const name of ['Bea', 'Ann', 'Cy']) await arrive('client', profile(1, name, at, name));
    expect(await order()).toEqual(['Ann', 'Bea', 'Cy']);
    await arrive('client', profile(2, 'Zoë', at + 1, 'Ann'));
    expect(await order()).toEqual(['Bea', 'Cy', 'Zoë']);
    expect([(await lists.page('firm', 'name=ann')).total, (await lists.page('firm', 'name=zoe')).total]).toEqual([
      0, 1,
    ]);
  });

  test('given many changes come at once and a profile cannot be seen yet, when it can, then its client is whole', async () => {
    const signal = { topic: 'login', occurredAt: formatInstant(now), sessionId: 's', outcome: 'success' } as const;
    const ids = Array.from({ length: 200 }, (_, index) => `c${String(index).padStart(3, '0')}`);
    const clients = ids.map((clientId) => ({ clientId, profile: {}, events: [granted, signal] }));
    // The last views to be read in one go are those of the new client.
    const isNew = (clientId: string) => clientId === 'c191';
    await saveClients(
      stage.store,
      firmA,
      clients.filter(({ clientId }) => !isNew(clientId)),
    );
    let hidden = 1;
    const load: ViewStore['load'] = async (keys) => {
      const stored = await stage.store.load(keys);
      const isHidden = hidden > 0 && keys.some(({ clientId, view }) => isNew(clientId) && view === 'profile');
      if (isHidden) hidden -= 1;
      return stored.map((view, index) =>
        isHidden && view?.view === 'profile' && isNew(keys[index]?.clientId ?? '') ? null : view,
      );
    };
    const roster = openRoster({ firmId: firmA, store: { ...stage.store, load }, clock: systemClock });
    await roster.ready;
    const again = clients.flatMap((client) => writesOf(firmA, client)).filter(({ view }) => view !== 'access');
    const changed = again.filter(({ clientId, view }) => isNew(clientId) || view === 'signals');
    await stage.store.save(changed.map((write) => ({ ...write, expected: isNew(write.clientId) ? 0 : 1 })));
    await roster.take(
      changed.map(({ clientId, view }) => ({ firmId: firmA, clientId, view, version: isNew(clientId) ? 1 : 2 })),
    );
    const found = await roster.query({
      filter: { book: null, status: null, rating: ['green'] },
      sort: 'email',
      order: 'asc',
      limit: 1,
      settings: defaultSettings,
      at: now,
      after: null,
    });
    roster.drop();
    expect([found?.total, hidden]).toEqual([ids.length, 0]);
  });

  test('begins anew when notices can no longer be followed', async () => {
    let end: (error: Error) => void = () => undefined;
    const log: EventLog = {
      ...stage.log,
      follow: async (...given) => {
        const following = await stage.log.follow(...given);
        const failing = new Promise<void>((_resolve, reject) => {
          end = reject;
        });
        return { ...following, done: Promise.race([following.done, failing]) };
      },
    };
    await saveClients(stage.store, firmA, named('a'));
    const lists = await openLists({ log });
    expect((await lists.page(firmA)).total).toBe(1);
    // Nobody tells of this one.
    await saveClients(stage.store, firmA, named('b'));
    expect((await lists.page(firmA)).total).toBe(1);
    end(new Error('the log went away'));
    await eventually(async () => ((await lists.page(firmA)).total === 2 ? true : null));
  });

  test('begins anew when the topic of notices was made anew just before it was followed', async () => {
    let looks = 0;
    let follows = 0;
    const log: EventLog = {
      ...stage.log,
      describe: async (topics) => {
        const found = await stage.log.describe(topics);
        looks += 1;
        return looks === 1 ? found.map((topic) => ({ ...topic, incarnation: 'the one before' })) : found;
      },
      follow: (...given) => {
        follows += 1;
        return stage.log.follow(...given);
      },
    };
    await openLists({ log });
    await eventually(async () => (follows === 2 ? true : null));
  });
});

describe('notices that cannot be taken in', () => {
  /** Rosters read many clients again at once; a page of one client is read whatever happens. */
  const pageKeysMax = 3;
  let at: number;
  let release: () => void;
  let lists: ListStage;

  /** A firm of so many clients who are renamed, with the notices told and not taken in. */
  async function renamed(count: number): Promise<void> {
    const people = Array.from({ length: count }, (_, index) => ({ clientId: `c${index}` }));
    await saveClients(
      stage.store,
      firmA,
      people.map(({ clientId }) => ({ clientId, profile: { lastName: 'Old' } })),
    );
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const load: ViewStore['load'] = async (keys) => {
      if (keys.length > pageKeysMax) await held;
      return stage.store.load(keys);
    };
    at = Date.now();
    const clock = { ...systemClock, now: () => at };
    lists = await openListStage({ ...stage, store: { ...stage.store, load }, clock });
    opened.push(lists);
    expect(await olds()).toBe(count);
    const writes = people.flatMap(({ clientId }) =>
      writesOf(firmA, { clientId, profile: { lastName: 'New', version: 2 } }),
    );
    const profiles = writes.filter(({ view }) => view === 'profile');
    await stage.store.save(profiles.map((write) => ({ ...write, expected: 1 })));
    await stage.log.append(
      changesTopic,
      profiles.map(({ clientId, view }) => {
        const notice = { firmId: firmA, clientId, view, version: 2 };
        return { key: `${firmA}/${clientId}`, value: encodeJson(notice) };
      }),
    );
  }
  const olds = async () => (await lists.page(firmA, 'name=old&limit=1')).total;
  const waits = async (answer: Promise<number>, ms: number) =>
    (await Promise.race([answer, systemClock.sleep(ms).then(() => 'waits')])) === 'waits';

  test('given few, when a list is asked for, then it waits for them', async () => {
    await renamed(100);
    const answer = olds();
    expect(await waits(answer, 200)).toBe(true);
    release();
    expect(await answer).toBe(0);
  });

  test('given many, then a list is of the half second before, and waits once more time has gone by', async () => {
    await renamed(200);
    for (const passed of [0, 500]) {
      at += passed;
      const answer = olds();
      expect(await waits(answer, 3_000)).toBe(false);
      expect(await answer).toBe(200);
    }
    at += 1;
    const answer = olds();
    expect(await waits(answer, 200)).toBe(true);
    release();
    expect(await answer).toBe(0);
  });
});

describe('loading', () => {
  test('is done once for all who wait', async () => {
    await saveClients(stage.store, firmA, named('a', 'b'));
    const watch = watched(stage.store);
    const lists = await openLists({ store: watch.store });
    const pages = await Promise.all(Array.from({ length: 10 }, () => lists.page(firmA)));
    expect(pages.map(({ total }) => total)).toEqual(Array(10).fill(2));
    expect(watch.reads).toBe(1);
  });

  test('given it takes long, when a list is asked for, then the answer is 503 and when to come again, never half', async () => {
    await saveClients(stage.store, firmA, named('a', 'b'));
    const watch = watched(stage.store);
    let release: () => void = () => undefined;
    watch.hold = new Promise((resolve) => {
      release = resolve;
    });
    const lists = await openLists({ store: watch.store }, { loadMs: 20 });
    const { status, headers, text } = await lists.ask(firmA);
    expect([status, JSON.parse(text).code, Number(headers['retry-after'])]).toEqual([503, 'unavailable', 2]);
    release();
    await eventually(async () => ((await lists.ask(firmA)).status === 200 ? true : null));
    expect([(await lists.page(firmA)).total, watch.reads]).toEqual([2, 1]);
  });

  test('given a client changes while the firm is being read, when it is loaded, then the change is there', async () => {
    project();
    const at = Date.now() - 60_000;
    await arrive('client', profile(1, 'Ann', at));
    const watch = watched(stage.store);
    // The store is read as it was before: its answer is held back until the change is told.
    watch.store.readFirm = async function* (firmId, views) {
      const clients = [];
      for await (const some of stage.store.readFirm(firmId, views)) clients.push(some);
      await arrive('client', profile(2, 'Zoë', at + 1));
      await arrive('client', profile(1, 'Bob', at, 'bob'));
      yield* clients;
    };
    const lists = await openLists({ store: watch.store });
    const { items } = await lists.page('firm', 'sort=first_name');
    expect(items.map(({ firstName }) => firstName)).toEqual(['Bob', 'Zoë']);
    expect((await lists.page('firm', 'name=zoe')).total).toBe(1);
  });

  test('given the store fails, when it is back, then the next question loads', async () => {
    await saveClients(stage.store, firmA, named('a'));
    const watch = watched(stage.store);
    watch.hold = Promise.reject(new Error('the store went away'));
    watch.hold.catch(() => undefined);
    const lists = await openLists({ store: watch.store });
    expect((await lists.ask(firmA)).status).toBe(500);
    watch.hold = Promise.resolve();
    expect((await lists.page(firmA)).total).toBe(1);
  });
});

describe('memory', () => {
  const firmB = FirmId.parse('firm-b');

  test('given two firms do not fit, when the second is asked for, then the first goes and is loaded again', async () => {
    await saveClients(stage.store, firmA, named('a'));
    await saveClients(stage.store, firmB, named('b'));
    const watch = watched(stage.store);
    const lists = await openLists({ store: watch.store }, { bytesMax: 1 });
    const ids: (ClientId | string)[] = [];
    for (const firmId of [firmA, firmB, firmB, firmA]) {
      ids.push(...(await lists.page(firmId)).items.map(({ clientId }) => clientId));
    }
    expect([ids, watch.reads]).toEqual([['a', 'b', 'b', 'a'], 3]);
  });

  test('given a firm nobody asks for any longer, when it has been idle long enough, then it is loaded again', async () => {
    await saveClients(stage.store, firmA, named('a'));
    const watch = watched(stage.store);
    let now = Date.now();
    // A clock whose hours pass in a moment.
    const clock = {
      now: () => now,
      sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 10_000, signal),
    };
    const lists = await openListStage({ ...stage, store: watch.store, clock }, { loadMs: 1e8 });
    opened.push(lists);
    await lists.page(firmA);
    await eventually(async () => {
      now += 3_600_000;
      await systemClock.sleep(20);
      await lists.page(firmA);
      return watch.reads > 1 ? true : null;
    });
    expect((await lists.page(firmA)).total).toBe(1);
  });
});
