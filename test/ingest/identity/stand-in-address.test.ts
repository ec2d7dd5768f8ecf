// One address for everybody who has none, as firms write it: it must neither grow without end nor count for all of them.

import { FirmId } from '../../../services/core/ids.ts';
import { candidatesMax } from '../../../services/ingest/identity/address-book.ts';
import { addressKey } from '../../../services/ingest/identity/keys.ts';
import { type Actor, firmId, granted, keycloakEvent, openStage, profile, type Stage, sourceOf } from '../stage.ts';

const portal = sourceOf('{ provider: keycloak, secret: env:SECRET, firm: firm-1, client: email }');
const bus = sourceOf('{ provider: cloudevents, firm: firm-1, client: email }');
const nobody = 'none@example.org';
const firm = FirmId.parse(firmId);

let stage: Stage;
let actor: Actor;
beforeEach(async () => {
  stage = await openStage();
  actor = stage.actor();
  const profiles = Array.from({ length: candidatesMax + 3 }, (_, index) => profile(`client-${index}`, [nobody]));
  await actor.follow('client', profiles);
}, 30_000);
afterEach(() => stage.close());

test('then no more are listed than may be', async () => {
  expect(await actor.identity.book.find(firm, addressKey(nobody))).toHaveLength(candidatesMax);
});

test('then an email to it is a dead letter and counts for none of them', async () => {
  const mail = { specversion: '1.0', id: 'm', source: '/mail', type: 'signalfold.email', time: '2026-03-01T11:00:00Z' };
  const sent = { ...mail, data: { messageId: 'm', status: 'sent', address: nobody } };
  expect(await actor.deliver(bus, [sent])).toMatchObject({ accepted: 0, unusable: 1 });
});

test('when it is the portal login of one more, then a login by it is that one’s', async () => {
  await actor.follow('portal-access', [granted('late', nobody)]);
  const login = keycloakEvent('LOGIN', { details: { username: nobody } });
  expect(await actor.deliver(portal, [login])).toMatchObject({ accepted: 1 });
});
