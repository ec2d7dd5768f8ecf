// Retries: how often, how long, and when not; with a clock moved by hand.
import type { Clock } from '../../services/runtime/clock.ts';
import { createRetry, PartialAnswer } from '../../services/store/dynamodb-retry.ts';

/** Sleeping takes no time here, but moves the clock. */
function handClock(): Clock & { readonly slept: number[] } {
  let now = 0;
  const slept: number[] = [];
  const sleep = async (ms: number) => {
    now += ms;
    slept.push(ms);
  };
  return { now: () => now, sleep, slept };
}

function fault(name: string, status?: number): Error {
  return Object.assign(new Error('injected'), {
    name,
    ...(status === undefined ? {} : { $metadata: { httpStatusCode: status } }),
  });
}

const throttled = fault('ProvisionedThroughputExceededException', 400);

test.each([
  ['a throttled request', throttled],
  ['an item that a transaction is at', fault('TransactionConflictException', 400)],
  ['an item that another region writes', fault('ReplicatedWriteConflictException', 400)],
  ['too many requests, as a gateway says it', fault('TooManyRequestsException', 429)],
  ['a request that took too long to arrive', fault('RequestTimeoutException', 408)],
  ['a server error', fault('InternalServerError', 500)],
  ['an unavailable service', fault('ServiceUnavailable', 503)],
  ['a time-out', fault('TimeoutError')],
  ['a cut connection', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
  [
    'an answer cut short',
    Object.assign(new SyntaxError('Unexpected end of JSON'), { $metadata: { httpStatusCode: 200 } }),
  ],
  ['a batch done in part', new PartialAnswer('1 of 2')],
])('given %s, when it passes, then the answer comes', async (_, error) => {
  const clock = handClock();
  let attempts = 0;
  const answer = await createRetry('views', clock)('PutItem', async () => {
    attempts += 1;
    if (attempts < 4) throw error;
    return 'done';
  });
  expect(answer).toBe('done');
  expect(clock.slept).toHaveLength(3);
});

test.each([
  ['throttling', throttled, 'store_throttled', true],
  ['silence', fault('TimeoutError'), 'store_unreachable', true],
  ['server errors', fault('InternalServerError', 500), 'store_unreachable', true],
])('given %s without end, when the budget is used up, then it says so', async (_, error, code, retryable) => {
  const attempt = jest.fn(() => Promise.reject(error));
  const rejected = expect(createRetry('views', handClock())('PutItem', attempt)).rejects;
  await rejected.toMatchObject({ code, retryable, cause: error });
  expect(attempt).toHaveBeenCalledTimes(10);
});

test.each([
  ['a missing table', fault('ResourceNotFoundException', 400), 'table_missing'],
  ['a lack of permission', fault('AccessDeniedException', 400), 'store_refused'],
  ['no credentials', fault('CredentialsProviderError'), 'store_refused'],
])('given %s, when asked, then it is told at once', async (_, error, code) => {
  const attempt = jest.fn(() => Promise.reject(error));
  const rejected = expect(createRetry('views', handClock())('PutItem', attempt)).rejects;
  await rejected.toMatchObject({ code, retryable: false });
  expect(attempt).toHaveBeenCalledTimes(1);
});

test('given a mistake of our own, when it is thrown, then it comes out as it is', async () => {
  const mistake = new RangeError('ours');
  await expect(createRetry('views', handClock())('PutItem', () => Promise.reject(mistake))).rejects.toBe(mistake);
});

test('given attempts that take long, when the time is used up, then no more are made', async () => {
  const clock = handClock();
  const attempt = jest.fn(async () => {
    await clock.sleep(8_000);
    throw fault('TimeoutError');
  });
  await expect(createRetry('views', clock, () => 0)('PutItem', attempt)).rejects.toMatchObject({
    code: 'store_unreachable',
  });
  expect(attempt).toHaveBeenCalledTimes(3);
});

test('waiting doubles, up to two seconds, and jitter takes all of it', async () => {
  const longest = handClock();
  await createRetry('views', longest, () => 1)('PutItem', () => Promise.reject(throttled)).catch(() => undefined);
  expect(longest.slept).toEqual([50, 100, 200, 400, 800, 1600, 2000, 2000, 2000]);
  const shortest = handClock();
  await createRetry('views', shortest, () => 0)('PutItem', () => Promise.reject(throttled)).catch(() => undefined);
  expect(shortest.slept).toEqual(Array(9).fill(0));
});

test('given a store that is down, when many ask, then the shared budget ends their retries', async () => {
  const retry = createRetry('views', handClock());
  let attempts = 0;
  const ask = () =>
    retry('PutItem', async () => {
      attempts += 1;
      throw throttled;
    }).catch(() => undefined);
  for (let request = 0; request < 1_000; request += 1) await ask();
  // 1,000 first attempts, and 500 retries of the whole budget.
  expect(attempts).toBe(1_500);
});

test('given a spent budget, when requests succeed, then retries come back slowly', async () => {
  const retry = createRetry('views', handClock());
  for (let request = 0; request < 100; request += 1) {
    await retry('PutItem', () => Promise.reject(throttled)).catch(() => undefined);
  }
  for (let request = 0; request < 5; request += 1) await retry('PutItem', async () => 'done');
  const attempt = jest.fn(() => Promise.reject(throttled));
  await retry('PutItem', attempt).catch(() => undefined);
  expect(attempt).toHaveBeenCalledTimes(2);
});
