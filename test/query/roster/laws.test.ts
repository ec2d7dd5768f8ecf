// The roster against the naive way, over random firms that change while time goes by: rows, order, totals and facets, now
// and at instants before, under settings in force and others, for the whole firm and for one adviser's book; and walks that
// go on while everything changes.
import fc from 'fast-check';
import { accessFilters, ratings } from '../../../services/core/filter.ts';
import { listSorts } from '../../../services/core/list.ts';
import { defaultSettings, type Settings } from '../../../services/core/settings.ts';
import { dayMs } from '../../../services/core/time.ts';
import type { PageEnd, RosterAnswer } from '../../../services/query/roster/roster.ts';
import { firmA, now } from '../../export/stage.ts';
import { answerFrom, type OracleAsk, readStates, rowsAt } from '../list-oracle.ts';
import { manyClients, openRosterStage, type RosterStage } from './stage.ts';

/** More than one block of rows, and not a whole number of them; or nearly one, which grow over its edge. */
const clients = [1_300, 950];
/** A walk begins with a small page, onto which few rows come, and goes on with large ones. */
const firstPage = 10;
const nextPages = 200;
/** The book's signals lie 14, 30 and 42 days before `now`, to the millisecond; these many days later other edges meet them. */
const jumps = [12, 16, 28, 40, 44, 56].map((days) => now + days * dayMs - 1);

type Step =
  /** Back as well, but not before anything changed. */
  | { readonly kind: 'move'; readonly ms: number }
  /** To the next instant at which many a rating is about to change. */
  | { readonly kind: 'jump' }
  | { readonly kind: 'change'; readonly seed: number; readonly count: number }
  | { readonly kind: 'begin'; readonly ask: OracleAsk }
  /** All walks that are under way, by a page. */
  | { readonly kind: 'goOn' }
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
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('move'), ms: fc.constantFrom(1, 1, 1, 2, 60_000, -1, -2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('jump') }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('change'), seed: fc.nat(), count: fc.constantFrom(1, 12, 100) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('settings'), settings }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('begin'), ask: asks }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('goOn') }) },
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

let stage: RosterStage;
afterEach(() => stage.close());

/** All pages of a list, as one. */
async function whole(ask: OracleAsk, inForce: Settings, at: number) {
  const ids: string[] = [];
  let after: PageEnd | null = null;
  for (let limit = firstPage; ; limit = nextPages) {
    const answer: RosterAnswer = await stage.page(ask, inForce, at, after, limit);
    ids.push(...answer.clientIds);
    after = answer.end;
    if (after === null) return { ids, total: answer.total, facets: answer.facets };
  }
}

/** A walk that others change under. */
type Walk = {
  readonly ask: OracleAsk;
  readonly settings: Settings;
  readonly at: number;
  /** Whom it should meet while nobody changes. */
  readonly expected: readonly string[];
  readonly met: string[];
  readonly changed: Set<string>;
  after: PageEnd | null;
};

/** One more page; at the end of the walk those who did not change were met once, in order. Answers whether it goes on. */
async function goOn(walk: Walk): Promise<boolean> {
  const { ask, settings, at, expected, met, changed } = walk;
  const answer = await stage.page(ask, settings, at, walk.after, 100);
  met.push(...answer.clientIds);
  walk.after = answer.end;
  if (walk.after !== null) return true;
  const unchanged = (ids: readonly string[]) => ids.filter((id) => !changed.has(id));
  expect({ ask, met: unchanged(met) }).toEqual({ ask, met: unchanged(expected) });
  return false;
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
  const { clock, store } = stage;
  let inForce: Settings = defaultSettings;
  let quietSince = now;
  let states = await readStates(store, firmA);
  let walks: Walk[] = [];
  for (const one of steps) {
    if (one.kind === 'move') clock.move(Math.max(one.ms, quietSince - clock.now()));
    if (one.kind === 'jump') clock.move((jumps.find((at) => at > clock.now()) ?? clock.now()) - clock.now());
    if (one.kind === 'settings') inForce = one.settings;
    if (one.kind === 'change') {
      const changed = await stage.change(Array.from({ length: one.count }, (_, count) => one.seed + count * 7919));
      for (const walk of walks) for (const id of changed) walk.changed.add(id);
      states = await readStates(store, firmA);
      quietSince = clock.now();
    }
    if (one.kind === 'begin') {
      const { ids } = answerFrom(rowsAt(states, inForce, clock.now()), one.ask);
      const { ask } = one;
      walks.push({ ask, settings: inForce, at: clock.now(), expected: ids, met: [], changed: new Set(), after: null });
    }
    if (one.kind === 'begin' || one.kind === 'goOn') {
      const ended = new Set<Walk>();
      for (const walk of walks) if (!(await goOn(walk))) ended.add(walk);
      walks = walks.filter((walk) => !ended.has(walk));
    }
    if (one.kind !== 'ask') continue;
    const at = clock.now() - Math.floor((clock.now() - quietSince) * one.back);
    const asked = one.settings ?? inForce;
    const { ids, facets, more } = answerFrom(rowsAt(states, asked, at), one.ask);
    expect({ ask: one.ask, ...(await whole(one.ask, asked, at)) }).toEqual({
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
    stage = await openRosterStage(manyClients(clients[seed % clients.length] ?? 0, seed));
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
  const untilToday = {
    topic: 'portal-access',
    email: 'a@example.com',
    change: 'granted',
    expiresOn: '2026-03-01',
  } as const;
  stage = await openRosterStage([{ clientId: 'a', profile: {}, events: [untilToday] }]);
  const ask: OracleAsk = { access: ['has_portal_access'], sort: 'email', order: 'asc' };
  const before = await whole(ask, defaultSettings, stage.clock.now());
  stage.clock.move(dayMs / 2);
  const after = await whole(ask, defaultSettings, stage.clock.now());
  expect([before.ids, after.ids, after.facets.access.no_portal_access]).toEqual([['a'], [], 1]);
});
