// Asks for lists and cards at a steady rate, whatever the answers take: each is timed from when it was due.
import { Agent, get } from 'node:http';
import { accessFilters, ratings } from '../../../services/core/filter.ts';
import { listSorts } from '../../../services/core/list.ts';
import { seededRandom } from '../../../services/demo/random.ts';
import { systemClock } from '../../../services/runtime/clock.ts';
import { bookAdvisers, bookClient, bookFirm, bookTypes, nameOf } from '../book.ts';
import { quantile } from '../measure.ts';
import { readArgs, startWatch, tell } from './child.ts';

export type ListsLoadArgs = {
  readonly url: string;
  readonly clients: number;
  /** A second, each. */
  readonly lists: number;
  readonly cards: number;
  readonly seconds: number;
};

const socketsMax = 64;

const args = readArgs<ListsLoadArgs>();
// Cards must not wait behind lists for a socket.
const agents = { lists: new Agent({ keepAlive: true, maxSockets: socketsMax }), cards: new Agent({ keepAlive: true }) };
const random = seededRandom(6);
const failed = new Map<number, number>();

/** Any filter with any sort: each filter is given in some of the questions. */
function listQuery(): string {
  const query = new URLSearchParams({ sort: random.pick(listSorts), order: random.pick(['asc', 'desc']), limit: '50' });
  if (random.chance(0.4)) query.set('rating', random.pick(ratings));
  if (random.chance(0.3)) query.set('access', random.pick(accessFilters));
  if (random.chance(0.2)) query.set('adviser', `adviser-${random.whole(0, bookAdvisers - 1)}`);
  if (random.chance(0.2)) query.set('name', nameOf(random.whole(0, 255)));
  if (random.chance(0.2)) query.set('type', random.pick(bookTypes));
  if (random.chance(0.5)) query.set('status', 'active');
  return query.toString();
}

function ask(path: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get(`${args.url}/v1/firms/${bookFirm}/clients${path}`, { agent }, (answer) => {
      const status = answer.statusCode ?? 0;
      if (status !== 200) failed.set(status, (failed.get(status) ?? 0) + 1);
      answer.resume();
      answer.on('end', resolve);
    }).on('error', reject);
  });
}

async function atRate(rate: number, agent: Agent, pathOf: () => string): Promise<number[]> {
  const taken: number[] = [];
  const underWay: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let asked = 0; asked < rate * args.seconds; asked += 1) {
    const due = startedAt + (asked / rate) * 1000;
    const wait = due - performance.now();
    if (wait > 0) await systemClock.sleep(wait);
    underWay.push(ask(pathOf(), agent).then(() => void taken.push(performance.now() - due)));
  }
  await Promise.all(underWay);
  return taken.sort((one, other) => one - other);
}

const watch = startWatch();
const [lists, cards] = await Promise.all([
  atRate(args.lists, agents.lists, () => `?${listQuery()}`),
  atRate(args.cards, agents.cards, () => `/${bookClient(random.whole(0, args.clients - 1))}`),
]);
if (failed.size > 0) throw new Error(`answers with other status: ${JSON.stringify([...failed])}`);
tell(
  watch(lists.length, {
    p50Ms: quantile(lists, 0.5),
    p99Ms: quantile(lists, 0.99),
    mostMs: lists.at(-1) ?? Number.NaN,
    cardP50Ms: quantile(cards, 0.5),
    cardP99Ms: quantile(cards, 0.99),
  }),
);
