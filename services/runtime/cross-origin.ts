// Cross-origin calls (CORS): pages of the configured origins may call the routes that say so, and no others. Never with
// credentials: who calls is told by a token alone, so a page can do no more than what it was given.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from './problem.ts';

/** For so long browsers do not ask again whether they may call; more than two hours none of them waits. */
const askAgainSeconds = 7_200;
const headersTaken = 'authorization, content-type, last-event-id';
/** What a page may read of an answer besides its body. */
const headersShown = 'retry-after, x-request-id';

export type CrossOrigin = {
  /** The origins that may call this request's route besides our own. */
  allowedFor(request: FastifyRequest): readonly string[];
  /** Lets the page read the answer, also when it is a problem. */
  tell(request: FastifyRequest, reply: FastifyReply): void;
};

/** Before the routes: each with `config: { crossOrigin: true }` gets its answer to browsers that ask first. */
export function openCrossOrigin(server: FastifyInstance, allowedOrigins: readonly string[]): CrossOrigin {
  const isAllowed = ({ headers: { origin } }: FastifyRequest) =>
    origin !== undefined && allowedOrigins.includes(origin);
  server.addHook('onRoute', ({ method, url, config }) => {
    if (config?.crossOrigin !== true || method === 'OPTIONS' || method === 'HEAD') return;
    server.options(url, { config: { open: true, crossOrigin: true } }, async (request, reply) => {
      if (!isAllowed(request)) {
        throw new Problem(
          'origin_forbidden',
          'Pages of this origin may not call: SIGNALFOLD_ALLOWED_ORIGINS names others.',
        );
      }
      return reply
        .code(204)
        .headers({
          'access-control-allow-methods': String(method),
          'access-control-allow-headers': headersTaken,
          'access-control-max-age': String(askAgainSeconds),
        })
        .send();
    });
  });
  return {
    allowedFor: ({ routeOptions }) => (routeOptions.config.crossOrigin === true ? allowedOrigins : []),
    tell: (request, reply) => {
      if (request.routeOptions.config.crossOrigin !== true) return;
      reply.header('vary', 'Origin');
      if (!isAllowed(request)) return;
      reply.headers({
        'access-control-allow-origin': request.headers.origin,
        'access-control-expose-headers': headersShown,
      });
    },
  };
}
