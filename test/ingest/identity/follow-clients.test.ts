// The address book follows whatever the projector can read: profiles written as Avro are clients too.
import { takeClients } from '../../../services/ingest/identity/follow-clients.ts';
import { ownAvroValues } from '../../../services/log/avro/values.ts';
import type { LogMessage } from '../../../services/log/port.ts';
import { asTwin, singleObject, twinOf } from '../../log/avro/written.ts';
import { granted, keycloakEvent, openStage, profile, type Stage, sourceOf } from '../stage.ts';

const portal = sourceOf('{ provider: keycloak, secret: env:SECRET, firm: firm-1, client: email }');

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

function written(topic: 'client' | 'portal-access', event: Readonly<Record<string, unknown>>): LogMessage {
  const value = singleObject(twinOf(topic), asTwin(topic, event));
  const place = { topic, incarnation: 'i', partition: 0, offset: 0, appendedAt: stage.clock.now };
  return { ...place, key: null, value, headers: {} };
}

test.each([
  ['profile', 'client', profile('ann', ['ann@example.org'])],
  ['portal login', 'portal-access', granted('ann', 'ann@example.org')],
] as const)('given a %s written as Avro, then its client is found by the address', async (_what, topic, event) => {
  const actor = stage.actor();
  await takeClients(actor.identity, [written(topic, event)], ownAvroValues());
  const login = keycloakEvent('LOGIN', { details: { username: 'ann@example.org' } });
  expect(await actor.deliver(portal, [login])).toMatchObject({ accepted: 1, waiting: 0 });
});
