// The timeline over HTTP: spans in words, the range that was asked for, and what it says of its coverage.
import { dayMs } from '../../services/core/time.ts';
import { email, hourMs, login, profile, start } from '../projector/stage.ts';
import { type Api, openApi, problemOf } from './api.ts';

let api: Api;
beforeEach(async () => {
  api = await openApi();
  await api.stage.append('client', [profile(1, 'Ann', start - hourMs)]);
});
afterEach(() => api.close());

const path = '/v1/firms/firm/clients/ann/timeline';
const text = (at: number) => new Date(at).toISOString();

async function timeline(query = '') {
  const reply = await api.get(path + query);
  expect([reply.status, reply.text]).toEqual([200, expect.any(String)]);
  return JSON.parse(reply.text);
}

test('given a login long ago and an email since, then each change of the rating is a span', async () => {
  const [first, second] = [start - 100 * dayMs, start - 20 * dayMs];
  await api.stage.append('login', [login('s', first)]);
  await api.stage.append('email', [email('m', second)]);
  await api.stage.fold();
  const { spans, coverage, from, to } = await timeline();
  const byLogin = { signal: 'login', at: text(first) };
  const byEmail = { signal: 'email', at: text(second) };
  expect(spans).toEqual([
    { from: text(first), to: text(first + 14 * dayMs + 1), rating: 'green', decidedBy: byLogin },
    { from: text(first + 14 * dayMs + 1), to: text(first + 42 * dayMs + 1), rating: 'amber', decidedBy: byLogin },
    { from: text(first + 42 * dayMs + 1), to: text(second), rating: 'red', decidedBy: byLogin },
    { from: text(second), to: text(second + 14 * dayMs + 1), rating: 'green', decidedBy: byEmail },
    { from: text(second + 14 * dayMs + 1), to: null, rating: 'amber', decidedBy: byEmail },
  ]);
  expect([from, to]).toEqual([text(first), text(start)]);
  expect(coverage).toEqual({ since: text(first), exactFrom: null, partial: false });
});

test('given days, then it reaches from the first instant of the one to the last of the other', async () => {
  await api.stage.append('login', [login('s', start - 60 * dayMs)]);
  await api.stage.fold();
  const { from, to, spans, coverage } = await timeline('?from=2025-12-01&to=2026-01-10');
  expect([from, to]).toEqual(['2025-12-01T00:00:00.000Z', '2026-01-10T23:59:59.999Z']);
  expect(spans.map(({ rating }: { rating: string }) => rating)).toEqual(['none', 'green']);
  expect(coverage.partial).toBe(true);
});

test('given other thresholds, then all of it follows at once', async () => {
  await api.stage.append('login', [login('s', start - 60 * dayMs)]);
  await api.stage.fold();
  expect((await timeline()).spans).toHaveLength(3);
  await api.put('/v1/firms/firm/settings', { greenDays: 60, amberDays: 60 });
  expect((await timeline()).spans).toMatchObject([{ rating: 'green', to: null }]);
});

test('given no signal, then it is none all the time', async () => {
  await api.stage.fold();
  expect((await timeline('?from=2026-01-01')).spans).toEqual([
    { from: '2026-01-01T00:00:00.000Z', to: null, rating: 'none', decidedBy: null },
  ]);
});

test('given a day to come, or days in the wrong order, it answers 400; given nobody, 404', async () => {
  await api.stage.fold();
  expect(problemOf(await api.get(`${path}?to=2026-03-03`))).toEqual([400, 'bad_parameter']);
  expect(problemOf(await api.get(`${path}?from=2026-02-02&to=2026-02-01`))).toEqual([400, 'bad_parameter']);
  expect(problemOf(await api.get('/v1/firms/firm/clients/bob/timeline'))).toEqual([404, 'client_unknown']);
});
