// The last change of a rating and the next one, by example; test/model holds them to whole timelines.
import { type Frame, frameOf } from '../../services/core/derive/frame.ts';
import { lastChange, nextChange } from '../../services/core/derive/rating-change.ts';
import { deriveAtAGlance } from '../../services/core/derive/signals.ts';
import { defaultSettings } from '../../services/core/settings.ts';
import { dayMs, quarterHourMs, quarterOf } from '../../services/core/time.ts';
import { SignalsGlance, takeGlance } from '../../services/core/views/signals/glance.ts';
import { emptySignals } from '../../services/core/views/signals/state.ts';

const start = Date.parse('2026-01-05T10:00:00Z');
const minuteMs = 60_000;

type Given = {
  readonly logins: readonly number[];
  /** Quarter hours of which no more is known. */
  readonly settled?: readonly number[];
};

function changeAt({ logins, settled = [] }: Given, at: number, change: Partial<Frame> = {}, notBefore = 0) {
  const signals = emptySignals();
  signals.logins.ledger.push(...logins.map((login) => ({ hash: login, seen: login, at: login, device: 0 })));
  signals.logins.settled.quarters.push(...settled.map(quarterOf));
  signals.logins.settled.counts.push(...settled.map(() => 1));
  const glance = new SignalsGlance();
  takeGlance(glance, signals);
  const frame = { ...frameOf(defaultSettings, at), ...change };
  return lastChange(glance, deriveAtAGlance(glance, frame), frame, notBefore);
}

test('given no signal, nothing ever changed and nothing will', () => {
  expect(changeAt({ logins: [] }, start)).toBeNull();
  expect(nextChange('none', null, frameOf(defaultSettings, start))).toBeNull();
});

test.each([
  ['green since the first of a run', 20, { from: 'none', to: 'green', at: start }],
  ['amber from the millisecond after 14 days', 14 * 24 + 24 * 7 + 1, { from: 'green', to: 'amber' }],
  ['red from the millisecond after 42 days', 42 * 24 + 24 * 7 + 1, { from: 'amber', to: 'red' }],
])('given logins a week apart: %s', (_what, hours, expected) => {
  const found = changeAt({ logins: [start, start + 7 * dayMs] }, start + hours * 3_600_000);
  expect(found).toMatchObject(expected);
});

test('given a login just within 14 days of another it stays green, just after them it comes back from amber', () => {
  const second = start + 14 * dayMs;
  expect(changeAt({ logins: [start, second] }, second)).toMatchObject({ from: 'none', at: start });
  expect(changeAt({ logins: [start, second + 2] }, second + 2)).toMatchObject({ from: 'amber', at: second + 2 });
});

test('given a settled login in the quarter hour of another, both rate from where that begins', () => {
  const second = start + 14 * dayMs + 3 * minuteMs;
  const given = { logins: [start + 5 * minuteMs, second], settled: [start] };
  // 13 days and 23:58 hours after the one that is known exactly, but more than 14 days after the quarter hour began.
  expect(changeAt(given, second)).toMatchObject({ from: 'amber', to: 'green', at: second });
});

test('given thresholds that are one, green turns red', () => {
  const frame = { ...frameOf(defaultSettings, start), greenMs: 10 * dayMs, amberMs: 10 * dayMs };
  expect(nextChange('green', start, frame)).toEqual({ from: 'green', to: 'red', at: start + 10 * dayMs });
  const same = { greenMs: frame.greenMs, amberMs: frame.amberMs };
  expect(changeAt({ logins: [start] }, start + 11 * dayMs, same)).toMatchObject({ from: 'green', to: 'red' });
});

test('given a change longer ago than is asked for, there is none', () => {
  expect(changeAt({ logins: [start] }, start + dayMs, {}, start + quarterHourMs)).toBeNull();
});

test('given buckets that may have dropped older signals, it says from when the former rating is sure', () => {
  const later = start + 900 * dayMs;
  const found = changeAt({ logins: [later], settled: [later - 100 * dayMs] }, later);
  expect(found).toMatchObject({ from: 'red', unsureBefore: null });
  const first = changeAt({ logins: [], settled: [later] }, later);
  expect(first).toMatchObject({ from: 'none', unsureBefore: later - 800 * dayMs });
});
