// What was polled and not saved yet: events in columns by view, the clients they touch, refused messages, and how far we
// have read.

import { type Source, sourceOf } from '../core/checkpoint.ts';
import { aheadMsMax, type Decoded, type Refusal } from '../core/decode.ts';
import type { DeviceOf } from '../core/device.ts';
import { ClientId, type ClientKey, FirmId } from '../core/ids.ts';
import { PlainEvent } from '../core/plain-event.ts';
import { TextTable } from '../core/text-table.ts';
import { type CanonicalEvent, eventSchemas } from '../core/topics.ts';
import type { View } from '../core/view.ts';
import { decodeMessage } from '../log/avro/decode-message.ts';
import type { AvroValues, Need } from '../log/avro/values.ts';
import type { LogMessage, Position } from '../log/port.ts';
import type { Metrics } from '../runtime/metrics.ts';
import { ViewEvents } from './view-events.ts';

/** What an event and what a client cost in memory, roughly, where the view keeps numbers of its events. */
const eventBytes = 48;
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
  readonly firmId: FirmId;
  /** The earliest occurrence of a signal or impersonation, epoch ms; null where there was none. */
  dataSince: number | null;
  /** The clients touched, by the number of their id. */
  readonly clientIds: TextTable;
  readonly clients: Touched[];
};

export type Refused = { readonly message: LogMessage; readonly refusal: Refusal };

export type Batch = {
  /** One for each view, in the order of the views. */
  readonly events: readonly ViewEvents[];
  /** By the number of their id. */
  readonly firms: Firm[];
  readonly firmIds: TextTable;
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
    firms: [],
    firmIds: new TextTable(),
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

/** Where taking halted: the message at `index` can only be read once that schema was fetched. */
export type Halt = { readonly index: number; readonly need: Need };

/**
 * Puts messages into a batch, from the one at `from` on: read plainly where that can be done, else decoded. Null when all
 * were taken.
 */
export function takeMessages(
  batch: Batch,
  messages: readonly LogMessage[],
  { metrics, values }: { readonly metrics: Metrics; readonly values: AvroValues },
  now: number,
  from = 0,
): Halt | null {
  if (messages.length > 0) batch.since ??= now;
  const readsPlainly = batch.events.every((events) => events.readsPlainly);
  let number = -1;
  for (let index = from; index < messages.length; index += 1) {
    const message = messages[index];
    if (message === undefined) break;
    // Messages come in runs of one partition.
    if (!isAt(batch.places[number], message)) number = numberOfPlace(batch, message);
    if (!readsPlainly || !takePlain(batch, message, number)) {
      const decoded = decodeMessage(message, values);
      if (decoded.kind === 'needs') return { index, need: decoded.need };
      takeDecoded(batch, decoded, message, number, metrics);
    }
    batch.messages += 1;
    const place = batch.places[number];
    if (place !== undefined) place.offset = message.offset + 1;
  }
  return null;
}

// One for all: an event is read in one go, and it remembers in which order the fields come.
const plain = new PlainEvent(eventSchemas);

/** False when the message has to be decoded. */
function takePlain(batch: Batch, message: LogMessage, place: number): boolean {
  const { topic, offset, appendedAt } = message;
  if (!readPlainly(message)) return false;
  if (plain.occurredAt - appendedAt > aheadMsMax) return false;
  const views = batch.events.length;
  for (let view = 0; view < views; view += 1) if (batch.events[view]?.needsWhole(topic, plain) === true) return false;
  const firm = firmAt(batch, plain.numberIn(batch.firmIds, 'firmId'));
  noteOccurrence(firm, topic, plain.occurredAt);
  for (let view = 0; view < views; view += 1) {
    const events = batch.events[view];
    if (events?.keepPlain(topic, plain) !== true) continue;
    const touched = touch(batch, firm, plain.numberIn(firm.clientIds, 'clientId'), appendedAt);
    link(batch, events, touched, place, offset, 0);
  }
  return true;
}

function readPlainly(message: LogMessage): boolean {
  if (message.readWith !== undefined) return message.readWith(plain);
  const { topic, value } = message;
  return value !== null && plain.read(topic, value, 0, value.length);
}

function takeDecoded(batch: Batch, decoded: Decoded, message: LogMessage, place: number, metrics: Metrics): void {
  if (decoded.kind === 'event') takeEvent(batch, decoded.event, message, place);
  else if (decoded.kind === 'dead-letter') takeRefused(batch, message, decoded);
  else metrics.count('signalfold_dropped_total', { topic: message.topic, reason: decoded.reason });
}

function takeRefused(batch: Batch, message: LogMessage, refusal: Refusal): void {
  const { topic, incarnation, partition, offset, appendedAt, headers } = message;
  // Copied, because the log's bytes are part of what came with them: one such message would hold on to megabytes.
  const key = message.key === null ? null : new Uint8Array(message.key);
  const value = message.value === null ? null : new Uint8Array(message.value);
  batch.refused.push({
    message: { topic, incarnation, partition, offset, appendedAt, headers, key, value },
    refusal,
  });
  batch.bytes += value?.length ?? 0;
}

function takeEvent(batch: Batch, canonical: CanonicalEvent, message: LogMessage, place: number): void {
  const { topic, event } = canonical;
  const firm = firmAt(batch, batch.firmIds.numberOf(event.firmId));
  if (topic !== 'client') noteOccurrence(firm, topic, event.occurredAt);
  for (const events of batch.events) {
    if (!events.keep(canonical)) continue;
    // The message's own key is not looked at: producers may key as they like.
    const touched = touch(batch, firm, firm.clientIds.numberOf(event.clientId), message.appendedAt);
    link(batch, events, touched, place, message.offset, events.keepsNumbers ? 0 : (message.value?.length ?? 0));
  }
}

function link(batch: Batch, events: ViewEvents, { number }: Touched, place: number, offset: number, bytes: number) {
  events.link(number, place, offset);
  batch.bytes += eventBytes + bytes;
}

/** Whatever arrives makes a firm known. */
function firmAt({ firms, firmIds }: Batch, number: number): Firm {
  const known = firms[number];
  if (known !== undefined) return known;
  const firmId = FirmId.parse(firmIds.textOf(number));
  const firm = { firmId, dataSince: null, clientIds: new TextTable(), clients: [] };
  firms[number] = firm;
  return firm;
}

/** `number`: of the client's id in its firm. */
function touch(batch: Batch, { firmId, clientIds, clients }: Firm, number: number, appendedAt: number): Touched {
  const known = clients[number];
  if (known !== undefined) return known;
  const client = { firmId, clientId: ClientId.parse(clientIds.textOf(number)) };
  const touched = { client, number: batch.clients, appendedAt };
  clients[number] = touched;
  batch.clients += 1;
  batch.bytes += clientBytes;
  return touched;
}

/** Signals and impersonations say since when a firm has data. */
function noteOccurrence(firm: Firm, topic: string, at: number): void {
  if (firm.dataSince !== null && at >= firm.dataSince) return;
  if (topic === 'login' || topic === 'impersonation' || topic === 'email' || topic === 'message') firm.dataSince = at;
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
