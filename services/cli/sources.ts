// The sources as the configuration names them.
import { loadSources } from '../ingest/sources/read-sources.ts';
import type { Sources } from '../ingest/sources/source.ts';
import type { Config } from '../runtime/config.ts';

/** Throws config_invalid with every mistake in the file. */
export function configuredSources(config: Config): Sources {
  return loadSources(config.sourcesFile, { host: config.host, hasKafka: config.kafka !== null, fetch });
}
