// A connection to DynamoDB: the raw client (a request costs half a millisecond of CPU, the document client more), how many
// requests run at once, how long one attempt may take, and the retry around it.
import { type AttributeValue, DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../runtime/clock.ts';
import { createRetry } from './dynamodb-retry.ts';

const connectMsMax = 2_000;
const attemptMsMax = 4_000;

export type DynamoOptions = {
  readonly table: string;
  readonly clock: Clock;
  /** Requests under way at once, which is also the number of sockets kept open. */
  readonly requestConcurrencyMax: number;
  /** Normally absent: the SDK's own environment says where, in which region and as whom. */
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** How long one attempt may take, ms. */
  readonly attemptMsMax?: number;
  /** Items of one page when a whole firm is read. */
  readonly scanPageItemsMax?: number;
};

export type Item = Record<string, AttributeValue>;

export type Connection = {
  readonly table: string;
  readonly requestConcurrencyMax: number;
  /** Runs one request with retries; see createRetry for what it throws. `attempt` may run more than once. */
  run<T>(operation: string, attempt: (client: DynamoDBClient) => Promise<T>): Promise<T>;
  close(): void;
};

export function openConnection(options: DynamoOptions): Connection {
  const { table, clock, requestConcurrencyMax } = options;
  const agent = { keepAlive: true, maxSockets: requestConcurrencyMax };
  const timeout = options.attemptMsMax ?? attemptMsMax;
  const config: DynamoDBClientConfig = {
    maxAttempts: 1,
    // Middleware is put together once for each command, not for each request: a twelfth of a request's CPU.
    cacheMiddleware: true,
    requestHandler: {
      connectionTimeout: Math.min(connectMsMax, timeout),
      requestTimeout: timeout,
      socketTimeout: timeout,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
  };
  if (options.endpoint !== undefined) config.endpoint = options.endpoint;
  if (options.region !== undefined) config.region = options.region;
  if (options.credentials !== undefined) config.credentials = options.credentials;
  const client = new DynamoDBClient(config);
  // Without a logger it logs nothing, but only after copying what it would have logged: a fifth of a full batch's CPU.
  client.middlewareStack.remove('loggerMiddleware');
  const retry = createRetry(table, clock);
  const inTurn = turns(requestConcurrencyMax);
  return {
    table,
    requestConcurrencyMax,
    // A request that waits to be tried again keeps its place, so that backing off also slows down the rest.
    run: (operation, attempt) => inTurn(() => retry(operation, () => attempt(client))),
    close: () => client.destroy(),
  };
}

/** At most `placesMax` run at once; the others wait in the order they came. */
function turns(placesMax: number): <T>(work: () => Promise<T>) => Promise<T> {
  let taken = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (taken < placesMax) taken += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) taken -= 1;
      else next();
    }
  };
}

/** Works on every entry, some at once; after a failure starts no more, waits for those under way, and throws it. */
export async function forEachOf<T>(
  entries: readonly T[],
  concurrencyMax: number,
  work: (entry: T, index: number) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  let next = 0;
  const worker = async () => {
    while (next < entries.length && failures.length === 0) {
      const index = next;
      next += 1;
      const entry = entries[index];
      if (entry === undefined) continue;
      try {
        await work(entry, index);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrencyMax, entries.length) }, worker));
  if (failures.length > 0) throw failures[0];
}

export function textOf(item: Item, name: string): string {
  const text = item[name]?.S;
  if (text === undefined)
    throw new RangeError(`a stored item lacks the text "${name}"; was it written by something else?`);
  return text;
}

export function numberOf(item: Item, name: string): number {
  const number = item[name]?.N;
  if (number === undefined)
    throw new RangeError(`a stored item lacks the number "${name}"; was it written by something else?`);
  return Number(number);
}
