// A large firm for lists: names, addresses and dates of its own for every client, signals and access from a pool, because
// folding a million histories would take longer than everything that is measured.
import { Checkpoint, sourceOf } from '../../services/core/checkpoint.ts';
import { decodeValue } from '../../services/core/decode.ts';
import { ClientId, FirmId } from '../../services/core/ids.ts';
import { dayMs, formatInstant } from '../../services/core/time.ts';
import type { CanonicalEvent, EventTopic } from '../../services/core/topics.ts';
import { seal, type View } from '../../services/core/view.ts';
import { accessView } from '../../services/core/views/access/view.ts';
import { profileView } from '../../services/core/views/profile/view.ts';
import { signalsView } from '../../services/core/views/signals/view.ts';
import { type Random, seededRandom } from '../../services/demo/random.ts';
import { openDeviceOf } from '../../services/projector/device-of.ts';
import type { ViewWrite } from '../../services/store/port.ts';
import { userAgents } from './workload.ts';

export const bookFirm = FirmId.parse('book');
export const bookAdvisers = 200;
export const bookTypes = ['individual', 'couple', 'trust', 'company'] as const;

const poolSize = 1_024;
const syllables = [
  'an',
  'bel',
  'cor',
  'da',
  'el',
  'fin',
  'gra',
  'hol',
  'in',
  'jo',
  'kar',
  'lo',
  'mar',
  'no',
  'os',
  'pet',
];

export function bookClient(index: number): ClientId {
  return ClientId.parse(`client-${String(index).padStart(7, '0')}`);
}

/** A name of one to three syllables; `number` picks it. */
export function nameOf(number: number): string {
  let name = '';
  for (let rest = number; name === '' || rest > 0; rest = Math.floor(rest / syllables.length)) {
    name += syllables[rest % syllables.length] ?? '';
  }
  return name.charAt(0).toUpperCase() + name.slice(1);
}

export type Pool = { readonly signals: readonly Uint8Array[]; readonly access: readonly Uint8Array[] };

/** Views as the projector seals them: 30 logins, 30 emails and 20 messages in two years before `now`, more or less. */
export function createPool(seed: number, now: number): Pool {
  const random = seededRandom(seed);
  return {
    signals: Array.from({ length: poolSize }, () => viewOf(signalsView, signalEvents(random, now))),
    access: Array.from({ length: poolSize }, (_, index) => viewOf(accessView, accessEvents(random, now, index))),
  };
}

export function writesOf(index: number, pool: Pool, random: Random, now: number): ViewWrite[] {
  const key = { firmId: bookFirm, clientId: bookClient(index), expected: 0, readable: {} };
  const writes: ViewWrite[] = [
    { ...key, view: profileView.name, bytes: viewOf(profileView, [profile(index, random, now)]) },
  ];
  if (random.chance(0.85))
    writes.push({
      ...key,
      view: accessView.name,
      bytes: pool.access[random.whole(0, poolSize - 1)] ?? new Uint8Array(0),
    });
  if (random.chance(0.95))
    writes.push({
      ...key,
      view: signalsView.name,
      bytes: pool.signals[random.whole(0, poolSize - 1)] ?? new Uint8Array(0),
    });
  return writes;
}

const deviceOf = openDeviceOf();
const source = sourceOf('login', 'incarnation');

function viewOf<State>(view: View<State>, events: readonly CanonicalEvent[]): Uint8Array {
  const state = view.empty();
  for (const event of events) if (view.concerns(event)) view.fold(state, event, deviceOf);
  const checkpoint = new Checkpoint();
  checkpoint.advance(source, 3, 1_234_567);
  return seal(checkpoint, view.encode(state));
}

function event(topic: EventTopic, fields: object, now: number): CanonicalEvent {
  const decoded = decodeValue(topic, { firmId: bookFirm, clientId: 'any', ...fields }, now);
  if (decoded.kind !== 'event') throw new Error(decoded.detail);
  return decoded.event;
}

function profile(index: number, random: Random, now: number): CanonicalEvent {
  const [first, last] = [nameOf(random.whole(0, 1_023)), nameOf(random.whole(0, 19_999))];
  const adviser = random.whole(0, bookAdvisers - 1);
  const day = (share: number) =>
    random.chance(share) ? formatInstant(now + random.whole(-300, 300) * dayMs).slice(0, 10) : null;
  const fields = {
    version: 1,
    firstName: first,
    lastName: last,
    type: random.pick(bookTypes),
    status: random.chance(0.92) ? 'active' : 'inactive',
    adviser: random.chance(0.95) ? { id: `adviser-${adviser}`, name: `Adviser ${adviser}` } : null,
    emails: random.chance(0.95) ? [`${first}.${last}.${index}@mail.example`] : [],
    createdAt: formatInstant(now - random.whole(1, 3_000) * dayMs),
    updatedAt: formatInstant(now - random.whole(0, 300 * dayMs)),
    nextReviewDate: day(0.8),
    previousReviewDate: day(0.6),
    anniversaryDate: day(0.4),
  };
  return event('client', fields, now);
}

function accessEvents(random: Random, now: number, index: number): CanonicalEvent[] {
  const email = `login-${index}@mail.example`;
  const at = (days: number) => formatInstant(now - days * dayMs);
  const expiresOn = random.chance(0.1) ? formatInstant(now + random.whole(-30, 300) * dayMs).slice(0, 10) : null;
  const changes = [
    { change: 'granted', occurredAt: at(500), expiresOn, features: { welcome: true, wealth: true } },
    { change: 'invited', occurredAt: at(499) },
    ...(random.chance(0.7) ? [{ change: 'set-up', occurredAt: at(490), twoFactor: true }] : []),
    ...(random.chance(0.1) ? [{ change: 'revoked', occurredAt: at(random.whole(1, 400)) }] : []),
  ];
  return changes.map((change, number) =>
    event('portal-access', { eventId: `access-${number}`, email, ...change }, now),
  );
}

function signalEvents(random: Random, now: number): CanonicalEvent[] {
  const events: CanonicalEvent[] = [];
  // The newest signals of a book lie anywhere from today to long ago.
  const newest = now - random.pick([0, 10, 20, 30, 60, 200]) * dayMs;
  const times = (count: number) =>
    Array.from({ length: random.whole(0, 2 * count) }, () => newest - random.whole(0, 500 * dayMs)).sort(
      (one, other) => one - other,
    );
  const devices = [random.pick(userAgents), random.pick(userAgents)];
  for (const [number, at] of times(30).entries()) {
    const fields = { sessionId: `s-${number}`, outcome: 'success', userAgent: devices[number % 2] };
    events.push(event('login', { eventId: `l-${number}`, occurredAt: formatInstant(at), ...fields }, now));
  }
  for (const [number, at] of times(30).entries()) {
    const fields = {
      messageId: `m-${number}`,
      status: 'sent',
      ...(number % 20 === 0 ? { category: 'portal-invite' } : {}),
    };
    events.push(event('email', { eventId: `m-${number}`, occurredAt: formatInstant(at), ...fields }, now));
  }
  for (const [number, at] of times(20).entries()) {
    const fields = { messageId: `n-${number}`, direction: 'outbound', channel: 'portal' };
    events.push(event('message', { eventId: `n-${number}`, occurredAt: formatInstant(at), ...fields }, now));
  }
  return events;
}
