// Reads the file of the sources, and tells all mistakes at once, each with its line and what to write instead.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { FirmId } from '../../core/ids.ts';
import type { Environment } from '../../runtime/config.ts';
import { OperatingError } from '../../runtime/errors.ts';
import { isLoopback } from '../../runtime/loopback.ts';
import { nearest } from '../../runtime/nearest.ts';
import { readSecret } from '../../runtime/secret-reference.ts';
import type { Offer } from '../providers/offer.ts';
import type { Provider } from '../providers/provider.ts';
import { offers as allOffers } from '../providers.ts';
import type { Scheme } from '../verify/verification.ts';
import { type ClientRule, type FirmRule, noSources, type Source, type Sources, type Transport } from './source.ts';
import { type ParsedFile, type Place, parseFile, SourceLine, SourcesFile, sourceNamePattern } from './sources-file.ts';

export type SourceMistake = { readonly line: number; readonly at: string; readonly wrong: string };

/** What the reading depends on beside the file; the environment is the process's unless given. */
export type Surroundings = {
  readonly environment?: Environment;
  /** Where we listen: a webhook nobody can verify is for this machine only. */
  readonly host: string;
  /** Without Kafka there are no topics but ours. */
  readonly hasKafka: boolean;
  readonly fetch: typeof fetch;
  readonly offers?: Readonly<Record<string, Offer>>;
};

/** Throws config_invalid with every mistake. Null for no file: no sources. */
export function loadSources(file: string | null, surroundings: Surroundings): Sources {
  if (file === null) return noSources;
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (cause) {
    throw invalid(`  SIGNALFOLD_SOURCES: ${file} cannot be read; expected a YAML file that names the sources`, cause);
  }
  const { sources, mistakes } = readSources(content, path.dirname(file), surroundings);
  if (sources !== null) return sources;
  throw invalid(mistakes.map(({ line, at, wrong }) => `  ${file}:${line} ${at}: ${wrong}`).join('\n'));
}

function invalid(lines: string, cause?: unknown): OperatingError {
  return new OperatingError('config_invalid', `The sources have mistakes, nothing was started.\n${lines}`, { cause });
}

/** As loadSources, from text, with the mistakes as a value. `directory` is where relative paths start. */
export function readSources(
  content: string,
  directory: string,
  surroundings: Surroundings,
): { readonly sources: Sources | null; readonly mistakes: readonly SourceMistake[] } {
  const file = parseFile(content);
  const mistakes: SourceMistake[] = file.faults.map(({ line, wrong }) => ({ line, at: 'the file', wrong }));
  const finish = (sources: Sources | null) =>
    mistakes.length === 0
      ? { sources, mistakes }
      : { sources: null, mistakes: mistakes.sort((one, other) => one.line - other.line) };
  if (mistakes.length > 0) return finish(null);
  const parsed = SourcesFile.safeParse(file.content ?? {});
  if (!parsed.success) {
    mistakes.push(...mistakesOf(parsed.error, [], file));
    return finish(null);
  }
  const sources: Source[] = [];
  for (const [name, line] of Object.entries(parsed.data.sources)) {
    const reader = readerOf(name, file, directory, surroundings, mistakes);
    const source = reader(line);
    if (source !== null) sources.push(source);
  }
  tellTwice(sources, file, mistakes);
  return finish({ sources, waiting: parsed.data.waiting });
}

function mistakesOf(error: z.ZodError, under: Place, file: ParsedFile): SourceMistake[] {
  return error.issues.flatMap((issue) => {
    const place = [...under, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => mistakeAt(file, [...place, key], 'is nothing a source has'));
    }
    const inner = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined;
    return [mistakeAt(file, place, inner ?? issue.message)];
  });
}

function mistakeAt(file: ParsedFile, place: Place, wrong: string): SourceMistake {
  const shown = place[0] === 'sources' && place.length > 1 ? place.slice(1) : place;
  return { line: file.lineOf(place), at: shown.join('.') || 'the file', wrong };
}

/** Reads one source; puts what is wrong into `mistakes` and goes on, so that all of it is told. */
function readerOf(
  name: string,
  file: ParsedFile,
  directory: string,
  surroundings: Surroundings,
  mistakes: SourceMistake[],
): (line: unknown) => Source | null {
  const offers = surroundings.offers ?? allOffers;
  const tell = (place: Place, wrong: string): null => {
    mistakes.push(mistakeAt(file, ['sources', name, ...place], wrong));
    return null;
  };

  function read(content: unknown): Source | null {
    if (!sourceNamePattern.test(name)) {
      tell([], 'must be named in lower case: a letter, then letters, digits and "-", 40 at most');
    }
    const parsed = SourceLine.safeParse(content);
    if (!parsed.success) {
      mistakes.push(...mistakesOf(parsed.error, ['sources', name], file));
      return null;
    }
    const line = parsed.data;
    const offer = Object.hasOwn(offers, line.provider) ? offers[line.provider] : undefined;
    if (offer === undefined) {
      const known = Object.keys(offers);
      const hint = known.length > 0 ? `; perhaps ${nearest(line.provider, known)}` : '';
      return tell(['provider'], `there is no such provider${hint}. There are ${known.join(', ')}`);
    }
    const firm = firmRule(line);
    const provider = providerOf(line, offer);
    const secrets = secretsOf(line);
    const transport = secrets === null ? null : transportOf(line, offer, secrets);
    if (firm === null || provider === null || transport === null) return null;
    const rules = { firm, client: [line.client].flat().map(clientRule) };
    const only = Object.fromEntries(Object.entries(line.only).map(([field, values]) => [field, [values].flat()]));
    return { name, offer, provider, rules, only, zone: line.zone, url: line.url ?? null, transport };
  }

  function firmRule({ firm, firms }: SourceLine): FirmRule | null {
    const field = fieldOf(firm);
    if (field !== null) {
      return { kind: 'field', field, firms: firms === undefined ? null : new Map(Object.entries(firms)) };
    }
    if (firms !== undefined) return tell(['firms'], 'is for a firm that a field tells: write firm: field:NAME');
    const firmId = FirmId.safeParse(firm);
    if (firmId.success) return { kind: 'fixed', firmId: firmId.data };
    return tell(['firm'], 'must be 1–128 printable characters without "/" or "#", or field:NAME');
  }

  function providerOf(line: SourceLine, { provider, mapped }: Offer): Provider | null {
    if (mapped === undefined) {
      if (line.map === undefined) return provider;
      return tell(['map'], `is not for ${provider.title}, whose events are known`);
    }
    const parsed = mapped.safeParse(line.map ?? {});
    if (parsed.success) return parsed.data;
    mistakes.push(...mistakesOf(parsed.error, ['sources', name, 'map'], file));
    return null;
  }

  /** Null when one cannot be read, which has been told. */
  function secretsOf({ secret }: SourceLine): readonly string[] | null {
    const secrets: string[] = [];
    let whole = true;
    for (const reference of secret ?? []) {
      const read = readSecret(reference, directory, surroundings.environment);
      if ('secret' in read) secrets.push(read.secret);
      else {
        whole = false;
        tell(['secret'], read.fault);
      }
    }
    return whole ? secrets : null;
  }

  function transportOf(line: SourceLine, offer: Offer, secrets: readonly string[]): Transport | null {
    if (line.kafka !== undefined && line.pull !== undefined) {
      return tell(['pull'], 'a source has one way in: kafka, or pull, or a webhook without either');
    }
    if (line.kafka !== undefined) {
      if (!surroundings.hasKafka) return tell(['kafka'], 'needs KAFKA_BROKERS, which is not set');
      if (secrets.length > 0) return tell(['secret'], 'is not for Kafka, whose brokers say who may write a topic');
      return { kind: 'kafka', topic: line.kafka };
    }
    if (line.pull !== undefined) return pullOf(line.pull, offer, secrets);
    return webhookOf(line, offer, secrets);
  }

  function pullOf(pull: unknown, { pull: offered, provider }: Offer, secrets: readonly string[]): Transport | null {
    if (offered === undefined) return tell(['pull'], `${provider.title} cannot be pulled from here`);
    const parsed = offered.options.safeParse(pull);
    if (!parsed.success) {
      mistakes.push(...mistakesOf(parsed.error, ['sources', name, 'pull'], file));
      return null;
    }
    const [secret] = secrets;
    if (secret === undefined) return tell(['secret'], `is missing; it is ${offered.secret}`);
    return { kind: 'pull', puller: offered.open(parsed.data, secret, surroundings) };
  }

  function webhookOf(line: SourceLine, offer: Offer, secrets: readonly string[]): Transport | null {
    const { scheme: wanted, ...given } = typeof line.verify === 'object' ? line.verify : { scheme: line.verify };
    const unverified = () => {
      if (isLoopback(surroundings.host)) return { kind: 'webhook', signing: null } as const;
      return tell(
        wanted === undefined ? ['secret'] : ['verify'],
        `anybody who reaches ${surroundings.host} could send events; give a secret, or listen on loopback`,
      );
    };
    if (wanted === 'none') return unverified();
    const [preset] = offer.schemes;
    const scheme = wanted === undefined ? preset : offer.schemes.find((one) => one.name === wanted);
    if (scheme === undefined) {
      const names = offer.schemes.map((one) => one.name);
      if (wanted === undefined) return unverified();
      return tell(
        ['verify'],
        `${offer.provider.title} has no scheme of that name; it has ${names.join(', ') || 'none'}`,
      );
    }
    const options = scheme.options.safeParse(given);
    if (!options.success) {
      mistakes.push(...mistakesOf(options.error, ['sources', name, 'verify'], file));
      return null;
    }
    if (scheme.secret === null) {
      if (secrets.length > 0) return tell(['secret'], `is not needed by the scheme ${scheme.name}`);
    } else if (secrets.length === 0) {
      return line.verify === undefined && isLoopback(surroundings.host)
        ? unverified()
        : tell(['secret'], `is missing; it is ${scheme.secret}`);
    }
    if (!allGood(scheme, secrets)) return null;
    const verify = scheme.open({ secrets, options: options.data }, surroundings);
    return { kind: 'webhook', signing: { scheme, secrets, options: options.data, verify } };
  }

  function allGood(scheme: Scheme, secrets: readonly string[]): boolean {
    const faults = secrets.map((secret) => scheme.fault(secret)).filter((fault) => fault !== null);
    for (const fault of faults) tell(['secret'], fault);
    return faults.length === 0;
  }

  return read;
}

function clientRule(text: string): ClientRule {
  const field = fieldOf(text);
  if (field !== null) return { kind: 'field', field };
  return { kind: text === 'email' ? 'email' : 'userId' };
}

function fieldOf(rule: string): string | null {
  return rule.startsWith('field:') ? rule.slice('field:'.length).trim() : null;
}

/** Two sources of one topic would each take every message. */
function tellTwice(sources: readonly Source[], file: ParsedFile, mistakes: SourceMistake[]): void {
  const topics = new Map<string, string>();
  for (const { name, transport } of sources) {
    if (transport.kind !== 'kafka') continue;
    const other = topics.get(transport.topic);
    topics.set(transport.topic, name);
    if (other === undefined) continue;
    mistakes.push(mistakeAt(file, ['sources', name, 'kafka'], `is read by ${other} already; a topic has one source`));
  }
}
