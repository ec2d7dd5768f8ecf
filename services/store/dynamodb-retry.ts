// Who retries a DynamoDB request, and how often: we alone (the SDK makes one attempt), with full jitter, within a budget
// that all requests share, so that a store that is down or overloaded is not hammered by the sum of our retries.

import { types } from 'node:util';
import { chance } from '../runtime/chance.ts';
import type { Clock } from '../runtime/clock.ts';
import { OperatingError } from '../runtime/errors.ts';

const attemptsMax = 10;
const backoffMsMin = 25;
const backoffMsMax = 2_000;
/** A request that has taken this long is not tried again. */
const retryMsMax = 20_000;

/** The shared budget: a retry takes five tokens, a success puts one back. Once empty, every request has one attempt. */
const retryTokensMax = 2_500;
const retryTokensTaken = 5;
const retryTokensReturned = 1;

/** An answer that left a part of the request undone, which is how DynamoDB throttles batches. */
export class PartialAnswer extends Error {}

export type Retry = <T>(operation: string, attempt: () => Promise<T>) => Promise<T>;

/**
 * Makes the retry all requests of one store share. It throws OperatingErrors: `store_throttled` and `store_unreachable`
 * (retryable: the budget is used up), `store_refused` and `table_missing` (fatal: somebody must act).
 */
export function createRetry(table: string, clock: Clock, random: () => number = chance): Retry {
  let tokens = retryTokensMax;
  return async (operation, attempt) => {
    const startedAt = clock.now();
    for (let attempts = 1; ; attempts += 1) {
      try {
        const answer = await attempt();
        tokens = Math.min(retryTokensMax, tokens + retryTokensReturned);
        return answer;
      } catch (error) {
        const fault = faultOf(error);
        if (fault === null) throw error;
        const subject = `${operation} on the table "${table}"`;
        if (fault === 'refused') throw refused(subject, error);
        const isLate = clock.now() - startedAt >= retryMsMax;
        if (attempts === attemptsMax || isLate || tokens < retryTokensTaken)
          throw givenUp(fault, subject, attempts, error);
        tokens -= retryTokensTaken;
        await clock.sleep(random() * Math.min(backoffMsMax, backoffMsMin * 2 ** attempts));
      }
    }
  };
}

type Fault = 'throttled' | 'unreachable' | 'refused';

const throttles: ReadonlySet<string> = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
  'LimitExceededException',
  // Somebody's transaction is at that item, or another region's write.
  'TransactionConflictException',
  'TransactionInProgressException',
  'ReplicatedWriteConflictException',
  // The same, as errors of single statements.
  'ProvisionedThroughputExceeded',
  'ThrottlingError',
  'TransactionConflict',
]);
/** Of whoever stands between: the request took too long to arrive, or too many came. */
const passingStatuses: ReadonlySet<number | null> = new Set([408, 429]);
const missingTables: ReadonlySet<string> = new Set(['ResourceNotFoundException', 'ResourceNotFound']);

const ownMistakes: ReadonlySet<string> = new Set(['TypeError', 'RangeError', 'ReferenceError']);

/** Null for a mistake of our own, which no retry mends and no advice helps. */
export function faultOf(error: unknown): Fault | null {
  if (error instanceof PartialAnswer) return 'throttled';
  if (!types.isNativeError(error) || ownMistakes.has(error.name)) return null;
  if (throttles.has(error.name)) return 'throttled';
  if (error.name === 'CredentialsProviderError') return 'refused';
  const status = statusOf(error);
  if (passingStatuses.has(status)) return status === 429 ? 'throttled' : 'unreachable';
  // No status: the request or its answer was lost on the way. A 2xx: its answer was cut short.
  return status !== null && status >= 400 && status < 500 ? 'refused' : 'unreachable';
}

function statusOf(error: Error): number | null {
  const metadata = '$metadata' in error ? error.$metadata : null;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return null;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : null;
}

function refused(subject: string, cause: unknown): OperatingError {
  const reason = String(cause);
  if (types.isNativeError(cause) && missingTables.has(cause.name)) {
    const message = `${subject} failed because there is no such table; create it, or correct DYNAMODB_TABLE and AWS_REGION`;
    return new OperatingError('table_missing', message, { cause });
  }
  const message = `${subject} was refused (${reason}); check DYNAMODB_TABLE and the AWS credentials, region and permissions: \`signalfold doctor\` says which are missing`;
  return new OperatingError('store_refused', message, { cause });
}

function givenUp(
  fault: 'throttled' | 'unreachable',
  subject: string,
  attempts: number,
  cause: unknown,
): OperatingError {
  if (fault === 'throttled') {
    const message = `${subject} was still throttled at attempt ${attempts}; it is tried again later, look at the table's limits if it lasts`;
    return new OperatingError('store_throttled', message, { retryable: true, cause });
  }
  const reason = String(cause);
  const message = `${subject} got no usable answer in ${attempts} attempts (last: ${reason}); check that DynamoDB can be reached from here`;
  return new OperatingError('store_unreachable', message, { retryable: true, cause });
}
