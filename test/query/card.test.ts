// The card over HTTP: what it shows as time goes by, and what it answers to those who ask wrongly.
import { CardWire } from '../../services/core/derive/card.ts';
import { dayMs } from '../../services/core/time.ts';
import { email, hourMs, login, minuteMs, profile, start } from '../projector/stage.ts';
import { type Api, grant, openApi, problemOf } from './api.ts';

let api: Api;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const path = '/v1/firms/firm/clients/ann';
const text = (at: number) => new Date(at).toISOString();

async function card(query = '') {
  const reply = await api.get(path + query);
  expect(reply.status).toBe(200);
  return CardWire.parse(JSON.parse(reply.text));
}

async function givenAnn() {
  await api.stage.append('client', [profile(1, 'Ann', start - hourMs)]);
  await api.stage.append('portal-access', [grant(start - 30 * dayMs)]);
}

test('given nothing of a client, it is unknown', async () => {
  expect(problemOf(await api.get(path))).toEqual([404, 'client_unknown']);
});

test.each([
  ['a hash', '/v1/firms/firm/clients/a%23b', 'bad_parameter'],
  ['a slash', '/v1/firms/firm/clients/a%2Fb', 'bad_parameter'],
  ['a control character', '/v1/firms/firm/clients/a%07b', 'bad_parameter'],
  ['a space in front', '/v1/firms/%20firm/clients/ann', 'bad_parameter'],
  ['129 characters', `/v1/firms/firm/clients/${'a'.repeat(129)}`, 'bad_parameter'],
  ['a lone percent sign', '/v1/firms/firm/clients/100%', 'bad_url'],
])('given an id with %s, it answers 400', async (_what, bad, code) => {
  expect(problemOf(await api.get(bad))).toEqual([400, code]);
});

test('given an id in any script, percent-encoded, it is found', async () => {
  const clientId = '顧客 é 1';
  await api.stage.append('client', [profile(1, 'Ann', start, clientId)]);
  await api.stage.fold();
  const reply = await api.get(`/v1/firms/firm/clients/${encodeURIComponent(clientId)}`);
  expect(CardWire.parse(JSON.parse(reply.text)).clientId).toBe(clientId);
});

test.each(['2026-02-30', 'yesterday', '2026-3-1', ''])('given as_of=%s, it answers 400', async (day) => {
  await givenAnn();
  await api.stage.fold();
  expect(problemOf(await api.get(`${path}?as_of=${day}`))).toEqual([400, 'bad_parameter']);
});

test.each([
  ['', 'asOf=2026-03-01', 'as_of'],
  ['/timeline', 'since=2026-03-01', 'from, to'],
])('given a misspelt parameter behind %s, it answers 400 and tells what there is', async (route, query, told) => {
  await givenAnn();
  await api.stage.fold();
  const reply = await api.get(`${path}${route}?${query}`);
  expect(problemOf(reply)).toEqual([400, 'bad_parameter']);
  expect(JSON.parse(reply.text).detail).toContain(`there are ${told}.`);
});

test('given a day to come in the zone of the firm, it answers 400; given today, it is the present', async () => {
  await givenAnn();
  await api.stage.fold();
  expect(problemOf(await api.get(`${path}?as_of=2026-03-03`))).toEqual([400, 'bad_parameter']);
  expect((await card('?as_of=2026-03-02')).evaluatedAt).toBe(text(start));
  // Kiritimati is 14 hours ahead: at half past nine in the morning, UTC, tomorrow is not there yet, at half past ten it is.
  await api.put('/v1/firms/firm/settings', { timeZone: 'Pacific/Kiritimati' });
  expect(problemOf(await api.get(`${path}?as_of=2026-03-03`))).toEqual([400, 'bad_parameter']);
  api.stage.clock.move(hourMs);
  expect((await card('?as_of=2026-03-03')).evaluatedAt).toBe(text(start + hourMs));
});

test('given a past day, it is the end of that day in the zone of the firm, and says so', async () => {
  await givenAnn();
  await api.stage.append('login', [login('old', start - 3 * dayMs), login('new', start - hourMs)]);
  await api.stage.fold();
  await api.put('/v1/firms/firm/settings', { timeZone: 'America/New_York' });
  expect(await card('?as_of=2026-03-01')).toMatchObject({
    lastLogin: { at: text(start - 3 * dayMs) },
    evaluatedAt: '2026-03-02T04:59:59.999Z',
    asOf: { date: '2026-03-01', profile: 'as it is today', signals: 'to the quarter hour' },
  });
});

test('given no profile yet, names are null and access counts already', async () => {
  await api.stage.append('portal-access', [grant(start - dayMs)]);
  await api.stage.append('login', [login('s', start - hourMs)]);
  await api.stage.fold();
  expect(await card()).toMatchObject({
    ...{ firstName: null, lastName: null, email: null, type: null, status: null, adviser: null },
    portalAccess: { has: true, status: 'active' },
  });
});

test('given an inactive client, it has no access and the card shows nothing further', async () => {
  await givenAnn();
  await api.stage.append('login', [login('s', start - hourMs)]);
  await api.stage.append('client', [{ ...profile(2, 'Ann', start), status: 'inactive' }]);
  await api.stage.fold();
  expect(await card()).toMatchObject({
    portalAccess: { has: false, status: 'no_portal_access' },
    ...{ engagement: null, lastLogin: null, logins: null, lastSignals: null },
  });
});

test('while nothing happens, the rating falls at the very instants that the card has named', async () => {
  await givenAnn();
  await api.stage.append('login', [login('s', start)]);
  await api.stage.fold();
  const rating = async () => (await card()).engagement?.rating;
  expect((await card()).engagement).toMatchObject({
    rating: 'green',
    becomesAmberAt: text(start + 14 * dayMs),
    becomesRedAt: text(start + 42 * dayMs),
  });
  api.stage.clock.move(14 * dayMs);
  expect(await rating()).toBe('green');
  api.stage.clock.move(1);
  expect(await rating()).toBe('amber');
  api.stage.clock.move(28 * dayMs - 1);
  expect(await rating()).toBe('amber');
  api.stage.clock.move(1);
  expect(await rating()).toBe('red');
  api.stage.clock.move(10_000 * dayMs);
  expect(await rating()).toBe('red');
});

test('an expiry date holds through that local day', async () => {
  await givenAnn();
  await api.stage.append('portal-access', [
    { ...grant(start - dayMs), eventId: 'expiry', change: 'changed', expiresOn: '2026-03-02' },
  ]);
  await api.stage.fold();
  await api.put('/v1/firms/firm/settings', { timeZone: 'America/New_York' });
  api.stage.clock.move(Date.parse('2026-03-03T04:59:59.999Z') - start);
  expect((await card()).portalAccess.has).toBe(true);
  api.stage.clock.move(1);
  expect((await card()).portalAccess).toMatchObject({ has: false, logins: [{ state: 'expired' }] });
});

test('it says since when there is data, and that 365 days of less are partial', async () => {
  await givenAnn();
  await api.stage.append('email', [email('m', start - 40 * dayMs)]);
  await api.stage.fold();
  expect((await card()).coverage).toEqual({ since: text(start - 40 * dayMs), partial365: true });
  api.stage.clock.move(325 * dayMs);
  expect((await card()).coverage.partial365).toBe(false);
});

test('only our own mail keeping a client green is said', async () => {
  await givenAnn();
  await api.stage.append('login', [login('s', start - 20 * dayMs)]);
  await api.stage.append('email', [email('m', start - minuteMs)]);
  await api.stage.fold();
  expect((await card()).engagement).toMatchObject({
    ...{ rating: 'green', onlyOurMail: true },
    decidedBy: { signal: 'email', at: text(start - minuteMs) },
  });
});

test('other methods and unknown places are answered as problems', async () => {
  expect(problemOf(await api.server.send('PATCH', path))).toEqual([405, 'method_not_allowed']);
  expect(problemOf(await api.get('/v1/firms/firm/nonsense'))).toEqual([404, 'not_found']);
});
