// The oracle itself, by examples worked out by hand: were it wrong, every law would be.
import type { Settings } from '../../services/core/settings.ts';
import { access, deviceOf, email, erasure, impersonation, login, message } from './events.ts';
import { oracleSignals } from './oracle.ts';
import { oracleAccess } from './oracle-access.ts';

const settings: Settings = {
  timeZone: 'UTC',
  greenDays: 14,
  amberDays: 42,
  recentDays: 30,
  goLiveAt: null,
  inviteEmailsCount: true,
};
const at = (text: string): number => Date.parse(text);
const noon = at('2024-05-10T12:00:00Z');
const day = 86_400_000;
const counts = (events: Parameters<typeof oracleSignals>[0], when = noon, changed: Partial<Settings> = {}) =>
  oracleSignals(events, { ...settings, ...changed }, when);

describe('a login', () => {
  test('given one session seen three times, then it counts once, at its earliest, on that device', () => {
    const facts = counts([login('s', noon - 5, { agent: 2 }), login('s', noon - 9, { agent: 3 }), login('s', noon)]);
    expect(facts.logins.d30).toBe(1);
    expect(facts.lastLogin).toEqual({ at: { at: noon - 9, exact: true }, device: deviceOf('agent 3') });
  });

  test('given a silent sign-on before the interactive one, then the interactive one counts', () => {
    const facts = counts([login('s', noon - 9, { interactive: false }), login('s', noon - 5)]);
    expect(facts.lastSignals.login?.at).toBe(noon - 5);
  });

  test('given two devices at one instant, then the larger code wins in either order', () => {
    const both = [login('a', noon, { agent: 1 }), login('b', noon, { agent: 2 })];
    const larger = Math.max(deviceOf('agent 1'), deviceOf('agent 2'));
    expect(counts(both).lastLogin?.device).toBe(larger);
    expect(counts([...both].reverse()).lastLogin?.device).toBe(larger);
  });

  test('given only failures and silent sign-ons, then nothing happened', () => {
    const facts = counts([login('a', noon, { outcome: 'failure' }), login('b', noon, { interactive: false })]);
    expect(facts.rating).toBe('none');
    expect(facts.lastLogin).toBeNull();
  });
});

describe('an impersonated session', () => {
  test.each([
    ['named before the login', [impersonation('s', noon - 9), login('s', noon - 5)]],
    ['named after the login', [login('s', noon - 5), impersonation('s', noon, 'ended')]],
    ['marked on a silent event', [login('s', noon - 5), login('s', noon, { interactive: false, impersonated: true })]],
  ])('given it is %s, then it does not count', (_, events) => {
    expect(counts(events).logins.d30).toBe(0);
  });

  test('given a refused login says it was impersonated, then the session counts', () => {
    const events = [login('s', noon - 5), login('s', noon, { outcome: 'failure', impersonated: true })];
    expect(counts(events).logins.d30).toBe(1);
  });

  test('given it comes out later, then it counts at no earlier instant either', () => {
    const events = [login('s', noon - 9 * day), impersonation('s', noon)];
    expect(counts(events, noon - 8 * day).logins.d30).toBe(0);
  });

  test('given it was the last login, then the one before is the last', () => {
    const events = [login('a', noon - 2 * day), login('b', noon - 1), impersonation('b', noon)];
    expect(counts(events).lastSignals.login?.at).toBe(noon - 2 * day);
  });
});

describe('mail', () => {
  test('given delivered before sent, then the email counts at the earlier', () => {
    expect(counts([email('m', noon), email('m', noon - 7, 'delivered')]).lastSignals.email?.at).toBe(noon - 7);
  });

  test.each(['opened', 'clicked', 'bounced', 'complained'] as const)('given only %s, then no signal', (status) => {
    expect(counts([email('m', noon, status)]).rating).toBe('none');
  });

  test('given one event of an email is an invite, then it is left out where invites do not count', () => {
    const events = [email('m', noon - 7, 'sent', { category: 'portal-invite' }), email('m', noon, 'delivered')];
    expect(counts(events).rating).toBe('green');
    expect(counts(events, noon, { inviteEmailsCount: false }).rating).toBe('none');
  });

  test('given one message id in both directions, then only the outbound one counts', () => {
    const facts = counts([message('t', noon - 9, 'inbound'), message('t', noon - 5, 'outbound')]);
    expect(facts.lastSignals.message?.at).toBe(noon - 5);
  });

  test('given login, email and message at one instant, then the login decides', () => {
    expect(counts([message('t', noon), email('m', noon), login('s', noon)]).decidedBy?.signal).toBe('login');
    expect(counts([message('t', noon), email('m', noon)]).decidedBy?.signal).toBe('email');
  });

  test('given mail keeps a client green whose logins are old, then it is only our mail', () => {
    expect(counts([login('s', noon - 50 * day), email('m', noon)]).onlyOurMail).toBe(true);
    expect(counts([login('s', noon - 14 * day), email('m', noon)]).onlyOurMail).toBe(false);
  });
});

describe('the rating', () => {
  test.each([
    [14 * day, 'green'],
    [14 * day + 1, 'amber'],
    [42 * day, 'amber'],
    [42 * day + 1, 'red'],
    [4000 * day, 'red'],
  ] as const)('given the newest signal is %d ms old, then %s', (age, rating) => {
    expect(counts([login('s', noon)], noon + age).rating).toBe(rating);
  });

  test('given green, then it says when it will be amber and red', () => {
    const facts = counts([login('s', noon)]);
    expect([facts.becomesAmberAt, facts.becomesRedAt]).toEqual([noon + 14 * day, noon + 42 * day]);
  });

  test('given equal thresholds, then it never becomes amber', () => {
    expect(counts([login('s', noon)], noon, { greenDays: 42 }).becomesAmberAt).toBeNull();
  });

  test('given signals before go-live, then they are left out', () => {
    expect(counts([login('s', noon)], noon, { goLiveAt: noon + 1 }).rating).toBe('none');
    expect(counts([login('s', noon)], noon, { goLiveAt: noon }).rating).toBe('green');
  });
});

describe('a window of local days', () => {
  test('given the first instant of its first local day, then it is in; 1 ms earlier, out', () => {
    // Kathmandu is 5:45 ahead: 10 May begins at 18:15 UTC, and 30 days reach back to the beginning of 11 April.
    const from = at('2024-04-10T18:15:00Z');
    const zone = { timeZone: 'Asia/Kathmandu' };
    expect(counts([login('s', from)], noon, zone).logins.d30).toBe(1);
    expect(counts([login('s', from - 1)], noon, zone).logins.d30).toBe(0);
  });

  test('given Havana goes back to midnight, then both hours belong to the day', () => {
    // On 3 November 2024 at 01:00 the clocks went back to 00:00: the day began at 04:00 UTC and again at 05:00.
    const zone = { timeZone: 'America/Havana', recentDays: 1 };
    const evening = at('2024-11-03T23:00:00Z');
    expect(counts([login('s', at('2024-11-03T04:00:00Z'))], evening, zone).loggedInRecently).toBe(true);
    expect(counts([login('s', at('2024-11-03T03:59:59.999Z'))], evening, zone).loggedInRecently).toBe(false);
  });

  test('given a login later than the instant, then it does not exist yet', () => {
    expect(counts([login('s', noon + 1)]).rating).toBe('none');
  });
});

test('given an erasure, then what occurred before it is gone, and what came after counts', () => {
  const facts = counts([login('a', noon - 9), erasure(noon - 5), login('b', noon - 5)]);
  expect(facts.logins.d30).toBe(1);
  expect(counts([login('a', noon - 9), erasure(noon - 5)]).rating).toBe('none');
});

describe('portal access', () => {
  const asOf = (events: Parameters<typeof oracleAccess>[0], { loggedIn = false, when = noon } = {}) =>
    oracleAccess(events, 'active', loggedIn, settings, when);
  const states = (events: Parameters<typeof oracleAccess>[0], loggedIn = false) =>
    asOf(events, { loggedIn }).logins.map(({ state }) => state);

  test('given granted, invited, accepted, set up, then the state follows', () => {
    const steps = (['granted', 'invited', 'accepted', 'set-up'] as const).map((change, n) => access('a@b', n, change));
    const seen = steps.map((_, n) => states(steps.slice(0, n + 1))[0]);
    expect(seen).toEqual(['not_invited', 'invited', 'accepted', 'set_up']);
  });

  test('given accepted is the first we hear, then it implies the grant; after a revocation it does not', () => {
    expect(asOf([access('a@b', 1, 'accepted')]).has).toBe(true);
    const revoked = [access('a@b', 1, 'revoked'), access('a@b', 2, 'accepted')];
    expect(asOf(revoked)).toMatchObject({ has: false, logins: [{ state: 'revoked' }] });
  });

  test('given one address written in two ways, then it is one login', () => {
    expect(asOf([access(' A@b', 1, 'granted'), access('a@B ', 2, 'revoked')]).logins).toHaveLength(1);
  });

  test('given an expiry date, then the login is valid through that local day', () => {
    const events = [access('a@b', 1, 'granted', { expiresOn: '2024-05-09' })];
    expect(asOf(events, { when: at('2024-05-09T23:59:59.999Z') }).has).toBe(true);
    expect(asOf(events, { when: at('2024-05-10T00:00:00Z') })).toMatchObject({
      has: false,
      everGranted: true,
      logins: [{ state: 'expired' }],
    });
  });

  test('given absent and null details, then absent keeps and null clears, field by field', () => {
    const events = [
      access('a@b', 1, 'granted', { permissions: { write: true, delete: true }, features: { goals: true } }),
      access('a@b', 2, 'changed', { permissions: { write: null } }),
      access('a@b', 3, 'changed', { features: null }),
    ];
    const [found] = asOf(events).logins;
    expect(found?.permissions).toEqual({ write: false, delete: true });
    expect(found?.features.goals).toBe(false);
  });

  test('given the invite bounced, then the state says so until the next invitation', () => {
    const bounce = email('m', 2, 'bounced', { category: 'portal-invite', address: 'A@B' });
    expect(states([access('a@b', 1, 'invited'), bounce])).toEqual(['invite_bounced']);
    expect(states([access('a@b', 1, 'invited'), bounce, access('a@b', 3, 'invited')])).toEqual(['invited']);
  });

  test('given the client has logged in, then a login that got as far, or stands alone, is active', () => {
    const alone = [access('a@b', 1, 'invited')];
    expect(states(alone, true)).toEqual(['active']);
    expect(states([...alone, access('c@d', 2, 'set-up')], true)).toEqual(['invited', 'active']);
    expect(states([...alone, access('c@d', 2, 'revoked')], true)).toEqual(['active', 'revoked']);
  });

  test('given equal times, then the event id decides', () => {
    const granted = access('a@b', 1, 'granted', {}, 'e-2');
    const revoked = access('a@b', 1, 'revoked', {}, 'e-10');
    expect(asOf([granted, revoked]).has).toBe(true);
    expect(asOf([revoked, granted]).has).toBe(true);
  });
});
