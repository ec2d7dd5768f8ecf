// What was polled and not saved yet: events in columns by view, the clients they touch, refused messages, and how far we
// have read.

import { type Source, sourceOf } from '../core/checkpoint.ts';
import { type Decoded, decode, eventBytesMax, type Refusal } from '../core/decode.ts';
import type { DeviceOf } from '../core/device.ts';
import { type ClientId, type ClientKey, type FirmId, parseMessageKey } from '../core/ids.ts';
import { type CanonicalEvent, isEventTopic } from '../core/topics.ts';
import type { View } from '../core/view.ts';
import { readText } from '../log/codec.ts';
import type { LogMessage, Position } from '../log/port.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { ViewEvents } from './view-events.ts';

/** What an event and what a client cost in memory, roughly, where the view keeps numbers of its events. */
const eventBytes = 64;
const clientBytes = 512;

/** One partition of one incarnation of a topic. `offset`: the next to read. */
export type Place = Position & { readonly source: Source; offset: number };

/** A client that some events concern. */
export type Touched = {
  readonly client: ClientKey;
  /** By which the events of the views know it; counted from 0. */
  readonly number: number;
  /** When the log appended the first of its events, epoch ms. */
  readonly appendedAt: number;
};

export type Firm = {
  /** The earliest occurrence of a signal or impersonation, epoch ms; null where there was none. */
  dataSince: number | null;
  readonly clients: Map<ClientId, Touched>;
};

export type Refused = { readonly message: LogMessage; readonly refusal: Refusal };

export type Batch = {
  /** One for each view, in the order of the views. */
  readonly events: readonly ViewEvents[];
  readonly firms: Map<FirmId, Firm>;
  /** How many are touched, of all firms. */
  clients: number;
  readonly refused: Refused[];
  /** By number, as the events of the views name them. */
  readonly places: Place[];
  messages: number;
  /** What it holds in memory, roughly. */
  bytes: number;
  /** When the first message was taken, epoch ms; null while empty. */
  since: number | null;
};

export function emptyBatch(views: readonly View<unknown>[], deviceOf: DeviceOf): Batch {
  return {
    events: views.map((view) => new ViewEvents(view, deviceOf)),
    firms: new Map(),
    clients: 0,
    refused: [],
    places: [],
    messages: 0,
    bytes: 0,
    since: null,
  };
}

/** How far it was read. Where a topic was created anew in between, only the new one counts. */
export function nextPositions({ places }: Batch): readonly Position[] {
  const newest = new Map(places.map((place) => [`${place.topic}/${place.partition}`, place]));
  return [...newest.values()].map(({ topic, incarnation, partition, offset }) => {
    return { topic, incarnation, partition, offset };
  });
}

/** Decodes messages and puts them into a batch. */
export function takeMessages(batch: Batch, messages: readonly LogMessage[], metrics: Metrics, now: number): void {
  if (messages.length > 0) batch.since ??= now;
  let number = -1;
  for (const message of messages) {
    const decoded = decodeMessage(message);
    // Messages come in runs of one partition.
    if (!isAt(batch.places[number], message)) number = numberOfPlace(batch, message);
    if (decoded.kind === 'event') takeEvent(batch, decoded.event, message, number);
    else if (decoded.kind === 'dead-letter') takeRefused(batch, message, decoded);
    else metrics.count('signalfold_dropped_total', { topic: message.topic, reason: decoded.reason });
    batch.messages += 1;
    const place = batch.places[number];
    if (place !== undefined) place.offset = message.offset + 1;
  }
}

function takeRefused(batch: Batch, message: LogMessage, refusal: Refusal): void {
  batch.refused.push({ message, refusal });
  batch.bytes += message.value?.length ?? 0;
}

function takeEvent(batch: Batch, canonical: CanonicalEvent, message: LogMessage, place: number): void {
  const firm = noteFirm(batch, canonical);
  let touched: Touched | undefined;
  for (const events of batch.events) {
    if (!events.keep(canonical)) continue;
    // The message's own key is not looked at: producers may key as they like.
    touched ??= touch(batch, firm, canonical.event, message.appendedAt);
    events.link(touched.number, place, message.offset);
    batch.bytes += events.keepsNumbers ? eventBytes : (message.value?.length ?? 0) + eventBytes;
  }
}

function touch(batch: Batch, { clients }: Firm, { firmId, clientId }: ClientKey, appendedAt: number): Touched {
  const known = clients.get(clientId);
  if (known !== undefined) return known;
  const touched = { client: { firmId, clientId }, number: batch.clients, appendedAt };
  clients.set(clientId, touched);
  batch.clients += 1;
  batch.bytes += clientBytes;
  return touched;
}

/** Signals and impersonations say since when there is data; whatever else arrives makes the firm known. */
function noteFirm(batch: Batch, { topic, event }: CanonicalEvent): Firm {
  let firm = batch.firms.get(event.firmId);
  if (firm === undefined) {
    firm = { dataSince: null, clients: new Map() };
    batch.firms.set(event.firmId, firm);
  }
  if (topic === 'login' || topic === 'impersonation' || topic === 'email' || topic === 'message') {
    if (firm.dataSince === null || event.occurredAt < firm.dataSince) firm.dataSince = event.occurredAt;
  }
  return firm;
}

function isAt(place: Place | undefined, { topic, partition, incarnation }: LogMessage): boolean {
  return place?.partition === partition && place.topic === topic && place.incarnation === incarnation;
}

function numberOfPlace(batch: Batch, message: LogMessage): number {
  const known = batch.places.findIndex((place) => isAt(place, message));
  if (known >= 0) return known;
  const { topic, incarnation, partition, offset } = message;
  return batch.places.push({ topic, incarnation, partition, offset, source: sourceOf(topic, incarnation) }) - 1;
}

/** Decodes a message of an event topic. The key is only read where it matters: without a value, or when refused. */
export function decodeMessage(message: LogMessage): Decoded {
  const { topic, key, value, appendedAt } = message;
  if (!isEventTopic(topic)) throw new Error(`the projector was given a message of ${topic}, which has no events`);
  if (value === null) {
    return decode(topic, { value, sizeBytes: 0, key: key === null ? null : readText(key), appendedAt });
  }
  const sizeBytes = value.length;
  const text = sizeBytes > eventBytesMax ? '' : readText(value);
  const decoded = decode(topic, {
    value: text === null ? 'not_utf8' : { text },
    sizeBytes,
    key: null,
    appendedAt,
  });
  if (decoded.kind !== 'dead-letter' || decoded.client !== null || key === null) return decoded;
  const keyText = readText(key);
  return keyText === null ? decoded : { ...decoded, client: parseMessageKey(keyText) };
}
