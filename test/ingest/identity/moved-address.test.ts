// An address that moves from one client to another: what happens afterwards is the new one's.
import { type Actor, granted, keycloakEvent, openStage, profile, type Stage, sourceOf } from '../stage.ts';

const portal = sourceOf('{ provider: keycloak, secret: env:SECRET, firm: firm-1, client: email }');
const bus = sourceOf('{ provider: cloudevents, firm: firm-1, client: email }');
const home = 'home@example.org';
const login = keycloakEvent('LOGIN', { details: { username: home } });
const mail = {
  ...{ specversion: '1.0', id: 'm-1', source: '/mail', type: 'signalfold.email', time: '2026-03-01T11:00:00Z' },
  data: { messageId: 'm-1', status: 'sent', address: home },
};
const access = (clientId: string, change: string, day: string) => ({
  ...{ ...granted(clientId, home), eventId: `${clientId}-${change}` },
  ...{ change, occurredAt: `2026-02-${day}T00:00:00Z` },
});

let stage: Stage;
let actor: Actor;
beforeEach(async () => {
  stage = await openStage();
  actor = stage.actor();
  await actor.follow('client', [profile('ann', [])]);
});
afterEach(() => stage.close());

const ownersIn = async (topic: string) =>
  (await stage.logged(topic)).map(({ value }) => (value as { clientId: string }).clientId);

async function expectOwner(clientId: string) {
  await actor.deliver(portal, [login]);
  await actor.deliver(bus, [mail]);
  expect([await ownersIn('login'), await ownersIn('email')]).toEqual([[clientId], [clientId]]);
}

test('given it was revoked from one and granted to another, then it is the other’s', async () => {
  await actor.follow('portal-access', [access('ann', 'granted', '01'), access('ann', 'revoked', '02')]);
  await actor.follow('portal-access', [access('bob', 'granted', '03')]);
  await expectOwner('bob');
});

test('given it was revoked from one and stands in another’s profile, then it is the other’s', async () => {
  await actor.follow('portal-access', [access('ann', 'granted', '01'), access('ann', 'revoked', '02')]);
  await actor.follow('client', [profile('bob', [home])]);
  await expectOwner('bob');
});

test.each([
  ['it came out of order', [access('ann', 'revoked', '02'), access('ann', 'granted', '01')]],
  ['a detail was changed since', [access('ann', 'revoked', '02'), access('ann', 'changed', '04')]],
])('given it was revoked, and %s, then it is the other’s all the same', async (_what, changes) => {
  await actor.follow('portal-access', [...changes, access('bob', 'granted', '03')]);
  await expectOwner('bob');
});

test('given it was revoked and is nobody else’s, then what comes late is still the one’s', async () => {
  await actor.follow('portal-access', [access('ann', 'granted', '01'), access('ann', 'revoked', '02')]);
  await expectOwner('ann');
});

test('given it was revoked and granted again, then it is the one’s', async () => {
  await actor.follow('client', [profile('bob', [home])]);
  const changes = [access('ann', 'granted', '01'), access('ann', 'revoked', '02'), access('ann', 'granted', '05')];
  await actor.follow('portal-access', changes);
  await actor.deliver(portal, [login]);
  expect(await ownersIn('login')).toEqual(['ann']);
});
