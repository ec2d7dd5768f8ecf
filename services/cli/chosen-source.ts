// Finds the provider and the source that a command is about, and says what there is when it finds none.

import type { Offer } from '../ingest/providers/offer.ts';
import { offers } from '../ingest/providers.ts';
import type { Source } from '../ingest/sources/source.ts';
import type { Config } from '../runtime/config.ts';
import { OperatingError } from '../runtime/errors.ts';
import { nearest } from '../runtime/nearest.ts';
import { configuredSources } from './sources.ts';

/** Throws usage with the names there are. */
export function offerOf(provider: string): Offer {
  const offer = Object.hasOwn(offers, provider) ? offers[provider] : undefined;
  if (offer !== undefined) return offer;
  const known = Object.keys(offers);
  throw new OperatingError(
    'usage',
    `There is no provider ${provider}; perhaps ${nearest(provider, known)}. There are ${known.join(', ')}.`,
  );
}

/** The source of that name, or the only one of the provider that `fits`. Throws usage where that is none, or several. */
export function sourceOf(
  config: Config,
  provider: string,
  name: string | undefined,
  fits: (source: Source) => boolean,
  how: string,
): Source {
  const all = configuredSources(config).sources;
  const file = config.sourcesFile ?? 'SIGNALFOLD_SOURCES, which is not set';
  if (name !== undefined) {
    const named = all.find((source) => source.name === name);
    if (named === undefined) throw noSource(`There is no source ${name} in ${file}.`, all);
    if (named.offer.provider.name !== provider) {
      throw new OperatingError('usage', `The source ${name} is of ${named.offer.provider.name}, not of ${provider}.`);
    }
    if (!fits(named)) throw new OperatingError('usage', `The source ${name} does not take events ${how}.`);
    return named;
  }
  const [only, ...others] = all.filter((source) => source.offer.provider.name === provider && fits(source));
  if (only === undefined) throw noSource(`No source in ${file} takes events of ${provider} ${how}.`, all, provider);
  if (others.length === 0) return only;
  const names = [only, ...others].map((source) => source.name).join(', ');
  throw new OperatingError('usage', `Several sources are of ${provider}: ${names}. Name one with --source.`);
}

function noSource(text: string, all: readonly Source[], provider?: string): OperatingError {
  const there = all.map((source) => `${source.name} (${source.offer.provider.name})`).join(', ');
  const line = `\n  sources:\n    my-${provider}: { provider: ${provider}, secret: env:NAME, firm: firm-1, client: [userId, email] }`;
  const example = provider === undefined ? '' : ` A source is a line of it:${line}`;
  return new OperatingError(
    'usage',
    `${text} ${all.length === 0 ? 'There are none.' : `There are ${there}.`}${example}`,
  );
}
