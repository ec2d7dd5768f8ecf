// Impersonations first: who starts behind reads them to their end before anything else, and never waits in vain.
import { pino } from 'pino';
import type { DeviceOf } from '../../services/core/device.ts';
import type { CanonicalEvent } from '../../services/core/topics.ts';
import { holdEvents } from '../../services/core/view.ts';
import { signalsView } from '../../services/core/views/signals/view.ts';
import { openCatchUp, waitWithoutProgressMsMax } from '../../services/projector/catch-up.ts';
import { config, hourMs, impersonation, login, openStage, type Stage, start } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage({ partitions: 2 });
});
afterEach(() => stage.close());

/** The signals view, noting in what order the topics come. */
function watched(seen: string[]) {
  const fold: typeof signalsView.fold = (state, event: CanonicalEvent, deviceOf) => {
    seen.push(event.topic);
    signalsView.fold(state, event, deviceOf);
  };
  const view = { ...signalsView, fold };
  return { ...view, hold: (deviceOf: DeviceOf) => holdEvents(view, deviceOf) };
}

/** Small flushes, so that the order is not the batch's. */
const small = { ...config, flush: { ...config.flush, events: 1 } };

async function giveBacklog(): Promise<void> {
  const numbers = [0, 1, 2, 3, 4];
  await stage.append(
    'login',
    numbers.map((number) => login(`s${number}`, start - number * hourMs)),
    null,
  );
  await stage.append(
    'impersonation',
    numbers.map((number) => impersonation(`s${number}`, start - number * hourMs)),
    null,
  );
}

test('behind at the start, every impersonation is folded before the first login', async () => {
  await giveBacklog();
  const seen: string[] = [];
  await stage.fold({ config: small, views: [watched(seen)] });
  expect(seen).toEqual([...Array(5).fill('impersonation'), ...Array(5).fill('login')]);
  expect((await stage.signals())?.logins.d30).toBe(0);
});

test('without any impersonation there is nothing to wait for', async () => {
  await stage.append('login', [login('s1', start)]);
  await stage.fold();
  expect((await stage.signals())?.logins.d30).toBe(1);
});

test('with the impersonations read already there is nothing to wait for', async () => {
  await stage.append('impersonation', [impersonation('s1', start)]);
  await stage.fold();
  await stage.append('login', [login('s1', start), login('s2', start)]);
  await stage.fold();
  expect((await stage.signals())?.logins.d30).toBe(1);
});

test('what another member reads is waited for', async () => {
  await giveBacklog();
  // The first to join gets the first partition of each topic it asks for, the projector the second.
  const other = await stage.log.join(config.group, ['impersonation']);
  const seen: string[] = [];
  const projector = stage.run({ config: small, views: [watched(seen)] });
  const { messages } = await other.poll(0, 100);
  while (seen.length < 5 - messages.length) await stage.clock.sleep(100);
  // It goes on polling, and still takes no login.
  for (let times = 0; times < 20; times += 1) await stage.clock.sleep(250);
  expect(new Set(seen)).toEqual(new Set(['impersonation']));

  await other.commit(messages.map((message) => ({ ...message, offset: message.offset + 1 })));
  while (seen.length < 10 - messages.length) await stage.clock.sleep(100);
  await projector.stop();
  await other.close();
  expect(seen.filter((topic) => topic === 'login')).toHaveLength(5);
});

test('when nobody reads on for a long time the rest goes on', async () => {
  await giveBacklog();
  const dead = await stage.log.join(config.group, ['impersonation']);
  const seen: string[] = [];
  const projector = stage.run({ config: small, views: [watched(seen)] });
  while (seen.length === 0) await stage.clock.sleep(100);
  while (!seen.includes('login')) {
    stage.clock.move(waitWithoutProgressMsMax);
    await stage.clock.sleep(250);
  }
  await projector.stop();
  await dead.close();
  expect(seen.lastIndexOf('impersonation')).toBeLessThan(seen.indexOf('login'));
});

test('taking over partitions that are behind ends with everything read', async () => {
  const seen: string[] = [];
  // Two members share the partitions; the projector is at the head of its own.
  const other = await stage.log.join(config.group, ['impersonation', 'login']);
  const projector = stage.run({ config: small, views: [watched(seen)] });
  await stage.append('message', [{ ...login('x', start), messageId: 'm1', direction: 'inbound', channel: 'sms' }]);
  while (seen.length === 0) await stage.clock.sleep(100);
  for (let index = 0; index < 3; index += 1) {
    await stage.append('login', [login(`s${index}`, start), login(`t${index}`, start)], null);
    await stage.append('impersonation', [impersonation(`s${index}`, start), impersonation(`t${index}`, start)], null);
  }
  await other.close();
  await stage.drained(projector);
  await projector.stop();
  expect((await stage.signals())?.logins.d30).toBe(0);
});

test('falling behind while it runs, the rest waits for the impersonations as well', async () => {
  const reader = await stage.log.join(config.group, ['impersonation', 'login']);
  const room = {
    log: stage.log,
    config,
    clock: stage.clock,
    logger: pino({ level: 'silent' }),
    signal: new AbortController().signal,
  };
  const catchUp = openCatchUp(room, reader, ['impersonation', 'login']);
  await catchUp.step(false, false);
  await giveBacklog();

  await catchUp.step(true, true);
  const { messages } = await reader.poll(0, 100);
  await reader.commit(messages.map((message) => ({ ...message, offset: message.offset + 1 })));
  await catchUp.step(false, false);
  const { messages: rest } = await reader.poll(0, 100);
  await reader.close();

  expect(messages.map(({ topic }) => topic)).toEqual(Array(5).fill('impersonation'));
  expect(rest.map(({ topic }) => topic)).toEqual(Array(5).fill('login'));
});
