// A real HTTP server on a free loopback port, and requests as raw as a test needs them.
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { openAuditLog } from '../../services/runtime/audit.ts';
import { systemClock } from '../../services/runtime/clock.ts';
import type { ReadinessCheck } from '../../services/runtime/health.ts';
import { createHttpServer, type HttpConfig, listen } from '../../services/runtime/http.ts';
import { createLogger } from '../../services/runtime/logger.ts';
import { createMetrics, type Metrics } from '../../services/runtime/metrics.ts';
import type { ViewTokens } from '../../services/runtime/view-tokens.ts';

export type Reply = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string };

export type RunningServer = {
  readonly port: number;
  readonly metrics: Metrics;
  /** Headers are sent as given; fetch would not let a test choose Host. The path is sent as it is. */
  send(
    method: string,
    path: string,
    headers?: Readonly<Record<string, string>>,
    body?: string | Uint8Array,
  ): Promise<Reply>;
  stop(): Promise<void>;
};

/** As `make start` has it: nobody need say who calls. */
const openLoopback: HttpConfig = {
  host: '127.0.0.1',
  auth: null,
  requestsPerMinuteMax: 6000,
  trustedProxies: [],
  metricsOpen: true,
  allowedOrigins: [],
};

export async function runServer(
  options: {
    readonly config?: Partial<HttpConfig>;
    readonly auditLog?: string;
    readonly viewTokens?: ViewTokens;
    readonly readiness?: readonly ReadinessCheck[];
    readonly routes?: (server: FastifyInstance, metrics: Metrics) => void | Promise<void>;
  } = {},
): Promise<RunningServer> {
  const metrics = createMetrics();
  const logger = createLogger('silent');
  const audit = openAuditLog(
    { auditLog: options.auditLog ?? '/dev/null', dataDir: '' },
    { clock: systemClock, logger },
  );
  const server = await createHttpServer({
    config: { ...openLoopback, ...options.config },
    logger,
    audit,
    metrics,
    readiness: options.readiness ?? [],
    clock: systemClock,
    viewTokens: options.viewTokens ?? null,
  });
  await options.routes?.(server, metrics);
  const port = Number(new URL(await listen(server, { host: '127.0.0.1', port: 0 })).port);
  return {
    port,
    metrics,
    send: (method, path, headers = {}, body) => send(port, method, path, headers, body),
    stop: async () => {
      await server.close();
      await audit.close();
    },
  };
}

function send(
  port: number,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array | undefined,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const outgoing = httpRequest(
      { host: '127.0.0.1', port, method, path, headers: { ...length, ...headers }, agent: false },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
        incoming.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
