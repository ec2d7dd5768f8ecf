// What goes wrong while projecting: crashes at every point, rivals, failing ports, lost messages, broken folds.
import { ClientId, FirmId } from '../../services/core/ids.ts';
import { eventTopics } from '../../services/core/topics.ts';
import { signalsView } from '../../services/core/views/signals/view.ts';
import { ownAvroValues } from '../../services/log/avro/values.ts';
import { encodeJson } from '../../services/log/codec.ts';
import { readLag } from '../../services/log/lag.ts';
import type { EventLog } from '../../services/log/port.ts';
import { emptyBatch, takeMessages } from '../../services/projector/batch.ts';
import { saveClientsMax } from '../../services/projector/flush.ts';
import { foldView } from '../../services/projector/fold-views.ts';
import type { ProbePoint } from '../../services/projector/room.ts';
import { conflictAttemptsMax } from '../../services/projector/save.ts';
import { stalledMsMax } from '../../services/projector/watch.ts';
import { OperatingError } from '../../services/runtime/errors.ts';
import { createMetrics } from '../../services/runtime/metrics.ts';
import type { ViewStore } from '../../services/store/port.ts';
import { config, email, hourMs, impersonation, login, metric, openStage, profile, type Stage, start } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage({ partitions: 2 });
});
afterEach(() => stage.close());

const clients = ['ann', 'ben', 'cleo'];

/** A little history of three clients; repeats and a retraction among it. */
async function giveHistory(): Promise<void> {
  for (const clientId of clients) {
    const key = `firm/${clientId}`;
    const logins = Array.from({ length: 8 }, (_, index) =>
      login(`${clientId}-${index}`, start - index * hourMs, clientId),
    );
    await stage.append('login', logins, key);
    await stage.append('login', logins.slice(2, 4), null);
    await stage.append('email', [email(`${clientId}-m`, start - hourMs, clientId)], key);
    await stage.append('impersonation', [impersonation(`${clientId}-0`, start, clientId)], key);
    await stage.append('client', [profile(1, clientId, start, clientId)], key);
  }
}

async function expectWhole(): Promise<void> {
  const notices = await stage.notices();
  for (const clientId of clients) {
    const facts = await stage.signals(clientId);
    expect(facts?.logins.d30).toBe(7);
    expect(facts?.lastLogin?.at).toEqual({ at: start - hourMs, exact: true });
    expect(facts?.lastSignals.email).toEqual({ at: start - hourMs, exact: true });
    expect(await stage.profileText(clientId)).toContain(clientId);
    for (const [view, version] of Object.entries(await stage.versions(clientId))) {
      expect(notices).toContain(`${clientId} ${view} ${version}`);
    }
  }
  expect((await readLag(stage.log, config.group, eventTopics)).total).toBe(0);
}

/** Small flushes, so that a crash has something before and after it. */
const small = { ...config, flush: { ...config.flush, events: 1 } };

function crashAt(point: ProbePoint, time: number) {
  let left = time;
  return {
    reached: (at: ProbePoint) => {
      if (at !== point) return;
      left -= 1;
      if (left === 0) throw new Error(`crash ${point}`);
    },
  };
}

const points: readonly ProbePoint[] = ['before-save', 'after-save', 'after-notice', 'before-commit', 'after-commit'];

test.each(points.flatMap((point) => [1, 2].map((time) => [point, time] as const)))(
  'after a crash %s, time %d, a restart makes everything whole and has told all of it',
  async (point, time) => {
    await giveHistory();
    await expect(stage.run({ config: small, probes: crashAt(point, time) }).done).rejects.toThrow(`crash ${point}`);
    await stage.fold({ config: small });
    await expectWhole();
  },
);

/** The store, with `save` replaced. */
function withSave(
  save: (real: ViewStore['save'], writes: Parameters<ViewStore['save']>[0]) => ReturnType<ViewStore['save']>,
) {
  const { store } = stage;
  return { ...store, save: (writes: Parameters<ViewStore['save']>[0]) => save(store.save, writes) };
}

const ann = { firmId: FirmId.parse('firm'), clientId: ClientId.parse('ann') };

/** Another projector of the group folds a login of Ann from a partition that it reads and we do not. */
async function rivalSaves(offset: number): Promise<void> {
  const [topic] = await stage.log.describe(['login']);
  if (topic === undefined) throw new Error('there is no topic to fold from');
  const [stored = null] = await stage.store.load([{ ...ann, view: 'signals' }]);
  const value = encodeJson(login(`rival-${offset}`, start - (10 + offset) * hourMs));
  const position = { topic: 'login', incarnation: topic.incarnation, partition: 7, offset };
  const batch = emptyBatch([signalsView], () => 0);
  takeMessages(
    batch,
    [{ ...position, value, key: null, headers: {}, appendedAt: start }],
    { metrics: createMetrics(), values: ownAvroValues() },
    start,
  );
  const [events] = batch.events;
  if (events === undefined) throw new Error('the batch holds no events');
  const { write } = foldView({ client: ann, view: signalsView, events, first: 0 }, stored, batch.places, start);
  if (write !== null) await stage.store.save([write]);
}

test.each([1, 3, conflictAttemptsMax + 2])(
  'a rival that saves first, %d times, costs folding again, not an event',
  async (rivals) => {
    await stage.append('login', [login('s1', start - hourMs)]);
    await stage.append('login', [login('s2', start)], 'firm/ben');
    const metrics = createMetrics();
    let saves = 0;
    const store = withSave(async (save, writes) => {
      saves += 1;
      if (saves <= rivals) await rivalSaves(saves);
      return save(writes);
    });
    await stage.fold({ store, metrics });
    expect((await stage.signals())?.logins.d30).toBe(2 + rivals);
    expect(await metric(metrics, 'signalfold_view_conflicts_total')).toBe(rivals);
  },
);

test('what a rival has folded already is not folded again, and is told', async () => {
  await stage.append('login', [login('s1', start)]);
  const metrics = createMetrics();
  let saves = 0;
  const store = withSave(async (save, writes) => {
    saves += 1;
    if (saves === 1) await stage.fold({ config: { ...config, group: 'rival' } });
    return save(writes);
  });
  await stage.fold({ store, metrics });
  expect(await stage.versions()).toEqual({ signals: 1 });
  expect(await stage.notices()).toEqual(['ann signals 1', 'ann signals 1']);
  expect(await metric(metrics, 'signalfold_events_repeated_total{topic="login"}')).toBe(1);
});

test('a store that cannot be reached for a while, or loses its answers, is waited for', async () => {
  await giveHistory();
  let calls = 0;
  const store = withSave(async (save, writes) => {
    calls += 1;
    const unreachable = new OperatingError('store_unreachable', 'no answer', { retryable: true });
    if (calls % 4 === 1) throw unreachable;
    const outcomes = await save(writes);
    if (calls % 4 === 2) throw unreachable;
    return outcomes;
  });
  await stage.fold({ config: small, store });
  expect(calls).toBeGreaterThan(2);
  await expectWhole();
});

test('a store that saves a part and then fails is made whole', async () => {
  await giveHistory();
  let failures = 2;
  const store = withSave(async (save, writes) => {
    if (failures === 0) return save(writes);
    failures -= 1;
    await save(writes.slice(0, 2));
    throw new OperatingError('store_unreachable', 'no answer', { retryable: true });
  });
  await stage.fold({ store });
  await expectWhole();
});

test('a fatal fault of the store ends the projector with nothing committed', async () => {
  await giveHistory();
  const before = (await readLag(stage.log, config.group, eventTopics)).total;
  const store = withSave(() => Promise.reject(new OperatingError('table_missing', 'no table')));
  await expect(stage.run({ store }).done).rejects.toMatchObject({ code: 'table_missing' });
  expect((await readLag(stage.log, config.group, eventTopics)).total).toBe(before);
});

test('what was saved before a fatal fault in the same flush, and not told yet, is told after a restart', async () => {
  const many = Array.from({ length: 2 * saveClientsMax + 1 }, (_, index) => `client-${index}`);
  await stage.append(
    'login',
    many.map((clientId) => login(`s-${clientId}`, start, clientId)),
  );
  let saves = 0;
  const store = withSave(async (save, writes) => {
    saves += 1;
    if (saves === 3) throw new OperatingError('store_refused', 'no right');
    return save(writes);
  });
  await expect(stage.run({ store }).done).rejects.toMatchObject({ code: 'store_refused' });
  expect(await stage.notices()).toEqual([]);
  await stage.fold();
  expect(new Set(await stage.notices())).toEqual(new Set(many.map((clientId) => `${clientId} signals 1`)));
});

test('a stop while the store cannot be reached ends the projector, and a restart makes everything whole', async () => {
  await giveHistory();
  const projector = stage.run({
    store: withSave(() => {
      setImmediate(() => void projector.stop());
      return Promise.reject(new OperatingError('store_unreachable', 'no answer', { retryable: true }));
    }),
  });
  await expect(projector.done).resolves.toBeUndefined();
  await stage.fold();
  await expectWhole();
});

test('a stop finishes the flush in hand, commits it, and leaves the group', async () => {
  await stage.append('login', [login('s1', start)]);
  const projector = stage.run({
    probes: { reached: (point) => (point === 'before-save' ? void projector.stop() : undefined) },
  });
  await expect(projector.done).resolves.toBeUndefined();
  expect(await stage.versions()).toEqual({ signals: 1 });
  expect((await readLag(stage.log, config.group, eventTopics)).total).toBe(0);
  const next = await stage.log.join(config.group, ['login']);
  expect(next.assigned()).toHaveLength(2);
  await next.close();
});

/** The log, with appends to one topic failing at first. */
function failingAppends(topic: string, failures: number): EventLog {
  const { log } = stage;
  let left = failures;
  return {
    ...log,
    append: async (to, messages) => {
      if (to === topic && left > 0) {
        left -= 1;
        throw new OperatingError('log_append_failed', 'no answer', { retryable: true });
      }
      await log.append(to, messages);
    },
  };
}

test.each(['changes', 'dead-letter'])('appends to %s are tried until they are durable', async (topic) => {
  await giveHistory();
  await stage.append('login', ['nonsense']);
  await stage.fold({ log: failingAppends(topic, 3) });
  await expectWhole();
  expect(await stage.deadLetters()).toHaveLength(1);
});

test('a fold that breaks stops the process, says on which event, and commits nothing of it', async () => {
  await giveHistory();
  const before = (await readLag(stage.log, config.group, eventTopics)).total;
  const broken = {
    ...signalsView,
    hold: () => ({
      keep: () => true,
      fold: () => {
        throw new RangeError('impossible');
      },
    }),
  };
  await expect(stage.run({ views: [broken] }).done).rejects.toThrow(/signals view .* partition \d, offset \d/);
  expect((await readLag(stage.log, config.group, eventTopics)).total).toBe(before);
});

test('a stored view of a format that is not known stops the projector', async () => {
  await stage.store.save([{ ...ann, view: 'signals', expected: 0, bytes: new Uint8Array([255]), readable: {} }]);
  await stage.append('login', [login('s1', start)]);
  await expect(stage.run().done).rejects.toMatchObject({ code: 'format_unknown', retryable: false });
});

describe('lost messages', () => {
  const keptMs = 10 * 60_000;

  /** Offsets 1 and 2 of `login` go before the group has read them. */
  async function lose(): Promise<void> {
    await stage.log.deleteTopic('login');
    await stage.log.createTopics([{ topic: 'login', retentionMs: keptMs, compacted: false }]);
    await stage.append('login', [login('s1', start)]);
    await stage.fold();
    await stage.append('login', [login('s2', start), login('s3', start)]);
    stage.clock.move(2 * keptMs);
    await stage.append('login', [login('s4', start)]);
  }

  test('stop the projector, which says which', async () => {
    await lose();
    const metrics = createMetrics();
    const error = await stage.run({ metrics }).done.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'messages_lost', retryable: false });
    expect(String(error)).toMatch(/topic login, partition \d, offsets 1 to 2.*--accept-loss/);
    expect(await metric(metrics, 'signalfold_lost_messages_total{topic="login"}')).toBe(2);
  });

  test('are passed when that is accepted', async () => {
    await lose();
    await stage.fold({ acceptLoss: true });
    expect((await stage.signals())?.logins.d30).toBe(2);
  });
});

describe('readiness', () => {
  test('turns when nothing gets on while there is lag, and back', async () => {
    let reachable = false;
    const store = withSave(async (save, writes) => {
      if (!reachable) throw new OperatingError('store_unreachable', 'no answer', { retryable: true });
      return save(writes);
    });
    await stage.append('login', [login('s1', start)]);
    const projector = stage.run({ store });
    await until(async () => (await projector.readiness.check()).ok);
    stage.clock.move(stalledMsMax + 1);
    expect(await projector.readiness.check()).toMatchObject({
      ok: false,
      detail: expect.stringContaining('1 messages'),
    });
    reachable = true;
    await stage.drained(projector);
    await until(async () => (await projector.readiness.check()).ok);
    await projector.stop();
    expect(await projector.readiness.check()).toEqual({ ok: false, detail: 'stopped' });
  });
});

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await stage.clock.sleep(100);
}
