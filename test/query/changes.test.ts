// Changes over HTTP as a subscriber hears them: live, after a break, behind a lost log, and of one's own book alone.
import { createHash } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { pino } from 'pino';
import { changesTopic } from '../../services/core/topics.ts';
import { topicSpecs } from '../../services/log/topics.ts';
import { type FeedLimits, openFeed } from '../../services/query/changes/feed.ts';
import { registerChanges } from '../../services/query/changes/route.ts';
import { openViewTokenKeys } from '../../services/query/view-token-keys.ts';
import { parseApiKeys } from '../../services/runtime/api-keys.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { openViewTokens, type ViewTokens } from '../../services/runtime/view-tokens.ts';
import { until } from '../e2e/service.ts';
import { login, openStage, profile, type Stage, start } from '../projector/stage.ts';
import { type RunningServer, runServer } from '../runtime/server.ts';
import { problemOf } from './api.ts';

type Heard = { readonly event: string | null; readonly id: string | null; readonly data: Record<string, unknown> };

type Ear = {
  readonly heard: Heard[];
  /** The last id it was told. */
  id(): string;
  /** The changes, as `client view version`. */
  changes(): string[];
  comments: number;
  isOver: boolean;
  leave(): void;
  pause(): void;
  resume(): void;
};

const keys = { whole: 'key-of-the-firm', one: 'key-of-adviser-one' };
const hashOf = (key: string) => createHash('sha256').update(key).digest('hex');

let stage: Stage;
let server: RunningServer;
let views: ViewTokens;
beforeEach(async () => {
  stage = await openStage({ partitions: 3 });
  await given('client', [profile(1, 'Ann', start)]);
});
afterEach(async () => {
  await server.stop();
  await stage.close();
});

async function given(topic: string, events: readonly unknown[]) {
  await stage.append(topic, events);
  await stage.fold();
}

async function serve(limits: Partial<FeedLimits> = {}, isKeyed = false) {
  const logger = pino({ level: 'silent' });
  const text = `${hashOf(keys.whole)}:firm=firm:name=crm,${hashOf(keys.one)}:firm=firm:adviser=one`;
  const auth = isKeyed ? { keys: parseApiKeys(text).keys, oidc: null } : null;
  views = openViewTokens(openViewTokenKeys(stage.store, systemClock), systemClock);
  server = await runServer({
    config: { auth },
    viewTokens: views,
    routes: (instance, metrics) => {
      const parts = { log: stage.log, store: stage.store, clock: systemClock, logger, metrics };
      const feed = openFeed(parts, { gatherMs: 20, ...limits });
      registerChanges(instance, { ...parts, feed });
    },
  });
}

/** Subscribes, and resolves when it is told the first id. */
async function listen(headers: Record<string, string> = {}, query = ''): Promise<Ear> {
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    const path = `/v1/firms/firm/changes${query}`;
    request({ host: '127.0.0.1', port: server.port, path, headers, agent: false }, resolve).on('error', reject).end();
  });
  expect([incoming.statusCode, incoming.headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
  // A proxy that gathered or packed events would keep them.
  expect([incoming.headers['cache-control'], incoming.headers['x-accel-buffering']]).toEqual([
    'no-store, no-transform',
    'no',
  ]);
  let rest = '';
  const ear: Ear = {
    heard: [],
    id: () => ear.heard.findLast(({ id }) => id !== null)?.id ?? '',
    changes: () =>
      ear.heard.flatMap(({ event, data }) =>
        event === 'change' ? [`${data['clientId']} ${data['view']} ${data['version']}`] : [],
      ),
    comments: 0,
    isOver: false,
    leave: () => incoming.destroy(),
    pause: () => incoming.pause(),
    resume: () => incoming.resume(),
  };
  incoming.setEncoding('utf8').on('data', (text: string) => {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const lineOf = (name: string) =>
        block
          .split('\n')
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2) ?? null;
      if (block.startsWith(': ')) ear.comments += 1;
      if (lineOf('id') === null && lineOf('event') === null) continue;
      ear.heard.push({ event: lineOf('event'), id: lineOf('id'), data: JSON.parse(lineOf('data') ?? '{}') });
    }
  });
  incoming.on('close', () => {
    ear.isOver = true;
  });
  incoming.on('error', () => undefined);
  await eventually(ear, () => ear.heard.length > 0);
  return ear;
}

const eventually = (ear: Ear, isSo: () => boolean) =>
  until(
    async () => isSo(),
    10_000,
    () => `heard: ${JSON.stringify(ear.heard)}`,
  );

test('a change is told by its client, view and version, and never with its content', async () => {
  await serve();
  const ear = await listen();
  await given('login', [login('s1', start)]);
  await eventually(ear, () => ear.changes().length > 0);
  expect(ear.changes()).toEqual(['ann signals 1']);
  expect(Object.keys(ear.heard.at(-1)?.data ?? {}).sort()).toEqual(['clientId', 'version', 'view']);
});

test('repeats that fall together are told once, at the newest version', async () => {
  await serve();
  const ear = await listen();
  const notices = [1, 3, 2, 3].map((version) => ({
    key: 'firm/ann',
    value: Buffer.from(JSON.stringify({ firmId: 'firm', clientId: 'ann', view: 'signals', version })),
  }));
  await stage.log.append(changesTopic, notices);
  await eventually(ear, () => ear.changes().length > 0);
  expect(ear.changes()).toEqual(['ann signals 3']);
});

test('whoever comes again with the last id hears what was missed, by header or by parameter', async () => {
  await serve();
  const before = await listen();
  await given('login', [login('s1', start)]);
  await eventually(before, () => before.changes().length > 0);
  before.leave();
  await given('login', [login('s2', start)]);
  await given('client', [profile(2, 'Anne', start + 1)]);
  const byHeader = await listen({ 'last-event-id': before.id() });
  const byQuery = await listen({}, `?last_event_id=${before.id()}`);
  for (const ear of [byHeader, byQuery]) {
    await eventually(ear, () => ear.changes().length >= 2);
    expect(ear.changes()).toEqual(['ann signals 2', 'ann profile 2']);
  }
  await given('login', [login('s3', start)]);
  await eventually(byHeader, () => byHeader.changes().length >= 3);
  expect(byHeader.changes().at(-1)).toBe('ann signals 3');
});

test('whoever breaks off and comes again all the time is told the newest version in the end', async () => {
  await serve({ gatherMs: 1 });
  let ear = await listen();
  for (let round = 1; round <= 12; round += 1) {
    await given('login', [login(`s${round}`, start)]);
    if (round % 3 === 0) {
      const id = ear.id();
      ear.leave();
      await given('login', [login(`t${round}`, start)]);
      ear = await listen({ 'last-event-id': id });
    }
  }
  await eventually(ear, () => ear.changes().includes('ann signals 16'));
});

test.each([
  ['not one of ours', async () => 'rubbish'],
  ['of a topic that is no more', deletedTopic],
])('an id that is %s resets', async (_what, idOf) => {
  await serve();
  const ear = await listen({ 'last-event-id': await idOf() });
  await eventually(ear, () => ear.heard.some(({ event }) => event === 'reset'));
  expect(ear.heard[0]).toMatchObject({ event: 'reset', data: { reason: 'unusable_position' } });
  await given('login', [login('s9', start)]);
  await eventually(ear, () => ear.changes().length > 0);
});

async function deletedTopic(): Promise<string> {
  const ear = await listen();
  ear.leave();
  await stage.log.deleteTopic(changesTopic);
  await stage.log.createTopics(topicSpecs);
  await eventually(ear, () => ear.isOver);
  return ear.id();
}

test('an id from before what retention deleted resets', async () => {
  await serve();
  const ear = await listen();
  ear.leave();
  await given('login', [login('s1', start)]);
  stage.clock.move(8 * 86_400_000);
  // Appending is what makes the embedded log look for what is past its time.
  await stage.log.append(changesTopic, [{ key: 'firm/ann', value: Buffer.from('{}') }]);
  await stage.log.append(changesTopic, [{ key: 'firm/ann', value: Buffer.from('{}') }]);
  const again = await listen({ 'last-event-id': ear.id() });
  expect(again.heard[0]).toMatchObject({ event: 'reset', data: { reason: 'too_old' } });
});

test('one who does not read is bounded: reset, and ended', async () => {
  await serve({ gatherMs: 1 });
  const ear = await listen();
  ear.pause();
  const clients = Array.from({ length: 4_000 }, (_, index) => `client-${index}-${'x'.repeat(90)}`);
  for (let round = 1; round <= 12; round += 1) {
    const notices = clients.map((clientId) => ({
      key: `firm/${clientId}`,
      value: Buffer.from(JSON.stringify({ firmId: 'firm', clientId, view: 'signals', version: round })),
    }));
    await stage.log.append(changesTopic, notices);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  // A busy machine may take longer to hand out all that.
  const isCounted = async () => (await server.metrics.text()).includes('{reason="too_slow"} 1');
  await until(isCounted, 20_000, () => 'nobody was found too slow');
  ear.resume();
  await eventually(ear, () => ear.isOver);
  expect(ear.heard.at(-1)).toMatchObject({ event: 'reset', data: { reason: 'too_slow' } });
  expect(await server.metrics.text()).toContain('signalfold_change_resets_total{reason="too_slow"} 1');
});

test('heartbeats come while nothing happens, and move the place', async () => {
  await serve({ heartbeatMs: 30 });
  const ear = await listen();
  await eventually(ear, () => ear.comments > 1);
  expect(ear.changes()).toEqual([]);
});

test('beyond so many subscribers of a firm there is room again when one leaves', async () => {
  await serve({ firmSubscribersMax: 1 });
  const ear = await listen();
  expect(problemOf(await server.send('GET', '/v1/firms/firm/changes'))).toEqual([503, 'unavailable']);
  ear.leave();
  await until(
    async () => (await tryToListen()) === 200,
    10_000,
    () => 'there is no room',
  );
});

/** The status alone. */
function tryToListen(): Promise<number> {
  return new Promise((resolve, reject) => {
    const path = '/v1/firms/firm/changes';
    request({ host: '127.0.0.1', port: server.port, path, agent: false }, (incoming) => {
      incoming.destroy();
      resolve(incoming.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

test('stopping the server ends the streams', async () => {
  await serve();
  const ear = await listen();
  await server.stop();
  await eventually(ear, () => ear.isOver);
  // There is one to be stopped after each test.
  await serve();
});

test('of an unknown firm there is nothing to hear', async () => {
  await serve();
  expect(problemOf(await server.send('GET', '/v1/firms/nobody/changes'))).toEqual([404, 'firm_unknown']);
});

test('an adviser hears of his own clients alone, live and after a break, and of none that left', async () => {
  await serve({}, true);
  const of = (version: number, clientId: string, adviser: string) => ({
    ...profile(version, 'A', start + version, clientId),
    adviser: { id: adviser, name: adviser },
  });
  await given('client', [of(1, 'his', 'one'), of(1, 'moves', 'one'), of(1, 'other', 'two')]);
  const as = (key: string, id = '') => listen({ authorization: `Bearer ${key}`, 'last-event-id': id });
  const [adviser, manager] = [await as(keys.one), await as(keys.whole)];
  const from = adviser.id();
  const logins = () => ['his', 'moves', 'other', 'stranger'].map((id) => login(`s-${Math.random()}`, start, id));
  await given('login', logins());
  await eventually(manager, () => manager.changes().length >= 4);
  await eventually(adviser, () => adviser.changes().length >= 2);
  expect(adviser.changes().toSorted()).toEqual(['his signals 1', 'moves signals 1']);

  await given('client', [of(2, 'moves', 'two')]);
  await given('login', logins());
  await eventually(manager, () => manager.changes().length >= 9);
  await eventually(adviser, () => adviser.changes().length >= 3);
  expect(adviser.changes().slice(2)).toEqual(['his signals 2']);
  const again = await as(keys.one, from);
  await eventually(again, () => again.changes().length > 0);
  expect(again.changes()).toEqual(['his signals 2']);
});

test.each([
  ['with keys', true],
  ['on an open loopback', false],
])('%s a view token hears of the clients it names alone, and no longer than it lives', async (_where, isKeyed) => {
  await serve({}, isKeyed);
  const made = async (until: number | null) => {
    const view = { firmId: 'firm', book: null, clientIds: ['ann'], minutes: 1 };
    const { token } = await views.make({ id: 'key:crm', until }, view);
    return listen({ authorization: `Bearer ${token}` });
  };
  const [ear, brief] = [await made(null), await made(Date.now() + 2_000)];
  await given('login', [login('s1', start, 'bob'), login('s2', start, 'ann')]);
  await eventually(ear, () => ear.changes().length > 0);
  expect(ear.changes()).toEqual(['ann signals 1']);
  await eventually(brief, () => brief.isOver);
});
