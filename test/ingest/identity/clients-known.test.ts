// A backlog of a source is not begun before the clients that stand in the log are known.
import { clientsKnown } from '../../../services/ingest/identity/clients-known.ts';
import { followClients } from '../../../services/ingest/identity/follow-clients.ts';
import { ownAvroValues } from '../../../services/log/avro/values.ts';
import { encodeJson } from '../../../services/log/codec.ts';
import { systemClock } from '../../../services/runtime/clock.ts';
import { createLogger } from '../../../services/runtime/logger.ts';
import { keycloakEvent, openStage, profile, type Stage, sourceOf } from '../stage.ts';

const portal = sourceOf('{ provider: keycloak, secret: env:SECRET, firm: firm-1, client: email }');
const clients = Array.from({ length: 300 }, (_, index) => `client-${index}`);

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

test('given profiles in the log that nobody has read yet, when they are followed, then the last of a backlog’s events is its client’s', async () => {
  const actor = stage.actor();
  const messages = clients.map((name) => ({
    key: `firm-1/${name}`,
    value: encodeJson(profile(name, [`${name}@example.org`])),
  }));
  await stage.log.append('client', messages);
  const stopping = new AbortController();
  const patience = { clock: systemClock, logger: createLogger('silent'), signal: stopping.signal };
  const parts = { ...actor.parts, ...patience, log: stage.log, values: ownAvroValues() };
  let isKnown = false;
  const known = clientsKnown(parts, 'group').then(() => {
    isKnown = true;
  });
  await systemClock.sleep(600);
  expect(isKnown).toBe(false);
  const following = followClients(parts, 'group', actor.identity);
  await known;
  stopping.abort();
  await following;
  const events = clients.map((name) =>
    keycloakEvent('LOGIN', { id: name, userId: name, sessionId: name, details: { username: `${name}@example.org` } }),
  );
  const { accepted } = await actor.deliver(portal, events);
  expect(accepted).toBeGreaterThanOrEqual(clients.length - 100);
}, 30_000);

test('given no profiles at all, then there is nothing to wait for', async () => {
  const patience = { clock: systemClock, logger: createLogger('silent'), signal: new AbortController().signal };
  await clientsKnown({ ...patience, log: stage.log }, 'group');
});
