// The roster against the naive way, over random firms that change while time goes by: rows, order, totals and facets, now
// and at instants before, under settings in force and others, for the whole firm and for one adviser's book.
import fc from 'fast-check';
import { accessFilters, ratings } from '../../services/core/filter.ts';
import { ClientId } from '../../services/core/ids.ts';
import { listSorts, moreFacets } from '../../services/core/list.ts';
import { defaultSettings, type Settings } from '../../services/core/settings.ts';
import { dayMs, formatInstant } from '../../services/core/time.ts';
import { openRoster, type Roster } from '../../services/query/roster/roster.ts';
import { firmA, granted, now, openStage, type Stage, saveClients, type TestClient, writesOf } from '../export/stage.ts';
import { type HandClock, openHandClock } from '../projector/hand-clock.ts';
import { generateBook } from './book.ts';
import { answerFrom, type OracleAsk, readStates, rowsAt } from './list-oracle.ts';

/** More than one block of rows, and not a whole number of them. */
const clients = 1_300;
/** A walk begins with a small page, onto which few rows come, and goes on with large ones. */
const firstPage = 10;
const nextPages = 200;
/** The book's signals lie 14, 30 and 42 days before `now`, to the millisecond; these many days later other edges meet them. */
const jumps = [12, 16, 28, 40, 44, 56].map((days) => now + days * dayMs - 1);

type Step =
  | { readonly kind: 'move'; readonly ms: number }
  /** To the next instant at which many a rating is about to change. */
  | { readonly kind: 'jump' }
  | { readonly kind: 'change'; readonly seed: number; readonly count: number }
  | { readonly kind: 'settings'; readonly settings: Settings }
  /** `back`: how far before the present, as a share of the time since anything changed. */
  | { readonly kind: 'ask'; readonly ask: OracleAsk; readonly back: number; readonly settings: Settings | null };

const settings: fc.Arbitrary<Settings> = fc.record({
  timeZone: fc.constantFrom('UTC', 'Pacific/Kiritimati', 'America/St_Johns'),
  greenDays: fc.constantFrom(14, 14, 1),
  amberDays: fc.constantFrom(42, 42, 30),
  recentDays: fc.constantFrom(30, 1),
  goLiveAt: fc.constantFrom(null, null, now - 14 * dayMs, now - 30 * dayMs + 1),
  inviteEmailsCount: fc.boolean(),
});

/** Now and then a value, else none. */
const seldom = <Value>(value: fc.Arbitrary<Value>, weight = 1) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight, arbitrary: value });
const some = <Value extends string>(...values: readonly Value[]) =>
  seldom(fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 }), 2);
const asks: fc.Arbitrary<OracleAsk> = fc.record({
  rating: some(...ratings),
  access: some(...accessFilters),
  adviser: seldom(fc.constantFrom(['a1'], ['a2', 'A'], ['nobody'])),
  name: seldom(fc.constantFrom(['smith'], ['ANN SM', 'øy'], ['mary ann', 'o müll', 'ß'])),
  type: seldom(fc.constantFrom(['couple'], ['trust', 'couple'], ['none such'])),
  status: fc.constantFrom(undefined, 'active', 'inactive'),
  book: fc.constantFrom(undefined, undefined, 'a1', 'A', 'nobody'),
  sort: fc.constantFrom(...listSorts),
  order: fc.constantFrom('asc', 'desc'),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('move'), ms: fc.constantFrom(1, 1, 1, 2, 60_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('jump') }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('change'), seed: fc.nat(), count: fc.integer({ min: 1, max: 12 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('settings'), settings }) },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('ask'),
      ask: asks,
      back: fc.constantFrom(0, 0, 0.5, 1, 1),
      settings: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: settings }),
    }),
  },
);

/** Clients whose ratings change at `now`, one millisecond before, or some after it. */
const onTheEdge: readonly TestClient[] = Array.from({ length: 60 }, (_, index) => {
  const age = ([14, 30, 42][index % 3] ?? 0) * dayMs + (index % 5) - 3;
  const login = { topic: 'login', occurredAt: formatInstant(now - age), sessionId: 's', outcome: 'success' } as const;
  return { clientId: `c${index % 7}-edge-${index}`, profile: { lastName: 'Edge' }, events: [granted, login] };
});

let clock: HandClock;
let stage: Stage;
let roster: Roster;
afterEach(async () => {
  roster.drop();
  await stage.close();
});

async function open(seed: number): Promise<void> {
  clock = openHandClock(now);
  stage = await openStage(clock);
  await saveClients(stage.store, firmA, [...generateBook(clients, seed), ...onTheEdge]);
  roster = openRoster({ firmId: firmA, store: stage.store, clock });
  await roster.ready;
}

/** Puts other views in the place of a client's, or adds one, and tells of it. */
async function change(seed: number): Promise<void> {
  const [made] = generateBook(1, seed);
  const clientId = seed % 7 === 0 ? `c${seed % 3}-new-${seed % 40}` : `c${(seed % clients) % 7}-${seed % clients}`;
  const all = writesOf(firmA, { profile: {}, ...made, clientId });
  // Sometimes one view alone changes.
  const only = ['profile', 'access', 'signals', null, null][seed % 5] ?? null;
  const writes = all.filter(({ view }) => only === null || view === only);
  const standing = await stage.store.loadClient({ firmId: firmA, clientId: ClientId.parse(clientId) });
  const versioned = writes.map((write) => {
    return { ...write, expected: standing.find(({ view }) => view === write.view)?.version ?? 0 };
  });
  await stage.store.save(versioned);
  await roster.take(
    versioned.map(({ view, expected, clientId: id }) => ({ firmId: firmA, clientId: id, view, version: expected + 1 })),
  );
}

/** All pages of a list, as one. */
async function walk(ask: OracleAsk, inForce: Settings, at: number) {
  const { book = null, status = null, sort, order, ...filter } = ask;
  const ids: string[] = [];
  let after: Parameters<Roster['query']>[0]['after'] = null;
  for (let limit = firstPage; ; limit = nextPages) {
    const filters = { filter: { ...filter, book, status }, sort, order, limit };
    const question = { ...filters, settings: inForce, at, after, more: moreFacets };
    const answer = await roster.query(question);
    if (answer === null) throw new Error('the roster was dropped');
    ids.push(...answer.clientIds);
    after = answer.end;
    if (after === null) return { ids, total: answer.total, facets: answer.facets };
  }
}

/** Goes over the edge of many a rating, there and back, lets some rows be looked at later than others, and changes some. */
const everybody: OracleAsk = { sort: 'engagement_rating', order: 'desc' };
const overTheEdge: readonly Step[] = [
  { kind: 'ask', ask: { ...everybody, name: ['mary ann'] }, back: 0, settings: null },
  ...[1, 1, 1].flatMap((ms): Step[] => [
    { kind: 'move', ms },
    { kind: 'ask', ask: { ...everybody, rating: ['green'] }, back: 0, settings: null },
    { kind: 'ask', ask: everybody, back: 1, settings: null },
  ]),
  ...[1, 2, 3, 4].flatMap((seed): Step[] => [
    { kind: 'change', seed, count: 10 },
    { kind: 'ask', ask: everybody, back: 0, settings: null },
  ]),
  { kind: 'ask', ask: everybody, back: 0, settings: { ...defaultSettings, inviteEmailsCount: false } },
];

async function hold(steps: readonly Step[]): Promise<void> {
  let inForce: Settings = defaultSettings;
  let quietSince = now;
  let states = await readStates(stage.store, firmA);
  for (const one of steps) {
    if (one.kind === 'move') clock.move(one.ms);
    if (one.kind === 'jump') clock.move((jumps.find((at) => at > clock.now()) ?? clock.now()) - clock.now());
    if (one.kind === 'settings') inForce = one.settings;
    if (one.kind === 'change') {
      for (let count = 0; count < one.count; count += 1) await change(one.seed + count * 7919);
      states = await readStates(stage.store, firmA);
      quietSince = clock.now();
    }
    if (one.kind !== 'ask') continue;
    const at = clock.now() - Math.floor((clock.now() - quietSince) * one.back);
    const asked = one.settings ?? inForce;
    const { ids, facets, more } = answerFrom(rowsAt(states, asked, at), one.ask);
    expect({ ask: one.ask, ...(await walk(one.ask, asked, at)) }).toEqual({
      ask: one.ask,
      ids,
      total: ids.length,
      facets: { ...facets, ...more },
    });
  }
}

test.each([1, 2, 3, 4])(
  'given firm %i changes and time goes by, when lists are asked for, then each is what the naive way gives',
  async (seed) => {
    await open(seed);
    const steps = fc.array(step, { minLength: 60, maxLength: 60, size: 'max' });
    // One firm a run: what one question leaves behind is what the next may trip over.
    await fc.assert(
      fc.asyncProperty(
        steps.map((more) => [...overTheEdge, ...more]),
        hold,
      ),
      { numRuns: 1, endOnFailure: true },
    );
  },
  120_000,
);

test('given access through today and no rating to change, when the day has ended, then there is none', async () => {
  clock = openHandClock(now);
  stage = await openStage(clock);
  const untilToday = {
    topic: 'portal-access',
    email: 'a@example.com',
    change: 'granted',
    expiresOn: '2026-03-01',
  } as const;
  await saveClients(stage.store, firmA, [{ clientId: 'a', profile: {}, events: [untilToday] }]);
  roster = openRoster({ firmId: firmA, store: stage.store, clock });
  await roster.ready;
  const ask: OracleAsk = { access: ['has_portal_access'], sort: 'email', order: 'asc' };
  const before = await walk(ask, defaultSettings, clock.now());
  clock.move(dayMs / 2);
  const after = await walk(ask, defaultSettings, clock.now());
  expect([before.ids, after.ids, after.facets.access.no_portal_access]).toEqual([['a'], [], 1]);
});
