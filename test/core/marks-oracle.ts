// Marks from decoded views, the long way round: everything is derived at the end of time, and the newest of it is taken.
import { type Frame, frameOf } from '../../services/core/derive/frame.ts';
import { deriveInFrame } from '../../services/core/derive/signals.ts';
import {
  type AccessMarks,
  dayOfDate,
  forEver,
  never,
  noDay,
  type SignalMarks,
} from '../../services/core/list-marks.ts';
import { defaultSettings } from '../../services/core/settings.ts';
import { instantMax } from '../../services/core/time.ts';
import { type Access, applyChange, initialLogin } from '../../services/core/views/access/state.ts';
import type { Signals } from '../../services/core/views/signals/state.ts';

/** Everything that is known by the end of time, under no go-live. */
const allOfTime: Frame = frameOf(defaultSettings, instantMax);
const allButInvites: Frame = { ...allOfTime, settings: { ...defaultSettings, inviteEmailsCount: false } };

export function signalMarksOf(signals: Signals): SignalMarks {
  const { login, email, message } = deriveInFrame(signals, allOfTime).lastSignals;
  const hasInvites = signals.invites.ledger.length > 0 || signals.invites.settled.length > 0;
  const butInvites = hasInvites ? deriveInFrame(signals, allButInvites).lastSignals.email : email;
  return {
    login: login?.at ?? never,
    email: email?.at ?? never,
    emailButInvites: butInvites?.at ?? never,
    message: message?.at ?? never,
  };
}

export function accessMarksOf(access: Access): AccessMarks {
  let everGranted = false;
  let throughDay = noDay;
  let changedAt = never;
  for (const { base, changes } of access.logins) {
    let state = base?.state ?? initialLogin;
    changedAt = Math.max(changedAt, base?.at ?? never, changes.at(-1)?.at ?? never);
    for (const change of changes) state = applyChange(state, change);
    everGranted ||= state.known;
    if (state.granted) throughDay = Math.max(throughDay, dayOfDate(state.expiresOn) ?? forEver);
  }
  return { everGranted, throughDay, changedAt };
}
