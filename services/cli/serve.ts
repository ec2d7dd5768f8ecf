// Runs services in one process: opens the adapters, starts the projector, listens, and stops all of it in order.
import { openExportFiles } from '../export/room.ts';
import { registerExport } from '../export/routes.ts';
import { runExportWorker } from '../export/worker.ts';
import { registerAsyncApi } from '../ingest/asyncapi.ts';
import { openIngest } from '../ingest/main.ts';
import type { Sources } from '../ingest/sources/source.ts';
import { noSources } from '../ingest/sources/source.ts';
import { openRegistry } from '../log/avro/registry.ts';
import { openAvroValues } from '../log/avro/values.ts';
import { runProjector } from '../projector/main.ts';
import type { Configured } from '../query/pipeline/route.ts';
import { registerQuery } from '../query/routes.ts';
import { openViewTokenKeys } from '../query/view-token-keys.ts';
import { openAuditLog } from '../runtime/audit.ts';
import type { Config } from '../runtime/config.ts';
import type { ReadinessCheck } from '../runtime/health.ts';
import { createHttpServer, listen } from '../runtime/http.ts';
import type { Lifecycle } from '../runtime/lifecycle.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { openViewTokens } from '../runtime/view-tokens.ts';
import { lockForProjector } from '../store/embedded-lock.ts';
import { type Adapters, openAdapters, openSourceLog, type Surroundings } from './adapters.ts';
import { pagesOf } from './pages.ts';
import { startRosters } from './rosters.ts';
import { configuredSources, sourceRedrive } from './sources.ts';

export const serviceNames = ['ingest', 'project', 'query', 'export'] as const;
export type ServiceName = (typeof serviceNames)[number];

export type ServeOptions = {
  readonly services: readonly ServiceName[];
  /** Create missing topics and the table instead of refusing. */
  readonly create: boolean;
  /** Go on after retention has deleted messages unread. */
  readonly acceptLoss?: boolean;
  /** Called when log and store are open, before the projector starts. */
  readonly prepare?: (adapters: Adapters) => Promise<void>;
};

export type Serving = { readonly url: string; readonly adapters: Adapters };

/** Resolves when everything is up. Parts are registered with the lifecycle, which stops them in reverse order. */
export async function serve(surroundings: Surroundings, lifecycle: Lifecycle, options: ServeOptions): Promise<Serving> {
  const { config, clock, logger } = surroundings;
  const runs = (name: ServiceName) => options.services.includes(name);
  // Before anything is opened, so that a mistake starts nothing.
  const sources = runs('ingest') ? configuredSources(config) : noSources;
  if (runs('project') && (config.kafka === null || config.dynamodbTable === null)) {
    const lock = lockForProjector(config.dataDir);
    lifecycle.add('lock', () => lock.release());
  }
  const adapters = await openAdapters(surroundings, options.create);
  lifecycle.add('adapters', adapters.close);
  await options.prepare?.(adapters);

  const { log, store } = adapters;
  const metrics = createMetrics();
  const readiness: ReadinessCheck[] = [];
  const audit = openAuditLog(config, { clock, logger });
  lifecycle.add('audit log', audit.close);
  const viewTokens = openViewTokens(openViewTokenKeys(store, clock), clock);
  const server = await createHttpServer({ config, logger, audit, metrics, readiness, clock, viewTokens });
  const parts = { config, log, store, clock, logger, metrics };
  const registry = config.schemaRegistry === null ? null : openRegistry({ ...config.schemaRegistry, fetch });
  const values = openAvroValues({ registry, topicPrefix: config.topicPrefix, clock });
  if (runs('project')) {
    const projector = runProjector({ ...parts, values, acceptLoss: options.acceptLoss ?? false });
    lifecycle.add('projector', projector.stop);
    readiness.push(projector.readiness);
    projector.done.catch((error: unknown) => lifecycle.fail('projector', error));
  }
  if (runs('ingest')) {
    registerAsyncApi(server, config);
    const sourceLog = await openSourceLog(surroundings, log);
    if (sourceLog !== log) lifecycle.add('source topics', sourceLog.close);
    const ingest = await openIngest(server, { ...parts, sourceLog, sources, values, fetch });
    lifecycle.add('ingest', ingest.stop);
    ingest.done.catch((error: unknown) => lifecycle.fail('ingest', error));
  }
  if (runs('query')) {
    const rosters = startRosters(parts);
    lifecycle.add('rosters', rosters.close);
    const { auth, group } = config;
    const configured = configuredOf(config, options.services, runs('ingest') ? sources : null);
    const pages = pagesOf(auth);
    const atSource = sourceRedrive(surroundings, adapters, metrics);
    const projects = runs('project');
    registerQuery(server, { ...parts, rosters, viewTokens, auth, pages, group, projects, configured, atSource });
  }
  const files = openExportFiles(config);
  const worker = runs('export') ? runExportWorker({ ...parts, files }) : null;
  if (worker !== null) {
    lifecycle.add('export worker', worker.stop);
    readiness.push(worker.readiness);
  }
  if (runs('query') || worker !== null) registerExport(server, { store, clock, files, wake: () => worker?.wake() });
  lifecycle.add('http', () => server.close());
  const url = await listen(server, config);
  return { url, adapters };
}

/** As the pipeline tells it: never a secret. */
function configuredOf(config: Config, services: readonly ServiceName[], sources: Sources | null): Configured {
  const { kafka, dynamodbTable: table, topicPrefix, group, auth } = config;
  return {
    log: { kind: kafka === null ? 'embedded' : 'kafka', topicPrefix, group },
    store: { kind: table === null ? 'embedded' : 'dynamodb', table },
    access: { open: auth === null, keys: auth?.keys.length ?? 0, issuer: auth?.oidc?.issuer ?? null },
    services: [...services],
    sources:
      sources?.sources.map(({ name, provider, transport }) => {
        return { name, provider: provider.title, by: transport.kind };
      }) ?? null,
  };
}
