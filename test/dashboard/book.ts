// A firm for tests of the pages: more clients than two pages of a list hold, of every rating and access status, with
// advisers and types, sent in as a producer would.
import { type HttpService, untilFolded } from '../e2e/service.ts';

const dayMs = 24 * 3_600_000;
export const bookClients = 260;
export const advisers = ['North', 'South', 'Éast'] as const;
const types = ['individual', 'couple', 'trust'] as const;
const lastNames = [
  'Ash',
  'Birch',
  'Cedar',
  'Élder',
  'Fir',
  'Hazel',
  'Juniper',
  'Larch',
  'Maple',
  'Oak',
  'Pine',
] as const;
const firstNames = ['Ada', 'Ben', 'Cleo', 'Dan', 'Eve', 'Finn', 'Gwen'] as const;

const at = <Value>(values: readonly [Value, ...Value[]], index: number): Value =>
  values[index % values.length] ?? values[0];

export const clientId = (index: number) => `client-${String(index).padStart(3, '0')}`;

/** Every 10th never logged in, every 13th has no access, every 17th is inactive; logins lie up to 130 days back. */
export async function sendBook(service: HttpService, firmId: string, headers: Record<string, string> = {}) {
  const now = Date.now();
  const instant = (daysAgo: number) => new Date(now - daysAgo * dayMs).toISOString();
  const profiles: unknown[] = [];
  const grants: unknown[] = [];
  const logins: unknown[] = [];
  const emails: unknown[] = [];
  for (let index = 0; index < bookClients; index += 1) {
    const key = { firmId, clientId: clientId(index) };
    const adviser = at(advisers, index);
    profiles.push({
      ...{ ...key, version: 1, firstName: at(firstNames, index), lastName: at(lastNames, index) },
      ...{ type: at(types, index), status: index % 17 === 16 ? 'inactive' : 'active' },
      adviser: index % 19 === 18 ? null : { id: `adv-${adviser.toLowerCase()}`, name: `Adviser ${adviser}` },
      emails: [`${clientId(index)}@example.org`],
      ...{ createdAt: instant(800 - index), updatedAt: instant(index % 40) },
      nextReviewDate: index % 3 === 0 ? null : new Date(now + index * dayMs).toISOString().slice(0, 10),
    });
    if (index % 13 !== 12) {
      grants.push({
        ...{ ...key, eventId: `grant-${index}`, occurredAt: instant(300), email: `${clientId(index)}@example.org` },
        change: 'granted',
      });
    }
    if (index % 10 === 9) {
      if (index % 20 === 19) {
        emails.push({
          ...key,
          eventId: `mail-${index}`,
          messageId: `mail-${index}`,
          occurredAt: instant(20),
          status: 'sent',
        });
      }
      continue;
    }
    for (let login = 0; login < 1 + (index % 4); login += 1) {
      const name = `login-${index}-${login}`;
      const daysAgo = (index % 65) * 2 + login * 5 + 0.2;
      logins.push({
        ...{ ...key, eventId: name, sessionId: name, outcome: 'success', occurredAt: instant(daysAgo) },
        userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.0 Safari/605.1.15',
      });
    }
  }
  for (const [topic, events] of Object.entries({
    client: profiles,
    'portal-access': grants,
    login: logins,
    email: emails,
  })) {
    const reply = await service.send('POST', `/v1/events/${topic}`, events, headers);
    if (reply.status !== 202) throw new Error(`${topic}: ${reply.text}`);
  }
  await untilFolded(service, headers);
}

/** One login, a moment ago. */
export function loginNow(firmId: string, client: string) {
  const name = `now-${client}-${Date.now()}`;
  const occurredAt = new Date(Date.now() - 1_000).toISOString();
  return { eventId: name, sessionId: name, firmId, clientId: client, outcome: 'success', occurredAt };
}
