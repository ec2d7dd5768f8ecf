// Pulling, against a server that answers as Keycloak's admin REST API does: what a real one cannot be made to do in a moment,
// such as a hundred events of one millisecond. A real one is in test/e2e/keycloak.test.ts.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Puller } from '../../../services/ingest/providers/puller.ts';
import { pullOnce } from '../../../services/ingest/sources/pull-source.ts';
import type { Source } from '../../../services/ingest/sources/source.ts';
import { createLogger } from '../../../services/runtime/logger.ts';
import { type Actor, crashingAt, keycloakEvent, now, openStage, type Stage, sourceOf } from '../stage.ts';

type Event = ReturnType<typeof keycloakEvent> & { readonly id: string; readonly time: number };

let stage: Stage;
let server: Server;
let events: Event[];
let asked: string[];
let refusing: number | null;
let tokens: number;
let newestFirst: boolean;
let source: Source;
let puller: Puller;
beforeEach(async () => {
  stage = await openStage();
  [events, asked, refusing, tokens, newestFirst] = [[], [], null, 0, false];
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    response.setHeader('content-type', 'application/json');
    if (pathname.endsWith('/token')) {
      tokens += 1;
      response.end(JSON.stringify({ access_token: `token-${tokens}`, expires_in: 60 }));
      return;
    }
    asked.push(`${searchParams.get('dateFrom')}+${searchParams.get('first')}`);
    response.statusCode = refusing ?? (request.headers.authorization === `Bearer token-${tokens}` ? 200 : 401);
    const from = Number(searchParams.get('dateFrom'));
    const first = Number(searchParams.get('first'));
    const found = events.filter(({ time }) => time >= from).sort((one, other) => one.time - other.time);
    if (newestFirst) found.reverse();
    response.end(JSON.stringify(found.slice(first, first + Number(searchParams.get('max')))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open();
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await stage.close();
});

/** As a process that has just begun. */
function open() {
  const { port } = server.address() as AddressInfo;
  const pull = `{ url: "http://127.0.0.1:${port}", realm: clients, clientId: signalfold }`;
  source = sourceOf(`{ provider: keycloak, pull: ${pull}, secret: env:SECRET, firm: firm-1, client: userId }`);
  if (source.transport.kind !== 'pull') throw new Error('the source is not pulled');
  puller = source.transport.puller;
}

const login = (id: string, time: number): Event => ({ ...keycloakEvent('LOGIN', { sessionId: id }), id, time });

/** Pulls until there is no more. */
async function pullAll(actor: Actor = stage.actor(), by = 'us') {
  const parts = {
    ...{ store: stage.store, intake: actor.parts },
    ...{ clock: actor.parts.clock, logger: createLogger('silent'), signal: new AbortController().signal },
  };
  let pulls = 1;
  while (await pullOnce(parts, source, puller, by)) pulls += 1;
  return pulls;
}

async function sessions() {
  const values = (await stage.logged('login')).map(({ value }) => value as { sessionId: string });
  return values.map(({ sessionId }) => sessionId);
}

test('given more events than a page, then all are taken, oldest first', async () => {
  events = Array.from({ length: 250 }, (_, index) => login(`s-${index}`, now - 10_000 + index));
  await pullAll();
  expect(await sessions()).toEqual(events.map(({ id }) => id));
});

test('given more events of one millisecond than a page, then all are taken', async () => {
  events = Array.from({ length: 230 }, (_, index) => login(`s-${index}`, now - 5000));
  events.push(login('last', now - 4000));
  await pullAll();
  expect(new Set(await sessions())).toEqual(new Set(events.map(({ id }) => id)));
});

test('given nothing new, then nothing is taken again', async () => {
  events = [login('s-1', now - 5000)];
  await pullAll();
  await pullAll();
  await pullAll();
  expect(await sessions()).toEqual(['s-1']);
});

test('given an event that becomes visible after a later one, then it is taken', async () => {
  events = [login('late', now - 5000)];
  await pullAll();
  events.push(login('early', now - 60_000));
  await pullAll();
  expect(await sessions()).toEqual(['late', 'early']);
});

test('given another process, then it goes on where the last one was', async () => {
  events = [login('old', now - 3_600_000), login('s-1', now - 5000)];
  await pullAll();
  open();
  events.push(login('s-2', now - 4000));
  asked = [];
  await pullAll(stage.actor(), 'us');
  expect(asked[0]).toBe(`${now - 5000 - 120_000}+0`);
  expect(new Set(await sessions())).toEqual(new Set(['old', 's-1', 's-2']));
});

test('given a process that pulls, then another leaves it to it, until it is silent for a minute', async () => {
  events = [login('s-1', now - 5000)];
  await pullAll(stage.actor(), 'one');
  asked = [];
  await pullAll(stage.actor(), 'other');
  expect(asked).toEqual([]);
  stage.clock.now += 61_000;
  await pullAll(stage.actor(), 'other');
  expect(asked).toHaveLength(1);
});

test('given a log that fails, then what was pulled is pulled again', async () => {
  events = [login('s-1', now - 5000)];
  const crash = crashingAt(1, 'before');
  await expect(pullAll(stage.actor(crash.around))).rejects.toMatchObject({ code: 'store_unreachable' });
  await pullAll();
  expect(await sessions()).toEqual(['s-1']);
});

test('given a token that ended early, then another is asked for', async () => {
  await pullAll();
  tokens += 1;
  events = [login('s-1', now - 5000)];
  await pullAll();
  expect(await sessions()).toEqual(['s-1']);
});

test.each([
  [403, 'source_refused', /view-events/],
  [404, 'source_refused', /name of the realm/],
  [503, 'source_unreachable', /503/],
])('given %i, then it says what to do', async (status, code, message) => {
  refusing = status;
  await expect(pullAll()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

test('given an older Keycloak, which lists the newest first, then it says so and takes nothing', async () => {
  newestFirst = true;
  events = [login('s-1', now - 5000), login('s-2', now - 4000)];
  await expect(pullAll()).rejects.toMatchObject({ code: 'source_refused', message: expect.stringMatching(/26\.2/) });
  expect(await sessions()).toEqual([]);
});
