// Three real brokers of which the leader of a loaded partition is killed with -9, while a projector folds: nothing that was
// acknowledged may be missing for an independent reader, and no view may be wrong. The long form: make faults ARGS=--brokers.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalCluster, startCluster } from '../../infra/local/kafka-cluster.ts';
import { hasDocker } from '../../infra/local/servers.ts';
import { openAdapters } from '../../services/cli/adapters.ts';
import { eventTopics } from '../../services/core/topics.ts';
import { encodeJson } from '../../services/log/codec.ts';
import { openKafkaLog } from '../../services/log/kafka.ts';
import { readLag } from '../../services/log/lag.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import { loadConfig } from '../../services/runtime/config.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import { textOf } from '../contract/log-steps.ts';
import { hasKcat } from '../e2e/kcat.ts';
import { cli, startProgram, until } from '../e2e/service.ts';
import type { World } from '../e2e/world.ts';
import { randomFrom } from '../model/timeline.ts';
import { commitsBack } from './brokers/commits.ts';
import { type Fault, killLeader, type Stage } from './brokers/faults.ts';
import { openLeaders } from './brokers/leaders.ts';
import { notingLog } from './brokers/noting.ts';
import { compare, readBack } from './brokers/read-back.ts';
import { disagreeing, type Snapshot, snapshotOf, untold, wentBack } from './kill-checks.ts';
import { startLoad } from './kill-load.ts';

const seed = Number(process.env['KILL_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const kills = 3;
const firms = ['north', 'south', 'east'];
const clientsMin = 160;
const partitions = 3;
/** A third of Kafka's default, so that each death is over sooner. */
const sessionMs = 3_000;
const awayMsMax = 3_000;
const foldedMsMax = 60_000;
/** Less than kafkajs by itself goes on asking a coordinator that is gone. */
const readMsMax = 40_000;

/** Needs brokers of its own to kill, and therefore JVMs of its own. */
async function ownCluster(): Promise<LocalCluster | null> {
  try {
    return await startCluster({ sessionMs });
  } catch (cause) {
    if (process.env['CI'] === 'true' && !(await hasDocker())) throw cause;
    process.stderr.write(`left out, there are no JVMs for a Kafka of its own: ${String(cause)}\n`);
    return null;
  }
}

describe('given three brokers, a load and a projector, when leaders are killed with -9', () => {
  let cluster: LocalCluster | null = null;
  let giveUp: () => void = () => undefined;
  const dir = mkdtempSync(join(tmpdir(), 'signalfold-brokers-'));
  beforeAll(async () => {
    process.stderr.write(`brokers: KILL_SEED=${seed}\n`);
    cluster = (await hasKcat()) ? await ownCluster() : null;
  }, 180_000);
  afterAll(async () => {
    // A test that has failed left its load running.
    giveUp();
    await cluster?.stop();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  }, 60_000);

  test('then nothing acknowledged is lost, and every view is as the oracle has it', async () => {
    if (cluster === null) return;
    const environment = {
      KAFKA_BROKERS: cluster.brokers.join(','),
      SIGNALFOLD_KAFKA_PARTITIONS: String(partitions),
      SIGNALFOLD_KAFKA_REPLICATION: '3',
      SIGNALFOLD_GROUP: 'brokers',
      SIGNALFOLD_DATA_DIR: dir,
      SIGNALFOLD_LOG_LEVEL: 'warn',
    };
    const config = loadConfig(environment, dir);
    const adapters = await openAdapters({ config, clock: systemClock, logger: createLogger('error') }, true);
    const world: Pick<World, 'adapters' | 'group'> = { adapters, group: config.group };
    const leaders = openLeaders(cluster.brokers);
    const projector = await startProgram(cli, ['project'], environment);
    const log = notingLog(adapters.log);
    giveUp = log.giveUp;
    const load = startLoad(log, seed, firms, Date.now());
    const faults: Fault[] = [];
    const stage: Stage = {
      ...{ cluster, leaders, topics: [...eventTopics], partitions, random: randomFrom(seed), faults },
      say: (text) => process.stderr.write(`brokers: ${text}\n`),
    };
    let before: Snapshot = { clients: new Map(), commits: new Map() };
    const backwards: string[] = [];
    const lookBack = async () => {
      const after = await snapshotOf(world, firms);
      backwards.push(...(await wentBack(adapters.log, before, after)));
      before = after;
    };

    for (let round = 1; round <= kills; round += 1) {
      // Somebody else joins the projector's group meanwhile, commits nothing and leaves.
      const guest = round === 2 ? await adapters.log.join(config.group, eventTopics) : null;
      await killLeader(stage, awayMsMax);
      await guest?.close();
      await lookBack();
    }
    await load.finish(clientsMin);
    await until(
      async () => (await readLag(adapters.log, config.group, eventTopics)).total === 0,
      foldedMsMax,
      () => `the lag did not come down to 0:\n${projector.output()}`,
    );
    const exit = await projector.kill('SIGTERM');
    await lookBack();

    const lost: string[] = [];
    for (const [topic, acknowledged] of log.acknowledged) {
      lost.push(...compare(acknowledged, await readBack(cluster.brokers, topic)).lost);
    }
    backwards.push(...((await commitsBack(cluster.brokers)).get(config.group) ?? ['nothing was ever committed']));
    const wrong = await disagreeing(adapters.store, load.members, Date.now());
    const silent = await untold(adapters.log, before);
    await leaders.close();
    await adapters.close();
    expect(faults.filter(({ kind }) => kind === 'kill')).toHaveLength(kills);
    expect(exit).toEqual({ code: 0, signal: null });
    expect(lost).toEqual([]);
    expect(wrong).toEqual([]);
    expect(silent).toEqual([]);
    expect(backwards).toEqual([]);
  }, 240_000);

  test('and a member whose coordinator has died for good reads on with another', async () => {
    if (cluster === null) return;
    const log = await openKafkaLog({ brokers: cluster.brokers, clientId: 'left', topicPrefix: '', clock: systemClock });
    const leaders = openLeaders(cluster.brokers);
    const reader = await log.join('left', ['support-request']);
    const read: string[] = [];
    const readUntil = (text: string) =>
      until(
        async () => {
          const { messages } = await reader.poll(200, 1_000);
          read.push(...messages.map(textOf));
          return read.includes(`"${text}"`);
        },
        readMsMax,
        () => `"${text}" was not delivered`,
      );
    await log.append('support-request', [{ key: 'key', value: encodeJson('before') }]);
    await readUntil('before');

    const coordinator = await leaders.coordinatorOf('left');
    await cluster.nodes.find(({ id }) => id === coordinator)?.kill('SIGKILL');
    await log.append('support-request', [{ key: 'key', value: encodeJson('after') }]);
    await readUntil('after');

    await reader.close();
    await log.close();
    await leaders.close();
    expect(coordinator).toBeGreaterThan(0);
  }, 120_000);
});
