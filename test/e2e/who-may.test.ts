// Every route of the running service × whoever may ask: own and other firm, own and other book, and tokens of every kind.
// What one may not see is answered like what does not exist, to the byte.
import { z } from 'zod';
import type { Scope } from '../../services/runtime/principal.ts';
import type { Reply } from './service.ts';
import { badViews } from './views.ts';
import {
  badTokens,
  emptyTokens,
  everything,
  keyOfAdviser,
  keyOfFirmA,
  keyWithout,
  nowhere,
  openWorld,
  type Place,
  placeOf,
  type World,
} from './who-may.ts';

/** Whose a route's answers are: a firm's, a client's, an export's, or nobody's. */
type Whose = 'nobody' | 'firm' | 'client' | 'export';
type Row = {
  readonly scope: Scope;
  readonly whose: Whose;
  readonly passes: number;
  readonly body?: unknown;
  /** Taken with a view token too. */
  readonly view?: boolean;
};

/** A new route needs a row here. Erasing comes last, because exports go with the client. */
const rows: Readonly<Record<string, Row>> = {
  'POST /v1/events/{topic}': { scope: 'ingest', whose: 'nobody', passes: 202, body: login('firm-a', 'client-ann') },
  'GET /v1/deliveries': { scope: 'ingest', whose: 'nobody', passes: 200 },
  'GET /v1/dead-letters': { scope: 'operate', whose: 'nobody', passes: 200 },
  'GET /v1/dead-letters/{position}': { scope: 'operate', whose: 'nobody', passes: 404 },
  'POST /v1/dead-letters/redrive': { scope: 'operate', whose: 'nobody', passes: 200, body: {} },
  'GET /v1/pipeline': { scope: 'operate', whose: 'nobody', passes: 200 },
  'GET /v1/waiting': { scope: 'ingest', whose: 'nobody', passes: 200 },
  'GET /v1/lag': { scope: 'ingest', whose: 'nobody', passes: 200 },
  'GET /v1/me': { scope: 'read', whose: 'nobody', passes: 200 },
  'GET /v1/firms': { scope: 'read', whose: 'nobody', passes: 200 },
  'GET /v1/firms/{firmId}/clients/{clientId}': { scope: 'read', whose: 'client', passes: 200 },
  'GET /v1/firms/{firmId}/clients/{clientId}/timeline': { scope: 'read', whose: 'client', passes: 200 },
  'GET /v1/firms/{firmId}/clients/{clientId}/activity': { scope: 'read', whose: 'client', passes: 200 },
  'GET /v1/firms/{firmId}/activity': { scope: 'read', whose: 'firm', passes: 200 },
  'GET /v1/firms/{firmId}/movements': { scope: 'read', whose: 'firm', passes: 200 },
  'POST /v1/firms/{firmId}/clients/batch': {
    ...{ scope: 'read', whose: 'firm', passes: 200, view: true },
    body: { ids: ['client-ann', 'client-bob', 'client-zoe'] },
  },
  'POST /v1/firms/{firmId}/view-tokens': { scope: 'read', whose: 'firm', passes: 200, body: {} },
  'POST /v1/firms/{firmId}/what-if': { scope: 'read', whose: 'firm', passes: 200, body: { greenDays: 1 } },
  'GET /v1/firms/{firmId}/changes': { scope: 'read', whose: 'firm', passes: 200, view: true },
  'GET /v1/firms/{firmId}/clients': { scope: 'read', whose: 'firm', passes: 200 },
  'GET /v1/firms/{firmId}/settings': { scope: 'read', whose: 'firm', passes: 200 },
  'PUT /v1/firms/{firmId}/settings': { scope: 'settings', whose: 'firm', passes: 200, body: { recentDays: 30 } },
  'GET /v1/firms/{firmId}/exports': { scope: 'export', whose: 'firm', passes: 200 },
  'GET /v1/firms/{firmId}/exports/{id}': { scope: 'export', whose: 'export', passes: 200 },
  'GET /v1/firms/{firmId}/exports/{id}/file': { scope: 'export', whose: 'export', passes: 200 },
  'POST /v1/firms/{firmId}/exports': {
    ...{ scope: 'export', whose: 'firm', passes: 202 },
    body: { report: 'portal-engagement', format: 'csv' },
  },
  'DELETE /v1/firms/{firmId}/clients/{clientId}': { scope: 'erase', whose: 'client', passes: 200 },
};
const openRoutes = ['GET /livez', 'GET /metrics', 'GET /readyz', 'GET /v1/sign-in'];
/** Asked for no key but a provider's signature; test/ingest/webhooks holds them to it. */
const signedRoutes = ['GET', 'OPTIONS', 'POST'].map((method) => `${method} /v1/webhooks/{source}`);

function login(firmId: string, clientId: string) {
  const occurredAt = new Date(Date.now() - 60_000).toISOString();
  return { eventId: 'e', firmId, clientId, occurredAt, sessionId: 'made up', outcome: 'success' };
}

let world: World;
let before: unknown;
beforeAll(async () => {
  world = await openWorld();
  before = await seenByAll();
});
afterAll(() => world.close());

const Contract = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

test('the service has the routes that are looked at here, and no others', async () => {
  const { paths } = Contract.parse((await world.ask('GET', '/openapi.json', nowhere, null)).json());
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(routes.sort()).toEqual([...Object.keys(rows), ...openRoutes, ...signedRoutes].sort());
});

test.each([...openRoutes, 'GET /openapi.json', 'GET /asyncapi.json', 'GET /docs'])('%s is open', async (route) => {
  const [method = '', path = ''] = route.split(' ');
  expect((await world.ask(method, path, nowhere, null)).status).toBe(200);
});

test.each(signedRoutes)('%s asks for no key, and knows nobody', async (route) => {
  const [method = '', path = ''] = route.split(' ');
  const reply = await world.ask(method, path, nowhere, null);
  expect([reply.status, z.object({ code: z.string() }).parse(reply.json()).code]).toEqual([404, 'source_unknown']);
});

describe.each(Object.entries(rows))('%s', (route, { scope, whose, passes, body, view }) => {
  const [method = '', path = ''] = route.split(' ');
  const ask = (place: Place, token: string | null) => world.ask(method, path, place, token, body);
  const own = () =>
    placeOf({ clientId: method === 'DELETE' ? 'client-dan' : 'client-ann', exportId: world.exports.ofOwner });
  /** There, but not in firm-a. */
  const foreign = () => ({ firmId: 'firm-b', clientId: 'client-zoe', exportId: world.exports.ofFirmB });

  /** The status, when both places are answered alike. */
  async function alike(one: Place, other: Place, token: string | null): Promise<number> {
    const [first, second] = [await ask(one, token), await ask(other, token)];
    expect(masked(first, one)).toEqual(masked(second, other));
    return first.status;
  }

  test.each(badTokens)('token %s: 401, whether there is something or not', async (kind) => {
    expect(await alike(own(), nowhere, world.tokens.bad[kind])).toBe(401);
    expect(await alike(foreign(), nowhere, world.tokens.bad[kind])).toBe(401);
  });

  test.each(badViews)('a view token %s: 401, whether there is something or not', async (kind) => {
    expect(await alike(own(), nowhere, world.views.bad[kind])).toBe(401);
    expect(await alike(foreign(), nowhere, world.views.bad[kind])).toBe(401);
  });

  if (view === true) {
    test('a view token: the own firm, and another as when there is none', async () => {
      for (const token of Object.values(world.views.good)) {
        expect((await ask(own(), token)).status).toBe(passes);
        expect(await alike(foreign(), nowhere, token)).toBe(404);
      }
    });
  } else {
    test('a view token: 403, whether there is something or not', async () => {
      for (const token of Object.values(world.views.good)) {
        expect(await alike(own(), nowhere, token)).toBe(403);
        expect(await alike(foreign(), nowhere, token)).toBe(403);
      }
    });
  }

  test.each(emptyTokens)('%s: 403, whether there is something or not', async (who) => {
    expect(await alike(own(), nowhere, world.tokens.empty[who])).toBe(403);
  });

  test('without the scope: 403, which names it, whether there is something or not', async () => {
    expect(await alike(own(), nowhere, keyWithout(scope))).toBe(403);
    const { text } = await ask(own(), keyWithout(scope));
    expect(JSON.parse(text)).toMatchObject({ code: 'forbidden', detail: expect.stringContaining(`"${scope}"`) });
  });

  if (scope !== 'read' && scope !== 'export') {
    test('an adviser: 403, because it concerns the whole firm, whether there is something or not', async () => {
      for (const token of [world.tokens.good.adviser, keyOfAdviser])
        expect(await alike(own(), nowhere, token)).toBe(403);
    });
  }

  if (whose !== 'nobody') {
    test('another firm: 404, as when there is none', async () => {
      for (const token of [world.tokens.good.ownerA, keyOfFirmA]) {
        expect(await alike(foreign(), nowhere, token)).toBe(404);
        expect(await alike({ ...own(), firmId: 'firm-b' }, nowhere, token)).toBe(404);
      }
    });
  }

  if ((scope === 'read' || scope === 'export') && (whose === 'client' || whose === 'export')) {
    test('another book: 404, as when there is nothing', async () => {
      const nothing = placeOf({});
      const { ofOwner, ofOther } = world.exports;
      for (const token of [world.tokens.good.adviser, keyOfAdviser]) {
        expect(await alike(placeOf({ clientId: 'client-bob', exportId: ofOther }), nothing, token)).toBe(404);
        expect(await alike(placeOf({ clientId: 'client-cid', exportId: ofOwner }), nothing, token)).toBe(404);
        expect(await alike(foreign(), nowhere, token)).toBe(404);
      }
    });

    test('the own book', async () => {
      const place = placeOf({ clientId: 'client-ann', exportId: world.exports.ofAdviser });
      for (const token of [world.tokens.good.adviser, keyOfAdviser]) {
        expect((await ask(place, token)).status).toBe(passes);
      }
    });
  }

  test('a manager: all but sending events, erasing and operating', async () => {
    const isManagers = scope !== 'ingest' && scope !== 'erase' && scope !== 'operate';
    expect((await ask(own(), world.tokens.good.managerA)).status).toBe(isManagers ? passes : 403);
  });

  test('the own firm', async () => {
    for (const token of [keyOfFirmA, world.tokens.good.ownerA]) {
      expect((await ask(own(), token)).status).toBe(
        method === 'DELETE' && token === world.tokens.good.ownerA ? 200 : passes,
      );
    }
  });
});

/** All but what names this one answer; the ids that were asked for as if they were alike. */
function masked({ status, text, headers }: Reply, { firmId, clientId, exportId }: Place) {
  const names = ['content-type', 'www-authenticate', 'cache-control', 'retry-after', 'location', 'etag'];
  const parts = [firmId, clientId, exportId];
  const body = parts.reduce((left, id) => left.replaceAll(id, '…'), text);
  return {
    status,
    text: body.replace(/urn:signalfold:request:[0-9a-f-]{36}/, ''),
    headers: names.map((name) => headers.get(name)),
  };
}

describe('what a view token shows', () => {
  const path = '/v1/firms/{firmId}/clients/batch';
  const ids = ['client-ann', 'client-amy', 'client-bob', 'client-cid', 'client-zoe'];
  const shownTo = async (token: string) => {
    const { items } = Items.parse((await world.ask('POST', path, placeOf({}), token, { ids })).json());
    return items.map(({ clientId }) => clientId);
  };
  const made = async (maker: string, body: unknown) => {
    const reply = await world.ask('POST', '/v1/firms/{firmId}/view-tokens', placeOf({}), maker, body);
    return z.object({ token: z.string() }).parse(reply.json()).token;
  };

  test('the firm, the book or the clients it was made for', async () => {
    const { ofFirm, ofBook, ofClients } = world.views.good;
    expect(await shownTo(ofFirm)).toEqual(['client-ann', 'client-amy', 'client-bob', 'client-cid']);
    expect(await shownTo(ofBook)).toEqual(['client-ann', 'client-amy']);
    expect(await shownTo(ofClients)).toEqual(['client-ann']);
  });

  test('of an adviser the own book, also when the clients of others were named', async () => {
    expect(await shownTo(await made(world.tokens.good.adviser, {}))).toEqual(['client-ann', 'client-amy']);
    const body = { adviserId: 'adv-1', clientIds: ['client-amy', 'client-bob'] };
    expect(await shownTo(await made(keyOfAdviser, body))).toEqual(['client-amy']);
  });

  test('an adviser makes none for another book: 403', async () => {
    const reply = await world.ask('POST', '/v1/firms/{firmId}/view-tokens', placeOf({}), keyOfAdviser, {
      adviserId: 'adv-2',
    });
    expect([reply.status, reply.text]).toEqual([403, expect.stringContaining("asks for another's")]);
  });
});

const Items = z.object({
  items: z.array(z.looseObject({ clientId: z.string().optional(), id: z.string().optional() })),
});

/** What is there of the other firm. */
async function seenByAll(): Promise<unknown> {
  const place = { ...nowhere, firmId: 'firm-b' };
  const look = async (path: string) => (await world.ask('GET', path, place, everything)).json();
  return {
    clients: Items.parse(await look('/v1/firms/{firmId}/clients')).items.map(({ clientId }) => clientId),
    exports: Items.parse(await look('/v1/firms/{firmId}/exports')).items.map(({ id }) => id),
    settings: await look('/v1/firms/{firmId}/settings'),
  };
}

test('whatever was refused has changed nothing', async () => {
  expect(await seenByAll()).toEqual(before);
});

test('no key was fetched from where a token pointed to', () => {
  expect(world.strangersAsked).toEqual([]);
});
