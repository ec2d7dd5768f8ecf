// One client's activity by day over HTTP: the firm's zone, what counts, past days, and silence without portal access.
import { dayMs } from '../../services/core/time.ts';
import { email, hourMs, impersonation, login, profile, start } from '../projector/stage.ts';
import { type Api, grant, openApi, problemOf } from './api.ts';

let api: Api;
beforeEach(async () => {
  api = await openApi();
  await api.stage.append('client', [profile(1, 'Ann', start - hourMs)]);
  await api.stage.append('portal-access', [grant(start - 300 * dayMs)]);
});
afterEach(() => api.close());

const path = '/v1/firms/firm/clients/ann/activity';

function outbound(messageId: string, at: number) {
  const occurredAt = new Date(at).toISOString();
  const whose = { eventId: messageId, firmId: 'firm', clientId: 'ann' };
  return { ...whose, occurredAt, messageId, direction: 'outbound', channel: 'sms' };
}

async function activity(query = '') {
  const reply = await api.get(path + query);
  expect([reply.status, reply.text]).toEqual([200, expect.any(String)]);
  return JSON.parse(reply.text);
}

test('given signals of each kind, then each local day that has some tells them, and the others are left out', async () => {
  await api.stage.append('login', [
    login('s1', Date.parse('2026-03-01T23:59:59.999Z')),
    login('s2', Date.parse('2026-03-01T00:00:00Z')),
    login('s3', Date.parse('2026-02-28T23:59:59Z')),
  ]);
  await api.stage.append('email', [email('m', Date.parse('2026-02-20T10:00:00Z'))]);
  await api.stage.append('message', [outbound('x', Date.parse('2026-03-01T10:00:00Z'))]);
  await api.stage.fold();
  expect(await activity()).toEqual({
    firmId: 'firm',
    clientId: 'ann',
    timeZone: 'UTC',
    from: '2025-03-03',
    to: '2026-03-02',
    days: [
      { date: '2026-02-20', logins: 0, email: true, message: false },
      { date: '2026-02-28', logins: 1, email: false, message: false },
      { date: '2026-03-01', logins: 2, email: false, message: true },
    ],
    coverage: { since: expect.any(String), partial: true },
    evaluatedAt: new Date(start).toISOString(),
  });
});

test('given a zone whose clocks go back at midnight, then the repeated hour belongs to the day that has it', async () => {
  // Havana, 2 November 2025: at 05:00 UTC the clocks go from 01:00 back to 00:00.
  await api.put('/v1/firms/firm/settings', { timeZone: 'America/Havana' });
  await api.stage.append('login', [
    login('before', Date.parse('2025-11-02T03:59:59Z')),
    login('first', Date.parse('2025-11-02T04:30:00Z')),
    login('again', Date.parse('2025-11-02T05:30:00Z')),
    login('last', Date.parse('2025-11-03T04:59:59Z')),
  ]);
  await api.stage.fold();
  const { days, timeZone } = await activity();
  expect(timeZone).toBe('America/Havana');
  expect(days).toMatchObject([
    { date: '2025-11-01', logins: 1 },
    { date: '2025-11-02', logins: 3 },
  ]);
});

test('given a go-live, then earlier days are silent, and coverage says since when', async () => {
  await api.stage.append('login', [login('s1', start - 40 * dayMs), login('s2', start - 20 * dayMs)]);
  await api.put('/v1/firms/firm/settings', { goLiveAt: '2026-02-01T00:00:00Z' });
  await api.stage.fold();
  const { days, coverage } = await activity();
  expect(days).toMatchObject([{ date: '2026-02-10', logins: 1 }]);
  expect(coverage).toEqual({ since: '2026-02-01T00:00:00.000Z', partial: true });
  expect((await activity('?days=30')).coverage.partial).toBe(false);
});

test('given a session of a colleague and an invitation that does not count, then neither is there', async () => {
  await api.put('/v1/firms/firm/settings', { inviteEmailsCount: false });
  await api.stage.append('login', [login('s1', start - dayMs)]);
  await api.stage.append('impersonation', [impersonation('s1', start - dayMs)]);
  await api.stage.append('email', [{ ...email('m', start - 2 * dayMs), category: 'portal-invite' }]);
  await api.stage.fold();
  expect((await activity()).days).toEqual([]);
});

test('given a past day, then nothing later is told', async () => {
  await api.stage.append('login', [login('s1', start - 10 * dayMs), login('s2', start - 2 * dayMs)]);
  await api.stage.fold();
  const { days, from, to, asOf, evaluatedAt } = await activity('?as_of=2026-02-25&days=7');
  expect([from, to, evaluatedAt]).toEqual(['2026-02-19', '2026-02-25', '2026-02-25T23:59:59.999Z']);
  expect(days).toMatchObject([{ date: '2026-02-20', logins: 1 }]);
  expect(asOf.date).toBe('2026-02-25');
});

test('given no portal access then, or no more, it shows nothing further, as the card', async () => {
  await api.stage.append('login', [login('s1', start - 10 * dayMs)]);
  await api.stage.append('portal-access', [{ ...grant(start - 5 * dayMs), eventId: 'revoke', change: 'revoked' }]);
  await api.stage.fold();
  expect((await activity()).days).toBeNull();
  expect((await activity('?as_of=2026-02-20')).days).toHaveLength(1);
  expect((await activity('?as_of=2025-04-01')).days).toBeNull();
});

test('given a wrong number of days, or a day to come, it answers 400; given nobody, 404', async () => {
  await api.stage.fold();
  for (const query of ['?days=0', '?days=367', '?days=1.5', '?as_of=2026-03-03', '?day=3']) {
    expect(problemOf(await api.get(path + query))).toEqual([400, 'bad_parameter']);
  }
  expect(problemOf(await api.get('/v1/firms/firm/clients/bob/activity'))).toEqual([404, 'client_unknown']);
});
