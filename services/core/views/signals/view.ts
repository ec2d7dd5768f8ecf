// The signals view: which events concern it, and what each does to it.

import { deriveSignals } from '../../derive/signals.ts';
import { type DeviceOf, decodeDevice, unknownDevice } from '../../device.ts';
import type { Email } from '../../events/email.ts';
import { inviteCategory } from '../../events/email.ts';
import type { Login } from '../../events/login.ts';
import { defaultSettings } from '../../settings.ts';
import { formatInstant, quarterOf } from '../../time.ts';
import type { CanonicalEvent } from '../../topics.ts';
import type { View } from '../../view.ts';
import { decodeSignals, encodeSignals } from './codec.ts';
import { foldLogin, markImpersonated } from './logins.ts';
import { foldEmail, foldMessage } from './mails.ts';
import { emptySignals, type Mails, type Signals } from './state.ts';

export const signalsView: View<Signals> = {
  name: 'signals',
  concerns,
  empty: emptySignals,
  fold,
  late: (view) => view.late,
  encode: encodeSignals,
  decode: decodeSignals,
  readable,
};

function concerns({ topic, event }: CanonicalEvent): boolean {
  switch (topic) {
    case 'login':
      return event.outcome === 'success' && (event.interactive || isMarked(event));
    case 'email':
      return event.status === 'sent' || event.status === 'delivered';
    case 'client':
      return event.erased === true;
    case 'impersonation':
    case 'message':
      return true;
    case 'portal-access':
    case 'portal-activity':
    case 'support-request':
      return false;
  }
}

function fold(view: Signals, canonical: CanonicalEvent, deviceOf: DeviceOf): void {
  const { topic, event } = canonical;
  if (!concerns(canonical)) return;
  if (topic === 'client') {
    if (event.erased === true) erase(view, event.at);
    return;
  }
  const at = event.occurredAt;
  if (at < view.erasedAt) return;
  switch (topic) {
    case 'login':
      takeLogin(view, event, deviceOf);
      return;
    case 'impersonation':
      markImpersonated(view, event.sessionId, at);
      return;
    case 'email':
      takeEmail(view, event);
      return;
    case 'message':
      foldMessage(view, event.messageId, at, event.direction === 'outbound');
      return;
    case 'portal-access':
    case 'portal-activity':
    case 'support-request':
      return;
  }
}

function takeLogin(view: Signals, event: Login, deviceOf: DeviceOf): void {
  if (isMarked(event)) {
    markImpersonated(view, event.sessionId, event.occurredAt);
    return;
  }
  const { userAgent } = event;
  const device = userAgent === undefined || userAgent === null ? unknownDevice : deviceOf(userAgent);
  foldLogin(view, event.sessionId, event.occurredAt, device);
}

function takeEmail(view: Signals, event: Email): void {
  foldEmail(view, event.messageId, event.occurredAt, event.category === inviteCategory);
}

function isMarked(event: Login): boolean {
  return event.impersonatedBy !== undefined && event.impersonatedBy !== null;
}

/** Forgets what occurred before `at`; settled facts are known to the quarter hour, and the one `at` lies in goes too. */
function erase(view: Signals, at: number): void {
  if (at <= view.erasedAt) return;
  view.erasedAt = at;
  const quarterMin = quarterOf(at) + 1;
  const { logins } = view;
  removeWhere(logins.ledger, (entry) => entry.at < at);
  removeWhere(logins.recall, (entry) => entry.quarter < quarterMin);
  removeWhere(logins.lateArrivals, (entry) => entry.quarter < quarterMin);
  const kept = logins.settled.quarters.findIndex((quarter) => quarter >= quarterMin);
  const gone = kept < 0 ? logins.settled.quarters.length : kept;
  logins.settled.quarters.splice(0, gone);
  logins.settled.counts.splice(0, gone);
  if (logins.settledMax !== null && quarterOf(logins.settledMax.at) < quarterMin) logins.settledMax = null;
  removeWhere(view.impersonated, (session) => session.seen * 60_000 < at);
  for (const mails of [view.emails, view.invites, view.outbound, view.inbound]) eraseMails(mails, at, quarterMin);
}

function eraseMails(mails: Mails, at: number, quarterMin: number): void {
  removeWhere(mails.ledger, (entry) => entry.at < at);
  removeWhere(mails.settled, (quarter) => quarter < quarterMin);
  if (mails.settledMax !== null && quarterOf(mails.settledMax) < quarterMin) mails.settledMax = null;
}

function removeWhere<Item>(items: Item[], isGone: (item: Item) => boolean): void {
  const kept = items.filter((item) => !isGone(item));
  items.splice(0, items.length, ...kept);
}

function readable(view: Signals, now: number): Record<string, string | number> {
  const facts = deriveSignals(view, defaultSettings, now);
  const readable: Record<string, string | number> = {
    logins30: facts.logins.d30,
    logins90: facts.logins.d90,
    logins365: facts.logins.d365,
    countedAt: formatInstant(now),
  };
  const { login, email, message } = facts.lastSignals;
  if (login !== null) readable['lastLogin'] = formatInstant(login.at);
  if (email !== null) readable['lastEmail'] = formatInstant(email.at);
  if (message !== null) readable['lastMessage'] = formatInstant(message.at);
  const device = decodeDevice(facts.lastLogin?.device ?? unknownDevice);
  if (device !== null) readable['lastDevice'] = `${device.type} / ${device.platform}`;
  return readable;
}
