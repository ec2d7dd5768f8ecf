// A generated firm with everything a list meets: missing values, ties, accents, expiries, invites, facts at every edge
// of a window, clients without a profile, erased ones, and facts a little ahead of the clock.
import { dayMs, formatInstant } from '../../services/core/time.ts';
import { seededRandom } from '../../services/demo/random.ts';
import { type Happened, now, type TestClient } from '../export/stage.ts';

const firstNames = [
  'Ann',
  'ann',
  'Änn',
  'Zoë',
  'Łukasz',
  'Øyvind',
  'Đorđe',
  'Mary Ann',
  'Jo',
  '',
  null,
  '王',
  'ß',
  '  ',
  '\u0301',
  'Ann ',
];
const lastNames = [
  'Smith',
  'smith',
  'Šmith',
  "O'Brien",
  'van der Berg',
  'Müller',
  'Muller',
  '',
  null,
  'Ångström',
  'Sm',
  ' Smith',
  'Νίκος',
];
const types = ['individual', 'couple', 'trust'];
const expiries = [null, null, '2026-02-28', '2026-03-01', '2026-03-02', '2027-01-01'];

export function generateBook(clients: number, seed: number): TestClient[] {
  const random = seededRandom(seed);
  const pick = <Value>(values: readonly [Value, ...Value[]] | readonly Value[]): Value => {
    const value = values[random.whole(0, values.length - 1)];
    if (value === undefined) throw new Error('nothing to pick from');
    return value;
  };
  const day = () => (random.chance(0.3) ? null : formatInstant(now + random.whole(-20, 20) * dayMs).slice(0, 10));
  /** Ages around which something changes, and others. */
  const ago = () => {
    const edge = pick([14 * dayMs, 42 * dayMs, 30 * dayMs, 12 * 3_600_000, 400 * dayMs, 0]);
    const off = pick([-1, 0, 1, random.whole(-dayMs, dayMs)]);
    return formatInstant(now - Math.max(edge + off, random.chance(0.02) ? -240_000 : 0));
  };

  return Array.from({ length: clients }, (_, index) => {
    const clientId = `c${random.chance(0.02) ? 'é' : ''}${index % 7}-${index}`;
    const events: Happened[] = [];
    if (random.chance(0.7)) events.push(...accessChanges(clientId));
    for (let count = random.chance(0.5) ? 0 : random.whole(0, 4); count > 0; count -= 1) {
      events.push({ topic: 'login', occurredAt: ago(), sessionId: `s${count}`, outcome: 'success' });
    }
    // Enough of them that some are settled into quarter hours.
    if (random.chance(0.02)) for (let count = 0; count < 80; count += 1) events.push(oldLogin(count));
    if (random.chance(0.5)) events.push(sent('m1', random.chance(0.3) ? 'portal-invite' : null));
    if (random.chance(0.2)) events.push(sent('m2', 'portal-invite'));
    if (random.chance(0.3)) {
      events.push({ topic: 'message', occurredAt: ago(), messageId: 'x', direction: 'outbound', channel: 'sms' });
    }
    if (random.chance(0.02)) events.push({ topic: 'client', version: 9, erased: true, at: formatInstant(now - 1000) });
    return { clientId, profile: random.chance(0.03) ? null : profile(), events };
  });

  function profile() {
    const adviser = pick([
      null,
      { id: 'a1', name: 'Adviser One' },
      { id: 'a2', name: 'Adviser Two' },
      { id: 'A', name: 'A' },
    ]);
    return {
      firstName: pick(firstNames),
      lastName: pick(lastNames),
      type: pick(types),
      status: random.chance(0.85) ? 'active' : 'inactive',
      adviser,
      emails: random.chance(0.2)
        ? []
        : [`${pick(['Ann', 'ann', 'zoë', 'Bob', 'A  B', 'a b'])}${random.whole(0, 300)}@example.com`],
      createdAt: formatInstant(now - random.whole(1, 40_000) * dayMs),
      updatedAt: formatInstant(now - random.whole(1, 50) * dayMs),
      nextReviewDate: day(),
      previousReviewDate: day(),
      anniversaryDate: day(),
    };
  }

  function accessChanges(clientId: string): Happened[] {
    const email = `${clientId}@example.com`;
    const at = (days: number) => formatInstant(now - days * dayMs);
    const changes: Happened[] = [
      { topic: 'portal-access', eventId: 'g', email, change: 'granted', expiresOn: pick(expiries), occurredAt: at(90) },
    ];
    if (random.chance(0.1))
      changes.push({ topic: 'portal-access', eventId: 'r', email, change: 'revoked', occurredAt: at(20) });
    if (random.chance(0.1))
      changes.push({ topic: 'portal-access', eventId: 'x', email: 'b@x', change: 'changed', occurredAt: at(9) });
    if (random.chance(0.1))
      changes.push({ topic: 'portal-access', eventId: 'y', email: 'c@x', change: 'accepted', occurredAt: at(8) });
    if (random.chance(0.02))
      changes.push({ topic: 'portal-access', eventId: 'z', email, change: 'revoked', occurredAt: at(-1 / 1000) });
    return changes;
  }

  function oldLogin(count: number): Happened {
    const occurredAt = formatInstant(now - random.whole(1, 300) * dayMs);
    return { topic: 'login', occurredAt, sessionId: `old${count}`, outcome: 'success' };
  }

  function sent(messageId: string, category: string | null): Happened {
    return { topic: 'email', occurredAt: ago(), messageId, status: 'sent', ...(category === null ? {} : { category }) };
  }
}
