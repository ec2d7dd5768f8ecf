import { signalsView } from '../../services/core/views/signals/view.ts';
import { deviceOf, login } from '../model/events.ts';
import { hourMs } from '../model/timeline.ts';

const start = Date.parse('2026-03-01T09:00:00Z');

/** A client who logged in once an hour, more often than the view remembers singly. */
function givenRegular() {
  const view = signalsView.empty();
  for (let hour = 0; hour < 200; hour += 1) signalsView.fold(view, login(`s${hour}`, start + hour * hourMs), deviceOf);
  return view;
}

test('given logins in order of time, then none is late, however many they are', () => {
  expect(signalsView.late(givenRegular())).toBe(0);
});

test('given more logins than are remembered singly, when one from before them arrives, then it is counted as late', () => {
  const view = givenRegular();
  signalsView.fold(view, login('forgotten', start - hourMs), deviceOf);
  expect(signalsView.late(view)).toBe(1);
});
