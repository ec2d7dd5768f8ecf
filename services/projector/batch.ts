// What was polled and not saved yet: events grouped by client and view, refused messages, and how far we have read.

import { type Source, sourceOf } from '../core/checkpoint.ts';
import { type Decoded, decode, eventBytesMax, type Refusal } from '../core/decode.ts';
import { type ClientKey, type FirmId, messageKey, parseMessageKey } from '../core/ids.ts';
import { type CanonicalEvent, isEventTopic } from '../core/topics.ts';
import type { View } from '../core/view.ts';
import { readText } from '../log/codec.ts';
import type { LogMessage, Position } from '../log/port.ts';
import type { Metrics } from '../runtime/metrics.ts';

/** An event and where it stood in the log. */
export type Placed = {
  readonly event: CanonicalEvent;
  readonly topic: string;
  readonly source: Source;
  readonly partition: number;
  readonly offset: number;
  /** Epoch ms. */
  readonly appendedAt: number;
};

/** A client with the events that concern it: one list per view, in the order of the views; empty where none does. */
export type Touched = { readonly client: ClientKey; readonly byView: Placed[][] };

export type Refused = { readonly message: LogMessage; readonly refusal: Refusal };

type Place = { readonly topic: string; incarnation: string; readonly partition: number; offset: number };

export type Batch = {
  /** By message key, in the order in which they first came. */
  readonly clients: Map<string, Touched>;
  readonly refused: Refused[];
  /** The earliest occurrence of a signal or impersonation by firm, epoch ms; null where there was none. */
  readonly firms: Map<FirmId, number | null>;
  /** The next offset to read, by topic and partition. */
  readonly places: Map<string, Map<number, Place>>;
  messages: number;
  /** Size of the values taken. */
  bytes: number;
  /** When the first message was taken, epoch ms; null while empty. */
  since: number | null;
};

export function emptyBatch(): Batch {
  return {
    clients: new Map(),
    refused: [],
    firms: new Map(),
    places: new Map(),
    messages: 0,
    bytes: 0,
    since: null,
  };
}

export function nextPositions(batch: Batch): readonly Position[] {
  const next: Position[] = [];
  for (const partitions of batch.places.values()) next.push(...partitions.values());
  return next;
}

export type Taker = (batch: Batch, messages: readonly LogMessage[], now: number) => void;

/** What decodes messages and puts them into a batch. Remembers the short tags of the topics it has seen. */
export function openTaker(views: readonly View<unknown>[], metrics: Metrics): Taker {
  const sources = new Map<string, { incarnation: string; source: Source }>();

  function sourceFor(message: LogMessage): Source {
    const known = sources.get(message.topic);
    if (known !== undefined && known.incarnation === message.incarnation) return known.source;
    const source = sourceOf(message.topic, message.incarnation);
    sources.set(message.topic, { incarnation: message.incarnation, source });
    return source;
  }

  return (batch, messages, now) => {
    if (messages.length > 0) batch.since ??= now;
    for (const message of messages) {
      const decoded = decodeMessage(message);
      if (decoded.kind === 'event') takeEvent(batch, views, decoded.event, message, sourceFor(message));
      else if (decoded.kind === 'dead-letter') batch.refused.push({ message, refusal: decoded });
      else metrics.count('signalfold_dropped_total', { topic: message.topic, reason: decoded.reason });
      noteRead(batch, message);
    }
  };
}

function takeEvent(
  batch: Batch,
  views: readonly View<unknown>[],
  event: CanonicalEvent,
  message: LogMessage,
  source: Source,
): void {
  noteFirm(batch, event);
  let touched: Touched | undefined;
  let placed: Placed | undefined;
  for (let index = 0; index < views.length; index += 1) {
    if (views[index]?.concerns(event) !== true) continue;
    // The message's own key is not looked at: producers may key as they like.
    touched ??= touch(batch, event.event, views.length);
    const { topic, partition, offset, appendedAt } = message;
    placed ??= { event, topic, source, partition, offset, appendedAt };
    touched.byView[index]?.push(placed);
  }
}

function touch(batch: Batch, client: ClientKey, views: number): Touched {
  const key = messageKey(client);
  let touched = batch.clients.get(key);
  if (touched === undefined) {
    const { firmId, clientId } = client;
    touched = { client: { firmId, clientId }, byView: Array.from({ length: views }, () => []) };
    batch.clients.set(key, touched);
  }
  return touched;
}

/** Signals and impersonations say since when there is data; whatever else arrives makes the firm known. */
function noteFirm(batch: Batch, { topic, event }: CanonicalEvent): void {
  const known = batch.firms.get(event.firmId);
  const signals = topic === 'login' || topic === 'impersonation' || topic === 'email' || topic === 'message';
  const at = signals ? event.occurredAt : null;
  if (known === undefined) batch.firms.set(event.firmId, at);
  else if (at !== null && (known === null || at < known)) batch.firms.set(event.firmId, at);
}

function noteRead(batch: Batch, message: LogMessage): void {
  batch.messages += 1;
  batch.bytes += message.value?.length ?? 0;
  let partitions = batch.places.get(message.topic);
  if (partitions === undefined) {
    partitions = new Map();
    batch.places.set(message.topic, partitions);
  }
  const place = partitions.get(message.partition);
  if (place === undefined) {
    const { topic, incarnation, partition, offset } = message;
    partitions.set(partition, { topic, incarnation, partition, offset: offset + 1 });
  } else {
    place.incarnation = message.incarnation;
    place.offset = message.offset + 1;
  }
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
