// Weather over DynamoDB, by the seed: each request has a chance of meeting one of the faults that there are for its operation.
// Signatures are not checked by DynamoDB Local, so that a request may be torn on its way.
import { randomFrom } from '../model/timeline.ts';
import type { Fault } from './proxy.ts';

/** Longer than an attempt of the store may take: it gives up, and the request is done belatedly. */
const belatedMsMin = 4_200;
const belatedMsMax = 9_000;
const slowMsMax = 800;

/** What happened, as `PutItem silence after`. */
export type Met = Map<string, number>;

export type Weather = {
  readonly met: Met;
  /** Requests that passed unharmed. */
  passed(): number;
  /** The chance of a fault for each request from here on, 0–1. */
  set(chance: number): void;
  choose(operation: string, body: Buffer): Fault | null;
};

type Named = { readonly name: string; readonly fault: Fault };
type Draw = (random: () => number, body: Buffer) => Named;

const refusals: readonly Draw[] = [
  refusal(400, 'ProvisionedThroughputExceededException'),
  refusal(400, 'ThrottlingException'),
  refusal(400, 'ThrottlingException', { 'retry-after': '1' }),
  refusal(400, 'RequestLimitExceeded'),
  refusal(429, 'TooManyRequestsException'),
  refusal(500, 'InternalServerError'),
  refusal(503, 'ServiceUnavailable'),
];

const losses: readonly Draw[] = [
  () => ({ name: 'silence before', fault: { kind: 'silence', forwarded: false } }),
  () => ({ name: 'silence after', fault: { kind: 'silence', forwarded: true } }),
  () => ({ name: 'cut before', fault: { kind: 'cut', forwarded: false } }),
  () => ({ name: 'cut in the answer', fault: { kind: 'cut', forwarded: true } }),
  (random) => ({ name: 'slow', fault: { kind: 'slow', delayMs: Math.floor(random() * slowMsMax) } }),
  (random) => ({
    name: 'belated',
    fault: { kind: 'slow', delayMs: belatedMsMin + Math.floor(random() * (belatedMsMax - belatedMsMin)) },
  }),
];

const statementCodes = [
  'ProvisionedThroughputExceeded',
  'ThrottlingError',
  'RequestLimitExceeded',
  'InternalServerError',
  'TransactionConflict',
] as const;

/** What only some operations meet. */
const ofOperation: Readonly<Record<string, readonly Draw[]>> = {
  BatchGetItem: [(random) => ({ name: 'torn', fault: { kind: 'partial', keys: 1 + Math.floor(random() * 20) } })],
  BatchExecuteStatement: [tornStatements(false), tornStatements(true)],
  Query: [(random) => ({ name: 'short page', fault: { kind: 'short', items: 1 + Math.floor(random() * 5) } })],
  PutItem: [refusal(400, 'TransactionConflictException')],
  UpdateItem: [refusal(400, 'TransactionConflictException')],
  DeleteItem: [refusal(400, 'TransactionConflictException')],
};

export function openWeather(seed: number): Weather {
  const random = randomFrom(seed);
  const met: Met = new Map();
  let chance = 0;
  let passed = 0;
  return {
    met,
    passed: () => passed,
    set: (wanted) => {
      chance = wanted;
    },
    choose: (operation, body) => {
      if (random() >= chance) {
        passed += 1;
        return null;
      }
      const own = ofOperation[operation] ?? [];
      const kinds = [refusals, losses, ...(own.length > 0 ? [own] : [])];
      const { name, fault } = pick(pick(kinds, random), random)(random, body);
      met.set(`${operation} ${name}`, (met.get(`${operation} ${name}`) ?? 0) + 1);
      return fault;
    },
  };
}

function refusal(status: number, code: string, headers: Readonly<Record<string, string>> = {}): Draw {
  const name = Object.keys(headers).length === 0 ? code : `${code} with ${Object.keys(headers).join(', ')}`;
  return () => ({ name, fault: { kind: 'refuse', status, code, headers } });
}

/** Some statements of a batch fail, done all the same or not. */
function tornStatements(forwarded: boolean): Draw {
  return (random, body) => {
    const asked: { Statements: readonly unknown[] } = JSON.parse(body.toString());
    const numbers = asked.Statements.flatMap((_, number) => (random() < 0.4 ? [number] : []));
    const fault = { kind: 'statements', code: pick(statementCodes, random), numbers, forwarded } as const;
    return { name: forwarded ? 'torn, but done' : 'torn', fault };
  };
}

function pick<Item>(items: readonly Item[], random: () => number): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}
