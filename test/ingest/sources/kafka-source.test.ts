// Topics that are sources, on the embedded log; a real Kafka is in test/e2e/providers-kafka.test.ts.
import { readSourceTopics } from '../../../services/ingest/sources/kafka-source.ts';
import { encodeJson } from '../../../services/log/codec.ts';
import { createLogger } from '../../../services/runtime/logger.ts';
import { createMetrics } from '../../../services/runtime/metrics.ts';
import { crashingAt, keycloakEvent, openStage, type Stage, sourceOf } from '../stage.ts';

const topic = 'keycloak-events';
const source = sourceOf(`{ provider: keycloak, kafka: ${topic}, firm: firm-1, client: userId }`);

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
  await stage.log.createTopics([{ topic, retentionMs: null, compacted: false }]);
});
afterEach(() => stage.close());

const append = (...values: readonly (Uint8Array | null)[]) =>
  stage.log.append(
    topic,
    values.map((value) => ({ key: null, value })),
  );

/** Reads until everything is committed, or until it fails; `diesAt` is the call of the process's ports at which it ends. */
async function readAll(diesAt: number | null = null) {
  const stopping = new AbortController();
  const { parts } = stage.actor(diesAt === null ? undefined : crashingAt(diesAt, 'after').around);
  const shared = {
    clock: parts.clock,
    logger: createLogger('silent'),
    metrics: createMetrics(),
    signal: stopping.signal,
  };
  const reading = readSourceTopics({ ...shared, intake: parts, sourceLog: stage.log }, 'group', [source]);
  // Whoever has ended says so; that is looked at below.
  const ended = reading.then(
    () => 'stopped',
    () => 'failed',
  );
  const [description] = await stage.log.describe([topic]);
  const end = description?.partitions.reduce((sum, partition) => sum + partition.end, 0) ?? 0;
  const isDone = async () => {
    const committed = await stage.log.committed('group.sources', topic);
    return [...committed.values()].reduce((sum, offset) => sum + offset, 0) >= end;
  };
  for (let looks = 0; looks < (diesAt === null ? 1000 : 20) && !(await isDone()); looks += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  stopping.abort();
  expect(await ended).toBe(diesAt === null ? 'stopped' : 'failed');
  return isDone();
}

const clients = async () => (await stage.logged('login')).map(({ value }) => (value as { clientId: string }).clientId);
const login = (userId: string) => encodeJson(keycloakEvent('LOGIN', { id: userId, userId }));

test('given messages, then each is its client’s event, and is committed', async () => {
  await append(login('ann'), login('bob'));
  expect(await readAll()).toBe(true);
  expect(await clients()).toEqual(['ann', 'bob']);
});

test('given messages that cannot be used, then they are dead letters at their positions, and the rest flows on', async () => {
  await append(login('ann'), Buffer.from('{'), null, encodeJson([{ type: 'LOGIN' }, { type: 'LOGIN' }]), login('bob'));
  expect(await readAll()).toBe(true);
  expect(await clients()).toEqual(['ann', 'bob']);
  const keys: string[] = [];
  for await (const { key, headers } of stage.log.scan('dead-letter')) {
    keys.push(
      `${headers['reason']} ${Buffer.from(key ?? [])
        .toString()
        .replace(/@[^/]+/, '')}`,
    );
    expect(headers).toMatchObject({ topic, source: 'portal', step: 'map' });
  }
  expect(keys).toEqual([`not_json ${topic}/0/1`, `cannot_map ${topic}/0/3`, `cannot_map ${topic}/0/3.1`]);
});

test('given a process that ends while it takes them, then the next one takes them again, as the same events', async () => {
  await append(login('ann'), login('bob'));
  expect(await readAll(1)).toBe(false);
  expect(await readAll()).toBe(true);
  const ids = (await stage.logged('login')).map(({ value }) => (value as { eventId: string }).eventId);
  expect(new Set(ids)).toEqual(new Set(['portal:ann', 'portal:bob']));
});
