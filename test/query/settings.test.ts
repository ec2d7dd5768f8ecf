// A firm's settings over HTTP: they merge, need no firm, refuse what cannot be, and show in cards at once.
import { CardWire } from '../../services/core/derive/card.ts';
import { dayMs } from '../../services/core/time.ts';
import { email, hourMs, login, profile, start } from '../projector/stage.ts';
import { type Api, grant, openApi, problemOf } from './api.ts';

let api: Api;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const path = '/v1/firms/firm/settings';
const defaults = {
  ...{ timeZone: 'UTC', greenDays: 14, amberDays: 42, recentDays: 30, goLiveAt: null, inviteEmailsCount: true },
};
const settings = async () => JSON.parse((await api.get(path)).text);

test('given a firm nobody has heard of, its settings are the defaults, and can be set', async () => {
  expect(await settings()).toEqual(defaults);
  const reply = await api.put(path, { timeZone: 'Europe/London', goLiveAt: '2026-01-01T00:00:00+01:00' });
  expect(reply.status).toBe(200);
  const changed = { ...defaults, timeZone: 'Europe/London', goLiveAt: '2025-12-31T23:00:00.000Z' };
  expect(JSON.parse(reply.text)).toEqual(changed);
  expect(await settings()).toEqual(changed);
});

test('what is absent stays, and null takes the go-live away', async () => {
  await api.put(path, { greenDays: 7, goLiveAt: '2026-01-01T00:00:00Z' });
  await api.put(path, { inviteEmailsCount: false });
  expect(await settings()).toEqual({
    ...{ ...defaults, greenDays: 7, inviteEmailsCount: false, goLiveAt: '2026-01-01T00:00:00.000Z' },
  });
  await api.put(path, { goLiveAt: null });
  expect((await settings()).goLiveAt).toBeNull();
});

test('another firm keeps its own', async () => {
  await api.put(path, { greenDays: 7 });
  expect(JSON.parse((await api.get('/v1/firms/other/settings')).text)).toEqual(defaults);
});

test('several changes at one time are all kept', async () => {
  const changes = [{ greenDays: 5 }, { amberDays: 50 }, { recentDays: 9 }, { timeZone: 'Asia/Tokyo' }];
  const replies = await Promise.all(changes.map((change) => api.put(path, change)));
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(await settings()).toEqual({ ...defaults, ...Object.assign({}, ...changes) });
});

test.each([
  ['a name that there is not', { greendays: 7 }],
  ['green beyond amber', { greenDays: 43 }],
  ['amber below the green that stands', { amberDays: 13 }],
  ['no days at all', { recentDays: 0 }],
  ['a part of a day', { greenDays: 1.5 }],
  ['a number as text', { greenDays: '7' }],
  ['a zone that there is not', { timeZone: 'Mars/Olympus' }],
  ['an offset for a zone', { timeZone: '+05:30' }],
  ['a go-live without zone', { goLiveAt: '2026-01-01T00:00:00' }],
  ['null where nothing may be null', { timeZone: null }],
  ['a list', []],
])('given %s, it answers 400 and nothing changes', async (_what, change) => {
  expect(problemOf(await api.put(path, change))).toEqual([400, 'bad_parameter']);
  expect(await settings()).toEqual(defaults);
});

test('given half a change that cannot be, the other half is not taken', async () => {
  expect(problemOf(await api.put(path, { timeZone: 'Asia/Tokyo', greenDays: 99 }))).toEqual([400, 'bad_parameter']);
  expect(await settings()).toEqual(defaults);
});

test('given a body that is no JSON, or none, or of another type, it says which', async () => {
  expect(problemOf(await api.put(path, '{"greenDays":'))).toEqual([400, 'not_json']);
  expect(problemOf(await api.put(path, ''))).toEqual([400, 'empty_body']);
  const reply = await api.put(path, 'greenDays=7', { 'content-type': 'application/x-www-form-urlencoded' });
  expect(problemOf(reply)).toEqual([415, 'unsupported_media_type']);
});

test('given a firm id that cannot be, it answers 400', async () => {
  expect(problemOf(await api.put('/v1/firms/a%2Fb/settings', {}))).toEqual([400, 'bad_parameter']);
});

describe('a change shows in the card at once', () => {
  const card = async () => CardWire.parse(JSON.parse((await api.get('/v1/firms/firm/clients/ann')).text));
  beforeEach(async () => {
    await api.stage.append('client', [profile(1, 'Ann', start - hourMs)]);
    await api.stage.append('portal-access', [grant(start - 90 * dayMs)]);
    // 23:30 the evening before the window of 30 days begins in UTC, which in Berlin is within it.
    await api.stage.append('login', [login('s', Date.parse('2026-01-31T23:30:00Z'))]);
    await api.stage.append('email', [{ ...email('m', start - 10 * dayMs), category: 'portal-invite' }]);
    await api.stage.fold();
  });

  test('the time zone moves the days', async () => {
    expect((await card()).logins?.d30).toBe(0);
    await api.put(path, { timeZone: 'Europe/Berlin' });
    expect((await card()).logins?.d30).toBe(1);
  });

  test('the thresholds move the rating', async () => {
    expect((await card()).engagement?.rating).toBe('green');
    await api.put(path, { greenDays: 9 });
    expect((await card()).engagement?.rating).toBe('amber');
    await api.put(path, { amberDays: 9 });
    expect((await card()).engagement?.rating).toBe('red');
  });

  test('invites that do not count are no signal', async () => {
    await api.put(path, { inviteEmailsCount: false });
    expect(await card()).toMatchObject({
      engagement: { decidedBy: { signal: 'login' } },
      lastSignals: { email: null },
    });
  });

  test('what was before the go-live does not count, and coverage starts there', async () => {
    await api.put(path, { goLiveAt: '2026-02-15T00:00:00Z' });
    expect(await card()).toMatchObject({
      portalAccess: { has: true, status: 'never_logged_in' },
      ...{ lastLogin: null, logins: { d30: 0, d90: 0, d365: 0 } },
      coverage: { since: '2026-02-15T00:00:00.000Z', partial365: true },
    });
  });
});
