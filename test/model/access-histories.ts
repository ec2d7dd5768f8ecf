// Generated histories of one client's portal logins: changes and bounced invites of up to three addresses.
import fc from 'fast-check';
import type { CanonicalEvent } from '../../services/core/topics.ts';
import { shuffled } from './arrivals.ts';
import { access, type EmailEvent, email, erasure, inWords } from './events.ts';
import { dayMs, hourMs, minuteMs, quarterMs, randomFrom, startOf, type Zone, zones } from './timeline.ts';

export type AccessHistory = {
  readonly zone: Zone;
  readonly events: readonly CanonicalEvent[];
  readonly probes: readonly number[];
  readonly status: 'active' | 'inactive' | null;
  readonly everLoggedIn: boolean;
};

/** One address in the ways people write it. */
const spellings: readonly (readonly string[])[] = [
  ['ann@example.org', ' Ann@Example.org', 'ANN@EXAMPLE.ORG '],
  ['ben@example.org', 'Ben@example.org', ' ben@example.org'],
  ['zoë@example.org', 'ZOË@example.org', 'Zoë@example.org '],
];
const changes = ['granted', 'invited', 'accepted', 'set-up', 'changed', 'revoked'] as const;
const gapsMs = [0, 0, 1, 900, 5 * minuteMs, quarterMs, 3 * hourMs, dayMs, 11 * dayMs, 70 * dayMs];

/** No address has more changes than the view keeps. */
export const changesPerAddressMax = 64;
const eventsMax = 60;
/** Nor more bounced mails. */
const bouncesPerAddressMax = 8;
const gapsMax = gapsMs.length;

export function accessHistories(): fc.Arbitrary<AccessHistory> {
  const step = fc.tuple(fc.nat({ max: 9_999 }), fc.nat({ max: 99_999 }));
  const steps = (maxLength: number) => fc.array(step, { maxLength, size: 'max' });
  return fc
    .record({
      zone: fc.constantFrom(...zones),
      start: fc.nat({ max: 999 }),
      steps: fc.oneof({ arbitrary: steps(10), weight: 8 }, { arbitrary: steps(eventsMax), weight: 1 }),
      probes: fc.array(fc.nat({ max: 9_999 }), { minLength: 3, maxLength: 3 }),
      status: fc.constantFrom('active' as const, 'inactive' as const, null),
      everLoggedIn: fc.boolean(),
      erased: fc.nat({ max: 39 }),
    })
    .map(({ zone, start, steps, probes, status, everLoggedIn, erased }) => {
      let at = startOf(zone, start);
      const events: CanonicalEvent[] = [];
      const instants: number[] = [];
      for (const [index, [what, details]] of steps.entries()) {
        at += gapsMs[what % gapsMax] ?? 0;
        instants.push(at);
        const event = eventOf(Math.floor(what / gapsMax), details, at, index);
        if (event.topic !== 'email' || bouncesLike(event, events) < bouncesPerAddressMax) events.push(event);
      }
      const last = instants[instants.length - 1] ?? at;
      const middle = instants[Math.floor(instants.length / 2)] ?? at;
      if (erased === 1) events.push(erasure(middle));
      const history = {
        zone,
        events,
        probes: [...probes.map((n) => probe(n, instants, last)), last + (erased % 4) * 9 * dayMs],
        status,
        everLoggedIn,
      };
      const print = () => [JSON.stringify({ ...history, events: 0 }), ...events.map(inWords)].join('\n');
      return Object.defineProperty(history, fc.toStringMethod, { value: print, enumerable: false });
    });
}

/** How many mails to the same address are there already. */
function bouncesLike({ event }: EmailEvent, events: readonly CanonicalEvent[]): number {
  const plain = (address: string | null | undefined) => address?.trim().toLowerCase();
  return events.filter((other) => other.topic === 'email' && plain(other.event.address) === plain(event.address))
    .length;
}

function probe(n: number, instants: readonly number[], last: number): number {
  const at = instants[n % Math.max(1, instants.length)] ?? last;
  const later = [0, quarterMs, dayMs, 12 * dayMs][Math.floor(n / 100) % 4] ?? 0;
  return (Math.floor((at + later) / quarterMs) + 1) * quarterMs - 1;
}

function eventOf(what: number, details: number, at: number, index: number): CanonicalEvent {
  const written = spellings[what % spellings.length] ?? [];
  const address = written[Math.floor(what / 3) % written.length] ?? '';
  const kind = Math.floor(what / 9) % 8;
  const change = changes[kind];
  if (change === undefined) return mailOf(kind, details, address, at, index);
  // Two thirds of the changes say nothing of details.
  if (details % 3 !== 1) return access(address, at, change, {}, eventIdOf(details, index));
  const flag = (place: number): boolean | null | undefined =>
    [true, false, null, undefined][Math.floor(details / 4 ** place) % 4];
  const all = Math.floor(details / 3) % 7;
  return access(
    address,
    at,
    change,
    {
      expiresOn:
        all === 1 ? null : all < 4 ? undefined : new Date(at + (details % 29) * dayMs).toISOString().slice(0, 10),
      permissions: all === 2 ? null : all === 3 ? undefined : { write: flag(1), delete: flag(2) },
      features:
        all === 4
          ? null
          : all === 5
            ? undefined
            : { welcome: flag(3), wealth: flag(4), goals: flag(5), factfind: flag(6), tasks: flag(7) },
      twoFactor: flag(2),
    },
    eventIdOf(details, index),
  );
}

/** Ids whose order is not that of time, capitals and figures among them: they settle equal times. */
function eventIdOf(details: number, index: number): string {
  return `${'aZ9é-'[details % 5] ?? ''}${details % 13}-${index}`;
}

function mailOf(kind: number, details: number, address: string, at: number, index: number): CanonicalEvent {
  const status = kind === 6 || details % 3 > 0 ? 'bounced' : 'delivered';
  const category = details % 7 === 6 ? 'newsletter' : 'portal-invite';
  return email(`m-${index}`, at, status, details % 11 === 10 ? { category } : { category, address });
}

/** The events in an order chosen by the seed, some of them twice. */
export function arrivalOf(history: AccessHistory, seed: number): readonly CanonicalEvent[] {
  const random = randomFrom(seed);
  const order = [history.events, [...history.events].reverse(), shuffled(history.events, random)][seed % 3] ?? [];
  if (seed % 2 === 0) return order;
  return [...order, ...shuffled(history.events, random).slice(0, Math.ceil(random() * history.events.length))];
}
