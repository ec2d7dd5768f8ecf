// The card: what is shown, what is hidden without access, and what is said about coverage.
import { Checkpoint } from '../../services/core/checkpoint.ts';
import { decodeValue } from '../../services/core/decode.ts';
import { CardWire, cardOf } from '../../services/core/derive/card.ts';
import { deriveClient, readClient } from '../../services/core/derive/client.ts';
import { endOfDay, frameOf } from '../../services/core/derive/frame.ts';
import { matcherOf, matchesAccess } from '../../services/core/filter.ts';
import { ClientId, FirmId } from '../../services/core/ids.ts';
import { defaultSettings, type Settings } from '../../services/core/settings.ts';
import { dayMs, formatInstant } from '../../services/core/time.ts';
import type { EventTopic } from '../../services/core/topics.ts';
import { seal } from '../../services/core/view.ts';
import { accessView } from '../../services/core/views/access/view.ts';
import { profileView } from '../../services/core/views/profile/view.ts';
import { signalsView } from '../../services/core/views/signals/view.ts';

const now = Date.UTC(2026, 4, 20, 12);
const client = { firmId: FirmId.parse('firm'), clientId: ClientId.parse('client-1') };
let events = 0;

/** Days before now. */
const ago = (days: number) => formatInstant(now - days * dayMs);

type Given = readonly [EventTopic, Record<string, unknown>];

const profile: Given = [
  'client',
  {
    ...{ version: 1, firstName: 'Ash', lastName: 'Łyna', type: 'individual', status: 'active' },
    ...{
      adviser: { id: 'adv-1', name: 'Adviser' },
      emails: ['Ash@Example.org'],
      createdAt: ago(400),
      updatedAt: ago(400),
    },
  },
];
const granted: Given = ['portal-access', { email: 'Ash@Example.org ', change: 'granted', occurredAt: ago(300) }];
const login = (days: number, fields: Record<string, unknown> = {}): Given => [
  'login',
  { sessionId: `session-${days}`, outcome: 'success', userAgent: 'agent', occurredAt: ago(days), ...fields },
];
const email = (days: number, fields: Record<string, unknown> = {}): Given => [
  'email',
  { messageId: `mail-${days}`, status: 'sent', occurredAt: ago(days), ...fields },
];

function factsOf(given: readonly Given[], settings: Partial<Settings> = {}, at = now) {
  const states = [profileView.empty(), accessView.empty(), signalsView.empty()] as const;
  for (const [topic, fields] of given) {
    events += 1;
    const decoded = decodeValue(topic, { ...client, eventId: `event-${events}`, ...fields }, now);
    if (decoded.kind !== 'event') throw new Error(`not an event: ${JSON.stringify(decoded)}`);
    profileView.fold(states[0], decoded.event, () => 19);
    accessView.fold(states[1], decoded.event, () => 19);
    signalsView.fold(states[2], decoded.event, () => 19);
  }
  const stored = [
    { view: 'profile', bytes: seal(new Checkpoint(), profileView.encode(states[0])) },
    { view: 'access', bytes: seal(new Checkpoint(), accessView.encode(states[1])) },
    { view: 'signals', bytes: seal(new Checkpoint(), signalsView.encode(states[2])) },
  ];
  const frame = frameOf({ ...defaultSettings, ...settings }, at);
  const facts = deriveClient(readClient(stored), frame);
  if (facts === null) throw new Error('nothing is known');
  return { facts, frame };
}

function card(given: readonly Given[], settings: Partial<Settings> = {}, at = now, dataSince: number | null = null) {
  const { facts, frame } = factsOf(given, settings, at);
  return cardOf(client, facts, frame, dataSince);
}

describe('the card', () => {
  test('given access and a login, it shows everything', () => {
    const shown = card([profile, granted, login(1), login(40), login(200)]);
    expect(CardWire.parse(shown)).toEqual(shown);
    expect(shown).toMatchObject({
      ...{ firstName: 'Ash', email: 'Ash@Example.org', adviser: { id: 'adv-1', name: 'Adviser' } },
      portalAccess: { has: true, status: 'active', logins: [{ email: 'ash@example.org', state: 'active' }] },
      engagement: { rating: 'green', label: 'Engaged', decidedBy: { signal: 'login', at: ago(1) } },
      lastLogin: { at: ago(1), relative: '1 day ago', device: 'Mobile', platform: 'iOS' },
      logins: { d30: 1, d90: 2, d365: 3 },
    });
  });

  test('given no access, it shows nothing further', () => {
    expect(card([profile, login(1), email(2)])).toMatchObject({
      portalAccess: { has: false, status: 'no_portal_access', logins: [] },
      ...{ engagement: null, lastLogin: null, logins: null, lastSignals: null },
    });
  });

  test('given an inactive client, access is gone, and back when it is active again', () => {
    const inactive: Given = ['client', { ...profile[1], version: 2, status: 'inactive', updatedAt: ago(5) }];
    const active: Given = ['client', { ...profile[1], version: 3, updatedAt: ago(4) }];
    expect(card([profile, granted, inactive]).portalAccess.has).toBe(false);
    expect(card([profile, granted, inactive, active]).portalAccess.has).toBe(true);
  });

  test('given no profile, names are null and access counts', () => {
    expect(card([granted, login(1)])).toMatchObject({
      ...{ firstName: null, lastName: null, email: null, type: null, status: null, adviser: null },
      portalAccess: { has: true },
    });
  });

  test('given a login without user agent, the device is null', () => {
    expect(card([granted, login(1, { userAgent: null })]).lastLogin).toMatchObject({ device: null, platform: null });
  });

  test.each([
    [14, 'green'],
    [14 + 1 / dayMs, 'amber'],
    [42, 'amber'],
    [42 + 1 / dayMs, 'red'],
    [900, 'red'],
  ])('given the newest signal %d days ago, the rating is %s', (days, rating) => {
    expect(card([granted, email(days)]).engagement?.rating).toBe(rating);
  });

  test('given only an invitation, it counts unless the firm excludes invites', () => {
    const invite = email(3, { category: 'portal-invite' });
    expect(card([granted, invite]).engagement?.rating).toBe('green');
    expect(card([granted, invite], { inviteEmailsCount: false }).engagement?.rating).toBe('none');
  });

  test('given mails alone, it says that only our mail keeps the rating', () => {
    expect(card([granted, email(3)]).engagement).toMatchObject({ onlyOurMail: true, becomesAmberAt: ago(-11) });
    expect(card([granted, email(3), login(2)]).engagement).toMatchObject({ onlyOurMail: false });
  });

  test('given a go-live, earlier signals are left out and the answer says since when it counts', () => {
    const shown = card([granted, login(50), login(2)], { goLiveAt: now - 40 * dayMs });
    expect(shown.logins).toEqual({ d30: 1, d90: 1, d365: 1 });
    expect(shown.coverage).toEqual({ since: ago(40), partial365: true });
  });

  test('given a go-live long before the earliest data, the count is as partial as the data', () => {
    const { coverage } = card([granted, login(2)], { goLiveAt: now - 1000 * dayMs }, now, now - 40 * dayMs);
    expect(coverage).toEqual({ since: ago(40), partial365: true });
  });

  test('given a go-live long ago and no signal of the firm at all, the count is partial', () => {
    const { coverage } = card([granted], { goLiveAt: now - 1000 * dayMs }, now, null);
    expect(coverage).toEqual({ since: ago(1000), partial365: true });
  });

  test('given data for longer than a year, the count is whole', () => {
    expect(card([granted], {}, now, now - 400 * dayMs).coverage).toEqual({ since: ago(400), partial365: false });
  });

  test('given an expiry, access lasts through that day in the firm’s zone', () => {
    const settings = { timeZone: 'Pacific/Auckland' };
    const given = [profile, [granted[0], { ...granted[1], expiresOn: '2026-05-20' }]] satisfies Given[];
    const lastMoment = endOfDay({ ...defaultSettings, ...settings }, Date.UTC(2026, 4, 20) / dayMs);
    expect(card(given, settings, lastMoment).portalAccess.has).toBe(true);
    expect(card(given, settings, lastMoment + 1).portalAccess).toMatchObject({
      has: false,
      logins: [{ state: 'expired' }],
    });
  });

  test('given a colleague’s session, whichever comes first, it leaves no trace', () => {
    const impersonation: Given = [
      'impersonation',
      { sessionId: 'session-1', phase: 'started', impersonator: { id: 'staff' }, occurredAt: ago(1) },
    ];
    const without = card([granted, login(9)]);
    expect(card([granted, login(9), login(1), impersonation])).toEqual(without);
    expect(card([granted, login(9), impersonation, login(1)])).toEqual(without);
    expect(card([granted, login(9), login(1, { impersonatedBy: {} })])).toEqual(without);
  });
});

describe('filters', () => {
  const matches = (given: readonly Given[], filter: Parameters<typeof matcherOf>[0]) =>
    matcherOf(filter)(factsOf(given).facts);

  test('a client without profile is in no list', () => {
    expect(matches([granted, login(1)], {})).toBe(false);
  });

  test('Not Engaged leaves out clients that never had a portal record', () => {
    expect(matches([profile], { rating: ['none'] })).toBe(false);
    expect(matches([profile, granted], { rating: ['none'] })).toBe(true);
  });

  test('names are found inside, case and accents folded', () => {
    expect(matches([profile], { name: ['nobody', 'H LYN'] })).toBe(true);
    expect(matches([profile], { name: ['nobody'] })).toBe(false);
  });

  test('filters combine, values of one are alternatives', () => {
    const given = [profile, granted, login(40)];
    expect(matches(given, { rating: ['green', 'amber'], adviser: ['adv-1'] })).toBe(true);
    expect(matches(given, { rating: ['green', 'amber'], adviser: ['adv-2'] })).toBe(false);
  });

  test.each([
    ['recent login', [granted, login(29)], ['has_portal_access', 'logged_in_recently']],
    ['old login', [granted, login(31)], ['has_portal_access']],
    ['no login', [granted], ['has_portal_access', 'never_logged_in']],
    ['no access', [login(1)], ['no_portal_access']],
  ] as const)('%s: access statuses overlap as they should', (_kind, given, expected) => {
    const { facts } = factsOf([profile, ...given]);
    const all = ['has_portal_access', 'logged_in_recently', 'never_logged_in', 'no_portal_access'] as const;
    expect(all.filter((filter) => matchesAccess(facts, filter))).toEqual(expected);
  });
});
