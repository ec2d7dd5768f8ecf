// Killing with -9 at random moments under load, on the embedded profile: no fact may be wrong afterwards, no notice missing,
// and nothing that was accepted lost. processes.test.ts does it to Kafka and DynamoDB. KILL_SEED repeats the load and the plan
// of a run, KILL_ROUNDS changes how often it kills. What happened is kept in artifacts/kill-embedded.json.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deriveClient, readClient } from '../../services/core/derive/client.ts';
import { frameOf } from '../../services/core/derive/frame.ts';
import { ClientId, FirmId } from '../../services/core/ids.ts';
import { defaultSettings } from '../../services/core/settings.ts';
import { foldedTopics } from '../../services/core/topics.ts';
import { readLag } from '../../services/log/lag.ts';
import type { ProbePoint } from '../../services/projector/room.ts';
import { cli, type HttpService, type Service, startProgram, startService, until, untilFolded } from '../e2e/service.ts';
import { openWorld, type World } from '../e2e/world.ts';
import { minuteMs, randomFrom } from '../model/timeline.ts';
import { disagreeing, type Snapshot, snapshotOf, untold, wentBack } from './kill-checks.ts';
import { startLoad } from './kill-load.ts';

const seed = Number(process.env['KILL_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const rounds = Number(process.env['KILL_ROUNDS'] ?? 10);
const ingestRounds = 3;
const firms = ['north', 'south', 'east'];
const clientsMin = 400;
const child = join(__dirname, 'project-child.ts');
const artifacts = join(__dirname, '..', '..', 'artifacts');
const timerMsMax = 1_800;
const reachedBeforeMax = 8;
const killedMsMax = 60_000;
const foldedMsMax = 120_000;

/** Every second kill comes by the clock; the others at each point in turn, those between save, notice and commit first. */
const points: readonly ProbePoint[] = ['after-save', 'before-commit', 'after-notice', 'before-save', 'after-commit'];
const lastBeforeCommit: readonly string[] = ['after-save', 'after-notice', 'before-commit'];

type Kill = {
  readonly round: number;
  readonly what: 'project' | 'project-child' | 'dev';
  /** A point of the flush, or `timer`. */
  readonly at: string;
  /** Times the point was passed before, or milliseconds after the process was up. */
  readonly after: number;
  readonly time: string;
  readonly pid: number;
  readonly sent: number;
  readonly lag: number;
};

describe('kill -9 on the embedded profile', () => {
  let world: World | null = null;
  const kills: Kill[] = [];
  const outcome: Record<string, unknown> = {};
  beforeAll(async () => {
    process.stderr.write(`kill: KILL_SEED=${seed}\n`);
    world = await openWorld('embedded');
  }, 180_000);
  afterAll(async () => {
    mkdirSync(artifacts, { recursive: true });
    const report = { seed, rounds, kills, outcome };
    writeFileSync(join(artifacts, 'kill-embedded.json'), `${JSON.stringify(report, null, 2)}\n`);
    await world?.close();
  }, 60_000);

  test(`a projector killed ${rounds} times under load leaves every view as the oracle has it, and tells all of it`, async () => {
    if (world === null) return;
    const { log, store } = world.adapters;
    const random = randomFrom(seed);
    const load = startLoad(log, seed, firms, Date.now());
    let before: Snapshot = { clients: new Map(), commits: new Map() };
    const backwards: string[] = [];
    const lookBack = async (place: World) => {
      const after = await snapshotOf(place, firms);
      backwards.push(...(await wentBack(log, before, after)));
      before = after;
    };

    for (let round = 1; round <= rounds; round += 1) {
      const point = round % 2 === 1 ? points[Math.floor(round / 2) % points.length] : undefined;
      const kill = point === undefined ? await killByTimer(world, random) : await killAt(world, point, random);
      const lag = await readLag(log, world.group, foldedTopics);
      kills.push({ round, ...kill, time: new Date().toISOString(), sent: load.sentCount(), lag: lag.total });
      await lookBack(world);
    }
    // The rest comes at once while nobody reads, so that the last projector starts behind: it reads impersonations first.
    await load.finish(clientsMin);
    const last = await startProgram(cli, ['project'], world.environment);
    await untilLagIsGone(world, last);
    expect(await last.kill('SIGTERM')).toEqual({ code: 0, signal: null });
    await lookBack(world);

    const wrong = await disagreeing(store, load.members, Date.now());
    const silent = await untold(log, before);
    Object.assign(outcome, { sent: load.sentCount(), clients: load.members.length, backwards, wrong, silent });
    expect(wrong).toEqual([]);
    expect(silent).toEqual([]);
    expect(backwards).toEqual([]);
    expect(before.clients.size).toBe(load.members.length);
    if (rounds > 0) expect(kills.filter(({ at }) => lastBeforeCommit.includes(at)).length).toBeGreaterThan(0);
  }, 240_000);

  test('what was accepted over HTTP is in the views, however its taker was killed', async () => {
    if (world === null) return;
    const random = randomFrom(seed + 1);
    const accepted = new Set<string>();
    for (let round = 1; round <= ingestRounds; round += 1) {
      const dev = await startService('dev', world.environment);
      const posting = [0, 1, 2, 3, 4, 5].map((lane) => postUntilKilled(dev, `${round}-${lane}`, accepted));
      const after = Math.floor(200 + random() * 1_000);
      await new Promise((resolve) => setTimeout(resolve, after));
      const cut = await dev.kill('SIGKILL');
      expect(cut.signal).toBe('SIGKILL');
      await Promise.all(posting);
      const at = { what: 'dev', at: 'timer', after, pid: dev.pid } as const;
      kills.push({ round, ...at, time: new Date().toISOString(), sent: accepted.size, lag: -1 });
    }
    const dev = await startService('dev', world.environment);
    await untilFolded(dev);
    await dev.kill('SIGTERM');

    const logged = new Map<string, number>();
    const missing = new Set(accepted);
    for await (const { value } of world.adapters.log.scan('login')) {
      const event = JSON.parse(Buffer.from(value ?? []).toString('utf8'));
      if (event.firmId !== 'posted') continue;
      missing.delete(event.eventId);
      logged.set(event.clientId, (logged.get(event.clientId) ?? 0) + 1);
    }
    const folded = new Map<string, number>();
    for (const clientId of logged.keys()) {
      const key = { firmId: FirmId.parse('posted'), clientId: ClientId.parse(clientId) };
      const states = readClient(await world.adapters.store.loadClient(key));
      const facts = deriveClient(states, frameOf(defaultSettings, Date.now()));
      folded.set(clientId, facts?.signals.logins.d30 ?? 0);
    }
    Object.assign(outcome, { accepted: accepted.size, missing: [...missing] });
    expect(accepted.size).toBeGreaterThan(0);
    expect([...missing]).toEqual([]);
    expect(folded).toEqual(logged);
  }, 180_000);
});

type Killed = Pick<Kill, 'what' | 'at' | 'after' | 'pid'>;

async function killByTimer(world: World, random: () => number): Promise<Killed> {
  const service = await startProgram(cli, ['project'], world.environment);
  const after = Math.floor(random() * timerMsMax);
  await Promise.race([service.exited, new Promise((resolve) => setTimeout(resolve, after))]);
  await mustDieBySigkill(service, service.kill('SIGKILL'));
  return { what: 'project', at: 'timer', after, pid: service.pid };
}

async function killAt(world: World, point: ProbePoint, random: () => number): Promise<Killed> {
  const after = Math.floor(random() * reachedBeforeMax);
  const service = await startProgram(child, [point, String(after)], world.environment);
  const late = setTimeout(() => void service.kill('SIGTERM'), killedMsMax);
  await mustDieBySigkill(service, service.exited);
  clearTimeout(late);
  expect(service.output()).toContain(`killed at ${point}`);
  return { what: 'project-child', at: point, after, pid: service.pid };
}

/** A projector that ended in any other way has a fault of its own. */
async function mustDieBySigkill(service: Service, exited: Service['exited']): Promise<void> {
  const { code, signal } = await exited;
  if (signal !== 'SIGKILL') throw new Error(`the projector ended with ${code ?? signal}:\n${service.output()}`);
}

async function untilLagIsGone({ adapters, group }: World, service: Service): Promise<void> {
  await until(
    async () => (await readLag(adapters.log, group, foldedTopics)).total === 0,
    foldedMsMax,
    () => `the lag did not come down to 0:\n${service.output()}`,
  );
}

const postedClients = 20;

/** Posts one login of each of some clients at a time, and notes the event ids of what was answered as accepted. */
async function postUntilKilled(dev: HttpService, lane: string, accepted: Set<string>): Promise<void> {
  for (let turn = 0; ; turn += 1) {
    const events = Array.from({ length: postedClients }, (_, index) => ({
      ...{ firmId: 'posted', clientId: `client-${index}`, eventId: `${lane}-${turn}-${index}` },
      ...{
        sessionId: `${lane}-${turn}`,
        outcome: 'success',
        occurredAt: new Date(Date.now() - minuteMs).toISOString(),
      },
    }));
    try {
      const reply = await dev.send('POST', '/v1/events/login', events);
      if (reply.status === 202) for (const { eventId } of events) accepted.add(eventId);
    } catch {
      // The answer did not come: these may be in or not.
      return;
    }
  }
}
