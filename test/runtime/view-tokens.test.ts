// View tokens with keys of a real store: what they say, how long they live, and how their keys change.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FirmId } from '../../services/core/ids.ts';
import { openViewTokenKeys } from '../../services/query/view-token-keys.ts';
import { openViewTokens, type View, type ViewTokens } from '../../services/runtime/view-tokens.ts';
import { openEmbeddedStore } from '../../services/store/embedded.ts';
import type { ViewStore } from '../../services/store/port.ts';
import { type HandClock, openHandClock } from '../projector/hand-clock.ts';

const now = Date.parse('2026-03-02T09:30:00.250Z');
const minuteMs = 60_000;
const dayMs = 86_400_000;
const maker = { id: 'key:crm', until: null };
const view: View = { firmId: 'firm', book: null, clientIds: null, minutes: 10 };

let dir: string;
let store: ViewStore;
let clock: HandClock;
let tokens: ViewTokens;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'signalfold-views-'));
  store = openEmbeddedStore({ dir });
  clock = openHandClock(now);
  tokens = another();
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

/** As another process on the same store has it. */
function another(): ViewTokens {
  return openViewTokens(openViewTokenKeys(store, clock), clock);
}

const keysOf = async (firm: string) =>
  (await store.listDocuments('view-token-keys', FirmId.parse(firm))).map(({ id }) => id);

test('given a token, every process on the store takes it as its maker, to read, in that firm', async () => {
  const { id, token, expiresAt } = await tokens.make(maker, { ...view, book: 'adv-1' });
  expect(expiresAt).toBe(Date.parse('2026-03-02T09:40:00Z'));
  expect(await another().check(token)).toEqual({
    ...{ id: 'key:crm', role: null, scopes: new Set(['read']), firmId: 'firm', book: 'adv-1', until: expiresAt },
    view: { id, sees: expect.any(Function) },
  });
});

test('it lives as long as it says, and no longer than what its maker came with', async () => {
  const { token } = await tokens.make(maker, view);
  const brief = await tokens.make({ ...maker, until: now + 2 * minuteMs }, view);
  clock.move(3 * minuteMs);
  await tokens.check(token);
  await expect(tokens.check(brief.token)).rejects.toMatchObject({ code: 'unauthenticated', message: /expired/ });
  clock.move(7 * minuteMs);
  await expect(tokens.check(token)).rejects.toMatchObject({ code: 'unauthenticated', message: /expired/ });
});

test('it sees the clients it names and no others; without names it sees any', async () => {
  const named = await tokens.check((await tokens.make(maker, { ...view, clientIds: ['ann', 'böb'] })).token);
  expect(['ann', 'böb', 'an', 'annböb', ''].map((id) => named.view?.sees(id))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  const any = await tokens.check((await tokens.make(maker, view)).token);
  expect(any.view?.sees('ann')).toBe(true);
});

test('tokens of two firms that name clients of one id are looked at in turn, and each sees its own', async () => {
  const [ann, bob] = await Promise.all([
    tokens.make(maker, { ...view, clientIds: ['ann'] }).then(({ token }) => tokens.check(token)),
    tokens.make(maker, { ...view, firmId: 'other', clientIds: ['bob'] }).then(({ token }) => tokens.check(token)),
  ]);
  for (const [id, expected] of [
    ['ann', [true, false]],
    ['bob', [false, true]],
    ['ann', [true, false]],
  ] as const) {
    expect([ann.view?.sees(id), bob.view?.sees(id)]).toEqual(expected);
  }
});

test('with 200 of the longest ids it still goes into a header of 8 KB, and nothing in it can be read', async () => {
  const clientIds = Array.from({ length: 200 }, (_, index) => `${index}`.padEnd(128, '客'));
  const { token } = await tokens.make(maker, { ...view, book: 'adv-1', clientIds });
  expect(token.length).toBeLessThan(6_000);
  const readable = Buffer.from(token.replace('sfview_', '').replaceAll('.', ''), 'base64url').toString('latin1');
  expect(readable).not.toMatch(/crm|adv-1|sub/);
});

test('a new day brings a new key; yesterday’s tokens still count, and keys before it go', async () => {
  clock.move(-dayMs);
  await tokens.make(maker, view);
  clock.move(dayMs);
  await tokens.make(maker, view);
  expect(await keysOf('firm')).toEqual(['2026-03-01', '2026-03-02']);
  clock.move(14 * 3_600_000);
  const late = await tokens.make(maker, { ...view, minutes: 60 });
  clock.move(45 * minuteMs);
  await tokens.make(maker, view);
  expect(await keysOf('firm')).toEqual(['2026-03-02', '2026-03-03']);
  expect((await another().check(late.token)).id).toBe('key:crm');
});

test('two processes that make the day’s first token at once agree on its key', async () => {
  const made = await Promise.all([another(), another(), another()].map((one) => one.make(maker, view)));
  for (const { token } of made) expect((await another().check(token)).firmId).toBe('firm');
  expect(await keysOf('firm')).toEqual(['2026-03-02']);
});

test.each([
  ['no token at all', 'made-up'],
  ['a key name that is a number', sealedUnder({ alg: 'dir', enc: 'A256GCM', kid: 7 })],
  ['no key name', sealedUnder({ alg: 'dir', enc: 'A256GCM' })],
  ['a firm that can be none', sealedUnder({ alg: 'dir', enc: 'A256GCM', kid: '2026-03-02/a/b' })],
  ['another day’s key', sealedUnder({ alg: 'dir', enc: 'A256GCM', kid: '2026-02-01/firm' })],
])('given %s it is refused like any other bad token', async (_what, sealed) => {
  await expect(tokens.check(`sfview_${sealed}`)).rejects.toMatchObject({ code: 'unauthenticated' });
});

/** As whoever has no key could write one. */
function sealedUnder(header: object): string {
  return `${Buffer.from(JSON.stringify(header)).toString('base64url')}..AAAA.AAAA.AAAA`;
}
