// Beside the laws: what a client did by local day, recomputed from all events, wherever midnights lie and clocks change.
import fc from 'fast-check';
import { activityOf } from '../../services/core/derive/activity.ts';
import { daysUpTo } from '../../services/core/derive/days.ts';
import { frameOf } from '../../services/core/derive/frame.ts';
import { deriveSignals } from '../../services/core/derive/signals.ts';
import { arrange, arrivals } from './arrivals.ts';
import { histories } from './histories.ts';
import { foldInBatches, law } from './laws.ts';
import { oracleDays } from './oracle.ts';

const days = 366;

law(
  'given a history, then each local day has the signals that the oracle counts there, and windows are sums of days',
  fc.record({ history: histories(), arrival: arrivals(), cuts: fc.nat({ max: 99_999 }) }),
  ({ history, arrival, cuts }) => {
    const view = foldInBatches(arrange(history, arrival), cuts);
    for (const settings of history.settings) {
      for (const at of history.probes) {
        const where = `at ${new Date(at).toISOString()} under ${JSON.stringify(settings)}`;
        const frame = frameOf(settings, at);
        const run = daysUpTo(frame, days);
        const found = activityOf(view, frame, run);
        const wanted = oracleDays(history.events, settings, at);
        const byDay = new Map(found.days.map((day) => [day.day, day]));
        let firstRemembered = run.first;
        while (frame.zone.startOf(firstRemembered) < found.rememberedFrom) firstRemembered += 1;
        for (let day = firstRemembered; day < run.first + days; day += 1) {
          const { logins = 0, email = false, message = false } = byDay.get(day) ?? {};
          const right = wanted.get(day) ?? { logins: 0, email: false, message: false };
          if (logins === right.logins && email === right.email && message === right.message) continue;
          const told = JSON.stringify({ logins, email, message });
          throw new Error(`${where} day ${day} is ${told}, the oracle says ${JSON.stringify(right)}`);
        }
        const counts = deriveSignals(view, settings, at).logins;
        const within = (span: number) =>
          found.days.reduce((sum, { day, logins }) => sum + (day > frame.today - span ? logins : 0), 0);
        if (within(30) !== counts.d30 || within(90) !== counts.d90 || within(365) !== counts.d365) {
          throw new Error(`${where} the days do not add up to ${JSON.stringify(counts)}`);
        }
      }
    }
  },
);
