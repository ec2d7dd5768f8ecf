// What the laws share: the folding of an arrival, the comparison with the oracle, and runs that can be repeated. Each
// law-….ts is a program of its own: node test/model/law-order.ts holds one law, laws.test.ts all of them.
import process from 'node:process';
import fc from 'fast-check';
import { deriveSignals } from '../../services/core/derive/signals.ts';
import type { Settings } from '../../services/core/settings.ts';
import type { CanonicalEvent } from '../../services/core/topics.ts';
import { signalsView } from '../../services/core/views/signals/view.ts';
import { disagreements, type Expectation, expectationOf } from './agree.ts';
import { deviceOf } from './events.ts';
import type { History } from './histories.ts';
import { fitsLedgers } from './memory.ts';
import { oracleSignals } from './oracle.ts';
import { randomFrom } from './timeline.ts';

const seedOfRun = Number(process.env['LAWS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const runs = Number(process.env['LAWS_RUNS'] ?? 10_000);
/** Shrinking a long history takes its time; better a longer counterexample than none. */
const shrinkTimeoutMs = 240_000;

/**
 * Holds a law against generated histories, and prints the seed. LAWS_SEED repeats a run, LAWS_PATH goes straight to the
 * failure that a run printed, LAWS_RUNS changes how many histories a law sees.
 */
export function law<Case>(name: string, cases: fc.Arbitrary<Case>, holds: (one: Case) => void): void {
  const path = process.env['LAWS_PATH'];
  process.stdout.write(`law "${name}": ${runs} histories, LAWS_SEED=${seedOfRun}\n`);
  const outcome = fc.check(fc.property(cases, holds), {
    seed: seedOfRun,
    numRuns: runs,
    interruptAfterTimeLimit: shrinkTimeoutMs,
    markInterruptAsFailure: true,
    ...(path === undefined ? {} : { path, endOnFailure: true }),
  });
  if (!outcome.failed) return;
  process.exitCode = 1;
  process.stdout.write(`${fc.defaultReportMessage(outcome)}\n${String(outcome.errorInstance)}\n`);
}

type Signals = ReturnType<typeof signalsView.empty>;

export function foldAll(arrival: readonly CanonicalEvent[], into: Signals = signalsView.empty()): Signals {
  for (const event of arrival) if (signalsView.concerns(event)) signalsView.fold(into, event, deviceOf);
  return into;
}

/** Folds as a projector does: batch by batch, the view encoded and decoded in between. */
export function foldInBatches(arrival: readonly CanonicalEvent[], seed: number): Signals {
  const random = randomFrom(seed);
  // Some tens of batches at most: short arrivals are cut between any two events, long ones now and then.
  const batches = [40, 3, 10, 25][seed % 4] ?? 1;
  const batchMax = Math.max(1, Math.round((2 * arrival.length) / batches));
  let state = signalsView.empty();
  for (let from = 0; from < arrival.length; ) {
    const to = from + 1 + Math.floor(random() * batchMax);
    state = signalsView.decode(signalsView.encode(foldAll(arrival.slice(from, to), state)));
    from = to;
  }
  return state;
}

/** Every question of the history, put to each view and to the oracle; throws what differs. */
export function agreeWithOracle(
  views: readonly Signals[],
  history: History,
  events: readonly CanonicalEvent[] = history.events,
  exactAtTheEnd = false,
): void {
  const expectation = expectationOf(history.events, exactAtTheEnd);
  for (const at of history.probes) agreeAt(views, history.settings, at, events, expectation);
}

/** The same at one instant. */
export function agreeAt(
  views: readonly Signals[],
  settingsList: readonly Settings[],
  at: number,
  events: readonly CanonicalEvent[],
  expectation: Expectation,
): void {
  for (const settings of settingsList) {
    const oracle = oracleSignals(events, settings, at);
    for (const [index, view] of views.entries()) {
      const late = signalsView.late(view);
      const wrong = [
        ...disagreements(deriveSignals(view, settings, at), oracle, expectation, settings, at),
        ...(late > 0 ? [`${late} events are counted as late`] : []),
      ];
      if (wrong.length === 0) continue;
      const question = `view ${index + 1} at ${new Date(at).toISOString()} under ${JSON.stringify(settings)}`;
      throw new Error([question, ...wrong].join('\n'));
    }
  }
}

/** Every answer of the view to the history's questions. */
export function answers(view: Signals, history: History): readonly unknown[] {
  return history.settings.flatMap((settings) => history.probes.map((at) => deriveSignals(view, settings, at)));
}

/** Two views of a history small enough for the ledgers must give the very same answers, exact instants and all. */
export function agreeWithEachOther(one: Signals, other: Signals, history: History): void {
  if (fitsLedgers(history.events)) same(answers(one, history), answers(other, history));
}

/** Throws when the two answers differ in anything. */
export function same(one: unknown, other: unknown): void {
  const [left, right] = [JSON.stringify(one), JSON.stringify(other)];
  if (left !== right) throw new Error(`two answers that must be the same:\n${left}\n${right}`);
}
