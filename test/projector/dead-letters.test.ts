// Messages of every unusable kind are put away with their reason while the rest flows on.
import { ownAvroValues } from '../../services/log/avro/values.ts';
import { emptyBatch, takeMessages } from '../../services/projector/batch.ts';
import { createMetrics } from '../../services/runtime/metrics.ts';
import { config, hourMs, login, metric, openStage, type Stage, start } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const large = JSON.stringify({ ...login('s9', start), userAgent: 'x'.repeat(300 * 1024) });

const cases: readonly (readonly [reason: string, topic: string, value: unknown, key: string])[] = [
  ['not_json', 'login', '{"eventId":', 'firm/ann'],
  ['not_json', 'email', new Uint8Array([0xff, 0xfe]), 'firm/ann'],
  ['wrong_shape', 'message', { firmId: 'firm', clientId: 'ann' }, 'somewhere else'],
  ['wrong_shape', 'portal-activity', [], 'firm/ann'],
  ['unknown_version', 'login', { ...login('s9', start), schemaVersion: 99 }, 'firm/ann'],
  ['too_large', 'login', large, 'firm/ann'],
  ['in_future', 'login', login('s9', start + hourMs), 'firm/ann'],
  ['bad_key', 'client', null, 'no client'],
];

test.each(cases)('%s on %s', async (reason, topic, value, key) => {
  await stage.append(topic, [value], key);
  await stage.append('login', [login('s1', start)]);
  const metrics = createMetrics();
  await stage.fold({ metrics });

  const [letter, ...more] = await stage.deadLetters();
  expect(more).toEqual([]);
  expect(letter?.headers).toMatchObject({ reason, topic, step: 'decode', partition: '0', offset: '0' });
  expect(Buffer.from(letter?.key ?? []).toString()).toBe(`${topic}@${letter?.headers['incarnation']}/0/0`);
  expect(await metric(metrics, `signalfold_dead_letters_total{topic="${topic}",reason="${reason}"}`)).toBe(1);
  expect((await stage.signals())?.logins.d30).toBe(1);
});

test('what is kept of a refused message is its own bytes, not all that the log brought with them', () => {
  const fetched = Buffer.from('firm/ann {"eventId": and so on, for megabytes');
  const [key, value] = [fetched.subarray(0, 8), fetched.subarray(9, 20)];
  const position = { topic: 'login', incarnation: 'one', partition: 0, offset: 0 };
  const batch = emptyBatch([], () => 0);
  takeMessages(
    batch,
    [{ ...position, key, value, headers: {}, appendedAt: start }],
    { metrics: createMetrics(), values: ownAvroValues() },
    start,
  );
  const { message } = { ...batch.refused[0] };
  expect([message?.key, message?.value]).toEqual([new Uint8Array(key), new Uint8Array(value)]);
  expect([message?.key?.buffer.byteLength, message?.value?.buffer.byteLength]).toEqual([8, 11]);
});

test('bytes that the log cannot unpack are told apart from an empty value, with what the log says', async () => {
  const position = { topic: 'login', incarnation: 'one', partition: 0, offset: 0 };
  const headers = { 'signalfold-unreadable': 'a record is longer than its batch' };
  const batch = emptyBatch([], () => 0);
  const lost = { ...position, key: null, value: new Uint8Array(0), headers, appendedAt: start };
  takeMessages(
    batch,
    [lost, { ...lost, offset: 1, headers: {} }],
    { metrics: createMetrics(), values: ownAvroValues() },
    start,
  );
  expect(batch.refused.map(({ refusal }) => [refusal.reason, refusal.detail])).toEqual([
    ['unreadable', 'bytes in the log: a record is longer than its batch'],
    ['not_json', 'value: must be JSON, is empty'],
  ]);
});

test('the original bytes are kept', async () => {
  await stage.append('login', ['{"eventId":'], 'firm/ann');
  await stage.fold();
  const [letter] = await stage.deadLetters();
  expect(Buffer.from(letter?.value ?? []).toString()).toBe('{"eventId":');
});

test('of originals above 256 KiB the first 64 KiB are kept, and how long they were', async () => {
  await stage.append('login', [large]);
  await stage.fold();
  const [letter] = await stage.deadLetters();
  expect(Buffer.from(letter?.value ?? []).toString()).toBe(large.slice(0, 64 * 1024));
  expect(letter?.headers).toMatchObject({ kept: 'start', size: String(large.length) });
});

test('a dead letter names its client where that can be told, so that an erasure finds it', async () => {
  await stage.append('login', ['nonsense'], 'firm/ann');
  await stage.append('login', ['nonsense'], 'who knows');
  await stage.append('login', [{ firmId: 'firm', clientId: 'ben' }], 'firm/ann');
  await stage.fold();
  expect((await stage.deadLetters()).map(({ headers }) => headers['client'])).toEqual([
    'firm/ann',
    undefined,
    'firm/ben',
  ]);
});

test('a replay puts a dead letter away under the same key', async () => {
  await stage.append('login', ['nonsense']);
  await stage.fold();
  const [first] = await stage.deadLetters();
  await stage.fold({ config: { ...config, group: 'again' } });
  const keys = (await stage.deadLetters()).map(({ key }) => Buffer.from(key ?? []).toString());
  expect(new Set(keys)).toEqual(new Set([Buffer.from(first?.key ?? []).toString()]));
});

test('a null value is dropped where it means nothing, and counted', async () => {
  await stage.append('login', [null, login('s1', start)]);
  const metrics = createMetrics();
  await stage.fold({ metrics });
  expect(await stage.deadLetters()).toEqual([]);
  expect(await metric(metrics, 'signalfold_dropped_total{topic="login",reason="tombstone"}')).toBe(1);
  expect((await stage.signals())?.logins.d30).toBe(1);
});
