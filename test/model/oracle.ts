// The naive oracle of the signals view: every derived fact recomputed from the whole list of a client's events.
// It shares no code with core. It may be slow; it must be obviously right.
import type { Rating, Signal, SignalFacts } from '../../services/core/derive/facts.ts';
import type { DeviceCode } from '../../services/core/device.ts';
import type { Settings } from '../../services/core/settings.ts';
import type { CanonicalEvent } from '../../services/core/topics.ts';
import { deviceOf } from './events.ts';

const dayMs = 24 * 60 * 60_000;

type Counted = { readonly at: number; readonly device: DeviceCode };
export type LastSignals = Readonly<Record<Signal, number | null>>;

/** Every fact of the client as of `at` (epoch ms), all instants exact. It forgets nothing: `pastMemory` is never true. */
export function oracleSignals(events: readonly CanonicalEvent[], settings: Settings, at: number): SignalFacts {
  const { logins, emails, messages } = countedSignals(events, settings, at);

  const last = {
    login: newest(logins.map((login) => login.at)),
    email: newest(emails.map((email) => email.at)),
    message: newest(messages),
  };
  const today = localDay(at, settings.timeZone);
  const daysAgo = logins.map((login) => today - localDay(login.at, settings.timeZone));
  const within = (days: number): number => daysAgo.filter((ago) => ago < days).length;
  const newestDevices = logins.filter((login) => login.at === last.login).map((login) => login.device);

  return {
    ...rate(last, settings, at),
    lastLogin: last.login === null ? null : { at: exactly(last.login), device: Math.max(...newestDevices) },
    logins: { d30: within(30), d90: within(90), d365: within(365) },
    loggedInRecently: within(settings.recentDays) > 0,
    lastSignals: {
      login: last.login === null ? null : exactly(last.login),
      email: last.email === null ? null : exactly(last.email),
      message: last.message === null ? null : exactly(last.message),
    },
    pastMemory: false,
  };
}

function countedSignals(events: readonly CanonicalEvent[], settings: Settings, at: number) {
  const standing = withoutErased(events);
  // An impersonation retracts its session at every instant; anything else that is later than `at` does not exist yet.
  const impersonated = impersonatedSessions(standing);
  const happened = standing.filter(({ event }) => !('occurredAt' in event) || event.occurredAt <= at);
  const goLiveAt = settings.goLiveAt ?? 0;

  const logins = countedLogins(happened, impersonated).filter((login) => login.at >= goLiveAt);
  const emails = countedEmails(happened)
    .filter((email) => settings.inviteEmailsCount || !email.invite)
    .filter((email) => email.at >= goLiveAt);
  const messages = countedMessages(happened).filter((instant) => instant >= goLiveAt);
  return { logins, emails, messages };
}

/** By local day (from 1970-01-01) what counted up to `at`: how many logins, and whether a mail of either kind was sent. */
export function oracleDays(events: readonly CanonicalEvent[], settings: Settings, at: number) {
  const { logins, emails, messages } = countedSignals(events, settings, at);
  const days = new Map<number, { logins: number; email: boolean; message: boolean }>();
  const dayOf = (instant: number) => {
    const day = localDay(instant, settings.timeZone);
    const found = days.get(day) ?? { logins: 0, email: false, message: false };
    days.set(day, found);
    return found;
  };
  for (const login of logins) dayOf(login.at).logins += 1;
  for (const email of emails) dayOf(email.at).email = true;
  for (const message of messages) dayOf(message).message = true;
  return days;
}

/** The facts that follow from the newest signal of each kind. */
export function rate(last: LastSignals, settings: Settings, at: number) {
  const decided = decidedBy(last);
  const rating = ratingOf(decided?.at ?? null, settings, at);
  const fromLogins = ratingOf(last.login, settings, at);
  const green = rating === 'green';
  const amber = rating === 'amber';
  return {
    rating,
    decidedBy: decided === null ? null : { signal: decided.signal, at: exactly(decided.at) },
    becomesAmberAt:
      decided !== null && green && settings.greenDays !== settings.amberDays
        ? decided.at + settings.greenDays * dayMs
        : null,
    becomesRedAt: decided !== null && (green || amber) ? decided.at + settings.amberDays * dayMs : null,
    onlyOurMail: ratingsAscending.indexOf(fromLogins) < ratingsAscending.indexOf(rating),
  };
}

const ratingsAscending: readonly Rating[] = ['none', 'red', 'amber', 'green'];

function decidedBy(last: LastSignals): { readonly signal: Signal; readonly at: number } | null {
  const inOrderOfTies: readonly Signal[] = ['login', 'email', 'message'];
  let decided: { signal: Signal; at: number } | null = null;
  for (const signal of inOrderOfTies) {
    const at = last[signal];
    if (at !== null && (decided === null || at > decided.at)) decided = { signal, at };
  }
  return decided;
}

function ratingOf(newestAt: number | null, settings: Settings, at: number): Rating {
  if (newestAt === null) return 'none';
  const age = at - newestAt;
  if (age <= settings.greenDays * dayMs) return 'green';
  return age <= settings.amberDays * dayMs ? 'amber' : 'red';
}

/** What an erasure leaves: nothing that occurred before its instant. */
function withoutErased(events: readonly CanonicalEvent[]): readonly CanonicalEvent[] {
  const erasedBefore = Math.max(
    0,
    ...events.map(({ topic, event }) => (topic === 'client' && event.erased === true ? event.at : 0)),
  );
  return events.filter(({ event }) => !('occurredAt' in event) || event.occurredAt >= erasedBefore);
}

function impersonatedSessions(events: readonly CanonicalEvent[]): ReadonlySet<string> {
  const sessions = new Set<string>();
  for (const { topic, event } of events) {
    if (topic === 'impersonation') sessions.add(event.sessionId);
    if (topic === 'login' && event.outcome === 'success' && (event.impersonatedBy ?? null) !== null) {
      sessions.add(event.sessionId);
    }
  }
  return sessions;
}

/** One login per session, at its earliest interactive success; of several at that instant the larger device. */
function countedLogins(events: readonly CanonicalEvent[], impersonated: ReadonlySet<string>): readonly Counted[] {
  const sessions = new Map<string, Counted>();
  for (const { topic, event } of events) {
    if (topic !== 'login' || event.outcome === 'failure' || !event.interactive) continue;
    if (impersonated.has(event.sessionId)) continue;
    const agent = event.userAgent ?? null;
    const login = { at: event.occurredAt, device: agent === null ? 0 : deviceOf(agent) };
    const known = sessions.get(event.sessionId);
    const earlier = known === undefined || login.at < known.at;
    const tiedAndLarger = known !== undefined && login.at === known.at && login.device > known.device;
    if (earlier || tiedAndLarger) sessions.set(event.sessionId, login);
  }
  return [...sessions.values()];
}

/** One email per message id, at its earliest sent or delivered; an invite when one of those says so. */
function countedEmails(
  events: readonly CanonicalEvent[],
): readonly { readonly at: number; readonly invite: boolean }[] {
  const emails = new Map<string, { at: number; invite: boolean }>();
  for (const { topic, event } of events) {
    if (topic !== 'email' || (event.status !== 'sent' && event.status !== 'delivered')) continue;
    const known = emails.get(event.messageId) ?? { at: event.occurredAt, invite: false };
    emails.set(event.messageId, {
      at: Math.min(known.at, event.occurredAt),
      invite: known.invite || event.category === 'portal-invite',
    });
  }
  return [...emails.values()];
}

/** One message per message id, at its earliest outbound event. */
function countedMessages(events: readonly CanonicalEvent[]): readonly number[] {
  const messages = new Map<string, number>();
  for (const { topic, event } of events) {
    if (topic !== 'message' || event.direction !== 'outbound') continue;
    messages.set(event.messageId, Math.min(messages.get(event.messageId) ?? event.occurredAt, event.occurredAt));
  }
  return [...messages.values()];
}

function newest(instants: readonly number[]): number | null {
  return instants.length === 0 ? null : Math.max(...instants);
}

function exactly(at: number) {
  return { at, exact: true };
}

type Calendar = { readonly format: Intl.DateTimeFormat; readonly days: Map<number, number> };

const calendars = new Map<string, Calendar>();
/** The same few instants are asked for again and again, and Intl takes its time. */
const daysKeptMax = 50_000;

/** The calendar day on the wall in `timeZone` at an instant, counted from 1970-01-01. */
export function localDay(instant: number, timeZone: string): number {
  let calendar = calendars.get(timeZone);
  if (calendar === undefined) {
    // Canada writes its dates as ISO does: 2024-05-10.
    const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    calendar = { format, days: new Map() };
    calendars.set(timeZone, calendar);
  }
  const { format, days } = calendar;
  const known = days.get(instant);
  if (known !== undefined) return known;
  if (days.size >= daysKeptMax) days.clear();
  const day = Date.parse(format.format(instant)) / dayMs;
  days.set(instant, day);
  return day;
}
