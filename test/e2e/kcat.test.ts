// Events produced into a real Kafka by a client that is not ours come out as right cards from a real DynamoDB.
import { spawn } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { CardWire } from '../../services/core/derive/card.ts';
import { defaultSettings } from '../../services/core/settings.ts';
import type { History } from '../model/histories.ts';
import { fitsLedgers } from '../model/memory.ts';
import { castOf, type Member, type Sent } from './cast.ts';
import { dataSince, expectedCard } from './expected-card.ts';
import { hasKcat } from './kcat.ts';
import { type HttpService, startService, untilFolded } from './service.ts';
import { openWorld, type World } from './world.ts';

const seed = Number(process.env['WALK_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const clientsOfEach = 3;
const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
const keyings = ['keyed', 'unkeyed'] as const;
const ways = codecs.flatMap((codec) => keyings.map((keying) => ({ codec, keying })));
const now = Date.now();

let world: World | null = null;
let dev: HttpService;
beforeAll(async () => {
  process.stderr.write(`kcat: WALK_SEED=${seed}\n`);
  if (!(await hasKcat())) return;
  world = await openWorld('kafka-dynamodb');
  if (world !== null) dev = await startService('dev', world.environment);
}, 240_000);
afterAll(async () => {
  if (world !== null) await dev.kill('SIGTERM');
  await world?.close();
}, 60_000);

test('kcat, with and without keys and under every compression it knows, makes the cards that the oracle expects', async () => {
  if (world === null) return;
  const { brokers, topicPrefix } = world;
  const members: Member[] = [];
  for (const [index, { codec, keying }] of ways.entries()) {
    const cast = castOf({ seed: seed + index, clients: clientsOfEach, firmId: 'kcat', accepts }, now);
    members.push(...cast);
    const sent = cast.flatMap(({ arrival }) => arrival);
    for (const topic of new Set(sent.map((one) => one.topic))) {
      const lines = sent.filter((one) => one.topic === topic).map((one) => lineOf(one, keying === 'keyed'));
      const keyed = keying === 'keyed' ? ['-K', '\t'] : [];
      const where = ['-P', '-b', brokers.join(','), '-t', topicPrefix + topic];
      // Records are gathered for a moment, so that there is a batch worth compressing.
      await kcat([...where, '-z', codec, '-X', 'linger.ms=20', ...keyed], lines);
    }
  }
  await untilFolded(dev);
  const since = dataSince(members);
  const wrong: unknown[] = [];
  for (const [index, member] of members.entries()) {
    const reply = await dev.send('GET', `/v1/firms/kcat/clients/${member.client.clientId}`);
    const { evaluatedAt, ...card } = CardWire.parse(reply.json());
    const { relative: _relative, ...lastLogin } = card.lastLogin ?? { relative: '' };
    const found = { ...card, lastLogin: card.lastLogin === null ? null : lastLogin };
    const expected = expectedCard(member, defaultSettings, Date.parse(evaluatedAt), since);
    const way = ways[Math.floor(index / clientsOfEach)];
    if (!isDeepStrictEqual(found, expected)) wrong.push({ way, found, expected });
  }
  expect(wrong).toEqual([]);
}, 180_000);

function accepts({ events }: History): boolean {
  return fitsLedgers(events);
}

function lineOf({ key, text }: Sent, isKeyed: boolean): string {
  return isKeyed ? `${key}\t${text}` : text;
}

/** Feeds lines to kcat and waits until it has delivered them all. */
function kcat(args: readonly string[], lines: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('kcat', args, { stdio: ['pipe', 'inherit', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`kcat ended with ${code}: ${said}`))));
    child.stdin.end(`${lines.join('\n')}\n`);
  });
}
