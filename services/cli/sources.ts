// The sources as the configuration names them.
import { openIdentity } from '../ingest/identity/identity.ts';
import { openSourceRedrive, type SourceRedrive } from '../ingest/redrive.ts';
import { loadSources } from '../ingest/sources/read-sources.ts';
import type { Source, Sources } from '../ingest/sources/source.ts';
import type { Config } from '../runtime/config.ts';
import { OperatingError } from '../runtime/errors.ts';
import { createMetrics, type Metrics } from '../runtime/metrics.ts';
import type { Adapters, Surroundings } from './adapters.ts';
import type { Say } from './say.ts';

/** Throws config_invalid with every mistake in the file. */
export function configuredSources(config: Config): Sources {
  return loadSources(config.sourcesFile, { host: config.host, hasKafka: config.kafka !== null, fetch });
}

/** One source in a few words, without its secrets. */
export function sourceText({ name, offer, transport, rules }: Source): string {
  const ways = { webhook: `POST /v1/webhooks/${name}`, kafka: 'a topic', pull: 'pulled' };
  const way = transport.kind === 'kafka' ? `topic ${transport.topic}` : ways[transport.kind];
  const signed = transport.kind !== 'webhook' ? '' : `, verified by ${transport.signing?.scheme.name ?? 'nothing'}`;
  const firm = rules.firm.kind === 'fixed' ? rules.firm.firmId : `field:${rules.firm.field}`;
  const client = rules.client.map((rule) => (rule.kind === 'field' ? `field:${rule.field}` : rule.kind)).join(', ');
  return `${name} (${offer.provider.title}: ${way}${signed}; firm ${firm}; client ${client})`;
}

/** Lists the sources; throws config_invalid with every mistake. */
export function listSources(config: Config, say: Say): void {
  const { sources, waiting } = configuredSources(config);
  if (config.sourcesFile === null) say.line('SIGNALFOLD_SOURCES is not set, so there are no sources.');
  for (const source of sources) say.line(sourceText(source));
  const told = sources.map(({ name, offer, transport, zone }) => ({
    ...{ name, provider: offer.provider.name, transport: transport.kind, zone },
    scheme: transport.kind === 'webhook' ? (transport.signing?.scheme.name ?? null) : null,
  }));
  say.result({ file: config.sourcesFile, waiting, sources: told });
}

/**
 * Sends dead letters of sources again. Null where the sources cannot be read: whoever only reads need not have their
 * secrets, and then leaves those letters to whoever has.
 */
export function sourceRedrive(
  { config, clock, logger }: Surroundings,
  { log, store }: Pick<Adapters, 'log' | 'store'>,
  metrics: Metrics = createMetrics(),
): SourceRedrive | null {
  try {
    const { sources, waiting: bounds } = configuredSources(config);
    const identity = openIdentity({ log, store, clock, metrics, bounds });
    return openSourceRedrive({ log, clock, metrics, identity }, sources);
  } catch (error) {
    if (!(error instanceof OperatingError)) throw error;
    logger.warn(
      { code: error.code },
      'Dead letters of sources cannot be sent again from here: the sources have mistakes.',
    );
    return null;
  }
}
