// `signalfold trigger`: sends a realistic event to a configured source, signed as its provider signs.
import { createPrivateKey, type KeyObject, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { deliveryOf, kafkaValueOf } from '../ingest/samples/delivery.ts';
import { jsonOrText, type Override, readOverride } from '../ingest/samples/override.ts';
import { type Moment, type Sample, somebody } from '../ingest/samples/sample.ts';
import { type Delivery, sign } from '../ingest/samples/sign.ts';
import { samples } from '../ingest/samples.ts';
import type { Source } from '../ingest/sources/source.ts';
import { OperatingError } from '../runtime/errors.ts';
import { nearest } from '../runtime/nearest.ts';
import { openLog, type Surroundings } from './adapters.ts';
import { baseAddress, unreachable } from './base-address.ts';
import { offerOf, sourceOf } from './chosen-source.ts';
import type { Say } from './say.ts';

export type TriggerOptions = {
  readonly to: 'http' | 'kafka';
  readonly source?: string;
  /** Whom it is about, by the provider's id of the user. */
  readonly user?: string;
  readonly email?: string;
  readonly override: readonly string[];
  readonly add: readonly string[];
  /** Where the service listens; as this configuration says unless given. */
  readonly at?: string;
  /** A PEM file. */
  readonly privateKey?: string;
};

/** Answers whether the event was taken. Throws usage for whatever does not exist, with what does. */
export async function trigger(
  surroundings: Surroundings,
  event: string,
  options: TriggerOptions,
  say: Say,
): Promise<boolean> {
  const { config, clock } = surroundings;
  const { provider, sample } = sampleOf(event);
  const { user = somebody.id, email = somebody.email } = options;
  const moment = { now: clock.now(), serial: randomBytes(16).toString('hex'), person: { id: user, email } };
  const overrides = [
    ...options.override.map((text) => readOverride(text, false)),
    ...options.add.map((text) => readOverride(text, true)),
  ];
  const made = { sample, moment, overrides };
  const wanted = { provider, name: options.source };
  if (options.to === 'kafka') {
    const source = sourceOf(config, { ...wanted, fits: isKafka, how: 'from Kafka (kafka: TOPIC)' });
    return sendToKafka(surroundings, source, event, made, say);
  }
  const source = sourceOf(config, { ...wanted, fits: isWebhook, how: 'over HTTP' });
  const base = baseAddress(config, options.at);
  const key = options.privateKey === undefined ? null : await readPrivateKey(options.privateKey);
  return sendOverHttp(source, base, event, made, key, say);
}

/** Every event that can be triggered, a line each. */
export function listSamples(say: Say): void {
  const rows = Object.entries(samples).flatMap(([provider, list]) =>
    list.map(({ name, about }) => ({ event: `${provider}.${name}`, about })),
  );
  const width = Math.max(...rows.map((row) => row.event.length));
  for (const row of rows) say.line(`${row.event.padEnd(width)}  ${row.about}`);
  say.result(rows);
}

function isWebhook(source: Source): boolean {
  return source.transport.kind === 'webhook';
}

function isKafka(source: Source): boolean {
  return source.transport.kind === 'kafka';
}

/** The provider is what stands before the first dot. */
function sampleOf(event: string): { readonly provider: string; readonly sample: Sample } {
  const dot = event.indexOf('.');
  const provider = dot === -1 ? event : event.slice(0, dot);
  offerOf(provider);
  const list = samples[provider] ?? [];
  const name = dot === -1 ? '' : event.slice(dot + 1);
  const sample = list.find((one) => one.name === name);
  if (sample !== undefined) return { provider, sample };
  const known = list.map((one) => one.name);
  const hint = name === '' ? '' : `; perhaps ${nearest(name, known)}`;
  const detail = name === '' ? `Which event of ${provider}?` : `${provider} has no event ${name} to trigger${hint}.`;
  throw new OperatingError('usage', `${detail} There are ${known.map((one) => `${provider}.${one}`).join(', ')}.`);
}

async function readPrivateKey(file: string): Promise<KeyObject> {
  try {
    return createPrivateKey(await readFile(file));
  } catch (cause) {
    throw new OperatingError('usage', `--private-key: ${file} cannot be read as a private key in PEM.`, { cause });
  }
}

type Made = { readonly sample: Sample; readonly moment: Moment; readonly overrides: readonly Override[] };

async function sendOverHttp(
  source: Source,
  base: URL,
  event: string,
  { sample, moment, overrides }: Made,
  privateKey: KeyObject | null,
  say: Say,
): Promise<boolean> {
  const address = new URL(`/v1/webhooks/${source.name}`, base);
  // Schemes that sign the address sign the public one, by which the provider calls.
  const delivery = deliveryOf(sample, moment, source.url ?? address.toString(), overrides);
  const signing = source.transport.kind === 'webhook' ? source.transport.signing : null;
  const signed =
    signing === null
      ? delivery
      : sign(
          delivery,
          { scheme: signing.scheme.name, secret: signing.secrets[0] ?? null, options: signing.options, privateKey },
          moment,
        );
  address.search = new URL(signed.url).search;
  const by = signing === null ? 'not signed, as the source asks for nothing' : `signed by ${signing.scheme.name}`;
  say.line(`${event} → POST ${address}, ${by}`);
  const { status, text } = await post(address, signed);
  say.line(`← ${status} ${text}`);
  say.result({ event, source: source.name, address: address.toString(), status, answer: jsonOrText(text) });
  return status >= 200 && status < 300;
}

async function post(address: URL, { bytes, headers }: Delivery) {
  try {
    const answer = await fetch(address, {
      method: 'POST',
      headers,
      body: Buffer.from(bytes),
      redirect: 'manual',
    });
    return { status: answer.status, text: (await answer.text()).trim() };
  } catch (cause) {
    throw unreachable(address, cause);
  }
}

async function sendToKafka(
  surroundings: Surroundings,
  source: Source,
  event: string,
  { sample, moment, overrides }: Made,
  say: Say,
): Promise<boolean> {
  const { config } = surroundings;
  if (config.kafka === null || source.transport.kind !== 'kafka') {
    throw new OperatingError('usage', 'KAFKA_BROKERS is not set, so there is no Kafka to send to.');
  }
  const { topic } = source.transport;
  // The topic is the platform's own, so our prefix is not put in front.
  const log = await openLog({ ...surroundings, config: { ...config, topicPrefix: '' } });
  try {
    if ((await log.describe([topic])).length === 0) {
      throw new OperatingError('topic_missing', `There is no topic ${topic} on ${config.kafka.brokers.join(', ')}.`);
    }
    const headers = { 'content-type': 'application/json', ...sample.headers?.(moment) };
    await log.append(topic, [{ key: null, value: kafkaValueOf(sample, moment, overrides), headers }]);
  } finally {
    await log.close();
  }
  say.line(`${event} → topic ${topic}, for the source ${source.name}`);
  say.result({ event, source: source.name, topic });
  return true;
}
