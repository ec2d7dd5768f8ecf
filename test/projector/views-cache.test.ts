// The cache of loaded views keeps within its bytes and forgets what was put longest ago.
import { ClientId, FirmId } from '../../services/core/ids.ts';
import { entryOverheadBytes, openViewsCache } from '../../services/projector/views-cache.ts';

const firmId = FirmId.parse('firm');
const client = (name: string) => ({ firmId, clientId: ClientId.parse(name) });
const stored = (version: number, size = 100) => ({ view: 'signals', version, bytes: new Uint8Array(size) });
const entryBytes = entryOverheadBytes + 100;

test('answers what was put, by client and view', () => {
  const cache = openViewsCache(10 * entryBytes);
  cache.put(client('ann'), 'signals', stored(3));
  expect(cache.get(client('ann'), 'signals')).toEqual(stored(3));
  expect(cache.get(client('ann'), 'profile')).toBeUndefined();
  expect(cache.get(client('ben'), 'signals')).toBeUndefined();
});

test('tells a view known to be missing from one not known', () => {
  const cache = openViewsCache(10 * entryBytes);
  cache.put(client('ann'), 'signals', null);
  expect(cache.get(client('ann'), 'signals')).toBeNull();
});

test('forgets the one put longest ago when full', () => {
  const cache = openViewsCache(2 * entryBytes);
  cache.put(client('ann'), 'signals', stored(1));
  cache.put(client('ben'), 'signals', stored(1));
  cache.put(client('ann'), 'signals', stored(1));
  cache.put(client('cleo'), 'signals', stored(1));
  expect(cache.get(client('ben'), 'signals')).toBeUndefined();
  expect(cache.get(client('ann'), 'signals')).toEqual(stored(1));
});

test('counts bytes through puts, replacements and forgetting', () => {
  const cache = openViewsCache(100 * entryBytes);
  cache.put(client('ann'), 'signals', stored(1));
  cache.put(client('ann'), 'signals', stored(2, 300));
  expect(cache.bytes()).toBe(entryOverheadBytes + 300);
  cache.put(client('ben'), 'signals', null);
  expect(cache.bytes()).toBe(2 * entryOverheadBytes + 300);
  cache.forget(client('ann'), 'signals');
  cache.forget(client('ben'), 'signals');
  cache.forget(client('ben'), 'signals');
  expect(cache.bytes()).toBe(0);
});

test('a value larger than all there is room for is not kept', () => {
  const cache = openViewsCache(entryBytes);
  cache.put(client('ann'), 'signals', stored(1, 10_000));
  expect(cache.bytes()).toBe(0);
});
