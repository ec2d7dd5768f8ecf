// The walk from events to cards, from outside: `signalfold dev` as a real process, plain HTTP, and raw messages in the log.
import { isDeepStrictEqual } from 'node:util';
import { gzipSync } from 'node:zlib';
import { type Card, CardWire } from '../../services/core/derive/card.ts';
import { defaultSettings, type Settings, settingsWire } from '../../services/core/settings.ts';
import { deadLetterTopic, type EventTopic, foldedTopics } from '../../services/core/topics.ts';
import { readLag } from '../../services/log/lag.ts';
import type { LogMessage } from '../../services/log/port.ts';
import { fitsLedgers } from '../model/memory.ts';
import { localDay } from '../model/oracle.ts';
import { dayMs, hourMs, minuteMs, quarterMs } from '../model/timeline.ts';
import { castOf, type Member, type Sent } from './cast.ts';
import { dataSince, expectedCard } from './expected-card.ts';
import { Answer, type HttpService, ProblemAnswer, type Reply, startService, until, untilFolded } from './service.ts';
import { openWorld, type World, type WorldName } from './world.ts';

const seed = Number(process.env['WALK_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const castClients = 40;
const samplesOfFreshness = 12;
/** Far beyond the second that is promised: a busy machine is not a fault of ours. */
const freshMsMax = 10_000;
const now = Date.now();

export function walk(name: WorldName): void {
  describe(`from events to cards on ${name}`, () => {
    let world: World | null = null;
    let dev: HttpService;
    beforeAll(async () => {
      process.stderr.write(`walk on ${name}: WALK_SEED=${seed}\n`);
      world = await openWorld(name);
      if (world !== null) dev = await startService('dev', world.environment);
    }, 180_000);
    afterAll(async () => {
      if (world !== null) await dev.kill('SIGTERM');
      await world?.close();
    }, 60_000);

    /** A walk on real servers is left out only where there are none, which openWorld has said then. */
    const it = (title: string, body: (world: World) => Promise<void>): void => {
      test(title, async () => (world === null ? undefined : await body(world)), 120_000);
    };

    it('every card is what the oracle makes of the events, under any settings, now and as of past days', async () => {
      const members = castOf(
        { seed, clients: castClients, firmId: 'cast', accepts: ({ events }) => fitsLedgers(events) },
        now,
      );
      await postInEveryForm(dev, members);
      await untilFolded(dev);
      const since = dataSince(members);

      let settings: Settings = defaultSettings;
      for (const change of settingsToTry) {
        settings = { ...settings, ...change };
        const wire = settingsWire({ ...defaultSettings, ...settings });
        const answered = await dev.send('PUT', '/v1/firms/cast/settings', changeWire(change));
        expect(answered.json()).toEqual(wire);
        expect(await differences(dev, members, settings, since, null)).toEqual([]);
        for (const daysAgo of [0, 9, 47, 200]) {
          const asOf = dateOf(localDay(Date.now(), settings.timeZone) - daysAgo);
          expect(await differences(dev, members, settings, since, asOf)).toEqual([]);
        }
      }
    });

    it('a client of every kind of event has the card one would write by hand', async () => {
      const ago = (ms: number) => new Date(now - ms).toISOString();
      const firefox = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0';
      const safari =
        'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
      const login = (sessionId: string, at: string, more = {}) =>
        event('hand', at, { sessionId, outcome: 'success', ...more });
      const impersonation = (sessionId: string, at: string) =>
        event('hand', at, { sessionId, phase: 'started', impersonator: { id: 'colleague' } });

      await accepted(dev, 'client', profileOf('hand', 3, { firstName: 'Hana', lastName: 'Dvořák' }));
      await accepted(dev, 'client', profileOf('hand', 2, { firstName: 'Old', updatedAt: ago(90 * dayMs) }));
      await accepted(dev, 'portal-access', [
        event('hand', ago(300 * dayMs), { email: 'Hana@Example.org ', change: 'invited' }),
        event('hand', ago(299 * dayMs), { email: 'hana@example.org', change: 'set-up', twoFactor: true }),
      ]);
      await accepted(dev, 'impersonation', impersonation('told-before', ago(3 * hourMs)));
      await untilFolded(dev);
      await accepted(dev, 'login', [
        login('yesterday', ago(20 * hourMs), { userAgent: firefox }),
        login('yesterday', ago(20 * hourMs), { userAgent: firefox }),
        login('yesterday', ago(10 * hourMs), { interactive: false, userAgent: safari }),
        login('yesterday', ago(9 * hourMs), { userAgent: safari }),
        login('silent', ago(hourMs), { interactive: false }),
        login('refused', ago(hourMs), { outcome: 'failure' }),
        login('told-before', ago(3 * hourMs)),
        login('told-after', ago(2 * hourMs)),
        login('marked', ago(90 * minuteMs), { impersonatedBy: { name: 'A colleague' } }),
        login('last-month', ago(40 * dayMs)),
      ]);
      await accepted(dev, 'email', [
        event('hand', ago(60 * dayMs), { messageId: 'm1', status: 'sent' }),
        event('hand', ago(2 * dayMs), { messageId: 'm1', status: 'opened' }),
        event('hand', ago(30 * dayMs), { messageId: 'm2', status: 'delivered' }),
        event('hand', ago(minuteMs), { messageId: 'm3', status: 'bounced' }),
        event('hand', ago(3 * dayMs), { messageId: 'm4', status: 'sent', category: 'portal-invite' }),
      ]);
      await accepted(dev, 'message', [
        event('hand', ago(5 * dayMs), { messageId: 't1', direction: 'outbound', channel: 'sms' }),
        event('hand', ago(minuteMs), { messageId: 't2', direction: 'inbound', channel: 'portal' }),
      ]);
      await untilFolded(dev);
      await accepted(dev, 'impersonation', [
        impersonation('told-after', ago(2 * hourMs)),
        impersonation('lone', ago(hourMs)),
      ]);
      await untilFolded(dev);

      expect(await cardOf(dev, 'hand')).toMatchObject({
        ...{ firmId: 'walk', clientId: 'hand', firstName: 'Hana', lastName: 'Dvořák', email: 'hand@example.org' },
        portalAccess: {
          has: true,
          status: 'active',
          logins: [{ email: 'hana@example.org', state: 'active', twoFactor: true }],
        },
        engagement: {
          ...{ rating: 'green', label: 'Engaged', onlyOurMail: false },
          decidedBy: { signal: 'login', at: ago(20 * hourMs) },
          becomesAmberAt: ago(20 * hourMs - 14 * dayMs),
          becomesRedAt: ago(20 * hourMs - 42 * dayMs),
        },
        lastLogin: { at: ago(20 * hourMs), relative: '20 hours ago', device: 'Desktop', platform: 'Windows' },
        logins: { d30: 1, d90: 2, d365: 2 },
        lastSignals: { login: ago(20 * hourMs), email: ago(3 * dayMs), message: ago(5 * dayMs) },
      });
    });

    it('without portal access the card says so and nothing further', async () => {
      await accepted(dev, 'client', profileOf('closed', 1));
      await accepted(
        dev,
        'login',
        event('closed', new Date(now).toISOString(), { sessionId: 's', outcome: 'success' }),
      );
      await untilFolded(dev);
      expect(await cardOf(dev, 'closed')).toMatchObject({
        portalAccess: { has: false, status: 'no_portal_access', logins: [] },
        ...{ engagement: null, lastLogin: null, logins: null, lastSignals: null },
      });
    });

    it('an erased client stays away while its events are replayed, and comes back with a new profile', async () => {
      const path = '/v1/firms/walk/clients/gone';
      const before = new Date(Date.now() - minuteMs).toISOString();
      const past: [EventTopic, unknown][] = [
        ['client', profileOf('gone', 1, { updatedAt: before })],
        ['portal-access', event('gone', before, { email: 'gone@example.org', change: 'granted' })],
        ['login', event('gone', before, { sessionId: 'before', outcome: 'success' })],
        ['email', event('gone', before, { messageId: 'before', status: 'sent' })],
      ];
      for (const [topic, body] of past) await accepted(dev, topic, body);
      await untilFolded(dev);
      expect((await cardOf(dev, 'gone')).logins).toEqual({ d30: 1, d90: 1, d365: 1 });

      const receipt = await dev.send('DELETE', path);
      expect(receipt.json()).toMatchObject({ status: 'done', erased: { views: ['access', 'profile', 'signals'] } });
      expect(receipt.status).toBe(200);
      expect(codeOf(await dev.send('GET', path))).toEqual([404, 'client_unknown']);

      for (const [topic, body] of past) await accepted(dev, topic, body);
      await untilFolded(dev);
      expect(codeOf(await dev.send('GET', path))).toEqual([404, 'client_unknown']);

      const after = new Date().toISOString();
      await accepted(dev, 'client', profileOf('gone', 2, { updatedAt: after, firstName: 'Anew' }));
      await accepted(dev, 'portal-access', event('gone', after, { email: 'gone@example.org', change: 'granted' }));
      await untilFolded(dev);
      expect(await cardOf(dev, 'gone')).toMatchObject({
        firstName: 'Anew',
        portalAccess: { has: true, status: 'never_logged_in' },
        logins: { d30: 0, d90: 0, d365: 0 },
        lastSignals: { login: null, email: null, message: null },
      });
    });

    it('bad input over HTTP is answered with its reason, and the good beside it is taken', async () => {
      const good = event('mixed', new Date().toISOString(), { sessionId: 'good', outcome: 'success' });
      const lines = [
        JSON.stringify({ ...good, outcome: 'perhaps' }),
        '{"firmId":',
        JSON.stringify({ ...good, schemaVersion: 2 }),
        JSON.stringify({ ...good, userAgent: 'x'.repeat(256 * 1024) }),
        JSON.stringify({ ...good, occurredAt: new Date(Date.now() + 10 * minuteMs).toISOString() }),
        JSON.stringify(good),
      ];
      const type = { 'content-type': 'application/x-ndjson' };
      const reply = await dev.send('POST', '/v1/events/login', lines.join('\n'), type);
      expect(reply.status).toBe(202);
      const answer = Answer.parse(reply.json());
      expect(answer.accepted).toBe(1);
      expect(answer.rejected.map(({ index, code }) => [index, code])).toEqual([
        [0, 'wrong_shape'],
        [1, 'not_json'],
        [2, 'unknown_version'],
        [3, 'too_large'],
        [4, 'in_future'],
      ]);
      expect((await dev.send('POST', '/v1/events/login', '[]')).status).toBe(400);
      expect((await dev.send('POST', '/v1/events/login', { ...good, clientId: 'a/b' })).status).toBe(400);
      expect(codeOf(await dev.send('POST', '/v1/events/nonsense', good))).toEqual([404, 'unknown_topic']);
      expect(codeOf(await dev.send('POST', '/v1/events/login', ' '.repeat(6 * 1024 * 1024)))).toEqual([
        413,
        'too_large',
      ]);
      await untilFolded(dev);
      await accepted(dev, 'portal-access', event('mixed', good.occurredAt, { email: 'm@x.org', change: 'granted' }));
      await accepted(dev, 'client', profileOf('mixed', 1));
      await untilFolded(dev);
      expect((await cardOf(dev, 'mixed')).logins?.d30).toBe(1);
    });

    it('bad messages in the log end as dead letters with their reason, and the good between them is folded', async ({
      adapters,
      group,
    }) => {
      const { log } = adapters;
      const at = new Date().toISOString();
      const good = event('raw', at, { sessionId: 'good', outcome: 'success' });
      const text = (value: unknown) => Buffer.from(JSON.stringify(value));
      const bad: [EventTopic, string | null, Uint8Array | null, string][] = [
        ['login', 'walk/raw', Buffer.from('not json'), 'not_json'],
        ['email', null, Buffer.alloc(0), 'not_json'],
        ['login', 'walk/raw', Buffer.from([0x22, 0xff, 0xfe, 0x22]), 'not_json'],
        ['login', 'walk/raw', text({ ...good, sessionId: undefined }), 'wrong_shape'],
        ['message', null, text({ ...good, direction: 'sideways', channel: 'sms', messageId: 'm' }), 'wrong_shape'],
        ['client', 'walk/raw', text({ ...profileOf('raw', 1), emails: 'none' }), 'wrong_shape'],
        ['impersonation', null, text({ schemaVersion: 2, anything: true }), 'unknown_version'],
        ['login', 'walk/raw', text({ ...good, userAgent: 'x'.repeat(300 * 1024) }), 'too_large'],
        [
          'login',
          'walk/raw',
          text({ ...good, occurredAt: new Date(Date.now() + 10 * minuteMs).toISOString() }),
          'in_future',
        ],
        ['client', 'no-key-of-ours', null, 'bad_key'],
        ['portal-activity', null, text({ ...good, action: 7 }), 'wrong_shape'],
        ['support-request', null, text('a text'), 'wrong_shape'],
      ];
      const before = (await letters(adapters)).length;
      for (const [topic, key, value] of bad) await log.append(topic, [{ key, value }]);
      // A null value means something on `client` only: it is dropped, on purpose and without a letter.
      await log.append('login', [
        { key: 'walk/raw', value: null },
        { key: null, value: text(good) },
      ]);
      await accepted(dev, 'client', profileOf('raw', 1));
      await accepted(dev, 'portal-access', event('raw', at, { email: 'raw@example.org', change: 'granted' }));
      await untilFolded(dev);
      await until(
        async () => (await readLag(log, group, ['portal-activity', 'support-request'])).total === 0,
        freshMsMax,
        () => 'the topics without a fold were not read',
      );

      expect((await cardOf(dev, 'raw')).logins?.d30).toBe(1);
      const found = (await letters(adapters)).slice(before);
      const shortened = (value: Uint8Array | null) => (value === null ? 0 : Math.min(value.length, 64 * 1024));
      const inWords = (topic: string | undefined, reason: string | undefined, bytes: number) =>
        `${topic} ${reason} ${bytes}`;
      expect(
        found.map(({ headers, value }) => inWords(headers['topic'], headers['reason'], value?.length ?? 0)).sort(),
      ).toEqual(
        bad
          .map(([topic, , value, reason]) =>
            inWords(topic, reason, reason === 'too_large' ? shortened(value) : (value?.length ?? 0)),
          )
          .sort(),
      );
      for (const { headers, key } of found) {
        const position = `${headers['incarnation']}/${headers['partition']}/${headers['offset']}`;
        expect(Buffer.from(key ?? []).toString()).toContain(position);
        expect(headers['step']).toBe('decode');
      }
    });

    it('an event shows in its card about as soon as it is accepted', async () => {
      await accepted(dev, 'client', profileOf('fresh', 1));
      await accepted(
        dev,
        'portal-access',
        event('fresh', new Date(now).toISOString(), { email: 'f@x.org', change: 'granted' }),
      );
      await untilFolded(dev);
      const took: number[] = [];
      for (let count = 1; count <= samplesOfFreshness; count += 1) {
        const posted = Date.now();
        await accepted(
          dev,
          'login',
          event('fresh', new Date().toISOString(), { sessionId: `s${count}`, outcome: 'success' }),
        );
        await until(
          async () => (await cardOf(dev, 'fresh')).logins?.d30 === count,
          freshMsMax,
          () => `login ${count} did not show within ${freshMsMax} ms`,
        );
        took.push(Date.now() - posted);
      }
      took.sort((one, other) => one - other);
      const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))];
      process.stderr.write(`from POST to card on ${name}: p50 ${at(0.5)} ms, worst ${at(1)} ms of ${took.length}\n`);
    });

    it('it says that it lives, is ready, what it counts, and what its contract is', async () => {
      expect((await dev.send('GET', '/livez')).json()).toEqual({ alive: true });
      const ready = await dev.send('GET', '/readyz');
      expect([ready.status, ready.json()]).toMatchObject([200, { ready: true }]);
      const count = async () => (await dev.send('GET', '/metrics')).text;
      // The lag is looked at every few seconds.
      const isAtRest = async () => (await count()).includes('signalfold_lag_messages{topic="login"} 0');
      await until(isAtRest, freshMsMax, () => 'the metrics never tell a lag of 0');
      const metrics = await count();
      for (const metric of [
        'signalfold_freshness_seconds_count',
        'signalfold_dead_letters_total{topic="login",reason="too_large"} 1',
        'signalfold_events_folded_total{topic="login"}',
        'signalfold_view_writes_total{view="signals"}',
      ]) {
        expect(metrics).toContain(metric);
      }
      expect((await dev.send('GET', '/openapi.json')).json()).toMatchObject({
        paths: {
          '/v1/events/{topic}': { post: {} },
          '/v1/lag': { get: {} },
          '/v1/firms/{firmId}/clients/{clientId}': { get: {}, delete: {} },
          '/v1/firms/{firmId}/settings': { put: {} },
        },
      });
      expect(foldedTopics.every((topic) => metrics.includes(`signalfold_lag_messages{topic="${topic}"}`))).toBe(true);
    });
  });
}

const settingsToTry: readonly Partial<Settings>[] = [
  {},
  { timeZone: 'Asia/Kathmandu', greenDays: 5, amberDays: 20 },
  { goLiveAt: Math.floor((now - 100 * dayMs) / quarterMs) * quarterMs },
  { timeZone: 'America/Havana', inviteEmailsCount: false, goLiveAt: null },
];

function changeWire(change: Partial<Settings>): Record<string, unknown> {
  const { goLiveAt, ...rest } = change;
  if (goLiveAt === undefined) return rest;
  return { ...rest, goLiveAt: goLiveAt === null ? null : new Date(goLiveAt).toISOString() };
}

/** Cards that are not what the oracle expects, side by side with it. */
async function differences(
  dev: HttpService,
  members: readonly Member[],
  settings: Settings,
  since: number | null,
  asOf: string | null,
): Promise<readonly unknown[]> {
  const wrong: unknown[] = [];
  for (const member of members) {
    const { firmId, clientId } = member.client;
    const query = asOf === null ? '' : `?as_of=${asOf}`;
    const reply = await dev.send('GET', `/v1/firms/${firmId}/clients/${clientId}${query}`);
    const { evaluatedAt, asOf: said, ...card } = CardWire.parse(reply.json());
    const at = Date.parse(evaluatedAt);
    const found = { ...card, lastLogin: withoutRelative(card.lastLogin) };
    const expected = expectedCard(member, settings, at, since);
    if (!isDeepStrictEqual(found, expected)) wrong.push({ asOf, settings, evaluatedAt, found, expected });
    if (said?.date !== (asOf ?? undefined)) wrong.push({ asOf, said });
    if (asOf !== null && dateOf(localDay(at, settings.timeZone)) !== asOf) wrong.push({ asOf, evaluatedAt });
  }
  return wrong;
}

function withoutRelative(lastLogin: Card['lastLogin']) {
  if (lastLogin === null) return null;
  const { relative: _relative, ...rest } = lastLogin;
  return rest;
}

/** One by one, as arrays and as lines, plain and packed; every chunk of a topic in the next form. */
async function postInEveryForm(dev: HttpService, members: readonly Member[]): Promise<void> {
  const byTopic = new Map<EventTopic, Sent[]>();
  for (const sent of members.flatMap(({ arrival }) => arrival)) {
    byTopic.set(sent.topic, [...(byTopic.get(sent.topic) ?? []), sent]);
  }
  for (const [topic, sent] of byTopic) {
    let form = 0;
    for (let start = 0; start < sent.length; form += 1) {
      const size = form % 5 === 0 ? 1 : 7 + form;
      await postIn(dev, topic, sent.slice(start, start + size), form % 5);
      start += size;
    }
  }
}

async function postIn(dev: HttpService, topic: EventTopic, sent: readonly Sent[], form: number): Promise<void> {
  const texts = sent.map(({ text }) => text);
  const array = `[${texts.join(',')}]`;
  const lines = { 'content-type': 'application/x-ndjson' };
  const packed = { 'content-encoding': 'gzip' };
  const path = `/v1/events/${topic}`;
  const post = (body: string | Uint8Array, headers = {}) => dev.send('POST', path, body, headers);
  const reply = await [
    () => post(texts.join('')),
    () => post(array),
    () => post(texts.join('\n'), lines),
    () => post(gzipSync(array), packed),
    () => post(gzipSync(texts.join('\n')), { ...lines, ...packed }),
  ][form]?.();
  if (reply === undefined) throw new Error(`there is no form ${form}`);
  expect([reply.status, reply.json()]).toEqual([202, { accepted: sent.length, rejected: [] }]);
}

async function accepted(dev: HttpService, topic: EventTopic, body: unknown): Promise<void> {
  const reply = await dev.send('POST', `/v1/events/${topic}`, body);
  expect([reply.status, reply.json()]).toEqual([
    202,
    { accepted: Array.isArray(body) ? body.length : 1, rejected: [] },
  ]);
}

let events = 0;
function event<More extends object>(clientId: string, occurredAt: string, more: More) {
  events += 1;
  return { eventId: `walk-${events}`, firmId: 'walk', clientId, occurredAt, ...more };
}

function profileOf(clientId: string, version: number, more: object = {}) {
  const times = { createdAt: '2020-01-01T00:00:00Z', updatedAt: new Date(now - dayMs).toISOString() };
  const emails = [`${clientId}@example.org`];
  return { firmId: 'walk', clientId, version, type: 'individual', status: 'active', emails, ...times, ...more };
}

async function cardOf(dev: HttpService, clientId: string): Promise<Card> {
  const reply = await dev.send('GET', `/v1/firms/walk/clients/${clientId}`);
  expect(reply.status).toBe(200);
  return CardWire.parse(reply.json());
}

function codeOf(reply: Reply): readonly [number, string] {
  return [reply.status, ProblemAnswer.parse(reply.json()).code];
}

async function letters({ log }: World['adapters']): Promise<LogMessage[]> {
  const found: LogMessage[] = [];
  for await (const letter of log.scan(deadLetterTopic)) found.push(letter);
  return found;
}

function dateOf(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}
