// How the pipeline stands: over HTTP on both logs, and what measurements made by hand say.
import { freshnessOf } from '../../services/query/pipeline/fold-figures.ts';
import type { Beat } from '../../services/query/pipeline/pulse.ts';
import { standingOf } from '../../services/query/pipeline/state.ts';
import { type Pipeline, PipelineWire } from '../../services/query/wire/pipeline.ts';
import { problemOf } from './api.ts';
import { type KeyName, type LettersStage, logs, stagedOn } from './letters-stage.ts';

function login(sessionId: string, firmId = 'firm') {
  const occurredAt = new Date(Date.now() - 60_000).toISOString();
  return { eventId: `e-${sessionId}`, firmId, clientId: 'ann', occurredAt, sessionId, outcome: 'success' };
}

describe.each(logs)('on the %s log', (name) => {
  const given = stagedOn(name);
  const ask = async (stage: LettersStage, key?: KeyName): Promise<Pipeline> =>
    PipelineWire.parse(JSON.parse((await stage.ask('GET', '/v1/pipeline', undefined, key)).text));
  const topicOf = ({ topics }: Pipeline, wanted: string) => topics.find(({ topic }) => topic === wanted);

  given('what waits is counted by topic with its age, until it is folded', async (stage) => {
    await ask(stage);
    for (const session of ['s1', 's2', 's3']) await stage.append('login', login(session));
    await stage.append('portal-activity', {});
    await pause(1_100);
    const waiting = await ask(stage);
    expect([waiting.state, waiting.lag]).toEqual(['behind', 3]);
    expect(waiting.oldestWaitingSeconds).toBeGreaterThan(1);
    expect(topicOf(waiting, 'login')).toMatchObject({
      lag: 3,
      messages: 3,
      state: 'behind',
      keptMs: null,
      partitions: 2,
    });
    expect(topicOf(waiting, 'email')).toMatchObject({ lag: 0, state: 'current', oldestWaitingSeconds: null });
    expect(topicOf(waiting, 'portal-activity')).toMatchObject({ lag: null, state: null, messages: 1 });
    expect(waiting.perSecond?.in).toBeGreaterThan(0);
    await stage.fold();
    await pause(1_100);
    const folded = await ask(stage);
    expect([folded.state, folded.lag, folded.oldestWaitingSeconds]).toEqual(['current', 0, null]);
    expect(folded.perSecond?.folded).toBeGreaterThan(0);
    expect(folded.history.length).toBeGreaterThan(1);
  });

  given(
    'dead letters are counted with their reasons; to a key of one firm only that firm’s, and nothing configured',
    async (stage) => {
      await stage.putAway(1, { ...login('s1'), outcome: 'perhaps' });
      await stage.putAway(2, login('s2', 'other'), 'other/zoe');
      const all = await ask(stage);
      expect(all.deadLetters).toMatchObject({
        open: 2,
        keptMs: 90 * 86_400_000,
        counts: [{ topic: 'login', reason: 'wrong_shape', count: 2 }],
      });
      expect(all.configured).toMatchObject({ services: ['query'] });
      expect(all.fold).toBeNull();
      const firms = await ask(stage, 'operate-firm');
      expect(firms.deadLetters).toMatchObject({ open: 1, newest: [{ firmId: 'firm' }] });
      expect(firms.configured).toBeNull();
    },
  );

  given('it needs the scope operate', async (stage) => {
    expect(problemOf(await stage.ask('GET', '/v1/pipeline', undefined, 'read'))).toEqual([403, 'forbidden']);
  });
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** One partition of `login`: seconds, the end, the next to be folded. */
function beats(
  ...measured: readonly (readonly [seconds: number, end: number, next: number, incarnation?: string])[]
): Beat[] {
  return measured.map(([seconds, end, next, incarnation = 'one']) => {
    const partitions = new Map([[0, { earliest: 0, end, next }]]);
    return { at: seconds * 1000, topics: new Map([['login', { incarnation, partitions }]]) };
  });
}

const standing = (given: Beat[]) => standingOf(given, new Map());

test('given one measurement, rates are not known yet', () => {
  expect(standing(beats([0, 10, 10]))).toMatchObject({ state: 'current', perSecond: null, history: [] });
});

test('rates are of the last minute alone', () => {
  const { perSecond } = standing(beats([0, 0, 0], [60, 600, 600], [90, 630, 615], [120, 660, 660]));
  expect(perSecond).toEqual({ in: 1, folded: 1 });
});

test('the oldest that waits was not there at the measurement before its offset was passed', () => {
  const measured = beats([0, 5, 5], [10, 5, 5], [20, 7, 5], [30, 9, 6], [40, 9, 6]);
  expect(standing(measured).oldestWaitingSeconds).toBe(30);
  expect(standing(measured.slice(2)).oldestWaitingSeconds).toBe(20);
});

test.each([
  ['nothing waits', beats([0, 5, 5], [70, 9, 9]), 'current'],
  ['it waits for less than a minute', beats([0, 5, 5], [30, 9, 5]), 'behind'],
  ['it waits and moves', beats([0, 9, 1], [30, 9, 2], [70, 9, 3]), 'behind'],
  ['it waits a minute and does not move', beats([0, 9, 1], [30, 9, 1], [70, 9, 1]), 'stalled'],
  ['it waits only since a moment', beats([0, 9, 9], [30, 9, 9], [70, 10, 9]), 'behind'],
] as const)('when %s: %s', (_what, measured, state) => {
  expect(standing([...measured]).state).toBe(state);
});

test('a topic that was created anew counts from there', () => {
  expect(standing(beats([0, 500, 500], [30, 3, 3, 'two']))).toMatchObject({ perSecond: { in: 0, folded: 0 }, lag: 0 });
});

test('freshness is of what was observed in between, up to the bounds of the histogram', () => {
  const before = new Map([
    [0.1, 50],
    [1, 50],
    [Number.POSITIVE_INFINITY, 50],
  ]);
  const now = new Map([
    [0.1, 130],
    [1, 149],
    [Number.POSITIVE_INFINITY, 150],
  ]);
  expect(freshnessOf(before, now)).toEqual({ events: 100, p50Seconds: 0.1, p99Seconds: 1 });
  expect(freshnessOf(now, now)).toBeNull();
});
