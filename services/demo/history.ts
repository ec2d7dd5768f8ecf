// The demo's history: 3 firms, 5,000 clients, 400 days, everything that folds, with impersonation, duplicates, disorder
// and broken messages. It is the same for the same last day, and it counts beside itself what must come out, by plain
// bookkeeping that knows nothing of the fold.
import { frameOf } from '../core/derive/frame.ts';
import { defaultSettings } from '../core/settings.ts';
import { dayMs, formatInstant } from '../core/time.ts';
import type { EventTopic } from '../core/topics.ts';
import { channels, clientTypes, type Firm, firms, firstNames, lastNames, pickHabit, userAgents } from './cast.ts';
import { type Random, seededRandom } from './random.ts';

const historyDays = 400;
const hourMs = 3_600_000;
const repeatedShare = 0.02;
const brokenShare = 0.0005;

/** A message as a producer would put it into the log. */
export type DemoMessage = { readonly topic: EventTopic; readonly key: string; readonly text: string };

/** What one firm's answers must add up to, if nothing was lost, counted twice, or counted while impersonated. */
export type FirmTotals = {
  readonly firmId: string;
  clients: number;
  withAccess: number;
  neverLoggedIn: number;
  /** Genuine sessions of all clients in the last 365 local days. */
  logins365: number;
};

export type History = {
  /** In the order in which they happened, but for a few. */
  readonly messages: readonly DemoMessage[];
  readonly totals: readonly FirmTotals[];
  /** Broken messages by the reason they must be put away with. */
  readonly broken: Readonly<Record<BrokenReason, number>>;
  readonly repeated: number;
};

type Timed = DemoMessage & { readonly at: number };

type Writer = {
  readonly random: Random;
  readonly firm: Firm;
  readonly totals: FirmTotals;
  readonly from: number;
  readonly until: number;
  /** First instant of the 365-day window, epoch ms. */
  readonly from365: number;
  readonly clientId: string;
  add(topic: EventTopic, at: number, fields: Readonly<Record<string, unknown>>): void;
  id(kind: string): string;
};

/** `now`: epoch ms; the history ends an hour before. */
export function demoHistory(now: number, clientsShare = 1): History {
  const random = seededRandom(20_260_101);
  const until = Math.floor(now / hourMs) * hourMs - hourMs;
  const from = until - historyDays * dayMs;
  const timed: Timed[] = [];
  const totals = firms.map((firm) => {
    const sums: FirmTotals = { firmId: firm.firmId, clients: 0, withAccess: 0, neverLoggedIn: 0, logins365: 0 };
    const clients = Math.max(1, Math.round(firm.clients * clientsShare));
    const { from365 } = frameOf({ ...defaultSettings, timeZone: firm.timeZone }, now);
    for (let number = 1; number <= clients; number += 1) {
      const clientId = `client-${String(number).padStart(5, '0')}`;
      writeClient(writerOf({ random, firm, totals: sums, from, until, from365, clientId }, timed), number);
    }
    return sums;
  });

  let repeated = 0;
  const broken = { not_json: 0, wrong_shape: 0, unknown_version: 0 };
  for (const message of timed.slice()) {
    if (random.chance(repeatedShare)) {
      repeated += 1;
      timed.push({ ...message, at: Math.min(message.at + random.whole(0, 2 * hourMs), until) });
    }
    if (random.chance(brokenShare)) timed.push(breakMessage(random, message, broken));
  }
  timed.sort((one, other) => one.at - other.at);
  return { messages: timed, totals, broken, repeated };
}

function writerOf(about: Omit<Writer, 'add' | 'id'>, timed: Timed[]): Writer {
  const { firm, clientId } = about;
  const key = `${firm.firmId}/${clientId}`;
  let events = 0;
  const id = (kind: string) => {
    events += 1;
    return `${kind}-${firm.firmId}-${clientId}-${events}`;
  };
  return {
    ...about,
    id,
    add: (topic, at, fields) => {
      const head = { firmId: firm.firmId, clientId };
      const dated = topic === 'client' ? {} : { eventId: id('event'), occurredAt: formatInstant(at) };
      timed.push({ topic, key, at, text: JSON.stringify({ ...head, ...dated, ...fields }) });
    },
  };
}

function writeClient(writer: Writer, number: number): void {
  const { random, totals, from, until } = writer;
  const habit = pickHabit(random);
  const joined = random.chance(0.7) ? from + random.whole(0, 10 * dayMs) : random.whole(from, until - 30 * dayMs);
  const email = `client-${number}@${writer.firm.firmId}.example`;
  writeProfile(writer, joined, email, number);
  totals.clients += 1;

  const logins = habit.everyDays === 0 ? 0 : writeLogins(writer, habit.everyDays, joined, habit.stoppedDaysAgo);
  if (habit.hasAccess) {
    totals.withAccess += 1;
    if (logins === 0) totals.neverLoggedIn += 1;
    writeAccess(writer, joined, email, logins > 0);
  }
  writeMails(writer, joined, email, habit.written);
}

function writeProfile({ add, random, firm }: Writer, joined: number, email: string, number: number): void {
  const profile = {
    firstName: random.pick(firstNames),
    lastName: random.pick(lastNames),
    type: random.pick(clientTypes),
    status: 'active',
    adviser: random.pick(firm.advisers),
    emails: [email],
    createdAt: formatInstant(joined),
    nextReviewDate: formatInstant(joined + random.whole(300, 500) * dayMs).slice(0, 10),
    anniversaryDate: formatInstant(joined).slice(0, 10),
  };
  add('client', joined, { version: 1, updatedAt: formatInstant(joined), ...profile });
  if (number % 4 !== 0) return;
  const moved = joined + 5 * dayMs;
  add('client', moved, {
    version: 2,
    updatedAt: formatInstant(moved),
    ...profile,
    adviser: random.pick(firm.advisers),
  });
}

function writeAccess({ add, random, id }: Writer, joined: number, email: string, used: boolean): void {
  const features = { welcome: true, wealth: true, goals: random.chance(0.5), factfind: true, tasks: true };
  const rights = { permissions: { write: true, delete: false }, features };
  add('portal-access', joined, { email, change: 'invited', ...rights });
  const invite = { messageId: id('mail'), address: email, category: 'portal-invite' };
  add('email', joined, { ...invite, status: 'sent' });
  add('email', joined + 40_000, { ...invite, status: 'delivered' });
  if (!used) return;
  add('portal-access', joined + 10_000, { email, change: 'accepted' });
  add('portal-access', joined + 20_000, { email, change: 'set-up', twoFactor: random.chance(0.4) });
}

/** Answers how many genuine sessions there were. */
function writeLogins(writer: Writer, everyDays: number, joined: number, stoppedDaysAgo: number): number {
  const { random, add, id, until } = writer;
  const last = until - stoppedDaysAgo * dayMs;
  const devices = [random.pick(userAgents), random.pick(userAgents)] as const;
  let sessions = 0;
  let at = joined + random.whole(1, 48) * hourMs;
  while (at < last) {
    const sessionId = id('session');
    const device = { userAgent: random.pick(devices) };
    if (random.chance(0.04)) add('login', at - 30_000, { sessionId: id('session'), outcome: 'failure', ...device });
    if (random.chance(0.015)) {
      writeImpersonated(writer, at, sessionId);
    } else {
      sessions += 1;
      if (at >= writer.from365) writer.totals.logins365 += 1;
      add('login', at, { sessionId, outcome: 'success', ...device });
      if (random.chance(0.25)) {
        add('login', at + 8 * 60_000, { sessionId, outcome: 'success', interactive: false, ...device });
      }
    }
    at += Math.max(1, Math.round(everyDays * (0.3 + 1.4 * random.next()) * 24)) * hourMs + random.whole(0, hourMs);
  }
  return sessions;
}

/** A colleague signs in as the client; the impersonation may arrive first, afterwards, or only on the login itself. */
function writeImpersonated({ random, add }: Writer, at: number, sessionId: string): void {
  const impersonator = { id: 'staff-1' };
  const login = { sessionId, outcome: 'success', userAgent: userAgents[1] };
  if (random.chance(0.3)) {
    add('login', at, { ...login, impersonatedBy: impersonator });
    return;
  }
  add('login', at, login);
  const arrives = at + (random.chance(0.5) ? -2000 : 60_000);
  add('impersonation', arrives, { sessionId, phase: 'started', impersonator });
}

function writeMails({ add, random, id, until }: Writer, joined: number, address: string, written: boolean): void {
  const everyDays = written ? 35 : 120;
  for (
    let at = joined + random.whole(1, everyDays) * dayMs;
    at < until;
    at += random.whole(10, everyDays * 2) * dayMs
  ) {
    const mail = { messageId: id('mail'), address, category: 'newsletter' };
    add('email', at, { ...mail, status: 'sent' });
    add('email', at + 15_000, { ...mail, status: 'delivered' });
    if (random.chance(0.5) && at + 5 * hourMs < until) add('email', at + 5 * hourMs, { ...mail, status: 'opened' });
  }
  for (let at = joined + random.whole(5, 90) * dayMs; at < until; at += random.whole(30, everyDays * 3) * dayMs) {
    const channel = random.pick(channels);
    add('message', at, { messageId: id('message'), direction: 'outbound', channel });
    if (!random.chance(0.4) || at + hourMs >= until) continue;
    add('message', at + hourMs, { messageId: id('message'), direction: 'inbound', channel });
  }
}

const brokenReasons = ['not_json', 'wrong_shape', 'unknown_version'] as const;
type BrokenReason = (typeof brokenReasons)[number];

function breakMessage(random: Random, message: Timed, counts: Record<BrokenReason, number>): Timed {
  const reason = random.pick(brokenReasons);
  counts[reason] += 1;
  const texts = {
    not_json: message.text.slice(0, -7),
    wrong_shape: message.text.replace('"clientId"', '"customer"'),
    unknown_version: message.text.replace('{', '{"schemaVersion":7,'),
  };
  return { ...message, text: texts[reason] };
}
