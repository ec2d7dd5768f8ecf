// The signals view: what each kind of signal does to it, and what of it people see in a console.

import { deriveSignals } from '../../derive/signals.ts';
import { type DeviceOf, decodeDevice, unknownDevice } from '../../device.ts';
import { defaultSettings } from '../../settings.ts';
import { formatInstant, quarterOf } from '../../time.ts';
import type { CanonicalEvent } from '../../topics.ts';
import type { Held, View } from '../../view.ts';
import { decodeSignals, encodeSignals } from './codec.ts';
import { type SignalKind, SignalRows, signalOf } from './event.ts';
import { minuteOf } from './ledger.ts';
import { foldLogin, markImpersonated } from './logins.ts';
import { foldEmail, foldMessage } from './mails.ts';
import { type KeepPlainSignal, plainSignals } from './plain-signal.ts';
import { emptySignals, type Mails, type Signals } from './state.ts';

export const signalsView: View<Signals> = {
  name: 'signals',
  concerns: (event) => signalOf(event, () => unknownDevice) !== null,
  empty: emptySignals,
  fold,
  hold,
  late: (view) => view.late,
  encode: encodeSignals,
  decode: decodeSignals,
  readable,
};

function fold(view: Signals, event: CanonicalEvent, deviceOf: DeviceOf): void {
  const signal = signalOf(event, deviceOf);
  if (signal !== null) take(view, signal.kind, signal.at, signal.hash, signal.device);
}

function take(view: Signals, kind: SignalKind, at: number, hash: number, device: number): void {
  if (kind === 'erasure') {
    erase(view, at);
    return;
  }
  if (at < view.erasedAt) return;
  switch (kind) {
    case 'login':
      foldLogin(view, hash, at, device);
      return;
    case 'mark':
      markImpersonated(view, hash, at);
      return;
    case 'email':
    case 'invite':
      foldEmail(view, hash, at, kind === 'invite');
      return;
    case 'outbound':
    case 'inbound':
      foldMessage(view, hash, at, kind === 'outbound');
      return;
  }
}

/** As long-lived as the reader of user agents, and not a batch only, because it remembers what that one read. */
const plainReaders = new WeakMap<DeviceOf, KeepPlainSignal>();

function plainReaderOf(deviceOf: DeviceOf): KeepPlainSignal {
  const known = plainReaders.get(deviceOf);
  if (known !== undefined) return known;
  const reader = plainSignals(deviceOf);
  plainReaders.set(deviceOf, reader);
  return reader;
}

function hold(deviceOf: DeviceOf): Held<Signals> {
  const signals = new SignalRows();
  const keepSignal = plainReaderOf(deviceOf);
  return {
    keepPlain: (topic, plain) => keepSignal(topic, plain, signals),
    keep: (event) => {
      const signal = signalOf(event, deviceOf);
      if (signal !== null) signals.keep(signal);
      return signal !== null;
    },
    fold: (state, number) => signals.give(number, state, take),
  };
}

/** Forgets what occurred before `at`; settled facts are known to the quarter hour, and the one `at` cuts goes too. */
function erase(view: Signals, at: number): void {
  if (at <= view.erasedAt) return;
  view.erasedAt = at;
  const quarterMin = quarterOf(at - 1) + 1;
  const { logins } = view;
  removeWhere(logins.ledger, (entry) => entry.at < at);
  removeWhere(logins.recall, (entry) => entry.quarter < quarterMin);
  removeWhere(logins.lateArrivals, (entry) => entry.quarter < quarterMin);
  const kept = logins.settled.quarters.findIndex((quarter) => quarter >= quarterMin);
  const gone = kept < 0 ? logins.settled.quarters.length : kept;
  logins.settled.quarters.splice(0, gone);
  logins.settled.counts.splice(0, gone);
  if (logins.settledMax !== null && quarterOf(logins.settledMax.at) < quarterMin) logins.settledMax = null;
  removeWhere(view.impersonated, (session) => session.seen < minuteOf(at));
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

function readable(view: Signals, now: number) {
  const facts = deriveSignals(view, defaultSettings, now);
  const { login, email, message } = facts.lastSignals;
  const device = decodeDevice(facts.lastLogin?.device ?? unknownDevice);
  return {
    logins30: facts.logins.d30,
    logins90: facts.logins.d90,
    logins365: facts.logins.d365,
    countedAt: formatInstant(now),
    lastLogin: login && formatInstant(login.at),
    lastEmail: email && formatInstant(email.at),
    lastMessage: message && formatInstant(message.at),
    lastDevice: device && `${device.type} / ${device.platform}`,
  };
}
