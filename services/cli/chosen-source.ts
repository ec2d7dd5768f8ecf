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

export type Wanted = {
  readonly provider: string;
  /** Undefined: the only one of the provider that fits. */
  readonly name: string | undefined;
  /** How events are to come in, and the words for it. */
  readonly fits: (source: Source) => boolean;
  readonly how: string;
};

/** Throws usage where there is no such source, or where there are several. */
export function sourceOf(config: Config, { provider, name, fits, how }: Wanted): Source {
  const all = configuredSources(config).sources;
  if (name !== undefined) {
    const named = all.find((source) => source.name === name);
    if (named === undefined) throw noSource(`There is no source ${name}.`, config, all, provider);
    if (named.offer.provider.name !== provider) {
      throw new OperatingError('usage', `The source ${name} is of ${named.offer.provider.name}, not of ${provider}.`);
    }
    if (!fits(named)) throw new OperatingError('usage', `The source ${name} does not take events ${how}.`);
    return named;
  }
  const [only, ...others] = all.filter((source) => source.offer.provider.name === provider && fits(source));
  if (only === undefined) throw noSource(`No source takes events of ${provider} ${how}.`, config, all, provider);
  if (others.length === 0) return only;
  const names = [only, ...others].map((source) => source.name).join(', ');
  throw new OperatingError('usage', `Several sources are of ${provider}: ${names}. Name one with --source.`);
}

function noSource(text: string, config: Config, all: readonly Source[], provider: string): OperatingError {
  const names = all.map((source) => `${source.name} (${source.offer.provider.name})`).join(', ');
  const there = names === '' ? 'There are none' : `There are ${names}`;
  const file = config.sourcesFile ?? 'the YAML file that SIGNALFOLD_SOURCES is to name, and does not yet';
  const line = `    ${provider}-in: { provider: ${provider}, secret: env:NAME, firm: firm-1, client: [userId, email] }`;
  return new OperatingError('usage', `${text} ${there}. A source is a line in ${file}:\n  sources:\n${line}`);
}
