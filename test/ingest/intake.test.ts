// What an intake must not do with what it cannot use: fill the dead letters for whoever guesses names, or forget whose it is.
import { dayMs } from '../../services/core/time.ts';
import { sweepOnce } from '../../services/ingest/identity/sweep.ts';
import { takeItems } from '../../services/ingest/intake.ts';
import { placeOfBytes } from '../../services/ingest/provider-letter.ts';
import { encodeJson } from '../../services/log/codec.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import { firmId, keycloakEvent, openStage, profile, type Stage, sourceOf } from './stage.ts';

const logins = sourceOf('{ provider: auth0, verify: none, firm: firm-1, client: userId }');
const portal = sourceOf('{ provider: keycloak, secret: env:SECRET, firm: firm-1, client: email }');
const bus = sourceOf('{ provider: cloudevents, firm: firm-1, client: userId }');

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const failed = (log_id: string, user_id: string) => ({
  log_id,
  data: { log_id, date: '2026-03-01T11:00:00.000Z', type: 'fu', user_id, user_name: 'guessed' },
});

test('given failed logins of names that somebody guesses, then they are neither events nor dead letters', async () => {
  const actor = stage.actor();
  const events = [failed('1', ''), failed('2', '')];
  expect(await actor.deliver(logins, events)).toMatchObject({ ignored: 2, unusable: 0 });
  expect(await stage.logged('dead-letter')).toEqual([]);
});

test('given a failed login by an address that two share, then it is no dead letter', async () => {
  const actor = stage.actor();
  await actor.follow('client', [profile('ann', ['home@example.org']), profile('bob', ['home@example.org'])]);
  const event = keycloakEvent('LOGIN_ERROR', { details: { username: 'home@example.org' } });
  expect(await actor.deliver(portal, [event])).toMatchObject({ ignored: 1, unusable: 0 });
});

test('given an event that stood in a topic for longer than one may wait, then it waits as long as any', async () => {
  const actor = stage.actor();
  const event = keycloakEvent('LOGIN', { details: { username: 'ann@example.org' } });
  const bytes = encodeJson(event);
  const place = placeOfBytes(portal.name, bytes, stage.clock.now - 90 * dayMs, {});
  const old = { bytes, parsed: { value: { ...event, time: stage.clock.now - 90 * dayMs } }, place };
  expect(await takeItems(actor.parts, portal, [old])).toMatchObject({ waiting: 1 });
  const bounds = { count: 1000, days: 30 };
  const parts = { ...actor.parts, store: stage.store, identity: actor.identity, bounds };
  await sweepOnce({ ...parts, logger: createLogger('silent'), signal: new AbortController().signal });
  expect(await stage.logged('dead-letter')).toEqual([]);
  await actor.follow('client', [profile('ann', ['ann@example.org'])]);
  expect(await stage.logged('login')).toHaveLength(1);
});

test('given an event of a client that is refused once it is ours, then its dead letter says whose it is', async () => {
  const actor = stage.actor();
  const event = {
    ...{ specversion: '1.0', id: 'c-1', source: '/app', type: 'signalfold.login', subject: 'ann' },
    ...{ time: '2026-03-01T11:00:00Z', data: { sessionId: 's', outcome: 'success', userAgent: 'x' } },
  };
  // Its arrival lies ahead of this process's clock, as where two machines' clocks differ.
  const bytes = encodeJson(event);
  const ahead = stage.clock.now + 4 * 60_000;
  const value = { ...event, time: new Date(ahead + 4 * 60_000).toISOString() };
  const item = { bytes, parsed: { value }, place: placeOfBytes(bus.name, bytes, ahead, {}) };
  expect(await takeItems(actor.parts, bus, [item])).toMatchObject({ unusable: 1 });
  const [letter] = await stage.logged('dead-letter');
  expect(letter?.headers).toMatchObject({ reason: 'in_future', client: `${firmId}/ann`, source: 'portal' });
});
