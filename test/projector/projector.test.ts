// From messages in the log to views in the store, and what is told on the way.
import { FirmId } from '../../services/core/ids.ts';
import { createMetrics } from '../../services/runtime/metrics.ts';
import {
  config,
  email,
  erasure,
  hourMs,
  impersonation,
  login,
  metric,
  minuteMs,
  openStage,
  profile,
  type Stage,
  start,
} from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

test('events of several topics become the views of their client, and the firm is known', async () => {
  await stage.append('login', [login('s1', start - 2 * hourMs), login('s2', start - hourMs)]);
  await stage.append('email', [email('m1', start - 3 * hourMs)]);
  await stage.append('client', [profile(1, 'Ann', start - hourMs)]);

  await stage.fold();

  const facts = await stage.signals();
  expect(facts?.logins.d30).toBe(2);
  expect(facts?.lastSignals).toEqual({
    login: { at: start - hourMs, exact: true },
    email: { at: start - 3 * hourMs, exact: true },
    message: null,
  });
  expect(await stage.profileText()).toContain('Ann');
  expect(await stage.notices()).toEqual(['ann signals 1', 'ann profile 1']);
  expect(await stage.store.loadFirm(FirmId.parse('firm'))).toMatchObject({ dataSince: start - 3 * hourMs });
});

test('a profile alone makes the firm known without an instant since which there is data', async () => {
  await stage.append('client', [profile(1, 'Ann', start)]);
  await stage.fold();
  expect(await stage.store.loadFirm(FirmId.parse('firm'))).toMatchObject({ dataSince: null });
});

test('events arriving while it runs are folded into what stands', async () => {
  const projector = stage.run();
  await stage.append('login', [login('s1', start - hourMs)]);
  await stage.drained(projector);
  await stage.append('login', [login('s2', start)]);
  await stage.drained(projector);
  expect((await stage.signals())?.logins.d30).toBe(2);
  expect(await stage.versions()).toEqual({ signals: 2 });
});

test('the message key is not trusted: the event says whose it is', async () => {
  await stage.append('login', [login('s1', start, 'ben')], 'firm/ann');
  await stage.fold();
  expect(await stage.versions('ben')).toEqual({ signals: 1 });
  expect(await stage.versions('ann')).toEqual({});
});

test('redelivered messages change nothing, and tell again', async () => {
  await stage.append('login', [login('s1', start), login('s2', start, 'ben')]);
  await stage.fold();
  const before = await stage.notices();

  const metrics = createMetrics();
  await stage.fold({ config: { ...config, group: 'again' }, metrics });

  expect(await stage.versions()).toEqual({ signals: 1 });
  expect((await stage.notices()).slice(before.length)).toEqual(before);
  expect(await metric(metrics, 'signalfold_events_repeated_total{topic="login"}')).toBe(2);
});

test('an event that changes nothing costs no write; what it may repeat is told again', async () => {
  const once = login('s1', start);
  await stage.append('login', [once]);
  await stage.fold();
  await stage.append('login', [once, { ...login('s3', start), outcome: 'failure' }]);
  await stage.fold();
  expect(await stage.versions()).toEqual({ signals: 1 });
  // Whoever saved the first may have died before telling, and its topic may have been created anew since.
  expect(await stage.notices()).toEqual(['ann signals 1', 'ann signals 1']);
});

test('forty events of a client in the backlog cost one write', async () => {
  const logins = Array.from({ length: 40 }, (_, index) => login(`s${index}`, start - index * hourMs));
  for (const one of logins) await stage.append('login', [one, login(`${one.sessionId}-ben`, start, 'ben')]);
  stage.clock.move(hourMs);

  const metrics = createMetrics();
  await stage.fold({ metrics, config: { ...config, flush: { ...config.flush, events: 1 } } });

  expect((await stage.signals())?.logins.d30).toBe(40);
  expect(await metric(metrics, 'signalfold_view_writes_total{view="signals"}')).toBe(2);
});

test('near the head it saves after the configured number of events', async () => {
  await stage.append('login', [login('s1', start)]);
  await stage.append('email', [email('m1', start)]);
  const metrics = createMetrics();
  await stage.fold({ metrics, config: { ...config, flush: { ...config.flush, events: 1 } } });
  expect(await metric(metrics, 'signalfold_flushes_total')).toBe(1);
});

test('an erasure leaves a marker in every view, and no event from before comes back', async () => {
  await stage.append('login', [login('s1', start - hourMs)]);
  await stage.append('client', [profile(1, 'Ann', start - hourMs)]);
  await stage.fold();
  await stage.append('client', [erasure(2, start)]);
  await stage.fold();
  await stage.append('login', [login('s2', start - minuteMs), login('s3', start + minuteMs)]);
  await stage.append('client', [profile(1, 'Ann', start - minuteMs)]);
  await stage.fold();
  stage.clock.move(hourMs);
  expect(Object.keys(await stage.versions()).sort()).toEqual(['access', 'profile', 'signals']);
  expect((await stage.signals())?.logins.d30).toBe(1);
  expect(await stage.profileText()).not.toContain('Ann');
});

test('more clients than are saved at a time are all saved', async () => {
  const clients = Array.from({ length: 1201 }, (_, index) => `client-${index}`);
  await stage.append(
    'login',
    clients.map((clientId) => login(`s-${clientId}`, start, clientId)),
  );
  await stage.fold();
  expect(new Set(await stage.notices())).toEqual(new Set(clients.map((clientId) => `${clientId} signals 1`)));
});

describe('without keys, over several partitions', () => {
  test('views come out the same', async () => {
    const spread = await openStage({ partitions: 3 });
    try {
      const logins = Array.from({ length: 12 }, (_, index) => login(`s${index}`, start - index * hourMs));
      await spread.append('login', logins, null);
      await spread.append('impersonation', [impersonation('s0', start), impersonation('s5', start)], null);
      await spread.append('login', logins, null);
      await spread.fold();
      const facts = await spread.signals();
      expect(facts?.logins.d30).toBe(10);
      expect(facts?.lastLogin?.at).toEqual({ at: start - hourMs, exact: true });
    } finally {
      await spread.close();
    }
  });
});
