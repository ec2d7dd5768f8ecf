// Cards over HTTP from the same process, one after the other: server and caller share the core.
import { Agent, get } from 'node:http';
import pino from 'pino';
import { seededRandom } from '../../../services/demo/random.ts';
import { registerCard } from '../../../services/query/card.ts';
import { openAuditLog } from '../../../services/runtime/audit.ts';
import { systemClock } from '../../../services/runtime/clock.ts';
import { loadConfig } from '../../../services/runtime/config.ts';
import { createHttpServer, listen } from '../../../services/runtime/http.ts';
import { createMetrics } from '../../../services/runtime/metrics.ts';
import { quantile } from '../measure.ts';
import { openStoreAt, type StorePlace } from '../places.ts';
import { readArgs, startWatch, tell } from './child.ts';

export type CardArgs = {
  readonly store: StorePlace;
  readonly firmId: string;
  readonly clients: number;
  readonly requests: number;
};

const warmUpRequests = 500;

const args = readArgs<CardArgs>();
const config = { ...loadConfig({}), port: 0 };
const clock = systemClock;
const store = openStoreAt(args.store);
const logger = pino({ level: 'silent' });
const audit = openAuditLog({ auditLog: '/dev/null', dataDir: '' }, { clock, logger });
const server = await createHttpServer({ config, logger, audit, metrics: createMetrics(), readiness: [], clock });
registerCard(server, { store, clock });
const url = await listen(server, config);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const random = seededRandom(5);

function fetchCard(index: number): Promise<number> {
  const client = `client-${String(index).padStart(7, '0')}`;
  return new Promise((resolve, reject) => {
    get(`${url}/v1/firms/${args.firmId}/clients/${client}`, { agent }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    }).on('error', reject);
  });
}

const taken: number[] = [];
let watch = startWatch();
for (let request = 0; request < warmUpRequests + args.requests; request += 1) {
  if (request === warmUpRequests) watch = startWatch();
  const startedAt = performance.now();
  const status = await fetchCard(random.whole(0, args.clients - 1));
  if (status !== 200) throw new Error(`a card was answered with ${status}`);
  if (request >= warmUpRequests) taken.push(performance.now() - startedAt);
}
taken.sort((one, other) => one - other);
tell(watch(args.requests, { p50Ms: quantile(taken, 0.5), p99Ms: quantile(taken, 0.99) }));
