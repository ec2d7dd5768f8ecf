// Generated histories of one client: hostile but such as happen. A history is built from a list of small plans, one a
// session or mail, each a few numbers of which 0 is the plainest, so that a failing history shrinks to its core.
import fc from 'fast-check';
import type { Settings } from '../../services/core/settings.ts';
import type { CanonicalEvent } from '../../services/core/topics.ts';
import { deviceKinds, email, erasure, impersonation, instantOf, inWords, login, marks, message } from './events.ts';
import { loginsExactMin, withinMemory } from './memory.ts';
import {
  dayMs,
  gapsMax,
  hourMs,
  longSpanMs,
  minuteMs,
  nextMidnight,
  quarterMs,
  randomFrom,
  startOf,
  step,
  usualSpanMs,
  type Zone,
  zones,
} from './timeline.ts';

export type History = {
  readonly zone: Zone;
  /** In order of time; what is equal in time stands in a random order. */
  readonly events: readonly CanonicalEvent[];
  /** False: few enough sessions and mails that they may arrive in any order. */
  readonly bounded: boolean;
  readonly settings: readonly Settings[];
  /** Instants to ask about; all but the last lie 1 ms before a quarter hour when they are not after every event. */
  readonly probes: readonly number[];
};

type SessionPlan = readonly [gap: number, first: number, more: number, impersonated: number];
type MailPlan = readonly [gap: number, shape: number];

type Sizes = {
  readonly sessions: readonly [number, number];
  readonly mails: number;
  readonly messages: number;
  readonly bounded: boolean;
};

const light: Sizes = { sessions: [0, 10], mails: 8, messages: 6, bounded: false };
const ordinary: Sizes = { sessions: [11, 96], mails: 8, messages: 8, bounded: false };
const chatty: Sizes = { sessions: [0, 24], mails: 40, messages: 24, bounded: true };
const heavy: Sizes = { sessions: [100, 400], mails: 60, messages: 30, bounded: true };

/** Histories of every kind of user. */
export function histories(): fc.Arbitrary<History> {
  return fc.oneof(
    { arbitrary: historiesOf(light), weight: 78 },
    { arbitrary: historiesOf(ordinary), weight: 8 },
    { arbitrary: historiesOf(chatty), weight: 12 },
    { arbitrary: historiesOf(heavy), weight: 2 },
  );
}

function historiesOf(sizes: Sizes): fc.Arbitrary<History> {
  const [sessionsMin, sessionsMax] = sizes.sessions;
  const gap = fc.nat({ max: gapsMax });
  const shape = fc.nat({ max: 4095 });
  const mail = fc.tuple(gap, shape);
  const upTo = (maxLength: number, minLength = 0) => ({ minLength, maxLength, size: 'max' }) as const;
  return fc
    .record({
      zone: fc.constantFrom(...zones),
      start: fc.nat({ max: 999 }),
      sessions: fc.array(fc.tuple(gap, shape, shape, fc.nat({ max: 99 })), upTo(sessionsMax, sessionsMin)),
      mails: fc.array(mail, upTo(sizes.mails)),
      messages: fc.array(mail, upTo(sizes.messages)),
      /** The share of impersonated sessions, in percent. */
      impersonatedShare: fc.constantFrom(5, 0, 20, 60),
      /** 0: everything within 13 months. */
      span: fc.nat({ max: 9 }),
      erased: fc.nat({ max: 99 }),
      settings: fc.array(fc.nat({ max: 99_999 }), { minLength: 1, maxLength: 1 }),
      probes: fc.array(fc.nat({ max: 99_999 }), { minLength: 2, maxLength: 2 }),
      now: fc.nat({ max: 11 }),
      /** 0: nobody leaves the portal open for weeks. 3: somebody does, and it was a colleague. */
      openTab: fc.nat({ max: 3 }),
    })
    .map((plan) => {
      const start = startOf(plan.zone, plan.start);
      const end = start + (plan.span === 9 ? longSpanMs : usualSpanMs);
      // Half of the ordinary clients come in bursts, many sessions to a quarter hour.
      const isHeavy = sizes === heavy || (sizes === ordinary && plan.start % 2 === 1);
      const random = randomFrom(plan.start);
      const salt = plan.start % 7;
      const raw: CanonicalEvent[] = [];
      const sessionStarts: number[] = [];
      let at = start;
      // A silence just where the ledger ends puts the newest settled login, a maximum, at the end of its quarter hour.
      const silentBefore = plan.start % 4 === 1 ? plan.sessions.length - loginsExactMin : -1;
      let silentFrom: number | null = null;
      for (const [index, session] of plan.sessions.entries()) {
        if (index === silentBefore && index > 0) {
          silentFrom = at;
          at += 4 * dayMs;
        }
        at = step(at, session[0], isHeavy, plan.zone, end);
        sessionStarts.push(at);
        raw.push(...sessionEvents(`s${salt}-${index}`, at, session, plan.impersonatedShare, isHeavy));
      }
      if (sizes === heavy) raw.push(...openTabEvents(`s${salt}-open`, sessionStarts, plan.openTab));
      at = start;
      for (const [index, mail] of plan.mails.entries()) {
        at = mailInstant(at, mail, sessionStarts, plan.zone, end);
        raw.push(...mailEvents(`m${salt}-${index}`, at, mail[1]));
      }
      at = start;
      for (const [index, mail] of plan.messages.entries()) {
        at = mailInstant(at, mail, sessionStarts, plan.zone, end);
        raw.push(...messageEvents(`t${salt}-${index}`, at, mail[1]));
      }
      const inOrder = raw
        .map((event) => ({ event, tie: random() }))
        .sort((one, other) => instantOf(one.event) - instantOf(other.event) || one.tie - other.tie)
        .map(({ event }) => event);
      const remembered = sizes.bounded ? withinMemory(inOrder, boundedNewerMax) : inOrder;
      const events = plan.erased === 1 ? withErasure(remembered, random) : remembered;
      const newest = events.reduce((latest, event) => Math.max(latest, instantOf(event)), start);
      return printable({
        zone: plan.zone,
        events,
        bounded: sizes.bounded,
        settings: [
          { ...plainSettings, timeZone: plan.zone },
          ...plan.settings.map((n) => settingsOf(n, plan.zone, start)),
        ],
        probes: [
          ...plan.probes.map((n) => probe(n, events, plan.zone, newest)),
          ...(silentFrom === null ? [] : [Math.floor(silentFrom / quarterMs + 1) * quarterMs - 1]),
          newest + (nows[plan.now] ?? 0),
        ],
      });
    });
}

/** Of these newer sessions and mails the order of time itself uses up so many; arrivals.ts adds its displacement. */
export const boundedNewerMax = { logins: 20, mails: 4 };

function printable(history: History): History {
  const print = (): string =>
    [
      `zone ${history.zone}, ${history.bounded ? 'bounded' : 'any order'}`,
      ...history.settings.map((settings) => JSON.stringify(settings)),
      `probes ${history.probes.map((instant) => new Date(instant).toISOString()).join(' ')}`,
      ...history.events.map(inWords),
    ].join('\n');
  return Object.defineProperty(history, fc.toStringMethod, { value: print, enumerable: false });
}

const mostlyInteractive = 7;

function sessionEvents(
  id: string,
  at: number,
  [, first, more, impersonated]: SessionPlan,
  impersonatedShare: number,
  isHeavy: boolean,
): CanonicalEvent[] {
  const loginAt = (instant: number, shape: number): CanonicalEvent =>
    login(id, instant, {
      interactive: shape % 8 !== mostlyInteractive,
      outcome: Math.floor(shape / 8) % 10 === 9 ? 'failure' : 'success',
      agent: Math.floor(shape / 80) % deviceKinds,
    });
  const events = [loginAt(at, first)];
  // Two thirds of the sessions are seen once; the others go on, as a portal in a browser tab does.
  let last = at;
  for (let left = more % 3 === 2 ? 1 + (Math.floor(more / 3) % 4) : 0, turn = more; left > 0; left -= 1) {
    turn = (turn * 31 + 17) % 4093;
    const lengths = [
      0,
      1,
      40_000,
      4 * minuteMs,
      quarterMs,
      50 * minuteMs,
      5 * hourMs,
      isHeavy ? 9 * hourMs : 3 * dayMs,
    ];
    last += lengths[turn % lengths.length] ?? 0;
    events.push(loginAt(last, Math.floor(turn / 8) * 3 + left));
  }
  if (100 - impersonated > impersonatedShare) return events;
  return impersonate(id, at, last, events, impersonated);
}

/** A browser tab left open: its session is seen again every few sessions for weeks, and is one login all the time. */
function openTabEvents(id: string, sessions: readonly number[], openTab: number): CanonicalEvent[] {
  if (openTab === 0) return [];
  const every = 2 + openTab * 3;
  const seen = sessions.filter((_, index) => index > openTab && index % every === 0);
  const logins = seen.map((instant) => login(id, instant + 1));
  const last = seen[seen.length - 1];
  return openTab === 3 && last !== undefined ? [...logins, impersonation(id, last + minuteMs, 'ended')] : logins;
}

/** Every way in which it comes out that a colleague was behind a session. `how` counts down from 99. */
function impersonate(id: string, at: number, last: number, logins: CanonicalEvent[], how: number): CanonicalEvent[] {
  switch ((99 - how) % 10) {
    case 0:
      return [impersonation(id, at - 1500), ...logins];
    case 1:
      return [...logins, impersonation(id, last + 2 * minuteMs, 'ended')];
    case 2:
      return [impersonation(id, at), ...logins, impersonation(id, last, 'ended')];
    case 3:
      return [...logins, login(id, last + 1, { impersonated: true })];
    case 4:
      return [...logins, login(id, last + 20 * minuteMs, { impersonated: true, interactive: false })];
    case 5:
      // A refused attempt says nothing about the session, whoever made it: this session counts.
      return [...logins, login(id, last + 1, { impersonated: true, outcome: 'failure' })];
    case 6:
      return [impersonation(id, at), impersonation(id, at + 1, 'ended')];
    case 7:
      return [login(id, at, { impersonated: true }), ...logins];
    case 8:
      return [...logins, impersonation(id, last + 30 * hourMs, 'started')];
    default:
      return [impersonation(id, at + 1), ...logins];
  }
}

/** Mails have a clock of their own, and one in eight falls on a login to the millisecond. */
function mailInstant(
  from: number,
  [gap, shape]: MailPlan,
  sessions: readonly number[],
  zone: Zone,
  end: number,
): number {
  const session = sessions[gap % Math.max(1, sessions.length)];
  return shape % 8 === 7 && session !== undefined ? session : step(from, gap, false, zone, end);
}

const invite = 'portal-invite';

function mailEvents(id: string, at: number, shape: number): CanonicalEvent[] {
  const isInvite = Math.floor(shape / 8) % 4 === 3;
  const category = isInvite ? invite : shape % 3 === 0 ? undefined : 'newsletter';
  const lag = [1200, 0, 9 * minuteMs, 26 * minuteMs, 7 * hourMs][Math.floor(shape / 32) % 5] ?? 0;
  const sent = email(id, at, 'sent', { category });
  const delivered = email(id, at + lag, 'delivered', { category });
  switch (Math.floor(shape / 160) % 8) {
    case 0:
      return [sent, delivered];
    case 1:
      return [sent];
    case 2:
      return [delivered];
    case 3:
      return [sent, delivered, email(id, at + lag + 90 * dayMs, 'opened', { category })];
    case 4:
      return [sent, email(id, at + lag, 'bounced', { category })];
    case 5:
      // An open of an email nobody saw being sent makes no signal.
      return [email(id, at, 'opened', { category }), email(id, at + 1, 'clicked', { category })];
    case 6:
      // The provider does not repeat the category.
      return [sent, email(id, at + lag, 'delivered')];
    default:
      // A provider whose clock is behind ours: delivered before sent.
      return [email(id, at - lag, 'delivered', { category }), sent];
  }
}

function messageEvents(id: string, at: number, shape: number): CanonicalEvent[] {
  switch (Math.floor(shape / 8) % 6) {
    case 0:
    case 1:
      return [message(id, at)];
    case 2:
      return [message(id, at), message(id, at + (shape % 4) * 11 * minuteMs)];
    case 3:
      return [message(id, at, 'inbound')];
    case 4:
      return [message(id, at, 'inbound'), message(id, at + hourMs, 'outbound')];
    default:
      return [message(id, at), message(id, at + minuteMs, 'inbound')];
  }
}

/** Erases the client in the middle of its history. No session or mail spans the erasure: those that would are left out. */
function withErasure(events: readonly CanonicalEvent[], random: () => number): readonly CanonicalEvent[] {
  const middle = events[Math.floor(random() * events.length)];
  if (middle === undefined) return events;
  const at = Math.floor(instantOf(middle) / quarterMs) * quarterMs;
  const idOf = ({ event }: CanonicalEvent): string => {
    if ('sessionId' in event) return `session ${event.sessionId}`;
    return 'messageId' in event ? `mail ${event.messageId}` : '';
  };
  const before = new Set(events.filter((event) => instantOf(event) < at).map(idOf));
  const after = new Set(events.filter((event) => instantOf(event) >= at).map(idOf));
  const apart = events.filter((event) => !(before.has(idOf(event)) && after.has(idOf(event))));
  const place = apart.findIndex((event) => instantOf(event) >= at);
  return [...apart.slice(0, place), erasure(at), ...apart.slice(place)];
}

const plainSettings: Settings = {
  timeZone: 'UTC',
  greenDays: 14,
  amberDays: 42,
  recentDays: 30,
  goLiveAt: null,
  inviteEmailsCount: true,
};

function settingsOf(n: number, zone: Zone, start: number): Settings {
  const greenDays = [14, 1, 7, 30, 42][n % 5] ?? 14;
  return {
    timeZone: n % 4 === 3 ? (zones[Math.floor(n / 4) % zones.length] ?? zone) : zone,
    greenDays,
    amberDays: greenDays + ([28, 0, 5, 60][Math.floor(n / 5) % 4] ?? 28),
    recentDays: [30, 1, 7, 90][Math.floor(n / 20) % 4] ?? 30,
    // Whole quarter hours, because of a settled signal no more than its quarter hour is known.
    goLiveAt: Math.floor(n / 80) % 2 === 0 ? null : Math.floor(start / quarterMs) * quarterMs + (n % 1200) * 7 * hourMs,
    inviteEmailsCount: Math.floor(n / 160) % 2 === 0,
  };
}

/** From the last event to now: the edges of both thresholds and of the windows among them. */
const nows = [
  ...[0, 1, 20 * minuteMs, hourMs, 14 * dayMs, 14 * dayMs + 1, 42 * dayMs, 42 * dayMs + 1],
  ...[29 * dayMs, 30 * dayMs, 89 * dayMs, 364 * dayMs],
];

const wishes: readonly ((at: number, zone: Zone) => number)[] = [
  (at) => at + quarterMs,
  (at) => at,
  nextMidnight,
  nextMidnight,
  (at) => at + 14 * dayMs,
  (at) => at + 42 * dayMs,
  (at, zone) => nextMidnight(at + 29 * dayMs, zone),
  (at, zone) => nextMidnight(at + 30 * dayMs, zone),
  (at, zone) => nextMidnight(at + 89 * dayMs, zone),
  (at, zone) => nextMidnight(at + 364 * dayMs, zone),
];

function eventsOfSession(mark: CanonicalEvent, events: readonly CanonicalEvent[]): readonly CanonicalEvent[] {
  if (!('sessionId' in mark.event)) return [];
  const { sessionId } = mark.event;
  return events.filter(({ event }) => 'sessionId' in event && event.sessionId === sessionId);
}

/** Views promise quarter hours of what is long past, so a past instant is asked for at the end of one. */
function probe(n: number, events: readonly CanonicalEvent[], zone: Zone, newest: number): number {
  // One in three asks about the quarter hours of impersonated sessions, where something had to be taken back.
  const marked = n % 3 === 0 ? events.filter(marks).flatMap((mark) => eventsOfSession(mark, events)) : [];
  const asked = marked.length > 0 ? marked : events;
  const event = asked[Math.floor(n / 12) % Math.max(1, asked.length)];
  const at = event === undefined ? newest : instantOf(event);
  const wish = wishes[n % wishes.length]?.(at, zone) ?? newest;
  return Math.floor(Math.max(newest - usualSpanMs, wish) / quarterMs) * quarterMs - 1;
}
