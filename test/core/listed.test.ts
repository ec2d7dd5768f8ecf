// What files derive from glances at stored views is what cards derive from the whole views.
import { deriveClient, readClient } from '../../services/core/derive/client.ts';
import { frameOf } from '../../services/core/derive/frame.ts';
import { ListedReader } from '../../services/core/derive/listed.ts';
import { matcherOf } from '../../services/core/filter.ts';
import { defaultSettings } from '../../services/core/settings.ts';
import { changesKeptMax } from '../../services/core/views/access/view.ts';
import { firmA, granted, type Happened, logins, now, type TestClient, writesOf } from '../export/stage.ts';

const frame = frameOf(defaultSettings, now);
const reader = new ListedReader(frame);

const profile = {
  firstName: 'Zoë',
  lastName: '王',
  adviser: { id: 'adv-1', name: 'Bo Chen' },
  emails: ['zoe@example.org', 'second@example.org'],
  createdAt: '1950-01-01T00:00:00Z',
  nextReviewDate: '2026-05-01',
};
const changed = (changes: number, last: Partial<Happened>): Happened[] =>
  Array.from({ length: changes }, (_, index) => ({
    ...granted,
    change: 'changed',
    occurredAt: new Date(Date.parse('2026-01-01T00:00:00Z') + index * 60_000).toISOString(),
    ...(index === changes - 1 ? last : {}),
  }));

const clients: readonly (readonly [string, Omit<TestClient, 'clientId'>])[] = [
  ['has a profile alone', { profile }],
  ['has names that are null, and neither adviser nor email', { profile: { firstName: null, adviser: null } }],
  ['is inactive', { profile: { ...profile, status: 'inactive' }, events: [granted] }],
  [
    'has logged in more often than the ledger holds',
    { profile, events: [granted, ...logins(90, '2026-02-27T08:00:00Z')] },
  ],
  ['has access until yesterday', { profile, events: [{ ...granted, expiresOn: '2026-02-28' }] }],
  ['has access until today', { profile, events: [{ ...granted, expiresOn: '2026-03-01' }] }],
  ['has more changes of access than are kept', { profile, events: [granted, ...changed(changesKeptMax + 6, {})] }],
  [
    'lost access behind more changes than are kept',
    { profile, events: [granted, ...changed(changesKeptMax + 6, { change: 'revoked' })] },
  ],
  [
    'has permissions, features and a bounced invitation',
    {
      profile,
      events: [
        { ...granted, change: 'invited', permissions: { write: true }, features: { goals: true }, twoFactor: true },
        { topic: 'email', messageId: 'm', status: 'bounced', category: 'portal-invite', address: 'a@example.com' },
      ],
    },
  ],
];

test.each(clients)('a client that %s is listed with the facts of its card', (_, client) => {
  const stored = writesOf(firmA, { clientId: 'c', ...client });
  const whole = deriveClient(readClient(stored), frame);
  const listed = reader.read(stored);
  if (whole === null || listed === null) throw new Error('the client is not listed');
  const { firstName, lastName, adviser, status, type, nextReviewDate } = listed.profile;
  expect({ firstName, lastName, adviser, status, type, nextReviewDate }).toEqual({
    firstName: whole.profile?.firstName,
    lastName: whole.profile?.lastName,
    adviser: whole.profile?.adviser,
    status: whole.profile?.status,
    type: whole.profile?.type,
    nextReviewDate: whole.profile?.nextReviewDate,
  });
  expect(listed.access).toEqual({ has: whole.access.has, everGranted: whole.access.everGranted });
  expect([listed.status, listed.signals]).toEqual([whole.status, whole.signals]);
  const matches = matcherOf({ name: ['zoe'], adviser: ['adv-1'], access: ['has_portal_access'] });
  expect(matches(listed)).toBe(matches(whole));
});

test('a file is narrowed by type and by status, each by any of its values', () => {
  const client = reader.read(
    writesOf(firmA, { clientId: 'c', profile: { ...profile, type: 'trust', status: 'inactive' } }),
  );
  if (client === null) throw new Error('the client is not listed');
  const passes = (filter: Parameters<typeof matcherOf>[0]) => matcherOf(filter)(client);
  expect([passes({ type: ['couple', 'trust'] }), passes({ type: ['Trust'] })]).toEqual([true, false]);
  expect([passes({ status: ['active', 'inactive'] }), passes({ status: ['active'] })]).toEqual([true, false]);
  expect(passes({ type: ['trust'], status: ['active'] })).toBe(false);
});

test.each([
  ['without a profile', { profile: null, events: [granted] }],
  ['that is erased', { events: [{ topic: 'client', erased: true, at: '2026-02-01T00:00:00Z', version: 2 } as const] }],
])('a client %s is not listed', (_, client) => {
  expect(reader.read(writesOf(firmA, { clientId: 'c', ...client }))).toBeNull();
});

test('a value of a newer format is refused', () => {
  const [stored] = writesOf(firmA, { clientId: 'c', profile });
  const bytes = Uint8Array.from(stored?.bytes ?? []);
  bytes[0] = 99;
  expect(() => reader.read([{ view: 'profile', bytes }])).toThrow('format 99');
});
