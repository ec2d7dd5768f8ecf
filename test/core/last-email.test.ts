// The last email, put together from emails and invites, of which each is remembered exactly or to the quarter hour.
import { deriveSignals } from '../../services/core/derive/signals.ts';
import { defaultSettings } from '../../services/core/settings.ts';
import { signalsView } from '../../services/core/views/signals/view.ts';
import { deviceOf, email } from '../model/events.ts';
import { dayMs, minuteMs, quarterMs } from '../model/timeline.ts';

const quarter = Date.UTC(2026, 2, 22, 16, 30);
const invite = { category: 'portal-invite' };

function lastEmail(inviteAt: number) {
  const later = Array.from({ length: 60 }, (_, index) => email(`later-${index}`, quarter + (index + 1) * dayMs));
  const state = signalsView.empty();
  for (const event of [
    email('settled', quarter + 10 * minuteMs),
    email('invite', inviteAt, 'sent', invite),
    ...later,
  ]) {
    signalsView.fold(state, event, deviceOf);
  }
  return deriveSignals(state, defaultSettings, quarter + quarterMs - 1).lastSignals.email;
}

test('an exact invite in the quarter hour of a settled email does not pass for the last: either may be', () => {
  expect(lastEmail(quarter + 2 * minuteMs)).toEqual({ at: quarter, exact: false });
});

test('a settled email is later than an invite of an earlier quarter hour', () => {
  expect(lastEmail(quarter - minuteMs)).toEqual({ at: quarter, exact: false });
});
