// The HTTP server every room adds its routes to: limits, guards, problems, metrics, health.
import { randomUUID } from 'node:crypto';
import compress from '@fastify/compress';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
  type RouteOptions,
} from 'fastify';
import type { AuditAction, AuditLog } from './audit.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { openCrossOrigin } from './cross-origin.ts';
import { codeOf, OperatingError } from './errors.ts';
import { checkHost, openGate } from './guard.ts';
import { type ReadinessCheck, registerHealth } from './health.ts';
import type { Logger } from './logger.ts';
import { isLoopback } from './loopback.ts';
import type { Metrics } from './metrics.ts';
import type { DocumentedRoute, RouteDoc } from './openapi.ts';
import { type Principal, type Scope, stranger } from './principal.ts';
import { Problem, type ProblemCode, problemBody, problemOf } from './problem.ts';
import { unpackBody } from './request-body.ts';
import { securityHeaders } from './security-headers.ts';
import type { ViewTokens } from './view-tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal;
  }
  interface FastifyContextConfig {
    /** What a caller must be allowed to do. Every route has it that is not open. */
    scope?: Scope;
    /** Beside a scope: what the audit log calls it; null: it shows no client's data and changes nothing. */
    audit?: AuditAction | null;
    /** Answered to everybody. Only for routes that tell nothing about clients. */
    open?: boolean;
    /**
     * A webhook: instead of a key its caller has a provider's signature, which the route checks before it looks at anything.
     * Tunnels and proxies give it any Host.
     */
    signed?: boolean;
    /** Likewise, to everybody who says who it is. */
    known?: boolean;
    /** Taken with a view token too: the route heeds which clients it may see. */
    view?: boolean;
    /** Pages of the allowed origins may call it. */
    crossOrigin?: boolean;
    doc?: RouteDoc;
  }
}

/** Of a request body, packed as well as unpacked. */
export const bodyBytesMax = 5 * 1024 * 1024;
/** An id has up to 128 characters of up to 4 bytes, each byte three characters when percent-encoded. */
const pathPartCharactersMax = 128 * 4 * 3;
/** A caller that takes longer to send its request is cut off. */
const requestMsMax = 60_000;

export type HttpConfig = Pick<
  Config,
  'host' | 'auth' | 'requestsPerMinuteMax' | 'trustedProxies' | 'metricsOpen' | 'allowedOrigins'
>;

/**
 * A server without routes of its own but /livez, /readyz, /metrics and /openapi.json. Errors thrown by routes become
 * problems; routes answer client-specific content under /v1. Routes are added after this resolves.
 */
export async function createHttpServer(parts: {
  readonly config: HttpConfig;
  readonly logger: Logger;
  readonly audit: AuditLog;
  readonly metrics: Metrics;
  readonly readiness: readonly ReadinessCheck[];
  readonly clock?: Clock;
  /** Null: this process takes none. */
  readonly viewTokens?: ViewTokens | null;
}): Promise<FastifyInstance> {
  const { config, metrics, audit, readiness, clock = systemClock, viewTokens = null } = parts;
  const loggerInstance: FastifyBaseLogger = parts.logger;
  const server = Fastify({
    loggerInstance,
    // A line a request would cost more than the request; /metrics counts them, and faults are logged.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyBytesMax,
    requestTimeout: requestMsMax,
    // Whoever calls through these is known by the address they tell.
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    // On closing, what is under way and what still comes in on open connections is answered; the log and the store
    // close later.
    return503OnClosing: false,
    routerOptions: { maxParamLength: pathPartCharactersMax },
    genReqId: (request) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID();
    },
    frameworkErrors: (error, request, reply) => answer(error, request, reply),
    clientErrorHandler: refuse,
  });
  server.setErrorHandler(answer);
  server.setNotFoundHandler(notFound(server));
  // No route takes it: without a body it is answered as any other such method, before its Content-Type is asked for.
  server.addHttpMethod('QUERY', { hasBody: false, overrideExisting: true });
  // Text is no input of ours, and it is what a cross-site form can send without asking.
  server.removeContentTypeParser('text/plain');

  // Before anything can refuse the request.
  const careful = securityHeaders();
  server.addHook('onRequest', (request, reply, done) => {
    reply.headers(careful).header('x-request-id', request.id);
    done();
  });
  await server.register(compress, { globalDecompression: false, encodings: ['br', 'gzip'] });

  server.addHook('onRoute', checkRoute);
  server.decorateRequest('principal');
  server.decorateRequest('auditDetails', null);
  server.decorateRequest('packedBody', null);
  const admit = await openGate(server, config, { clock, logger: parts.logger, viewTokens });
  const crossOrigin = openCrossOrigin(server, config.allowedOrigins);
  const local = isLoopback(config.host);
  server.addHook('onRequest', async (request, reply) => {
    request.principal = stranger;
    crossOrigin.tell(request, reply);
    if (local && request.routeOptions.config.signed !== true)
      checkHost(request.headers, crossOrigin.allowedFor(request));
    await admit(request);
  });
  server.addHook('preParsing', (request, _reply, payload) => unpackBody(request, payload, bodyBytesMax));
  server.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  server.addHook('onResponse', async (request, reply) => {
    const labels = { route: request.routeOptions.url ?? 'none', status: String(reply.statusCode) };
    metrics.observe('signalfold_http_request_seconds', labels, reply.elapsedTime / 1000);
    const action = request.auditDetails?.audit ?? request.routeOptions.config.audit ?? null;
    if (action !== null) audit.write(action, request, reply);
  });

  const routes: DocumentedRoute[] = [];
  server.addHook('onRoute', ({ method, url, config: about }) => {
    for (const one of typeof method === 'string' ? [method] : method) {
      if (about?.doc === undefined || one === 'HEAD') continue;
      routes.push({ method: one, url, scope: about.scope ?? null, view: about.view === true, doc: about.doc });
    }
  });
  registerHealth(server, { clock, metrics, readiness, routes, auth: config.auth, metricsOpen: config.metricsOpen });
  return server;
}

/**
 * So that no route is forgotten: unless it is open, it says what its caller needs, what the audit log calls it, and what
 * the contract tells of it.
 */
function checkRoute({ method, url, config }: RouteOptions): void {
  if (config?.open === true || config?.known === true) return;
  if (config?.signed === true && config.doc !== undefined) return;
  if (config?.scope !== undefined && config.audit !== undefined && config.doc !== undefined) return;
  throw new Error(
    `${method} ${url} needs config: { scope, audit, doc }, or { open: true } if it tells nothing of clients`,
  );
}

/** Starts listening; answers the base URL, with the port taken. Throws address_unusable when it cannot. */
export async function listen(server: FastifyInstance, config: Pick<Config, 'host' | 'port'>): Promise<string> {
  try {
    return await server.listen({ host: config.host, port: config.port });
  } catch (cause) {
    const reason = codeOf(cause) ?? 'unknown reason';
    const next = reason === 'EADDRINUSE' ? 'Something listens there already: stop it, or set SIGNALFOLD_PORT.' : '';
    throw new OperatingError(
      'address_unusable',
      `Cannot listen on ${config.host}:${config.port} (${reason}). ${next}`.trim(),
      { cause },
    );
  }
}

function answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error);
  const { code, cause } = problem;
  if (cause !== undefined && problem.status >= 500)
    request.log.error({ err: cause, requestId: request.id }, problem.message);
  // Without a cause it was decided: a limit was reached, or a firm is being read.
  else request.log[code === 'unavailable' ? 'warn' : 'debug']({ code, requestId: request.id }, problem.message);
  void reply.code(problem.status).headers(problem.headers).type('application/problem+json');
  letBodyPass(request, reply);
  void reply.send(problemBody(problem, request.id));
}

/**
 * A caller reads no answer while it still sends, and a connection closed under it resets: what is left of the body is
 * read and thrown away, for as long as a request may take.
 */
function letBodyPass(request: FastifyRequest, reply: FastifyReply): void {
  if (request.raw.readableEnded) return;
  reply.removeHeader('connection');
  request.raw.resume();
}

function notFound(server: FastifyInstance) {
  const methods = new Map<string, Set<string>>();
  server.addHook('onRoute', ({ method, url }) => {
    const known = methods.get(url) ?? new Set();
    for (const one of typeof method === 'string' ? [method] : method) known.add(one);
    methods.set(url, known);
  });
  return (request: FastifyRequest): never => {
    const path = request.url.split('?', 1)[0] ?? '';
    const allowed = [...methods].filter(([pattern]) => fits(pattern, path)).flatMap(([, known]) => [...known]);
    if (allowed.length === 0)
      throw new Problem('not_found', 'There is nothing at this path. /docs lists what there is.');
    const allow = [...new Set(allowed)].sort().join(', ');
    throw new Problem('method_not_allowed', `This path takes ${allow}.`, { headers: { allow } });
  };
}

function fits(pattern: string, path: string): boolean {
  // Whatever comes after it.
  if (pattern.endsWith('/*')) return path.startsWith(pattern.slice(0, -1));
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  return (
    wanted.length === given.length &&
    wanted.every((part, i) => part === given[i] || (part.startsWith(':') && given[i] !== ''))
  );
}

/** What is not HTTP enough to become a request. */
function refuse(error: Error & { code?: string }, socket: import('node:net').Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const codes: Record<string, ProblemCode> = {
    HPE_HEADER_OVERFLOW: 'headers_too_large',
    ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  };
  const problem = new Problem(codes[error.code ?? ''] ?? 'bad_request', 'This is not a request we can read.');
  const body = JSON.stringify(problemBody(problem));
  socket.end(
    `HTTP/1.1 ${problem.status} Refused\r\nContent-Type: application/problem+json\r\nConnection: close\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
