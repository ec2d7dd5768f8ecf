import { dayMs } from '../../../services/core/time.ts';
import { waitingWire } from '../../../services/ingest/identity/route.ts';
import { sweepOnce } from '../../../services/ingest/identity/sweep.ts';
import { createLogger } from '../../../services/runtime/logger.ts';
import { type Actor, erasure, granted, keycloakEvent, openStage, profile, type Stage, sourceOf } from '../stage.ts';

const portal = sourceOf('{ provider: keycloak, secret: env:SECRET, firm: firm-1, client: email }');
const bus = sourceOf('{ provider: cloudevents, firm: firm-1, client: email }');
const named = { details: { username: 'Ann@Example.org ' } };

let stage: Stage;
let actor: Actor;
beforeEach(async () => {
  stage = await openStage();
  actor = stage.actor();
});
afterEach(() => stage.close());

const clientsOf = async (topic: string) =>
  (await stage.logged(topic)).map(({ value }) => (value as { clientId: string }).clientId);
const reasonsOf = async () => (await stage.logged('dead-letter')).map(({ headers }) => headers['reason']);
const waitingNow = async () => (await actor.identity.waiting.list()).flatMap(({ entries }) => entries);
const email = (id: string, address: string) => ({
  ...{ specversion: '1.0', id, source: '/mail', type: 'signalfold.email', time: '2026-03-01T11:00:00Z' },
  data: { messageId: id, status: 'sent', address },
});

async function sweep(days: number) {
  const bounds = { count: 1000, days };
  const parts = { ...actor.parts, store: stage.store, identity: actor.identity, bounds };
  await sweepOnce({ ...parts, logger: createLogger('silent'), signal: new AbortController().signal });
}

/** The port, with something that happens before each call of one method. */
function before<Port extends object>(port: Port, method: string, happens: (given: unknown[]) => Promise<void>): Port {
  return new Proxy(port, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (name !== method || typeof member !== 'function') return member;
      return async (...given: unknown[]) => {
        await happens(given);
        return member.apply(target, given);
      };
    },
  });
}

function collectionOf(document: unknown): unknown {
  return typeof document === 'object' && document !== null && 'collection' in document ? document.collection : null;
}

test('given a profile, when its client signs in by an address however written, then the login is the client’s', async () => {
  await actor.follow('client', [profile('ann', ['other@example.org', 'ann@example.ORG'])]);
  expect(await actor.deliver(portal, [keycloakEvent('LOGIN', named)])).toMatchObject({ accepted: 1, waiting: 0 });
  expect(await clientsOf('login')).toEqual(['ann']);
});

test('given nobody of that address, then the login waits, and is sent on when the profile comes', async () => {
  expect(await actor.deliver(portal, [keycloakEvent('LOGIN', named)])).toMatchObject({ accepted: 0, waiting: 1 });
  expect(await clientsOf('login')).toEqual([]);
  await actor.follow('client', [profile('ann', ['ann@example.org'])]);
  expect(await clientsOf('login')).toEqual(['ann']);
  expect(await waitingNow()).toEqual([]);
});

test('given nobody of that address, when a portal login brings it, then what waits is sent on', async () => {
  await actor.deliver(portal, [keycloakEvent('LOGIN', named)]);
  await actor.follow('portal-access', [granted('ann', 'ANN@example.org')]);
  expect(await clientsOf('login')).toEqual(['ann']);
});

test('given a profile that comes after nobody was found and before the login waits, then the login is sent on', async () => {
  const other = stage.actor();
  let isFirst = true;
  const late = stage.actor((port) =>
    before(port, 'saveDocument', async ([document]) => {
      if (!isFirst || collectionOf(document) !== 'waiting') return;
      isFirst = false;
      await other.follow('client', [profile('ann', ['ann@example.org'])]);
    }),
  );
  await late.deliver(portal, [keycloakEvent('LOGIN', named)]);
  expect(await clientsOf('login')).toEqual(['ann']);
});

test('given an event that waits, when it is sent again, then it waits once', async () => {
  await actor.deliver(portal, [keycloakEvent('LOGIN', named)]);
  await stage.actor().deliver(portal, [keycloakEvent('LOGIN', named)]);
  expect(await waitingNow()).toHaveLength(1);
});

test('given an event, then its id is the provider’s with the source in front, the same each time', async () => {
  await actor.follow('client', [profile('ann', ['ann@example.org'])]);
  await actor.deliver(portal, [keycloakEvent('LOGIN', named)]);
  await actor.deliver(portal, [keycloakEvent('LOGIN', named)]);
  const ids = (await stage.logged('login')).map(({ value }) => (value as { eventId: string }).eventId);
  expect(ids).toEqual(['portal:kc-LOGIN', 'portal:kc-LOGIN']);
});

describe('given an event that names the user alone', () => {
  const begun = keycloakEvent('IMPERSONATE', { details: { impersonator: 'admin' } });

  test('when the user has signed in by an address, then it is that client’s', async () => {
    await actor.follow('client', [profile('ann', ['ann@example.org'])]);
    await actor.deliver(portal, [keycloakEvent('LOGIN', named)]);
    expect(await actor.deliver(portal, [begun])).toMatchObject({ accepted: 1 });
    expect(await clientsOf('impersonation')).toEqual(['ann']);
  });

  test('when the user signs in by an address only later, then it waits until then', async () => {
    await actor.follow('client', [profile('ann', ['ann@example.org'])]);
    expect(await actor.deliver(portal, [begun])).toMatchObject({ waiting: 1 });
    await actor.deliver(portal, [keycloakEvent('LOGIN', named)]);
    expect(await clientsOf('impersonation')).toEqual(['ann']);
    expect(await waitingNow()).toEqual([]);
  });

  test('when profile and login come after it in any order, then both are sent on', async () => {
    await actor.deliver(portal, [begun]);
    await actor.deliver(portal, [keycloakEvent('LOGIN', named)]);
    await actor.follow('client', [profile('ann', ['ann@example.org'])]);
    expect([await clientsOf('login'), await clientsOf('impersonation')]).toEqual([['ann'], ['ann']]);
  });

  test('when another source has a user of the same id, then that says nothing', async () => {
    const other = { ...portal, name: 'other' };
    await actor.follow('client', [profile('ann', ['ann@example.org'])]);
    await actor.deliver(other, [keycloakEvent('LOGIN', named)]);
    expect(await actor.deliver(portal, [begun])).toMatchObject({ waiting: 1 });
  });

  test('when a failed login typed an address, then that says nothing', async () => {
    await actor.follow('client', [profile('ann', ['ann@example.org'])]);
    await actor.deliver(portal, [keycloakEvent('LOGIN_ERROR', named)]);
    expect(await actor.deliver(portal, [begun])).toMatchObject({ waiting: 1 });
  });
});

describe('given two clients who share an address', () => {
  beforeEach(() =>
    actor.follow('client', [profile('ann', ['home@example.org']), profile('bob', ['home@example.org'])]),
  );
  const login = keycloakEvent('LOGIN', { details: { username: 'home@example.org' } });

  test('then an email to it counts for both', async () => {
    expect(await actor.deliver(bus, [email('m-1', 'home@example.org')])).toMatchObject({ accepted: 1 });
    expect(await clientsOf('email')).toEqual(['ann', 'bob']);
  });

  test('then a login by it is a dead letter that says why', async () => {
    expect(await actor.deliver(portal, [login])).toMatchObject({ unusable: 1 });
    expect(await reasonsOf()).toEqual(['client_ambiguous']);
  });

  test('when it is the portal login of one of them, then a login by it is that one’s', async () => {
    await actor.follow('portal-access', [granted('bob', 'home@example.org')]);
    expect(await actor.deliver(portal, [login])).toMatchObject({ accepted: 1 });
    expect(await clientsOf('login')).toEqual(['bob']);
  });
});

test('given a newer profile without an address, then what goes there is no longer the client’s; an older one changes nothing', async () => {
  await actor.follow('client', [profile('ann', ['ann@example.org'])]);
  await actor.follow('client', [profile('ann', ['new@example.org'], { version: 2 })]);
  await actor.follow('client', [profile('ann', ['ann@example.org'])]);
  expect(await actor.deliver(bus, [email('m-1', 'ann@example.org')])).toMatchObject({ waiting: 1 });
  expect(await actor.deliver(bus, [email('m-2', 'new@example.org')])).toMatchObject({ accepted: 1 });
});

describe('given a client that is erased', () => {
  beforeEach(async () => {
    await actor.follow('client', [profile('ann', ['ann@example.org'])]);
    await actor.follow('portal-access', [granted('ann', 'login@example.org')]);
    await actor.deliver(portal, [keycloakEvent('LOGIN', named)]);
    await actor.follow('client', [erasure('ann', '2026-03-01T11:30:00Z')]);
  });

  test('then no address, portal login or user is its any longer, also when what is older comes again', async () => {
    await actor.follow('client', [profile('ann', ['ann@example.org'])]);
    await actor.follow('portal-access', [granted('ann', 'login@example.org')]);
    const next = stage.actor();
    expect(await next.deliver(bus, [email('m-1', 'ann@example.org')])).toMatchObject({ waiting: 1 });
    expect(await next.deliver(bus, [email('m-2', 'login@example.org')])).toMatchObject({ waiting: 1 });
    const begun = keycloakEvent('IMPERSONATE', { details: { impersonator: 'admin' } });
    expect(await next.deliver(portal, [begun])).toMatchObject({ waiting: 1 });
  });

  test('then nothing in the index holds an address', async () => {
    const shards = '0123456789abcdef'.split('');
    const names = shards.flatMap((shard) => [`identity-${shard}`, `identity-client-${shard}`]);
    const texts = await Promise.all(names.map(async (name) => JSON.stringify(await stage.store.listDocuments(name))));
    expect(texts.join('')).not.toMatch(/example|a\.|u\./);
  });

  test('then a new profile brings it back', async () => {
    await actor.follow('client', [
      profile('ann', ['ann@example.org'], { version: 3, updatedAt: '2026-03-01T11:45:00Z' }),
    ]);
    expect(await actor.deliver(bus, [email('m-1', 'ann@example.org')])).toMatchObject({ accepted: 1 });
  });
});

describe('waiting', () => {
  test('given what waited too long, when it is swept, then it is a dead letter with all that is needed to send it on', async () => {
    await actor.deliver(portal, [keycloakEvent('LOGIN', named)]);
    stage.clock.now += 3 * dayMs;
    await sweep(2);
    expect(await waitingNow()).toEqual([]);
    const [letter] = await stage.logged('dead-letter');
    expect(letter?.headers).toMatchObject({ reason: 'waited_in_vain', step: 'identity', source: 'portal' });
    expect(letter?.value).toMatchObject({ firmId: 'firm-1', topic: 'login', address: 'ann@example.org' });
  });

  test('given what waits and may, when it is swept, then it goes on waiting', async () => {
    await actor.deliver(portal, [keycloakEvent('LOGIN', named)]);
    await sweep(2);
    expect(await waitingNow()).toHaveLength(1);
  });

  test('given as many as may wait, then the next is a dead letter at once', async () => {
    actor = stage.actor(undefined, { count: 2, days: 30 });
    const some = ['a', 'b', 'c'].map((name) => email(name, `${name}@example.org`));
    expect(await actor.deliver(bus, some)).toMatchObject({ waiting: 2, unusable: 1 });
    expect(await reasonsOf()).toEqual(['waiting_full']);
  });

  test('given failed logins of nobody known, then none waits', async () => {
    expect(await actor.deliver(portal, [keycloakEvent('LOGIN_ERROR', named)])).toMatchObject({
      ignored: 1,
      waiting: 0,
    });
  });

  test('then it is told without addresses', async () => {
    await actor.deliver(portal, [keycloakEvent('LOGIN', named), keycloakEvent('IMPERSONATE')]);
    const told = waitingWire(await actor.identity.waiting.list(), { count: 5, days: 30 });
    expect(told).toMatchObject({ total: 2, sources: { portal: 2 }, bounds: { count: 5, days: 30 } });
    expect(told.samples.map(({ waitsFor }) => waitsFor).sort()).toEqual(['a***@e***.org', 'us***']);
  });
});
