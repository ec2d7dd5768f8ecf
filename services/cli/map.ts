// `signalfold map`: shows what a provider's payload becomes, and why; needs no service.
import { isTimeZone } from '../core/settings.ts';
import { type Tried, type TriedOwner, tryItems } from '../ingest/trial.ts';
import { itemsOfBody } from '../ingest/webhooks/body-items.ts';
import { OperatingError } from '../runtime/errors.ts';
import type { Surroundings } from './adapters.ts';
import { offerOf, sourceOf } from './chosen-source.ts';
import type { Say } from './say.ts';

export type MapOptions = {
  readonly source?: string;
  /** `name=value`, as the provider sends or Kafka carries them. */
  readonly header: readonly string[];
  readonly zone?: string;
};

/** 'unusable' when anything is, 'nothing' when all is ignored. */
export type MapResult = 'events' | 'nothing' | 'unusable';

export function showMapping(
  { config, clock }: Pick<Surroundings, 'config' | 'clock'>,
  provider: string,
  body: Uint8Array,
  options: MapOptions,
  say: Say,
): MapResult {
  const offer = offerOf(provider);
  const wanted = { provider, name: options.source, fits: () => true, how: 'at all' };
  const source = options.source === undefined ? null : sourceOf(config, wanted);
  const { zone = source?.zone ?? 'UTC' } = options;
  if (!isTimeZone(zone))
    throw new OperatingError('usage', `--zone "${zone}": there is no such zone, as Europe/London.`);
  const headers = Object.fromEntries(options.header.map(readHeader));
  const items = itemsOfBody(body, headers['content-type'] ?? guessedType(body), offer.bodies);
  if (items.length === 0) throw new OperatingError('usage', 'There is no payload: give one on standard input.');
  const tried = tryItems(items, {
    source,
    provider: source?.provider ?? offer.provider,
    headers,
    arrivedAt: clock.now(),
    zone,
  });
  for (const one of tried) for (const line of linesOf(one)) say.line(line);
  say.result(tried);
  if (tried.some(({ kind }) => kind === 'unusable')) return 'unusable';
  return tried.some(({ kind }) => kind === 'event') ? 'events' : 'nothing';
}

/** What begins with a brace or a bracket is JSON; anything else may be a form. */
function guessedType(body: Uint8Array): string {
  const [first] = Buffer.from(body).toString('utf8').trimStart();
  return first === '{' || first === '[' ? 'application/json' : 'application/x-www-form-urlencoded';
}

function readHeader(text: string): readonly [string, string] {
  const sign = text.indexOf('=');
  if (sign > 0) return [text.slice(0, sign).toLowerCase(), text.slice(sign + 1)];
  throw new OperatingError('usage', `--header "${text}": write name=value.`);
}

function linesOf(tried: Tried): readonly string[] {
  if (tried.kind === 'ignored') return [`ignored   ${tried.why}`];
  if (tried.kind === 'unusable') return [`unusable  ${tried.detail}`];
  const { draft, subject, owner, why, warnings } = tried;
  const fields = Object.entries(subject.fields).map(([name, value]) => `field:${name} ${value}`);
  const named = [`userId ${subject.userId ?? '–'}`, `email ${subject.email ?? '–'}`, ...fields].join(', ');
  return [
    `event     ${draft.topic}`,
    `  because ${why}`,
    ...warnings.map((warning) => `  warning ${warning}`),
    `  about   ${named}`,
    ...whoseLine(owner),
    ...JSON.stringify(draft.event, null, 2).replace(/^/gm, '  ').split('\n'),
  ];
}

function whoseLine(owner: TriedOwner): readonly string[] {
  switch (owner.kind) {
    case 'client':
      return [`  whose   ${owner.client.firmId}/${owner.client.clientId}`];
    case 'ask': {
      const by = [owner.address, owner.userId === null ? null : `user ${owner.userId}`].filter((part) => part !== null);
      return [`  whose   of ${owner.firmId}; the service asks its index for ${by.join(', else ')}`];
    }
    case 'nobody':
      return [`  whose   nobody's, so it becomes a dead letter: ${owner.detail}`];
    case 'untold':
      return ['  whose   as a source says; name one with --source'];
  }
}
