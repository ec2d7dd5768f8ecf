// How often a caller may call, and an address may fail to say who calls. Counted in this process, by the minute; of more
// than 5,000 callers or addresses at a time, those not seen for longest are forgotten.
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

const minuteMs = 60_000;
/** By address; behind a proxy that is not trusted everybody has the address of the proxy. */
export const failuresPerMinuteMax = 60;

export type Limits = {
  /** Counts a request of its principal. Throws the problem too_many_requests. */
  countRequest(request: FastifyRequest): Promise<void>;
  /** Counts a request that did not say who calls. Throws the problem too_many_requests. */
  countFailure(request: FastifyRequest): Promise<void>;
};

/** `requestsPerMinuteMax` is by principal; 0: no limit. */
export async function openLimits(server: FastifyInstance, requestsPerMinuteMax: number): Promise<Limits> {
  await server.register(rateLimit, { global: false });
  const timeWindow = minuteMs;
  const countByPrincipal = server.createRateLimit({
    max: requestsPerMinuteMax,
    timeWindow,
    keyGenerator: ({ principal }) => principal.id,
  });
  const countByAddress = server.createRateLimit({ max: failuresPerMinuteMax, timeWindow });
  return {
    countRequest: async (request) => {
      if (requestsPerMinuteMax > 0) refuse(await countByPrincipal(request), 'this caller');
    },
    countFailure: async (request) => refuse(await countByAddress(request), 'failures from this address'),
  };
}

type Counted = Awaited<ReturnType<ReturnType<FastifyInstance['createRateLimit']>>>;

function refuse(counted: Counted, whose: string): void {
  if (counted.isAllowed || !counted.isExceeded) return;
  const { max, ttlInSeconds } = counted;
  throw new Problem('too_many_requests', `More than ${max} requests a minute: ${whose}. Wait ${ttlInSeconds} s.`, {
    headers: { 'retry-after': String(Math.max(ttlInSeconds, 1)) },
  });
}
