// Puts ingest together: the routes for events and webhooks, and whatever the sources need that runs by itself.
import type { FastifyInstance } from 'fastify';
import type { EventLog } from '../log/port.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import type { ViewStore } from '../store/port.ts';
import { watchDeliveries } from './deliveries.ts';
import { openIdentity } from './identity/identity.ts';
import { registerIngest } from './routes.ts';
import type { Sources } from './sources/source.ts';
import { registerWebhooks } from './webhooks/routes.ts';

export type IngestParts = {
  readonly config: Pick<Config, 'group'>;
  readonly log: EventLog;
  readonly store: ViewStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly sources: Sources;
  readonly fetch: typeof fetch;
};

/** Adds the routes. The topics must exist in the log. */
export async function openIngest(server: FastifyInstance, parts: IngestParts): Promise<void> {
  const { sources, waiting: bounds } = parts.sources;
  for (const { name, transport } of sources) {
    if (transport.kind !== 'webhook' || transport.signing !== null) continue;
    parts.logger.warn(
      { source: name },
      `The source ${name} has no secret: whoever is on this machine can send its events.`,
    );
  }
  const identity = openIdentity({ ...parts, bounds });
  const { tell } = watchDeliveries(server, { clock: parts.clock, sources });
  await registerIngest(server, parts);
  await registerWebhooks(server, { ...parts, sources, identity, tell });
}
