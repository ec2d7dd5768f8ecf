// Puts ingest together: the routes for events and webhooks, and what runs by itself for the sources: topics read, providers
// pulled, clients followed, waiting events swept.
import type { FastifyInstance } from 'fastify';
import type { AvroValues } from '../log/avro/values.ts';
import type { EventLog } from '../log/port.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/logger.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { Interrupted } from '../runtime/retry.ts';
import type { ViewStore } from '../store/port.ts';
import { watchDeliveries } from './deliveries.ts';
import { clientsKnown } from './identity/clients-known.ts';
import { followClients } from './identity/follow-clients.ts';
import { openIdentity } from './identity/identity.ts';
import { registerWaiting } from './identity/route.ts';
import { sweepWaiting } from './identity/sweep.ts';
import type { IntakeParts } from './intake.ts';
import { registerIngest } from './routes.ts';
import { readSourceTopics } from './sources/kafka-source.ts';
import { pullSource } from './sources/pull-source.ts';
import { asksIndex, type Source, type Sources } from './sources/source.ts';
import { registerWebhooks } from './webhooks/routes.ts';

export type IngestParts = {
  readonly config: Pick<Config, 'group'>;
  readonly log: EventLog;
  /** Names topics as the broker does, without our prefix; for sources that are topics. */
  readonly sourceLog: EventLog;
  readonly store: ViewStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly sources: Sources;
  /** Reads clients that were written as Avro. */
  readonly values: AvroValues;
  readonly fetch: typeof fetch;
};

export type Ingest = {
  /** Finishes what is in hand, commits, leaves the groups. Resolves also after a fault: see `done`. */
  stop(): Promise<void>;
  /** Resolves after a stop; rejects with the fault that ended one of its parts. */
  readonly done: Promise<void>;
};

/** Adds the routes and starts the rest. The topics must exist in the log. Log and store stay the caller's to close. */
export async function openIngest(server: FastifyInstance, parts: IngestParts): Promise<Ingest> {
  const { sources, waiting: bounds } = parts.sources;
  tellUnverified(parts.logger, sources);
  const identity = openIdentity({ ...parts, bounds });
  const { tell } = watchDeliveries(server, { clock: parts.clock, sources });
  const intake: IntakeParts = { ...parts, identity, tell };
  await registerIngest(server, parts);
  await registerWebhooks(server, { ...intake, sources, fetch: parts.fetch });
  registerWaiting(server, { waiting: identity.waiting, bounds });

  const stopping = new AbortController();
  const running = { ...parts, signal: stopping.signal, intake, identity, bounds };
  const { group } = parts.config;
  const works: Promise<void>[] = [];
  const asks = sources.some(asksIndex);
  if (asks) works.push(followClients(running, group, identity), sweepWaiting(running));
  // What is pushed comes as it happens; topics and what is pulled may be behind by months.
  const backlogs = async () => {
    if (asks) await clientsKnown(running, group);
    const pulls = sources.map(async (source) => {
      if (source.transport.kind === 'pull') await pullSource(running, source, source.transport.puller);
    });
    await Promise.all([readSourceTopics(running, group, sources), ...pulls]);
  };
  works.push(untilStopped(backlogs));
  const done = Promise.all(works).then(() => undefined);
  // One that ends by a fault ends the others too.
  done.catch(() => stopping.abort());
  return {
    done,
    stop: async () => {
      stopping.abort();
      await Promise.allSettled(works);
    },
  };
}

async function untilStopped(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  }
}

function tellUnverified(logger: Logger, sources: readonly Source[]): void {
  for (const { name, transport } of sources) {
    if (transport.kind !== 'webhook' || transport.signing !== null) continue;
    logger.warn({ source: name }, `The source ${name} has no secret: whoever is on this machine can send its events.`);
  }
}
