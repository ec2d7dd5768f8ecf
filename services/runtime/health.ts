// /livez: the process runs. /readyz: its parts make progress. /metrics: figures. /openapi.json: the contract; /docs:
// the same for people.
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Clock, inTime } from './clock.ts';
import type { AuthConfig } from './config-auth.ts';
import type { Metrics } from './metrics.ts';
import { type Contract, type DocumentedRoute, openApiOf } from './openapi.ts';
import { type ReferencePage, referencePage } from './reference.ts';

/** Asks a part whether it makes progress, not just whether it is connected. The detail is shown to callers. */
export type ReadinessCheck = {
  readonly name: string;
  check(): Promise<{ readonly ok: boolean; readonly detail: string }>;
};

/** A check that takes longer counts as failed. */
export const readinessCheckMsMax = 3_000;

const Readiness = z
  .object({
    ready: z.boolean(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
  })
  .meta({ id: 'Readiness' });

export function registerHealth(
  server: FastifyInstance,
  parts: {
    readonly clock: Clock;
    readonly metrics: Metrics;
    readonly readiness: readonly ReadinessCheck[];
    readonly routes: readonly DocumentedRoute[];
    readonly auth: AuthConfig | null;
    readonly metricsOpen: boolean;
  },
): void {
  server.get(
    '/livez',
    {
      config: {
        open: true,
        doc: {
          id: 'getLiveness',
          summary: 'Whether the process runs',
          responses: { 200: { description: 'It does.', schema: z.object({ alive: z.literal(true) }) } },
        },
      },
    },
    () => ({ alive: true }),
  );
  server.get(
    '/readyz',
    {
      config: {
        open: true,
        doc: {
          id: 'getReadiness',
          summary: 'Whether every part makes progress',
          responses: {
            200: { description: 'All do.', schema: Readiness },
            503: { description: 'Some do not.', schema: Readiness },
          },
        },
      },
    },
    async (_request, reply) => {
      const checks = await Promise.all(parts.readiness.map((check) => ask(check, parts.clock)));
      const ready = checks.every((check) => check.ok);
      return reply.code(ready ? 200 : 503).send({ ready, checks });
    },
  );
  server.get(
    '/metrics',
    {
      config: {
        ...(parts.metricsOpen ? { open: true } : { known: true }),
        doc: {
          id: 'getMetrics',
          summary: 'Figures for Prometheus',
          responses: { 200: { description: 'Prometheus text.', schema: z.string(), mediaType: 'text/plain' } },
        },
      },
    },
    async (_request, reply) => reply.type(parts.metrics.contentType).send(await parts.metrics.text()),
  );
  // Made once, on the first call, when every room has registered its routes.
  let contract: Contract | null = null;
  const contractOf = () => {
    contract ??= openApiOf(parts.routes, parts.auth);
    return contract;
  };
  server.get('/openapi.json', { config: { open: true } }, contractOf);
  let page: ReferencePage | null = null;
  server.get('/docs', { config: { open: true } }, (_request, reply) => {
    page ??= referencePage(contractOf());
    return reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', page.contentSecurityPolicy)
      .send(page.html);
  });
}

async function ask(part: ReadinessCheck, clock: Clock) {
  // A failed check says only that it failed: its error may hold addresses.
  const asked = async () => part.check();
  const answer = await inTime(clock, readinessCheckMsMax, () =>
    asked().catch(() => ({ ok: false, detail: 'the check failed' })),
  );
  return { name: part.name, ...(answer ?? { ok: false, detail: `no answer within ${readinessCheckMsMax} ms` }) };
}
