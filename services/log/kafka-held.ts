// A partition that this member holds: where it stands, and what was fetched but not delivered yet.
import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { LogMessage } from './port.ts';

const noHeaders: Readonly<Record<string, string>> = {};

export type Held = {
  readonly topic: string;
  readonly partition: number;
  readonly incarnation: string;
  /** Fetched runs in offset order; `delivered` counts what is gone of the first. */
  runs: LogMessage[][];
  delivered: number;
  buffered: number;
  bufferedBytes: number;
  /** What the next fetch must begin with. */
  next: number;
  /** The group's commit, as far as we know it. */
  committed: number | null;
  /** Set to `next` after looking at why a fetch began elsewhere: the same again is then a gap without messages. */
  lookedAt: number | null;
  /** The topic's end when it was last seen. */
  end: number;
};

export type Place = Pick<Held, 'topic' | 'partition' | 'incarnation' | 'next' | 'committed' | 'end'>;

export function holdPartition(place: Place): Held {
  return { ...place, runs: [], delivered: 0, buffered: 0, bufferedBytes: 0, lookedAt: null };
}

/** Takes what a fetch brought; key and value stay views into the bytes that came from the network. */
export function fillHeld(held: Held, messages: readonly KafkaMessage[]): void {
  const { topic, partition, incarnation } = held;
  const run = new Array<LogMessage>(messages.length);
  let bytes = 0;
  let index = 0;
  for (const { offset, timestamp, key, value, headers } of messages) {
    run[index] = {
      topic,
      incarnation,
      partition,
      offset: Number(offset),
      appendedAt: Number(timestamp),
      key,
      value,
      headers: textHeaders(headers),
    };
    bytes += value?.length ?? 0;
    index += 1;
  }
  held.runs.push(run);
  held.buffered += run.length;
  held.bufferedBytes += bytes;
}

/** Moves up to `messagesMax` messages to `target`. */
export function drainHeld(held: Held, target: LogMessage[], messagesMax: number): void {
  let room = messagesMax;
  while (room > 0) {
    const run = held.runs[0];
    if (run === undefined) return;
    const taken = Math.min(room, run.length - held.delivered);
    for (let index = held.delivered; index < held.delivered + taken; index += 1) {
      const message = run[index];
      if (message === undefined) break;
      target.push(message);
      held.bufferedBytes -= message.value?.length ?? 0;
    }
    room -= taken;
    held.buffered -= taken;
    held.delivered += taken;
    if (held.delivered < run.length) return;
    held.runs.shift();
    held.delivered = 0;
  }
}

/** Forgets what was fetched and goes on from `next`. */
export function moveHeld(held: Held, next: number): void {
  held.runs = [];
  held.delivered = 0;
  held.buffered = 0;
  held.bufferedBytes = 0;
  held.next = next;
}

function textHeaders(headers: IHeaders | undefined): Readonly<Record<string, string>> {
  let texts: Record<string, string> | null = null;
  for (const name in headers) {
    const value = headers[name];
    // Of a header given several times the last counts, as in Kafka's own lastHeader.
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last === undefined || last === null) continue;
    texts ??= {};
    texts[name] = typeof last === 'string' ? last : last.toString('utf8');
  }
  return texts ?? noHeaders;
}
